import { DomainError, ShapeError } from '../errors.ts';

/**
 * The factorisations work on a matrix whose largest entry lies in [2^480, 2^481). Squares and products of two vectors
 * then neither overflow (for up to 2^60 entries) nor lose digits, as long as both vectors are longer than 2^−460.
 */
const TOP = 480;

/**
 * In a scaled matrix, a vector no longer than this, 2^−940 of the largest entry, is zero: squares would lose digits.
 */
export const TINY: number = 2 ** -460;

/**
 * Checks an m×n matrix, row-major.
 * @throws DomainError naming the first entry that is NaN or infinite, or a size that is no whole number >= 0;
 * ShapeError when the array does not have m·n entries.
 */
export function checkMatrix(op: string, a: Float64Array, m: number, n: number): void {
  if (!Number.isSafeInteger(m) || !Number.isSafeInteger(n) || m < 0 || n < 0)
    throw new DomainError(op, `sizes are whole numbers >= 0, got ${m} and ${n}`);
  if (a.length !== m * n) throw new ShapeError(op, `${a.length} entries do not fill the matrix`, [[m, n]]);
  for (let t = 0; t < a.length; t++) {
    const value = a[t] as number;
    if (!Number.isFinite(value))
      throw new DomainError(op, `entries are finite, entry (${Math.floor(t / n)}, ${t % n}) is ${value}`, [[m, n]]);
  }
}

/**
 * The exponent e for which the largest |a[t]|·2^e lies in [2^480, 2^481), but at most 1000, so that 2^e is a number:
 * what is denormal lands at 2^−74 or above, far enough from `TINY`. 0 for a zero or empty array.
 */
export function scaleExponent(a: Float64Array): number {
  let top = 0;
  for (let t = 0; t < a.length; t++) {
    const size = Math.abs(a[t] as number);
    if (size > top) top = size;
  }
  if (top === 0) return 0;
  let e = 0;
  for (; top < 2 ** TOP && e < 1000; top *= 2) e++;
  for (; top >= 2 ** (TOP + 1); top /= 2) e--;
  return e;
}
