/**
 * Graded matrices large enough to be prepared for Jacobi by eigenvectors: the digits of small singular values must survive
 * that. Skipping the second QR factorisation, or mixing rows by a method that errs relative to the longest, fails here.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paddedLength, withBlas } from '../../../src/tensor/linalg/blas.ts';
import { precondition } from '../../../src/tensor/linalg/precondition.ts';
import { factor, triangleOf } from '../../../src/tensor/linalg/qr.ts';
import { singularValues } from '../../../src/tensor/linalg/svd.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import {
  at,
  defect,
  graded,
  hadamard,
  kahan,
  largest,
  type Matrix,
  make,
  map,
  normal,
  orthogonal,
  product,
  range,
  relative,
  transposed,
  within,
} from './matrices.ts';

describe('singular values of graded matrices', () => {
  test('are right to their last digits, whether columns or rows are graded', () => {
    for (const n of [32, 64, 128])
      for (const [from, to] of [
        [0, -3],
        [3, -12],
        [100, -60],
      ]) {
        const grades = range(n).map((i) => graded(from, to, i, n));
        const order = new Rng(n).permutation(n);
        const x = map(hadamard(n), (value, _, j) => value * (grades[order[j] as number] as number));
        const exact = grades.map((value) => value * Math.sqrt(n));
        within(relative(singularValues(...x), exact), 2e-14, `${n} columns, 10^${to}`);
        within(relative(singularValues(...transposed(x)), exact), 2e-14, `${n} rows, 10^${to}`);
      }
  });

  const n = 60;
  const q = orthogonal(n, 5);
  const bases: Record<string, Matrix> = { orthogonal: q, dominant: map(q, (value, i, j) => value + (i === j ? 3 : 0)) };
  const grading: Record<string, (i: number, from: number, to: number) => number> = {
    gradual: (i, from, to) => graded(from, to, i, n),
    'in steps': (i, from, to) => graded(from, to, i - (i % 12), n),
    'in halves': (i, from, to) => 10 ** (i < n / 2 ? from : to),
    'one large': (i, from, to) => 10 ** (i === 3 ? from : to),
    'one small': (i, from, to) => 10 ** (i === 3 ? to : from),
  };
  for (const [base, b] of Object.entries(bases))
    for (const [how, grade] of Object.entries(grading))
      test(`${base}, ${how}: A and Aᵀ have the same, to the last digits of each`, () => {
        const order = new Rng(7).permutation(n);
        for (const [from, to] of [
          [0, -4],
          [3, -12],
          [0, -30],
          [60, -60],
        ]) {
          const x = map(b, (value, _, j) => value * grade(order[j] as number, from as number, to as number));
          within(relative(singularValues(...x), singularValues(...transposed(x))), 1e-13, `10^${to}`);
        }
      });
});

describe('preparing a triangle for Jacobi', () => {
  /** R of the second factorisation, and what becomes of it. */
  function prepared([a, m, n]: Matrix): { r: Matrix; x: Matrix; w: Matrix } {
    return withBlas(64, (blas) => {
      const columns = blas.array(n * paddedLength(m));
      // The factorisations want entries near 2^480.
      for (let j = 0; j < n; j++)
        for (let i = 0; i < m; i++) columns[j * paddedLength(m) + i] = a[i * n + j] * 2 ** 480;
      const outer = factor(blas, columns, n, m, true);
      const r = triangleOf(blas, factor(blas, triangleOf(blas, outer).data, outer.rank, n, false));
      const stride = paddedLength(2 * r.ld);
      const rows = blas.array(r.size * stride);
      precondition(blas, r, rows, stride, r.ld);
      const part = (from: Float64Array, ld: number, start: number): Matrix =>
        make(r.size, r.size, (i, j) => from[i * ld + start + j] as number);
      const unscale = (x: Matrix): Matrix => map(x, (value) => value * 2 ** -480);
      return { r: unscale(part(r.data, r.ld, 0)), x: unscale(part(rows, stride, 0)), w: part(rows, stride, r.ld) };
    });
  }

  /** Rows divided by their lengths. */
  const directions = (x: Matrix): Matrix => {
    const top = range(x[1]).map((i) => largest(x[0].subarray(i * x[2], (i + 1) * x[2])));
    const scaled = map(x, (value, i) => value / (top[i] as number));
    const lengths = range(x[1]).map((i) => Math.sqrt(range(x[2]).reduce((sum, j) => sum + at(scaled, i, j) ** 2, 0)));
    return map(scaled, (value, i) => value / (lengths[i] as number));
  };

  const b = normal(80, 60);
  const low = product(normal(80, 5), normal(5, 60));
  const families: Record<string, Matrix> = {
    normal: b,
    'columns graded': map(b, (value, _, j) => value * graded(3, -12, j, 60)),
    'rows graded': map(b, (value, i) => value * graded(3, -12, i, 80)),
    'low rank and noise': map(low, (value, i, j) => value + 1e-6 * at(b, i, j)),
    kahan: kahan(60, 1.2),
    hilbert: make(50, 50, (i, j) => 1 / (i + j + 1)),
    small: normal(10, 9),
    empty: make(0, 0, () => 0),
  };
  for (const [name, a] of Object.entries(families))
    test(`${name}: X = W·R, W orthogonal, the rows of X all but orthogonal`, () => {
      const { r, x, w } = prepared(a);
      within(defect(w[0], w[1], w[2]), 1e-13, '|WWᵀ − I|');
      const expected = product(w, r)[0];
      within(largest(x[0].map((value, t) => value - (expected[t] as number))), 1e-13 * largest(r[0]), 'X − W·R');
      if (name === 'small') assert.deepEqual(x, r, 'left to Jacobi');
      else within(defect(directions(x)[0], x[1], x[2]), 1e-6, 'cosines');
    });
});
