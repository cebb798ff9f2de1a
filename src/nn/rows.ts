import { reshape } from '../autograd/ops/layout.ts';
import { matmul } from '../autograd/ops/matmul.ts';
import type { MatmulAttrs } from '../tensor/cpu/matmul.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** All leading axes as one: […, n] as [b, n], and [n] as [1, n]. */
export const rows = (x: Tensor): Tensor => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1]]);

/**
 * Every row of x times one matrix: x […, k] · w [k, n] → […, n], w stored [n, k] with `transB`; a vector is one row. The
 * leading axes are one axis while it is computed, so the gradient of w is summed by the product itself: a batched product
 * would form one matrix per leading index first.
 * @throws ShapeError when k differs
 */
export function rowsTimes(x: Tensor, w: Tensor, attrs: Pick<MatmulAttrs, 'transB'> = {}): Tensor {
  if (x.rank === 0 || x.rank === 2) return matmul(x, w, attrs);
  const y = matmul(rows(x), w, attrs);
  return reshape(y, [...x.shape.slice(0, -1), y.shape[1]]);
}
