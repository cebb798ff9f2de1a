import { DomainError } from '../errors.ts';
import { dot } from './kernels.ts';
import { reflectFour, reflectOne, reflectTwoOnFour } from './reflect.ts';
import { checkMatrix, scaleExponent } from './scale.ts';

/**
 * B·P = Q·R for a matrix B (length × count), Q as a product H_0·H_1·… of Householder reflectors H_i = I −
 * tau_i·v_i·v_iᵀ. Only the first `rank` rows of R are not zero.
 */
export interface Reflectors {
  /** Row i (of `length`) is v_i: zeros before entry i, then 1. Rows from min(count, length) on are zero. */
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly length: number;
  readonly count: number;
  /** R, row-major, `rank` × `count`, with zeros below the diagonal. */
  readonly r: Float64Array;
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

/** A pivoted factorisation ends when no remaining column is longer than this: the rest is zero beside 2^480. */
const RANK_FLOOR = 2 ** -440;

/**
 * Householder QR, in place. The vectors to factor are the rows of `v` (the columns of B); the array becomes the
 * reflectors. Needs entries scaled as in `scale.ts`.
 *
 * With `pivot`, each step takes the longest remaining column, which sorts the diagonal of R downwards and grades its
 * rows; the norms are downdated and recomputed once half their digits are gone.
 * @source Businger & Golub, "Linear least squares solutions by Householder transformations", 1965; Drmač & Bujanović,
 * "On the failure of rank-revealing QR factorization software", 2008 (when to recompute a norm).
 */
export function factor(v: Float64Array, count: number, length: number, pivot: boolean): Reflectors {
  const steps = Math.min(count, length);
  const tau = new Float64Array(steps);
  const diagonal = new Float64Array(steps);
  const order = Int32Array.from({ length: count }, (_, j) => j);
  const norms = new Float64Array(pivot ? count : 0);
  for (let j = 0; j < norms.length; j++) norms[j] = Math.sqrt(dot(v, j * length, v, j * length, length));
  const exact = norms.slice();
  let rank = 0;
  for (; rank < steps; rank++) {
    if (pivot) {
      const best = longest(norms, rank);
      if ((norms[best] as number) <= RANK_FLOOR) break;
      swap(v, length, order, norms, exact, rank, best);
    }
    const at = rank * length + rank;
    const size = length - rank;
    diagonal[rank] = makeReflector(v, at, size, tau, rank);
    if (tau[rank] !== 0) reflectRows(v, at, size, tau[rank] as number, v, at + length, count - rank - 1, length);
    if (pivot) downdate(v, length, norms, exact, rank);
  }
  const r = takeUpper(v, count, length, rank, diagonal);
  return { v, tau, length, count, r, rank, order };
}

/** z ← Q·z for `rows` vectors, the rows of `z` (each of `f.length`). */
export function applyQ(f: Reflectors, z: Float64Array, rows: number): void {
  const { v, tau, length, rank } = f;
  const fours = rows - (rows % 4);
  let i = rank;
  if (i % 2 === 1) {
    i--;
    reflectRows(v, i * length + i, length - i, tau[i] as number, z, i, rows, length);
  }
  const cross = new Float64Array(i / 2);
  for (let h = 0; h < i; h += 2) cross[h / 2] = dot(v, h * length + h, v, (h + 1) * length + h, length - h);
  for (let row = 0; row < fours; row += 4) {
    for (let h = i - 2; h >= 0; h -= 2) {
      const at = h * length + h;
      const t0 = tau[h] as number;
      const t1 = tau[h + 1] as number;
      reflectTwoOnFour(v, at, at + length, length - h, t0, t1, cross[h / 2] as number, z, row * length + h, length);
    }
  }
  for (let row = fours; row < rows; row++)
    for (let h = i - 1; h >= 0; h--) reflectOne(v, h * length + h, length - h, tau[h] as number, z, row * length + h);
}

/**
 * Fills rows have..total−1 of `z` (total × length, total <= length) with vectors that make all its rows orthonormal;
 * rows 0..have−1 must be orthonormal already.
 */
export function completeRows(z: Float64Array, have: number, total: number, length: number): void {
  if (have === total) return;
  const f = factor(z.slice(0, have * length), have, length, false);
  const rest = z.subarray(have * length, total * length).fill(0);
  for (let i = have; i < total; i++) rest[(i - have) * length + i] = 1;
  applyQ(f, rest, total - have);
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
  const scale = 2 ** e;
  const unscale = 2 ** -e;
  const columns = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) columns[j * m + i] = (a[i * n + j] as number) * scale;
  const f = factor(columns, n, m, options.pivot ?? false);
  const qt = new Float64Array(k * m);
  for (let i = 0; i < k; i++) qt[i * m + i] = 1;
  applyQ(f, qt, k);
  const r = new Float64Array(k * n);
  for (let i = 0; i < f.rank; i++) {
    const flip = (f.r[i * n + i] as number) < 0;
    for (let j = i; j < n; j++) {
      const value = (f.r[i * n + j] as number) * unscale;
      if (!Number.isFinite(value)) throw new DomainError('qr', 'an entry of R exceeds float64', [[m, n]]);
      r[i * n + j] = flip ? -value : value;
    }
    if (flip) for (let t = i * m; t < (i + 1) * m; t++) qt[t] = -(qt[t] as number);
  }
  return { qt, r, order: f.order };
}

