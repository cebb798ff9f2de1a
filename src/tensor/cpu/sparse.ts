import type { Data } from '../dtype.ts';
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
    if (transposed) addRows(y.data, starts, places, weights, from, d);
    else sumRows(y.data, starts, places, weights, from, d);
  },
});

/** A·x: four columns together use a weight and a place four times. */
function sumRows(to: Data, starts: Data, places: Data, weights: Data, from: Data, d: number): void {
  for (let i = 0; i < starts.length - 1; i++) {
    const [first, end, at] = [starts[i], starts[i + 1], i * d];
    let c = 0;
    for (; c + 4 <= d; c += 4) {
      let [p, q, r, s] = [0, 0, 0, 0];
      for (let e = first; e < end; e++) {
        const w = weights[e];
        const read = places[e] * d + c;
        p += w * from[read];
        q += w * from[read + 1];
        r += w * from[read + 2];
        s += w * from[read + 3];
      }
      to[at + c] = p;
      to[at + c + 1] = q;
      to[at + c + 2] = r;
      to[at + c + 3] = s;
    }
    for (; c < d; c++) {
      let sum = 0;
      for (let e = first; e < end; e++) sum += weights[e] * from[places[e] * d + c];
      to[at + c] = sum;
    }
  }
}

/** Aᵀ·x: every row of x is added to the rows of the result that its entries name. */
function addRows(to: Data, starts: Data, places: Data, weights: Data, from: Data, d: number): void {
  const sums = new Float64Array(to.length);
  for (let i = 0; i < starts.length - 1; i++)
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const w = weights[e];
      const [read, write] = [i * d, places[e] * d];
      for (let c = 0; c < d; c++) sums[write + c] += w * from[read + c];
    }
  to.set(sums);
}

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
