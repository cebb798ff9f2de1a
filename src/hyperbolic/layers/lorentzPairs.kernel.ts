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
      const [a, b] = [ends[2 * e] * n, ends[2 * e + 1] * n];
      let total = -from[a] * from[b];
      for (let i = 1; i < n; i++) total += from[a + i] * from[b + i];
      to[e] = total;
    }
  },
});

/** Gradient of `lorentzPairs` by x: every pair adds dy·x[b], its time negated, to row a, and dy·x[a] to row b. In float64, pair by pair. */
export const lorentzPairsGradKernel: Kernel<readonly [dy: Tensor, x: Tensor, pairs: Tensor], undefined, Spec> =
  defineKernel({
    name: 'lorentzPairsGrad',
    infer: ([, x]) => x,
    cpu([dx], [dy, x, pairs]) {
      const n = x.shape[1];
      const [g, from, ends] = [dy.data, x.data, pairs.data];
      const sums = new Float64Array(from.length);
      for (let e = 0; e < g.length; e++) {
        const by = g[e];
        if (by === 0) continue;
        const [a, b] = [ends[2 * e] * n, ends[2 * e + 1] * n];
        const time = from[a];
        sums[a] -= by * from[b];
        sums[b] -= by * time;
        for (let i = 1; i < n; i++) {
          sums[a + i] += by * from[b + i];
          sums[b + i] += by * from[a + i];
        }
      }
      dx.data.set(sums);
    },
  });
