import type { Data } from '../tensor/dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { guardOf } from './lorentzGuard.ts';
import { lengthOf } from './rows.kernel.ts';

/** Σ (x[i]·by)² over from … end − 1. */
function squaresOf(x: Data, from: number, end: number, by: number): number {
  let total = 0;
  for (let i = from; i < end; i++) {
    const w = x[i] * by;
    total += w * w;
  }
  return total;
}

/**
 * The point of the hyperboloid on the ray through each row s. With w = ss/s0 and q = 1 − |w|²: y = (1, w)/√(c·q). Where q falls below the
 * margin, w becomes its direction with the |w| that has the margin; where s0 is not positive, y is the origin. In float64.
 */
export const lorentzNormaliseKernel: Kernel<readonly [s: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lorentzNormalise',
  infer: ([s]) => s,
  cpu([y], [s, c]) {
    const { shortest, margin } = guardOf(s.dtype);
    const n = s.shape[s.rank - 1];
    const [to, from, unit] = [y.data, s.data, 1 / Math.sqrt(c.data[0])];
    for (let at = 0; at < to.length; at += n) {
      const time = from[at];
      if (time <= shortest) {
        to[at] = unit;
        continue;
      }
      const q = 1 - squaresOf(from, at + 1, at + n, 1 / time);
      const far = q < margin;
      to[at] = unit / Math.sqrt(far ? margin : q);
      const by = far ? Math.sqrt(1 - margin) / lengthOf(from, at + 1, at + n) : 1 / time;
      const stretch = (by * unit) / Math.sqrt(far ? margin : q);
      for (let i = at + 1; i < at + n; i++) to[i] = from[i] * stretch;
    }
  },
});

/**
 * Gradients of `lorentzNormalise` by s and c. With y0 = 1/√(c·q): dw = y0·(dys + (dy0 + <dys, w>)·w/q), dss = dw/s0,
 * ds0 = −<dw, w>/s0; at the margin dss = y0·|w|·(dys − <dys, u>·u)/|ss|, u = ss/|ss|, ds0 = 0; dc = −Σ <dy, y>/2c. Sums run in
 * float64, row by row.
 */
export const lorentzNormaliseGradKernel: Kernel<
  readonly [dy: Tensor, s: Tensor, c: Tensor],
  undefined,
  readonly [Spec, Spec]
> = defineKernel({
  name: 'lorentzNormaliseGrad',
  infer: ([, s, c]) => [s, c] as const,
  cpu([ds, dc], [dy, s, c]) {
    const { shortest, margin } = guardOf(s.dtype);
    const n = s.shape[s.rank - 1];
    const [to, g, from, curvature] = [ds.data, dy.data, s.data, c.data[0]];
    const unit = 1 / Math.sqrt(curvature);
    let total = 0;
    for (let at = 0; at < to.length; at += n) {
      const time = from[at];
      if (time <= shortest) {
        total += g[at] * unit;
        continue;
      }
      const q = 1 - squaresOf(from, at + 1, at + n, 1 / time);
      const far = q < margin;
      const by = far ? 1 / lengthOf(from, at + 1, at + n) : 1 / time;
      let along = 0;
      for (let i = at + 1; i < at + n; i++) along += g[i] * (from[i] * by);
      const point = unit / Math.sqrt(far ? margin : q);
      if (far) {
        const reach = Math.sqrt(1 - margin);
        const [stretch, back] = [point * reach * by, along * by];
        for (let i = at + 1; i < at + n; i++) to[i] = (g[i] - back * from[i]) * stretch;
        total += point * (g[at] + along * reach);
        continue;
      }
      const pull = (g[at] + along) / q;
      const [stretch, lean] = [point * by, pull * by];
      for (let i = at + 1; i < at + n; i++) to[i] = stretch * (g[i] + lean * from[i]);
      // <dw, w>/y0 = <dys, w> + pull·|w|², and |w|² = 1 − q.
      to[at] = -point * by * (along + pull * (1 - q));
      total += point * (g[at] + along);
    }
    dc.data[0] = -total / (2 * curvature);
  },
});
