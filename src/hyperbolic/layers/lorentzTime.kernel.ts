import { defineKernel, type Kernel, type Spec } from '../../tensor/kernel.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { lengthOf } from './lorentzLift.kernel.ts';

/** (√(|x|² + 1/c), x) for every row x of d numbers. In float64. */
export const lorentzTimeKernel: Kernel<readonly [x: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lorentzTime',
  infer: ([x]) => ({ shape: [...x.shape.slice(0, -1), x.shape[x.rank - 1] + 1], dtype: x.dtype }),
  cpu([y], [x, c]) {
    const d = x.shape[x.rank - 1];
    const [to, from, unit] = [y.data, x.data, 1 / Math.sqrt(c.data[0])];
    for (let at = 0, read = 0; at < to.length; at += d + 1, read += d) {
      to[at] = Math.hypot(unit, lengthOf(from, read, read + d));
      for (let i = 0; i < d; i++) to[at + 1 + i] = from[read + i];
    }
  },
});

/** Gradients of `lorentzTime` by x and c: dx = dys + dy0·x/t, dc = −Σ dy0/(2c²·t), t the time that y has. Sums run in float64. */
export const lorentzTimeGradKernel: Kernel<
  readonly [dy: Tensor, y: Tensor, c: Tensor],
  undefined,
  readonly [Spec, Spec]
> = defineKernel({
  name: 'lorentzTimeGrad',
  infer: ([, y, c]) => [{ shape: [...y.shape.slice(0, -1), y.shape[y.rank - 1] - 1], dtype: y.dtype }, c] as const,
  cpu([dx, dc], [dy, y, c]) {
    const d = y.shape[y.rank - 1] - 1;
    const [to, g, point] = [dx.data, dy.data, y.data];
    let total = 0;
    for (let at = 0, write = 0; at < point.length; at += d + 1, write += d) {
      const pull = g[at] / point[at];
      for (let i = 0; i < d; i++) to[write + i] = g[at + 1 + i] + pull * point[at + 1 + i];
      total += pull;
    }
    dc.data[0] = -total / (2 * c.data[0] * c.data[0]);
  },
});
