import type { Blas } from './blas.ts';
import { applyReflectors, blockStart, makeReflector, type Reflectors } from './householder.ts';
import { TINY } from './scale.ts';

/** Eigenvalues, in no order, and eigenvectors as rows, `ld` apart; null when none were asked for. */
export interface Eigen {
  readonly d: Float64Array;
  readonly vt: Float64Array | null;
}

/** A symmetric tridiagonal matrix: its diagonal, what couples i and i + 1, and the rows that turn along. */
interface Tridiagonal {
  readonly d: Float64Array;
  readonly e: Float64Array;
  readonly turning: Turning | null;
}

/** Iterations for each eigenvalue; about 1.7 are needed, so a bound so far off is met only by a defect. */
const maxIterations = 60;

/**
 * A = Σ_i d_i·v_i·v_iᵀ for a symmetric A (n×n, row-major, rows `ld` apart, zeros between, an array of `blas`), which is spoilt: it is
 * brought to tridiagonal form by Householder reflectors, and diagonalised by implicit QR with Wilkinson's shift. Entries are
 * such that their squares are numbers. The eigenvalues have the same bits with and without vectors.
 * @returns null if it does not converge, which would be a defect
 * @source Golub & Van Loan, Matrix Computations, section 8.3; Wilkinson, "Global convergence of tridiagonal QR algorithm
 * with origin shifts", 1968.
 */
export function eigenRows(blas: Blas, a: Float64Array, n: number, ld: number, vectors: boolean): Eigen | null {
  const d = new Float64Array(n);
  const e = new Float64Array(Math.max(0, n - 1));
  const f = tridiagonalise(blas, a, n, ld, d, e);
  if (!vectors) return diagonalise({ d, e, turning: null }, n) ? { d, vt: null } : null;
  const vt = blas.array(n * ld);
  for (let i = 0; i < n; i++) vt[i * ld + i] = 1;
  applyReflectors(blas, f, f.tau.length, { data: vt, at: 0, ld, count: n }, true);
  const turning = turningOf(blas, vt, n, ld);
  const converged = diagonalise({ d, e, turning }, n);
  turning.flush();
  return converged ? { d, vt } : null;
}

/**
 * A = Q·T·Qᵀ: writes T, gives Q as reflectors, of which number k acts on the entries after k. H·B·H = B − v·wᵀ − w·vᵀ with
 * w = tau·B·v − (tau²/2)·(vᵀ·B·v)·v; as in QR, B is brought up to date in the pass that multiplies it by the next v.
 */
function tridiagonalise(
  blas: Blas,
  a: Float64Array,
  n: number,
  ld: number,
  d: Float64Array,
  e: Float64Array,
): Reflectors {
  const steps = Math.max(0, n - 2);
  const f: Reflectors = { v: blas.array(Math.max(1, steps) * ld), tau: new Float64Array(steps), length: n, ld };
  const { v, tau } = f;
  const [w, products] = [blas.array(ld), blas.array(ld)];
  for (let k = 0; k < n; k++) {
    const from = blockStart(k);
    const size = ld - from;
    // The row of the last reflector that was made.
    const before = Math.max(0, Math.min(k, steps) - 1) * ld;
    if (k > 0 && steps > 0) {
      const row = k * ld + from;
      blas.addScaled(-v[before + k], w, from, a, row, size);
      blas.addScaled(-w[k], v, before + from, a, row, size);
    }
    d[k] = a[k * ld + k];
    if (k < steps) {
      e[k] = makeReflector(blas, f, k, a, k * ld, k + 1);
      const rest = { data: a, at: (k + 1) * ld + from, ld, count: n - k - 1 };
      // Before the first step w is zero: whatever stands for the last reflector, nothing is taken out.
      const updates = [
        { w: { data: v, at: before + k + 1 }, u: { data: w, at: from } },
        { w: { data: w, at: k + 1 }, u: { data: v, at: before + from } },
      ];
      const vk = { data: v, at: k * ld + from };
      blas.updateAndDot(rest, size, updates, vk, { data: products, at: k + 1 });
      w.fill(0, 0, k + 1);
      for (let t = k + 1; t < n; t++) w[t] = tau[k] * products[t];
      blas.addScaled((-tau[k] / 2) * blas.dot(w, from, v, vk.at, size), v, vk.at, w, from, size);
    } else if (k + 1 < n) e[k] = a[k * ld + k + 1];
  }
  return f;
}

