import { DomainError } from '../errors.ts';
import { addScaled, dot, rotate } from './kernels.ts';
import { applyQ } from './qr.ts';
import { checkMatrix, scaleExponent, TINY } from './scale.ts';

/** Eigenvalues and eigenvectors of a symmetric matrix; see `symmetricEigen`. */
export interface EigenResult {
  /** n eigenvalues, ascending. */
  readonly values: Float64Array;
  /** n×n, row i = eigenvector i; null when none were asked for. */
  readonly vt: Float64Array | null;
}

/** A symmetric tridiagonal matrix, and the vectors that turn along. */
interface Tridiagonal {
  readonly d: Float64Array;
  /** Beside the diagonal: entry i couples i and i + 1. */
  readonly e: Float64Array;
  readonly vt: Float64Array | null;
}

/** Iterations for each eigenvalue; about 1.7 are needed, so a bound so far off is met only by a defect. */
const MAX_ITERATIONS = 60;

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
  const s = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      s[i * n + j] = ((a[i * n + j] as number) * scale + (a[j * n + i] as number) * scale) / 2;
  const t = tridiagonalise(s, n, vectors);
  diagonalise(op, t, n);
  const order = Int32Array.from(t.d, (_, i) => i).sort((i, j) => (t.d[i] as number) - (t.d[j] as number) || i - j);
  const values = Float64Array.from(order, (i) => (t.d[i] as number) * 2 ** -exponent);
  if (values.some((value) => !Number.isFinite(value)))
    throw new DomainError(op, 'an eigenvalue exceeds float64', [[n, n]]);
  return { values, vt: t.vt && arrange(t.vt, n, order) };
}

/** A = Q·T·Qᵀ; the rows of `vt` are those of Qᵀ. */
function tridiagonalise(a: Float64Array, n: number, vectors: boolean): Tridiagonal {
  const d = new Float64Array(n);
  const e = new Float64Array(Math.max(0, n - 1));
  // Reflector k acts on entries k + 1 to n − 1: in the space without the first coordinate it is number k of n − 1.
  const side = Math.max(0, n - 1);
  const steps = Math.max(0, n - 2);
  const v = new Float64Array(side * side);
  const tau = new Float64Array(steps);
  const p = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    d[k] = a[k * n + k] as number;
    const from = k + 1;
    const size = n - from;
    if (k < steps) {
      e[k] = reflector(a, k * n + from, size, v, k * side + k, tau, k);
      const factor = tau[k] as number;
      if (factor !== 0) reflectBoth(a, n, from, v, k * side + k, factor, p);
    } else if (size > 0) e[k] = a[k * n + from] as number;
  }
  if (!vectors) return { d, e, vt: null };
  const q = new Float64Array(side * side);
  for (let i = 0; i < side; i++) q[i * side + i] = 1;
  const none = { r: new Float64Array(0), order: new Int32Array(0) };
  applyQ({ v, tau, length: side, count: side, rank: steps, ...none }, q, side);
  const vt = new Float64Array(n * n);
  if (n > 0) vt[0] = 1;
  // The rows of `q` are the columns of Q, which are the rows of Qᵀ.
  for (let i = 0; i < side; i++) vt.set(q.subarray(i * side, (i + 1) * side), (i + 1) * n + 1);
  return { d, e, vt };
}

/**
 * Writes at `to` the vector v, v[0] = 1, for which (I − tau·v·vᵀ)·x = beta·e_0, x being the `size` entries of `a` at `at`;
 * sets tau[k] and returns beta.
 */
function reflector(
  a: Float64Array,
  at: number,
  size: number,
  v: Float64Array,
  to: number,
  tau: Float64Array,
  k: number,
): number {
  const head = a[at] as number;
  const tail = dot(a, at + 1, a, at + 1, size - 1);
  v[to] = 1;
  if (tail === 0) return head;
  const norm = Math.sqrt(head * head + tail);
  const beta = head > 0 ? -norm : norm; // the sign for which head − beta does not cancel
  for (let t = 1; t < size; t++) v[to + t] = (a[at + t] as number) / (head - beta);
  tau[k] = 2 / dot(v, to, v, to, size);
  return beta;
}

