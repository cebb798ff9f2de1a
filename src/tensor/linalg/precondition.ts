import { type Blas, paddedLength } from './blas.ts';
import { sortDown } from './order.ts';
import type { Triangle } from './qr.ts';
import { eigenRows } from './tridiagonal.ts';

/** Smaller matrices are left to Jacobi. */
const fewest = 24;

/** Rows or columns that are multiplied at a time, so that the zeros of a triangle are mostly left out. */
const band = 64;

/** Exponent of the largest entry, so that the squares of squares of rows down to 2^−470 of it are numbers. */
const top = 240;

/**
 * Writes to the rows of `x` a matrix W·R whose rows are nearly orthogonal, W being the eigenvectors of R·Rᵀ, in falling order; with
 * `turns`, also the rows of W, that many entries after those of W·R.
 *
 * The diagonal of R falls, and its rows are R of a second QR factorisation. So R·Rᵀ is graded and, scaled to a unit diagonal, well conditioned
 * where R is but for the lengths of its rows. Tridiagonal reduction from the top keeps short rows apart from the rounding of long
 * ones; what it misses of small angles is left to Jacobi.
 * @source Barlow & Demmel, "Computing accurate eigensystems of scaled diagonally dominant matrices", 1990; Gao, Ma & Shao, "A mixed
 * precision Jacobi SVD algorithm", 2022
 */
export function precondition(blas: Blas, r: Triangle, x: Float64Array, stride: number, turns: number): void {
  const { data, ld, size } = r;
  const w = size < fewest ? null : eigenvectors(blas, r);
  if (w === null) {
    for (let i = 0; i < size; i++) {
      x.set(data.subarray(i * ld, i * ld + size), i * stride);
      if (turns > 0) x[i * stride + turns + i] = 1;
    }
    return;
  }
  const own = paddedLength(size);
  for (let from = 0; from < size; from += band) {
    const to = Math.min(from + band, size);
    const b = { data, at: from, ld };
    blas.multiply(size, to - from, to, { data: w, ld: own }, b, { data: x, at: from, ld: stride });
  }
  if (turns > 0) for (let i = 0; i < size; i++) x.set(w.subarray(i * own, i * own + size), i * stride + turns);
}

/** The eigenvectors of R·Rᵀ, as rows, eigenvalues falling; null if they cannot be had. */
function eigenvectors(blas: Blas, { data, ld, size }: Triangle): Float64Array | null {
  const own = paddedLength(size);
  const scale = 2 ** (top - Math.floor(Math.log2(Math.abs(data[0]))));
  const rows = blas.array(size * own);
  for (let i = 0; i < size; i++) for (let j = i; j < size; j++) rows[i * own + j] = data[i * ld + j] * scale;
  const gram = blas.array(size * own);
  for (let i = 0; i < size; i += band) {
    const from = { data: rows, at: i * own + i, ld: own };
    const to = { data: gram, at: i * own + i, ld: own };
    blas.multiply(Math.min(band, size - i), size - i, size - i, from, { ...from, trans: true }, to);
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) gram[i * own + j] = gram[j * own + i];
  const eigen = eigenRows(blas, gram, size, own, true);
  if (eigen?.vt == null) return null;
  const { d, vt } = eigen;
  const w = rows.fill(0);
  for (const [i, from] of sortDown(d).entries()) w.set(vt.subarray(from * own, (from + 1) * own), i * own);
  return w;
}
