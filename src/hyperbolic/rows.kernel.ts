import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Σ_i x_i·y_i along the last axis, in float64; the first term with a minus when `minkowski`. Shapes are equal. */
export const rowDotKernel: Kernel<readonly [Tensor, Tensor], boolean, Spec> = defineKernel({
  name: 'rowDot',
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  cpu([y], [a, b], minkowski) {
    const n = a.shape[a.rank - 1];
    const [to, p, q] = [y.data, a.data, b.data];
    for (let row = 0, at = 0; row < to.length; row++) {
      let sum = minkowski && n > 0 ? -2 * p[at] * q[at] : 0;
      for (let i = 0; i < n; i++, at++) sum += p[at] * q[at];
      to[row] = sum;
    }
  },
});
