import { DomainError } from '../errors.ts';
import { type Blas, paddedLength, withBlas } from './blas.ts';
import { applyReflectors } from './householder.ts';
import { orthogonaliseRows } from './jacobi.ts';
import { sortDown } from './order.ts';
import { precondition } from './precondition.ts';
import { completeRows, type Factors, factor, triangleOf } from './qr.ts';
import { checkMatrix, scaleExponent } from './scale.ts';

/** A thin singular value decomposition; see `thinSvd`. */
export interface SvdResult {
  /** k×m, row i = left singular vector u_i. */
  readonly ut: Float64Array;
  /** k singular values, descending, >= 0. */
  readonly s: Float64Array;
  /** k×n, row i = right singular vector v_i. */
  readonly vt: Float64Array;
}

/**
 * Thin singular value decomposition A = Σ_i s_i·u_i·v_iᵀ of A (m×n, row-major), k = min(m, n).
 *
 * A is scaled by a power of two, factored by pivoted QR, A·P = Q1·R, and Rᵀ by QR, Rᵀ = Q2·L. The eigenvectors of L·Lᵀ make the rows of
 * L nearly orthogonal, one-sided Jacobi makes them so to the last digit: W·L = S·U. The condition number is squared for what
 * prepares Jacobi, not for what decides. When A = D1·B·D2 with
 * well-conditioned B and diagonal D1 and D2, however graded, small singular values are as accurate, relative to
 * themselves, as large ones.
 *
 * The vectors are orthonormal whatever the rank; those of zero singular values complete the set. The entry of v_i that
 * is largest in magnitude, the first of equals, is positive. The same input gives the same bits. What is below about
 * 2^−920 of the largest entry counts as zero.
 * @throws DomainError when an entry is NaN or infinite, or a singular value exceeds float64; ShapeError when `a` has
 * not m·n entries.
 * @source Drmač & Veselić, "New fast and accurate Jacobi SVD algorithm: I, II", 2008; Gao, Ma & Shao, "A mixed precision Jacobi SVD
 * algorithm", 2022.
 */
export function thinSvd(a: Float64Array, m: number, n: number): SvdResult {
  return decompose(a, m, n, true, (blas, core) => {
    const { outer, inner, exponent } = core;
    const { rank, length, count: k } = outer;
    const s = unscale(core.s, exponent, m, n);
    const long = blas.array(k * outer.ld);
    const short = blas.array(k * inner.ld);
    takeVectors(blas, core, long, short);
    for (let i = rank; i < k; i++) long[i * outer.ld + i] = short[i * inner.ld + i] = 1;
    applyReflectors(blas, outer, rank, { data: long, at: 0, ld: outer.ld, count: k });
    applyReflectors(blas, inner, rank, { data: short, at: 0, ld: inner.ld, count: k });
    const left = scatterRows(long, outer.ld, k, core.rowOrder);
    const right = scatterRows(short, inner.ld, k, outer.order);
    const wide = m < n;
    if (wide) fixSigns(left, length, right, k);
    else fixSigns(right, k, left, length);
    return wide ? { ut: right, s, vt: left } : { ut: left, s, vt: right };
  });
}

/**
 * The min(m, n) singular values of A (m×n, row-major), descending: the same method as `thinSvd` without vectors, in
 * about two thirds of its time, and with the same bits.
 * @throws DomainError when an entry is NaN or infinite, or a singular value exceeds float64; ShapeError when `a` has
 * not m·n entries.
 * @source Drmač & Veselić, "New fast and accurate Jacobi SVD algorithm: I, II", 2008.
 */
export function singularValues(a: Float64Array, m: number, n: number): Float64Array {
  return decompose(a, m, n, false, (_, { s, exponent }) => unscale(s, exponent, m, n));
}

/** What is left to assemble once Jacobi is done, for B = A, or Aᵀ when A is wide: tall or square either way. */
interface Core {
  /** QR of B with rows in `rowOrder`, scaled. */
  readonly outer: Factors;
  /** QR of Rᵀ. */
  readonly inner: Factors;
  readonly rowOrder: Int32Array;
  /** B was multiplied by 2 to this power. */
  readonly exponent: number;
  /** Rows of s_i·(left vector), and, where vectors are asked for, right vector, both in the coordinates of the triangle. */
  readonly x: Float64Array;
  readonly stride: number;
  /** Row `lines[i]` of x belongs to s[i]. */
  readonly lines: Int32Array;
  /** Scaled singular values. */
  readonly s: Float64Array;
}

