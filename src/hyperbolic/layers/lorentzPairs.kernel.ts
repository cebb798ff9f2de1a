import { defineKernel, type Kernel, type Spec } from '../../tensor/kernel.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** <x[a], x[b]> with the first product negated, for every pair (a, b). In float64. */
export const lorentzPairsKernel: Kernel<readonly [x: Tensor, pairs: Tensor], undefined, Spec> = defineKernel({
  name: 'lorentzPairs',
  infer: ([x, pairs]) => ({ shape: [pairs.shape[0]], dtype: x.dtype }),
  cpu([y], [x, pairs]) {
    const n = x.shape[1];
    const [to, from, ends] = [y.data, x.data, pairs.data];
    for (let e = 0; e < to.length; e++) {
      const a = ends[2 * e] * n;
      const b = ends[2 * e + 1] * n;
      let total = -from[a] * from[b];
      for (let i = 1; i < n; i++) total += from[a + i] * from[b + i];
      to[e] = total;
    }
  },
});

/** Gradient of `lorentzPairs` by x: every pair adds dy·x[b], its time negated, to row a, and dy·x[a] to row b: pair by pair, in the dtype. */
export const lorentzPairsGradKernel: Kernel<readonly [dy: Tensor, x: Tensor, pairs: Tensor], undefined, Spec> =
  defineKernel({
    name: 'lorentzPairsGrad',
    infer: ([, x]) => x,
    cpu([dx], [dy, x, pairs]) {
      const n = x.shape[1];
      const [to, g, from, ends] = [dx.data, dy.data, x.data, pairs.data];
      for (let e = 0; e < g.length; e++) {
        const by = g[e];
        // The margin of a loss leaves many pairs without a pull.
        if (by === 0) continue;
        const a = ends[2 * e] * n;
        const b = ends[2 * e + 1] * n;
        const time = from[a];
        to[a] -= by * from[b];
        to[b] -= by * time;
        for (let i = 1; i < n; i++) {
          const left = from[a + i];
          to[a + i] += by * from[b + i];
          to[b + i] += by * left;
        }
      }
    },
  });
