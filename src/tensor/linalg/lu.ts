import { type Blas, withBlas } from './blas.ts';
import { addScaled } from './kernels.ts';
import { countUp } from './order.ts';
import { substitute } from './triangular.ts';

/** P·A = L·U; see `luFactor`. */
export interface LuFactors {
  readonly n: number;
  /** U on and above the diagonal, L below it (n×n, row-major); the ones on the diagonal of L are not stored. */
  readonly lu: Float64Array;
  /** Row i of P·A is row `order[i]` of A. */
  readonly order: Int32Array;
  /** det P. */
  readonly sign: 1 | -1;
  /** The first pivot that is zero: A is singular; −1 when there is none. */
  readonly zero: number;
}

/** Columns that are eliminated together; those of a matrix up to which all are. */
const block = 32;
const few = 64;

/**
 * LU factorisation with partial pivoting, in place, of A (n×n, row-major). Each step takes the entry of its column that is
 * largest in magnitude, the first of equals. A column without a pivot is passed over, so that U is right for singular A too.
 * @source Golub & Van Loan, Matrix Computations, sections 3.4 and 3.2.11 (by blocks).
 */
export function luFactor(a: Float64Array, n: number): LuFactors {
  const order = countUp(n);
  const size = n <= few ? few : block;
  const found = withBlas(n <= few ? 0 : n, (blas) => {
    const x = blas.array(n * n);
    x.set(a);
    let sign: 1 | -1 = 1;
    let zero = -1;
    for (let from = 0; from < n; from += size) {
      const to = Math.min(from + size, n);
      for (let j = from; j < to; j++) {
        if (pivot(x, n, j, order)) sign = sign === 1 ? -1 : 1;
        if (x[j * n + j] !== 0) eliminate(x, n, j, to);
        else if (zero === -1) zero = j;
      }
      if (to < n) updateRest(blas, x, n, from, to);
    }
    a.set(x);
    return { sign, zero };
  });
  return { n, lu: a, order, ...found };
}

/** Exchanges row j with that of the largest entry in column j from there on. @returns whether there was another */
function pivot(x: Float64Array, n: number, j: number, order: Int32Array): boolean {
  let best = j;
  for (let i = j + 1; i < n; i++) if (Math.abs(x[i * n + j]) > Math.abs(x[best * n + j])) best = i;
  if (best === j) return false;
  const held = x.slice(j * n, (j + 1) * n);
  x.copyWithin(j * n, best * n, (best + 1) * n);
  x.set(held, best * n);
  const row = order[j];
  order[j] = order[best];
  order[best] = row;
  return true;
}

/** Column j of L, and what it takes out of the columns before `to`. */
function eliminate(x: Float64Array, n: number, j: number, to: number): void {
  const divisor = x[j * n + j];
  for (let i = j + 1; i < n; i++) {
    const factor = x[i * n + j] / divisor;
    x[i * n + j] = factor;
    if (factor !== 0) addScaled(-factor, x, j * n + j + 1, x, i * n + j + 1, to - j - 1);
  }
}

/** Rows from..to − 1 of U to the right of the block, and what they take out of the rows below. */
function updateRest(blas: Blas, x: Float64Array, n: number, from: number, to: number): void {
  for (let i = from + 1; i < to; i++)
    for (let j = from; j < i; j++) addScaled(-x[i * n + j], x, j * n + to, x, i * n + to, n - to);
  const [rows, count] = [n - to, to - from];
  const factors = blas.array(rows * count);
  for (let i = 0; i < rows; i++) for (let j = 0; j < count; j++) factors[i * count + j] = -x[(to + i) * n + from + j];
  const b = { data: x, at: from * n + to, ld: n };
  blas.multiply(rows, rows, count, { data: factors, ld: count }, b, { data: x, at: to * n + to, ld: n }, true);
}

/** A⁻¹·B for B (n×k, row-major), from the factors of A. */
export function luSolve({ n, lu, order }: LuFactors, b: Float64Array, k: number): Float64Array {
  const x = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const from = order[i] * k;
    x.set(b.subarray(from, from + k), i * k);
  }
  substitute(lu, n, x, k, { upper: false, trans: false, unit: true });
  substitute(lu, n, x, k, { upper: true, trans: false, unit: false });
  return x;
}
