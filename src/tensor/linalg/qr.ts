import { DomainError } from '../errors.ts';
import { type Blas, paddedLength, withBlas } from './blas.ts';
import {
  applyPanel,
  applyReflectors,
  blockStart,
  makeReflector,
  panelRoom,
  panelSize,
  type Reflectors,
  type Rows,
} from './householder.ts';
import { countUp } from './order.ts';
import { type Pivots, pivotsOf } from './pivots.ts';
import { checkMatrix, scaleExponent } from './scale.ts';

/** B·P = Q·R for a matrix B (length × count), Q = H_0·H_1·… · H_{rank−1}. Only the first `rank` rows of R are not zero. */
export interface Factors extends Reflectors {
  /** Row j (of `ld` entries) begins with column j of R: `rank` entries, of which those after entry j do not count. */
  readonly columns: Float64Array;
  readonly count: number;
  readonly rank: number;
  /** Column j of B·P is column `order[j]` of B. */
  readonly order: Int32Array;
}

/** QR factors; see `thinQr`. */
export interface QrResult {
  /** k×m, row i = column i of Q: orthonormal, whatever the rank. */
  readonly qt: Float64Array;
  /** k×n, upper trapezoidal, diagonal >= 0. */
  readonly r: Float64Array;
  /** Column j of Q·R is column `order[j]` of A; 0..n−1 without pivoting. */
  readonly order: Int32Array;
}

/**
 * Householder QR, in place, of the columns of B: rows of `x` (count × `length`, `paddedLength(length)` apart, zeros between), an array of
 * `blas`. Needs entries scaled as in `scale.ts`.
 *
 * With `pivot`, each step takes the longest remaining column, which sorts the diagonal of R downwards and grades its
 * rows. Without, reflectors are applied to later columns a panel at a time.
 * @source Businger & Golub, "Linear least squares solutions by Householder transformations", 1965.
 */
export function factor(blas: Blas, x: Float64Array, count: number, length: number, pivot: boolean): Factors {
  const steps = Math.min(count, length);
  const ld = paddedLength(length);
  const f: Reflectors = { v: blas.array(steps * ld), tau: new Float64Array(steps), length, ld };
  const job: Job = { x, f, weights: blas.array(count), products: blas.array(count) };
  if (pivot) {
    const pivots = pivotsOf(blas, x, count, ld);
    return { ...f, columns: x, count, rank: reduce(blas, job, 0, count, pivots), order: pivots.order };
  }
  const room = panelRoom(blas, steps, count);
  for (let first = 0; first < steps; first += panelSize) {
    const end = Math.min(first + panelSize, steps);
    reduce(blas, job, first, end, null);
    const later = { data: x, at: end * ld, ld, count: count - end };
    if (later.count > 0) applyPanel(blas, f, first, end - first, later, true, room);
  }
  return { ...f, columns: x, count, rank: steps, order: countUp(count) };
}

interface Job {
  readonly x: Float64Array;
  readonly f: Reflectors;
  /** How much of the last reflector is still to be taken out of each column. */
  readonly weights: Float64Array;
  readonly products: Float64Array;
}

/**
 * Makes the reflectors of columns first..end − 1, and applies them to these. A column is brought up to date one step late, in the
 * pass that multiplies it by the next reflector: it is read and written once.
 * @returns the number of the first reflector that was not made
 */
function reduce(
  blas: Blas,
  { x, f, weights: w, products }: Job,
  first: number,
  end: number,
  pivots: Pivots | null,
): number {
  const { v, tau, ld } = f;
  const last = Math.min(end, tau.length);
  w.fill(0, first, end);
  let h = first;
  for (; h < last; h++) {
    if (pivots !== null && !pivots.choose(h, w)) break;
    const before = Math.max(first, h - 1);
    const from = blockStart(before);
    const n = ld - from;
    const u = { data: v, at: before * ld + from };
    blas.addScaled(-w[h], v, u.at, x, h * ld + from, n);
    x[h * ld + h] = makeReflector(blas, f, h, x, h * ld, h);
    const later = { data: x, at: (h + 1) * ld + from, ld, count: end - h - 1 };
    const out = { data: products, at: h + 1 };
    blas.updateAndDot(later, n, [{ w: { data: w, at: h + 1 }, u }], { data: v, at: h * ld + from }, out);
    for (let j = h + 1; j < end; j++) w[j] = tau[h] * products[j];
    pivots?.downdate(h, f, w);
  }
  return h;
}

