import '../../tensor/simd/lay/sparse.ts';
import { type SparseProduct, sampledMatmulKernel, sparseMatmulKernel } from '../../tensor/cpu/sparse.ts';
import { checkPattern } from '../../tensor/csr.ts';
import { DTypeError, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { CsrMatrix } from '../csr.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions, checkTensor, checkWhole } from '../options.ts';
import { reshape } from './layout.ts';

/**
 * A·x, or Aᵀ·x with `transposed`, for a sparse matrix given by its parts: what `spmm` calls, and its own rule.
 *
 * @param indptr [r + 1] int32: where each row begins among the entries
 * @param indices [e] int32: the column of each entry, in 0..columns−1
 * @param values [e] the value of each entry
 * @param x [columns, d], or [r, d] with `transposed`
 * @throws ShapeError or DTypeError when operands do not fit; DomainError when they are not a matrix in compressed rows
 */
export const sparseMatmul: Op<4, SparseProduct> = /* @__PURE__ */ defineOp({
  name: 'sparseMatmul',
  arity: 4,
  signature: 'p :int32, e :int32, e, n d -> m d',
  keeps: { inputs: [0, 1, 2, 3] },
  check([indptr, indices, values, x], attrs) {
    checkOptions('sparseMatmul', attrs, ['transposed', 'columns']);
    checkFlag('sparseMatmul', 'transposed', attrs.transposed);
    checkWhole('sparseMatmul', 'columns', attrs.columns, 0);
    checkPattern('sparseMatmul', indptr, indices, attrs.columns);
    const inner = attrs.transposed ? indptr.size - 1 : attrs.columns;
    if (x.shape[0] !== inner)
      throw new ShapeError('sparseMatmul', `x needs ${inner} rows`, [
        indptr.shape,
        indices.shape,
        values.shape,
        x.shape,
      ]);
  },
  forward: ({ inputs, attrs }) => sparseMatmulKernel(inputs, attrs),
  backward({ dy, inputs: [indptr, indices, values, x], attrs: { transposed, columns }, needs }) {
    const [a, b] = transposed ? [x, dy] : [dy, x];
    return [
      null,
      null,
      needs[2] && sampledMatmul(indptr, indices, a, b),
      needs[3] && sparseMatmul(indptr, indices, values, dy, { transposed: !transposed, columns }),
    ];
  },
});

/**
 * <a[i], b[j]> for every entry (i, j) of a sparse pattern: the product A·Bᵀ where it is wanted, as scores of a graph's edges are. It is
 * also the gradient of the values of a sparse matrix.
 *
 * @param indptr [r + 1] int32: where each row begins among the entries
 * @param indices [e] int32: the column of each entry
 * @param a [r, d]
 * @param b [c, d]
 * @throws ShapeError or DTypeError when operands do not fit; DomainError when the pattern is not one, or has a column >= c
 */
export const sampledMatmul: Op<4> = /* @__PURE__ */ defineOp({
  name: 'sampledMatmul',
  arity: 4,
  signature: 'p :int32, e :int32, r d, c d -> e',
  keeps: { inputs: [0, 1, 2, 3] },
  check([indptr, indices, a, b]) {
    checkPattern('sampledMatmul', indptr, indices, b.shape[0]);
    if (a.shape[0] !== indptr.size - 1)
      throw new ShapeError('sampledMatmul', `a needs ${indptr.size - 1} rows`, [indptr.shape, a.shape]);
  },
  forward: ({ inputs }) => sampledMatmulKernel(inputs, undefined),
  backward({ dy, inputs: [indptr, indices, a, b], needs }) {
    const columns = b.shape[0];
    return [
      null,
      null,
      needs[2] && sparseMatmul(indptr, indices, dy, b, { transposed: false, columns }),
      needs[3] && sparseMatmul(indptr, indices, dy, a, { transposed: true, columns }),
    ];
  },
});

/**
 * The product of a sparse and a dense matrix: y[i, :] = Σ values·x[column, :] over the entries of row i; a row without entries is 0.
 * Gradients reach x, and the values of the matrix at its entries; nothing dense of the size of the matrix is made.
 *
 * @param a [m, n]
 * @param x [n, d], or a vector [n]
 * @throws ShapeError when n differs; DTypeError unless a is a `CsrMatrix` and both are of one floating dtype
 */
export function spmm(a: CsrMatrix, x: Tensor): Tensor {
  if (!(a instanceof CsrMatrix)) throw new DTypeError('spmm', 'takes a CsrMatrix: CsrMatrix.fromDense(x) makes one');
  checkTensor('spmm', x);
  const [rows, columns] = a.shape;
  if ((x.rank !== 1 && x.rank !== 2) || x.shape[0] !== columns)
    throw new ShapeError('spmm', `x needs ${columns} rows`, [a.shape, x.shape]);
  if (x.dtype !== a.values.dtype)
    throw new DTypeError('spmm', `operands are ${a.values.dtype} and ${x.dtype}: cast one of them`);
  const matrix = x.rank === 1 ? reshape(x, [columns, 1]) : x;
  const y = sparseMatmul(a.indptr, a.indices, a.values, matrix, { transposed: false, columns });
  return x.rank === 1 ? reshape(y, [rows]) : y;
}