/** H·B·H for the trailing block B of `a` that starts at `from`, H = I − tau·v·vᵀ: B − v·wᵀ − w·vᵀ. */
function reflectBoth(
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  at: number,
  tau: number,
  w: Float64Array,
): void {
  const size = n - from;
  for (let i = 0; i < size; i++) w[i] = tau * dot(a, (from + i) * n + from, v, at, size);
  addScaled((-tau / 2) * dot(w, 0, v, at, size), v, at, w, 0, size);
  for (let i = 0; i < size; i++) {
    const row = (from + i) * n + from;
    const vi = v[at + i] as number;
    const wi = w[i] as number;
    for (let j = 0; j < size; j++)
      a[row + j] = (a[row + j] as number) - (vi * (w[j] as number) + wi * (v[at + j] as number));
  }
}

/** Implicit QR: until nothing is left beside the diagonal. */
function diagonalise(op: string, t: Tridiagonal, n: number): void {
  const { d, e } = t;
  let last = n - 1;
  for (let steps = 0; last > 0; steps++) {
    for (let i = 0; i < last; i++) {
      const bound = Number.EPSILON * (Math.abs(d[i] as number) + Math.abs(d[i + 1] as number));
      if (Math.abs(e[i] as number) <= Math.max(bound, TINY)) e[i] = 0;
    }
    while (last > 0 && e[last - 1] === 0) last--;
    let first = last;
    while (first > 0 && e[first - 1] !== 0) first--;
    if (steps > MAX_ITERATIONS * n) throw new DomainError(op, `no convergence after ${steps} steps`, [[n, n]]);
    if (last > 0) step(t, n, first, last);
  }
}

/** One implicit QR step on the block first..last, its shift the eigenvalue of the last 2×2 block nearest to its corner. */
function step({ d, e, vt }: Tridiagonal, n: number, first: number, last: number): void {
  const corner = d[last] as number;
  const beside = e[last - 1] as number;
  const delta = ((d[last - 1] as number) - corner) / 2;
  const root = Math.sqrt(delta * delta + beside * beside);
  const shift = corner - (beside / (delta < 0 ? delta - root : delta + root)) * beside;
  let x = (d[first] as number) - shift;
  let z = e[first] as number;
  for (let k = first; k < last; k++) {
    const r = Math.sqrt(x * x + z * z);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : -z / r;
    if (k > first) e[k - 1] = r;
    const p = d[k] as number;
    const q = d[k + 1] as number;
    const b = e[k] as number;
    // [c −s; s c]·[p b; b q]·[c s; −s c], written so that the trace is kept whatever the rounding of c and s.
    const g = s * (p - q) + 2 * c * b;
    d[k] = p - s * g;
    d[k + 1] = q + s * g;
    e[k] = c * g - b;
    if (k + 1 < last) {
      x = e[k] as number;
      z = -s * (e[k + 1] as number);
      e[k + 1] = c * (e[k + 1] as number);
    }
    if (vt !== null) rotate(vt, k * n, (k + 1) * n, n, c, s);
  }
}

/** Rows in the given order, the largest entry of each positive. */
function arrange(vt: Float64Array, n: number, order: Int32Array): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = vt.subarray((order[i] as number) * n, ((order[i] as number) + 1) * n);
    let top = 0;
    for (let t = 1; t < n; t++) if (Math.abs(row[t] as number) > Math.abs(row[top] as number)) top = t;
    const sign = (row[top] as number) < 0 ? -1 : 1;
    for (let t = 0; t < n; t++) out[i * n + t] = sign * (row[t] as number);
  }
  return out;
}
