import { DomainError } from '../errors.ts';
import { paddedLength, withBlas } from './blas.ts';
import { countUp } from './order.ts';
import { checkMatrix, scaleExponent } from './scale.ts';
import { eigenRows } from './tridiagonal.ts';

/** Eigenvalues and eigenvectors of a symmetric matrix; see `symmetricEigen`. */
export interface EigenResult {
  /** n eigenvalues, ascending. */
  readonly values: Float64Array;
  /** n×n, row i = eigenvector i; null when none were asked for. */
  readonly vt: Float64Array | null;
}

/**
 * A = Σ_i λ_i·v_i·v_iᵀ for a symmetric A (n×n, row-major), of which (A + Aᵀ)/2 counts; λ ascends.
 *
 * A is scaled by a power of two, brought to tridiagonal form by Householder reflectors, and diagonalised by implicit QR
 * with Wilkinson's shift. Eigenvalues are right to about n·eps·|A|, vectors orthonormal to the same, repeated ones too. The
 * entry of v_i that is largest in magnitude, the first of equals, is positive. The same input gives the same bits, and the
 * same values with and without vectors.
 * @throws DomainError when an entry is NaN or infinite, or an eigenvalue exceeds float64; ShapeError when `a` has not n²
 * entries.
 * @source Golub & Van Loan, Matrix Computations, section 8.3; Wilkinson, "Global convergence of tridiagonal QR algorithm
 * with origin shifts", 1968.
 */
export function symmetricEigen(op: string, a: Float64Array, n: number, vectors: boolean): EigenResult {
  checkMatrix(op, a, n, n);
  const exponent = scaleExponent(a);
  const scale = 2 ** exponent;
  return withBlas(n, (blas) => {
    const ld = paddedLength(n);
    const s = blas.array(n * ld);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) s[i * ld + j] = s[j * ld + i] = (a[i * n + j] * scale + a[j * n + i] * scale) / 2;
      s[i * ld + i] = a[i * n + i] * scale;
    }
    const eigen = eigenRows(blas, s, n, ld, vectors);
    if (eigen === null) throw new DomainError(op, 'no convergence', [[n, n]]);
    const { d, vt } = eigen;
    const order = countUp(n).sort((i, j) => d[i] - d[j] || i - j);
    const values = Float64Array.from(order, (i) => d[i] * 2 ** -exponent);
    if (values.some((value) => !Number.isFinite(value)))
      throw new DomainError(op, 'an eigenvalue exceeds float64', [[n, n]]);
    return { values, vt: vt && arrange(vt, n, ld, order) };
  });
}

/** Rows in the given order, without gaps, the largest entry of each positive. */
function arrange(vt: Float64Array, n: number, ld: number, order: Int32Array): Float64Array {
  const out = new Float64Array(n * n);
  for (const [i, from] of order.entries()) {
    const row = vt.subarray(from * ld, from * ld + n);
    let top = 0;
    for (let t = 1; t < n; t++) if (Math.abs(row[t]) > Math.abs(row[top])) top = t;
    const sign = row[top] < 0 ? -1 : 1;
    for (let t = 0; t < n; t++) out[i * n + t] = sign * row[t];
  }
  return out;
}
