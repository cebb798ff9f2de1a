import { addScaled } from './kernels.ts';
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

/**
 * LU factorisation with partial pivoting, in place, of A (n×n, row-major). Each step takes the entry of its column that is
 * largest in magnitude, the first of equals. A column without a pivot is passed over, so that U is right for singular A too.
 * @source Golub & Van Loan, Matrix Computations, section 3.4.
 */
export function luFactor(a: Float64Array, n: number): LuFactors {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  let sign: 1 | -1 = 1;
  let zero = -1;
  for (let j = 0; j < n; j++) {
    let best = j;
    for (let i = j + 1; i < n; i++)
      if (Math.abs(a[i * n + j] as number) > Math.abs(a[best * n + j] as number)) best = i;
    if (best !== j) {
      exchangeRows(a, n, j, best);
      const row = order[j] as number;
      order[j] = order[best] as number;
      order[best] = row;
      sign = sign === 1 ? -1 : 1;
    }
    const pivot = a[j * n + j] as number;
    if (pivot === 0) {
      if (zero === -1) zero = j;
      continue;
    }
    for (let i = j + 1; i < n; i++) {
      const factor = (a[i * n + j] as number) / pivot;
      a[i * n + j] = factor;
      if (factor !== 0) addScaled(-factor, a, j * n + j + 1, a, i * n + j + 1, n - j - 1);
    }
  }
  return { n, lu: a, order, sign, zero };
}

/** A⁻¹·B for B (n×k, row-major), from the factors of A. */
export function luSolve({ n, lu, order }: LuFactors, b: Float64Array, k: number): Float64Array {
  const x = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const from = (order[i] as number) * k;
    x.set(b.subarray(from, from + k), i * k);
  }
  substitute(lu, n, x, k, { upper: false, trans: false, unit: true });
  substitute(lu, n, x, k, { upper: true, trans: false, unit: false });
  return x;
}

function exchangeRows(a: Float64Array, n: number, i: number, j: number): void {
  const held = a.slice(i * n, (i + 1) * n);
  a.copyWithin(i * n, j * n, (j + 1) * n);
  a.set(held, j * n);
}
