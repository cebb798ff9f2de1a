import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** y[i, j] = |x_i − z_j|², x [m, n] and z [p, n]. */
export const pairwiseSquaresKernel: Kernel<readonly [x: Tensor, z: Tensor], undefined, Spec> = defineKernel({
  name: 'pairwiseSquares',
  infer: ([x, z]) => ({ shape: [x.shape[0], z.shape[0]], dtype: x.dtype }),
  cpu([y], [x, z]) {
    const [m, n] = x.shape;
    const p = z.shape[0];
    const [to, a, b] = [y.data, x.data, z.data];
    for (let i = 0, at = 0; i < m; i++)
      for (let j = 0; j < p; j++, at++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += (a[i * n + k] - b[j * n + k]) ** 2;
        to[at] = sum;
      }
  },
});

/** Its gradients: dx_i = 2·Σ_j g[i, j]·(x_i − z_j), dz_j = −2·Σ_i g[i, j]·(x_i − z_j), summed over the differences in float64. */
export const pairwiseSquaresGradKernel: Kernel<
  readonly [dy: Tensor, x: Tensor, z: Tensor],
  undefined,
  readonly [Spec, Spec]
> = defineKernel({
  name: 'pairwiseSquaresGrad',
  infer: ([, x, z]) => [x, z],
  cpu([dx, dz], [dy, x, z]) {
    const [m, n] = x.shape;
    const p = z.shape[0];
    const [g, a, b, to, too] = [dy.data, x.data, z.data, new Float64Array(m * n), new Float64Array(p * n)];
    for (let i = 0, at = 0; i < m; i++)
      for (let j = 0; j < p; j++, at++)
        for (let k = 0; k < n; k++) {
          const share = 2 * g[at] * (a[i * n + k] - b[j * n + k]);
          to[i * n + k] += share;
          too[j * n + k] -= share;
        }
    dx.data.set(to);
    dz.data.set(too);
  },
});