/**
 * Turns the vector x at offset `at` into v with v[0] = 1 such that H·x = beta·e_0, sets tau[i], and returns beta. beta
 * takes the sign opposite to x[0], so that x[0] − beta does not cancel.
 */
function makeReflector(v: Float64Array, at: number, size: number, tau: Float64Array, i: number): number {
  const head = v[at] as number;
  const tail = dot(v, at + 1, v, at + 1, size - 1);
  const norm = Math.sqrt(head * head + tail);
  v[at] = 1;
  if (tail === 0) {
    v.fill(0, at + 1, at + size);
    return head;
  }
  const beta = head > 0 ? -norm : norm;
  const scale = 1 / (head - beta);
  for (let t = at + 1; t < at + size; t++) v[t] = (v[t] as number) * scale;
  // From v as it was rounded: H is orthogonal exactly as far as tau·|v|² = 2, whatever the error in beta.
  tau[i] = 2 / dot(v, at, v, at, size);
  return beta;
}

/** One reflector applied to `rows` vectors of `z`, the first at offset j, `step` apart. */
function reflectRows(
  v: Float64Array,
  at: number,
  size: number,
  tau: number,
  z: Float64Array,
  j: number,
  rows: number,
  step: number,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) reflectFour(v, at, size, tau, z, j + row * step, step);
  for (; row < rows; row++) reflectOne(v, at, size, tau, z, j + row * step);
}

/** The position from `first` on of the greatest norm, the first of equals. */
function longest(norms: Float64Array, first: number): number {
  let best = first;
  for (let j = first + 1; j < norms.length; j++) if ((norms[j] as number) > (norms[best] as number)) best = j;
  return best;
}

/** Exchanges rows i <= j of `v` and what belongs to them. */
function swap(
  v: Float64Array,
  length: number,
  order: Int32Array,
  norms: Float64Array,
  exact: Float64Array,
  i: number,
  j: number,
): void {
  if (i === j) return;
  const held = v.slice(i * length, (i + 1) * length);
  v.copyWithin(i * length, j * length, (j + 1) * length);
  v.set(held, j * length);
  const column = order[i] as number;
  order[i] = order[j] as number;
  order[j] = column;
  norms[j] = norms[i] as number; // position i is done with: nothing reads its norm again
  exact[j] = exact[i] as number;
}

/** Takes row i of R out of the norms of the columns after i. */
function downdate(v: Float64Array, length: number, norms: Float64Array, exact: Float64Array, i: number): void {
  for (let j = i + 1; j < norms.length; j++) {
    const norm = norms[j] as number;
    if (norm === 0) continue;
    const at = j * length + i;
    const part = Math.abs(v[at] as number) / norm;
    const left = Math.max(0, 1 - part * part);
    const since = norm / (exact[j] as number);
    if (left * since * since > 1.5e-8) norms[j] = norm * Math.sqrt(left);
    else exact[j] = norms[j] = Math.sqrt(dot(v, at + 1, v, at + 1, length - i - 1));
  }
}

/** Moves R out of the array that it shares with the reflectors, and leaves zeros. */
function takeUpper(v: Float64Array, count: number, length: number, rank: number, diagonal: Float64Array): Float64Array {
  const r = new Float64Array(rank * count);
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < Math.min(j, rank); i++) r[i * count + j] = v[j * length + i] as number;
    if (j < rank) r[j * count + j] = diagonal[j] as number;
    v.fill(0, j * length, j < rank ? j * length + j : (j + 1) * length);
  }
  return r;
}