/** Two QR factorisations, preconditioning and Jacobi; then `assemble`. */
function decompose<T>(
  a: Float64Array,
  m: number,
  n: number,
  vectors: boolean,
  assemble: (blas: Blas, core: Core) => T,
): T {
  checkMatrix('svd', a, m, n);
  const exponent = scaleExponent(a);
  const [count, length] = [Math.min(m, n), Math.max(m, n)];
  // Rows sorted by size keep QR accurate row by row (Cox & Higham 1998): graded rows cost no more than graded columns.
  const rowOrder = sortDown(rowSizes(a, m, n));
  return withBlas(length, (blas) => {
    const outer = factor(blas, gather(blas, a, m, n, rowOrder, exponent), count, length, true);
    const { rank } = outer;
    const inner = factor(blas, triangleOf(blas, outer).data, rank, count, false);
    const size = paddedLength(rank);
    const stride = vectors ? paddedLength(2 * size) : size;
    const rows = rank + (rank % 2);
    const x = blas.array(rows * stride);
    precondition(blas, triangleOf(blas, inner), x, stride, vectors ? size : 0);
    orthogonaliseRows(blas, 'svd', x, rows, size, stride);
    const lengths = new Float64Array(rank);
    for (let i = 0; i < rank; i++) lengths[i] = norm(blas, x, i * stride, size);
    const lines = sortDown(lengths);
    const s = new Float64Array(count);
    for (let i = 0; i < rank; i++) s[i] = lengths[lines[i]];
    return assemble(blas, { outer, inner, rowOrder, exponent, x, stride, lines, s });
  });
}

const norm = (blas: Blas, x: Float64Array, at: number, n: number): number => Math.sqrt(blas.dot(x, at, x, at, n));

/** Unit vectors in the coordinates of the triangle: `rank` rows of `long` and of `short`, orthonormal where s_i is 0 too. */
function takeVectors(blas: Blas, core: Core, long: Float64Array, short: Float64Array): void {
  const { outer, inner, x, stride, lines, s } = core;
  const { rank } = outer;
  const size = paddedLength(rank);
  let known = 0;
  for (let i = 0; i < rank; i++) {
    const at = lines[i] * stride;
    const turned = 1 / norm(blas, x, at + size, size);
    for (let t = 0; t < rank; t++) short[i * inner.ld + t] = x[at + size + t] * turned;
    if (s[i] === 0) continue;
    known++;
    const unit = 1 / s[i];
    for (let t = 0; t < rank; t++) long[i * outer.ld + t] = x[at + t] * unit;
  }
  completeRows(blas, { data: long, at: 0, ld: outer.ld, count: rank }, known, rank);
}

/** The largest magnitude in each row of B. */
function rowSizes(a: Float64Array, m: number, n: number): Float64Array {
  const sizes = new Float64Array(Math.max(m, n));
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const row = m < n ? j : i;
      sizes[row] = Math.max(sizes[row], Math.abs(a[i * n + j]));
    }
  }
  return sizes;
}

/** The columns of B, scaled, each with its entries in the given order of rows. */
function gather(
  blas: Blas,
  a: Float64Array,
  m: number,
  n: number,
  rowOrder: Int32Array,
  exponent: number,
): Float64Array {
  const scale = 2 ** exponent;
  const count = Math.min(m, n);
  const ld = paddedLength(rowOrder.length);
  const columns = blas.array(count * ld);
  const [rowStep, columnStep] = m < n ? [1, n] : [n, 1];
  for (let t = 0; t < rowOrder.length; t++)
    for (let j = 0, from = rowOrder[t] * rowStep; j < count; j++, from += columnStep)
      columns[j * ld + t] = a[from] * scale;
  return columns;
}

/**
 * The singular values of A itself, which was multiplied by 2 to the power `exponent`.
 * @throws DomainError when the largest exceeds float64
 */
export function unscale(s: Float64Array, exponent: number, m: number, n: number): Float64Array {
  const scale = 2 ** -exponent;
  const out = s.map((value) => value * scale);
  if (out[0] === Infinity) throw new DomainError('svd', 'the largest singular value exceeds float64', [[m, n]]);
  return out;
}

/** Rows without gaps, entry t of each moved to position `order[t]`. */
function scatterRows(z: Float64Array, ld: number, count: number, order: Int32Array): Float64Array {
  const length = order.length;
  const out = new Float64Array(count * length);
  for (let i = 0; i < count; i++) for (let t = 0; t < length; t++) out[i * length + order[t]] = z[i * ld + t];
  return out;
}

/** Makes the largest entry of each row of `z` positive, and changes the sign of the same rows of `other`. */
function fixSigns(z: Float64Array, length: number, other: Float64Array, otherLength: number): void {
  for (let i = 0; i * length < z.length; i++) {
    let top = i * length;
    for (let t = top; t < (i + 1) * length; t++) if (Math.abs(z[t]) > Math.abs(z[top])) top = t;
    if (z[top] >= 0) continue;
    // 0 − z, so that a zero stays 0 and does not become −0.
    for (let t = i * length; t < (i + 1) * length; t++) z[t] = 0 - z[t];
    for (let t = i * otherLength; t < (i + 1) * otherLength; t++) other[t] = 0 - other[t];
  }
}
