/** Matrices as plain nested arrays: what the tests of this folder compute with where they must not lean on the library. */
import { type Tensor, tensor } from '../../src/index.ts';

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[];

/** The matrix of these entries. */
export const matrix = (m: number, n: number, entry: (i: number, j: number) => number): Matrix =>
  Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));

/** A tensor's entries. */
export const plain = (x: Tensor): Matrix => x.toArray() as Matrix;

/** A float64 tensor of a matrix. */
export const asTensor = (x: Matrix): Tensor =>
  tensor(
    x.map((row) => [...row]),
    { dtype: 'float64' },
  );

/** Xᵀ. */
export const transposed = (x: Matrix): Matrix => matrix(x[0].length, x.length, (i, j) => x[j][i]);

/** Σ a_i·b_i. */
export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i], 0);

/** X·Y. */
export function product(x: Matrix, y: Matrix): Matrix {
  const columns = transposed(y);
  return matrix(x.length, columns.length, (i, j) => dot(x[i], columns[j]));
}

/** X·diag(s). */
export const scaled = (x: Matrix, s: readonly number[]): Matrix => x.map((row) => row.map((v, j) => v * s[j]));

/** The largest |x_ij − y_ij|, as a share of the largest |y_ij| or of 1. */
export function distance(x: Matrix, y: Matrix): number {
  const size = Math.max(1, ...y.flat().map(Math.abs));
  return Math.max(0, ...x.flatMap((row, i) => row.map((v, j) => Math.abs(v - y[i][j])))) / size;
}
