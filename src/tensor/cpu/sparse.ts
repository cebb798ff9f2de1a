import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';

/** Which product with a sparse matrix is meant. */
export interface SparseProduct {
  /** Multiply by the transpose. */
  readonly transposed: boolean;
  /** Columns of the sparse matrix. */
  readonly columns: number;
}

/**
 * y = A·x, or Aᵀ·x, for a sparse matrix A in compressed rows: entries indptr[i] … indptr[i + 1] − 1 of `indices` and `values` are the
 * columns and values of row i. Sums run in float64, in the order of the entries.
 */
export const sparseMatmulKernel: Kernel<
  readonly [indptr: Tensor, indices: Tensor, values: Tensor, x: Tensor],
  SparseProduct,
  Spec
> = defineKernel({
  name: 'sparseMatmul',
  infer: ([indptr, , , x], { transposed, columns }) => ({
    shape: [transposed ? columns : indptr.size - 1, x.shape[1]],
    dtype: x.dtype,
  }),
  cpu([y], [indptr, indices, values, x], { transposed }) {
    const d = x.shape[1];
    const [starts, places, weights, from] = [indptr.data, indices.data, values.data, x.data];
    const sums = new Float64Array(transposed ? y.size : d);
    for (let i = 0; i < starts.length - 1; i++) {
      if (!transposed) sums.fill(0);
      for (let e = starts[i]; e < starts[i + 1]; e++) {
        const w = weights[e];
        const read = (transposed ? i : places[e]) * d;
        const write = transposed ? places[e] * d : 0;
        for (let c = 0; c < d; c++) sums[write + c] += w * from[read + c];
      }
      if (!transposed) y.data.set(sums, i * d);
    }
    if (transposed) y.data.set(sums);
  },
});

/** v[e] = <a[i], b[j]> for every entry e = (i, j) of the pattern: a product of dense matrices at these places only. */
export const sampledMatmulKernel: Kernel<
  readonly [indptr: Tensor, indices: Tensor, a: Tensor, b: Tensor],
  undefined,
  Spec
> = defineKernel({
  name: 'sampledMatmul',
  infer: ([, indices, a]) => ({ shape: indices.shape, dtype: a.dtype }),
  cpu([v], [indptr, indices, a, b]) {
    const d = a.shape[1];
    const [starts, places, p, q, to] = [indptr.data, indices.data, a.data, b.data, v.data];
    for (let i = 0; i < starts.length - 1; i++)
      for (let e = starts[i]; e < starts[i + 1]; e++) {
        let sum = 0;
        for (let c = 0, l = i * d, r = places[e] * d; c < d; c++) sum += p[l + c] * q[r + c];
        to[e] = sum;
      }
  },
});