/** Implicit QR: until nothing is left beside the diagonal. */
function diagonalise(t: Tridiagonal, n: number): boolean {
  const { d, e } = t;
  let last = n - 1;
  for (let steps = 0; last > 0; steps++) {
    for (let i = 0; i < last; i++) {
      const bound = Number.EPSILON * Math.sqrt(Math.abs(d[i])) * Math.sqrt(Math.abs(d[i + 1]));
      if (Math.abs(e[i]) <= Math.max(bound, TINY)) e[i] = 0;
    }
    while (last > 0 && e[last - 1] === 0) last--;
    let first = last;
    while (first > 0 && e[first - 1] !== 0) first--;
    if (steps > maxIterations * n) return false;
    if (last > 0) step(t, first, last);
  }
  return true;
}

/** One implicit QR step on the block first..last, its shift the eigenvalue of the last 2×2 block nearest to its corner. */
function step({ d, e, turning }: Tridiagonal, first: number, last: number): void {
  const corner = d[last];
  const beside = e[last - 1];
  const delta = (d[last - 1] - corner) / 2;
  const root = Math.sqrt(delta * delta + beside * beside);
  const shift = corner - (beside / (delta < 0 ? delta - root : delta + root)) * beside;
  const turns = turning?.begin(first, last - first);
  let x = d[first] - shift;
  let z = e[first];
  for (let k = first; k < last; k++) {
    const r = Math.sqrt(x * x + z * z);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : -z / r;
    if (k > first) e[k - 1] = r;
    const p = d[k];
    const q = d[k + 1];
    const b = e[k];
    // [c −s; s c]·[p b; b q]·[c s; −s c], written so that the trace is kept whatever the rounding of c and s.
    const g = s * (p - q) + 2 * c * b;
    d[k] = p - s * g;
    d[k + 1] = q + s * g;
    e[k] = c * g - b;
    if (k + 1 < last) {
      x = e[k];
      z = -s * e[k + 1];
      e[k + 1] = c * e[k + 1];
    }
    if (turns === undefined) continue;
    turns[2 * (k - first)] = c;
    turns[2 * (k - first) + 1] = s;
  }
}

/** Rotations of neighbouring rows, put off until there are enough to apply them to a few columns at a time. */
interface Turning {
  /** A chain of `count` rotations from row `first` on: where to write its pairs (cosine, sine). */
  readonly begin: (first: number, count: number) => Float64Array;
  /** Applies what was put off. */
  readonly flush: () => void;
}

/** Chains that are put off, of all rows; and columns that they turn together, which stay in the cache. */
const putOff = 32;
const strip = 16;

function turningOf(blas: Blas, rows: Float64Array, n: number, ld: number): Turning {
  const data = blas.array(2 * putOff * n);
  let used = 0;
  let chains: { first: number; count: number; at: number }[] = [];
  const flush = (): void => {
    for (let from = 0; from < ld; from += strip)
      for (const { first, count, at } of chains)
        blas.rotateChain({ data: rows, at: first * ld + from }, ld, Math.min(strip, ld - from), count, { data, at });
    chains = [];
    used = 0;
  };
  return {
    flush,
    begin(first, count) {
      if (used + 2 * count > data.length) flush();
      const at = used;
      used += 2 * count;
      chains.push({ first, count, at });
      return data.subarray(at, used);
    },
  };
}