/** An upper triangle, or trapezoid: row i begins with i zeros, rows are `ld` apart. */
export interface Triangle {
  readonly data: Float64Array;
  readonly ld: number;
  /** Rows. */
  readonly size: number;
}

/** The rows of R. */
export function triangleOf(blas: Blas, { columns, ld, rank, count }: Factors): Triangle {
  const own = paddedLength(count);
  const data = blas.array(rank * own);
  for (let j = 0; j < count; j++)
    for (let i = 0; i <= Math.min(j, rank - 1); i++) data[i * own + j] = columns[j * ld + i];
  return { data, ld: own, size: rank };
}

/**
 * Fills the rows of `z` from number `have` on with vectors that make all of them orthonormal. Only their first `length` entries
 * count, at least as many as there are rows; those before must be orthonormal already.
 */
export function completeRows(blas: Blas, z: Rows, have: number, length: number): void {
  if (have === z.count) return;
  const ld = paddedLength(length);
  const known = blas.array(have * ld);
  for (let i = 0; i < have; i++) known.set(z.data.subarray(z.at + i * z.ld, z.at + i * z.ld + length), i * ld);
  const f = factor(blas, known, have, length, false);
  const rest = { ...z, at: z.at + have * z.ld, count: z.count - have };
  z.data.fill(0, rest.at, rest.at + rest.count * z.ld);
  for (let i = 0; i < rest.count; i++) z.data[rest.at + i * z.ld + have + i] = 1;
  applyReflectors(blas, f, have, rest);
}

/**
 * Thin QR of A (m×n, row-major), k = min(m, n): A·P = Q·R, with P = I unless `pivot`, where column pivoting makes the
 * diagonal of R non-increasing. Q has orthonormal columns even where A has not full rank.
 * @throws DomainError when an entry is NaN or infinite, or an entry of R exceeds float64; ShapeError when `a` has not
 * m·n entries.
 * @source Householder, "Unitary triangularization of a nonsymmetric matrix", 1958.
 */
export function thinQr(a: Float64Array, m: number, n: number, options: { pivot?: boolean } = {}): QrResult {
  checkMatrix('qr', a, m, n);
  const k = Math.min(m, n);
  const e = scaleExponent(a);
  return withBlas(Math.max(m, n), (blas) => {
    const ld = paddedLength(m);
    const columns = blas.array(n * ld);
    const scale = 2 ** e;
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) columns[j * ld + i] = a[i * n + j] * scale;
    const f = factor(blas, columns, n, m, options.pivot ?? false);
    const z = blas.array(k * ld);
    for (let i = 0; i < k; i++) z[i * ld + i] = 1;
    applyReflectors(blas, f, f.rank, { data: z, at: 0, ld, count: k }, true);
    return { ...signed(f, z, k, 2 ** -e), order: f.order };
  });
}

/** R with a diagonal >= 0, unscaled, and the rows of Qᵀ to match, both without gaps. */
function signed(
  { columns, rank, count: n, length: m, ld }: Factors,
  z: Float64Array,
  k: number,
  unscale: number,
): Omit<QrResult, 'order'> {
  const qt = new Float64Array(k * m);
  const r = new Float64Array(k * n);
  for (let i = 0; i < k; i++) {
    const flip = i < rank && columns[i * ld + i] < 0;
    for (let t = 0; t < m; t++) qt[i * m + t] = flip ? -z[i * ld + t] : z[i * ld + t];
    if (i >= rank) continue;
    for (let j = i; j < n; j++) {
      const value = columns[j * ld + i] * unscale;
      if (!Number.isFinite(value)) throw new DomainError('qr', 'an entry of R exceeds float64', [[m, n]]);
      r[i * n + j] = flip ? -value : value;
    }
  }
  return { qt, r };
}
