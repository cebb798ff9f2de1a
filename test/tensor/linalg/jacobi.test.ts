/** One-sided Jacobi by itself, on rows that no QR factorisation has tamed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { paddedLength, withBlas } from '../../../src/tensor/linalg/blas.ts';
import { orthogonaliseRows } from '../../../src/tensor/linalg/jacobi.ts';
import { dot } from '../../../src/tensor/linalg/kernels.ts';
import { defect, eps, hadamard, largest, type Matrix, make, map, normal, product, range, within } from './matrices.ts';

/** The factorisations scale to this. */
const top = 2 ** 480;

/** [X | I], each part padded, turned. */
function turned([x, n]: Matrix): { rows: Matrix; turns: Matrix; sweeps: number } {
  return withBlas(64, (blas) => {
    const size = paddedLength(n);
    const both = blas.array(n * 2 * size);
    for (let i = 0; i < n; i++) {
      both.set(x.subarray(i * n, (i + 1) * n), i * 2 * size);
      both[i * 2 * size + size + i] = 1;
    }
    const sweeps = orthogonaliseRows(blas, 'svd', both, n, size, 2 * size);
    return {
      rows: make(n, n, (i, j) => both[i * 2 * size + j] as number),
      turns: make(n, n, (i, j) => both[i * 2 * size + size + j] as number),
      sweeps,
    };
  });
}

/** The largest |cos| of two rows; zero rows are orthogonal to all. */
function cosine([x, n]: Matrix): number {
  const unit = x.slice();
  for (let i = 0; i < n; i++) {
    const length = Math.sqrt(dot(x, i * n, x, i * n, n));
    // A unit row of its own for each zero row would need completing; what is asked here is the other rows.
    for (let j = i * n; j < (i + 1) * n; j++) unit[j] = length === 0 ? NaN : (x[j] as number) / length;
  }
  const rows = range(n).filter((i) => !Number.isNaN(unit[i * n] as number));
  return defect(Float64Array.from(rows.flatMap((i) => Array.from(unit.subarray(i * n, (i + 1) * n)))), rows.length, n);
}

test('rows become orthogonal, by rotations', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(), (half, seed) => {
      const x = map(normal(2 * half, 2 * half, seed), (value) => value * top);
      const { rows, turns } = turned(x);
      within(cosine(rows), 4e-15, 'cosine');
      within(defect(turns[0], 2 * half, 2 * half), 1e-14, '|VᵀV − I|');
      const expected = product(turns, x)[0];
      within(largest(rows[0].map((value, t) => value - (expected[t] as number))), 1e-13 * top, 'difference');
    }),
  );
});

test('pairs far apart in size are turned without overflow, and the longer row moves to the front', () => {
  for (const small of [2 ** -20, 2 ** -200, 2 ** -600, 2 ** -900]) {
    const x = make(2, 2, (i, j) => (i === 0 ? small * top * (j === 0 ? 1 : 0.25) : top));
    const { rows, turns } = turned(x);
    within(cosine(rows), 4 * eps, 'cosine');
    within(defect(turns[0], 2, 2), 4 * eps, '|VᵀV − I|');
    within(Math.abs((rows[0][0] as number) / top), 1 + 2 * small, 'first row');
    const left = Math.hypot((rows[0][2] as number) / (small * top), (rows[0][3] as number) / (small * top));
    within(Math.abs(left - 0.75 * Math.SQRT1_2), 4 * eps + small, 'what is left of the short row');
  }
});

test('rows without anything become zero, and equal rows leave one', () => {
  const x = make(4, 4, (i, j) => (i === 2 ? 2 ** -470 : i === 3 ? 0 : top * (j + 1)));
  const { rows, turns } = turned(x);
  assert.deepEqual(rows[0].slice(8), new Float64Array(8));
  within(largest(rows[0].slice(4, 8)), 8 * eps * top, 'second row');
  within(defect(turns[0], 4, 4), 4 * eps, '|VᵀV − I|');
});

test('rows that an exchange brings out of their angle are found, though their partners were not turned', () => {
  // The short a and the long c are turned, which exchanges them; b, which was orthogonal to a, now meets c in its place.
  const [a, b, c] = [5, 40, 70];
  const x = make(
    96,
    96,
    (i, j) => top * (i === j ? (i === b ? 3 : i === c ? 5 : 1) : j !== c ? 0 : i === a ? 2e-14 : i === b ? 0.03 : 0),
  );
  const { rows, sweeps } = turned(x);
  within(cosine(rows), 8 * eps * Math.sqrt(104), 'cosine');
  assert.ok(sweeps > 2, `${sweeps} sweeps`);
});

test('sweeps', () => {
  assert.equal(turned(map(hadamard(32), (value) => value * top)).sweeps, 1);
  within(turned(map(normal(64, 64), (value) => value * top)).sweeps, 9, 'sweeps of a random matrix');
});
