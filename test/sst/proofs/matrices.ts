/** Matrices of the theorems, in the paper's notation: U m×k and V n×k with singular vectors as columns, W = U·diag(σ)·Vᵀ. */
import type { Rng } from '../../../src/index.ts';
import { svd } from '../../../src/linalg.ts';
import { asTensor, type Matrix, matrix, plain, product, transposed } from '../plain.ts';

export const minus = (x: Matrix, y: Matrix): Matrix => x.map((row, i) => row.map((v, j) => v - y[i][j]));
export const plus = (...xs: readonly Matrix[]): Matrix =>
  xs.reduce((sum, x) => sum.map((row, i) => row.map((v, j) => v + x[i][j])));
export const times = (x: Matrix, s: number): Matrix => x.map((row) => row.map((v) => v * s));
/** Entrywise product. */
export const hadamard = (x: Matrix, y: Matrix): Matrix => x.map((row, i) => row.map((v, j) => v * y[i][j]));
/** Σ x_ij·y_ij. */
export const inner = (x: Matrix, y: Matrix): number =>
  x.reduce((sum, row, i) => sum + row.reduce((part, v, j) => part + v * y[i][j], 0), 0);
export const frobenius = (x: Matrix): number => Math.sqrt(inner(x, x));
export const identity = (n: number): Matrix => matrix(n, n, (i, j) => Number(i === j));
export const diagonal = (s: readonly number[]): Matrix => matrix(s.length, s.length, (i, j) => (i === j ? s[i] : 0));
export const diagonalOf = (x: Matrix): number[] => x.map((row, i) => row[i]);
export const column = (x: Matrix, i: number): Matrix => x.map((row) => [row[i]]);
/** A·B·… */
export const chain = (...xs: readonly Matrix[]): Matrix => xs.reduce((a, b) => product(a, b));
/** Xᵀ. */
export const T = (x: Matrix): Matrix => transposed(x);

/** A whole number in low..high. */
export const whole = (rng: Rng, low: number, high: number): number => low + rng.below(high - low + 1);
/** A number in low..high. */
export const between = (rng: Rng, low: number, high: number): number => low + (high - low) * rng.uniform();
export const gaussian = (m: number, n: number, rng: Rng): Matrix => matrix(m, n, () => rng.normal());

/** The thin singular frame of a matrix: U m×k, σ [k], V n×k. */
export interface Frame {
  readonly U: Matrix;
  readonly s: readonly number[];
  readonly V: Matrix;
}

/** The thin SVD of W. */
export function frameOf(W: Matrix): Frame {
  const [u, s, vt] = svd(asTensor(W));
  return { U: plain(u), s: [...s.data], V: T(plain(vt)) };
}

/** U·diag(s)·Vᵀ. */
export const compose = ({ U, s, V }: Frame): Matrix =>
  product(
    U.map((row) => row.map((v, j) => v * s[j])),
    T(V),
  );

/** A random orthonormal frame of an m×n matrix, with these singular values. */
export function randomFrame(m: number, n: number, rng: Rng, s: (i: number) => number): Frame {
  const { U, V } = frameOf(gaussian(m, n, rng));
  return { U, V, s: Array.from({ length: Math.min(m, n) }, (_, i) => s(i)) };
}

/** A random set of the numbers 0..k−1, not empty, as flags. */
export function randomSet(k: number, rng: Rng): boolean[] {
  const set = Array.from({ length: k }, () => rng.uniform() < 0.5);
  set[rng.below(k)] = true;
  return set;
}

/** The gradient G in spectral coordinates: M = UᵀGV, R = UᵀG − MVᵀ, Q = GV − UM. */
export function coordinates(
  G: Matrix,
  { U, V }: Frame,
): { readonly M: Matrix; readonly R: Matrix; readonly Q: Matrix } {
  const M = chain(T(U), G, V);
  return { M, R: minus(product(T(U), G), product(M, T(V))), Q: minus(product(G, V), product(U, M)) };
}

/** Number of singular values above `tolerance` times the largest. */
export function rankOf(X: Matrix, tolerance: number): number {
  const { s } = frameOf(X);
  return s.filter((v) => v > tolerance * s[0]).length;
}
