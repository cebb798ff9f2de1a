/** The factorisations behind solve, det and cholesky, against their definitions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choleskyFactor } from '../../../src/tensor/linalg/cholesky.ts';
import { cofactors, determinant, signedLog } from '../../../src/tensor/linalg/determinant.ts';
import { luFactor, luSolve } from '../../../src/tensor/linalg/lu.ts';
import { pseudoInverse } from '../../../src/tensor/linalg/pinv.ts';
import { substitute } from '../../../src/tensor/linalg/triangular.ts';
import {
  at,
  eps,
  kahan,
  largest,
  type Matrix,
  make,
  map,
  normal,
  product,
  range,
  transposed,
  within,
} from './matrices.ts';

const identity = (n: number): Matrix => make(n, n, (i, j) => (i === j ? 1 : 0));
const minus = (x: Matrix, y: Matrix): number => largest(map(x, (value, i, j) => value - at(y, i, j))[0]);
const sizes = [0, 1, 2, 3, 5, 8, 17, 32, 50, 97];

test('LU: P·A = L·U, |L| <= 1, U upper', () => {
  for (const n of sizes) {
    const x = normal(n, n, n + 1);
    const { lu, order, sign, zero } = luFactor(x[0].slice(), n);
    const packed: Matrix = [lu, n, n];
    const l = map(packed, (value, i, j) => (i === j ? 1 : i > j ? value : 0));
    const u = map(packed, (value, i, j) => (i <= j ? value : 0));
    within(
      minus(
        product(l, u),
        make(n, n, (i, j) => at(x, order[i] as number, j)),
      ),
      20 * n * eps,
      `${n}`,
    );
    within(largest(l[0]), 1, 'multipliers');
    assert.equal(zero, -1);
    const p = make(n, n, (i, j) => (order[i] === j ? 1 : 0));
    assert.equal(determinant(p[0].slice(), n), sign, 'parity');
  }
});

test('LU of a singular matrix names its zero pivot, and goes on', () => {
  assert.deepEqual(luFactor(Float64Array.of(0, 0, 0, 5), 2).zero, 0);
  assert.deepEqual(luFactor(Float64Array.of(1, 2, 2, 4), 2).zero, 1);
  const { lu, zero } = luFactor(Float64Array.of(0, 1, 0, 2), 2);
  assert.deepEqual([[...lu], zero], [[0, 1, 0, 2], 0]);
});

test('LU solves: the residual is small whatever the condition', () => {
  for (const n of sizes)
    for (const x of [normal(n, n, 7), kahan(n, 1.2)]) {
      const b = normal(n, 3, 9);
      const solution: Matrix = [luSolve(luFactor(x[0].slice(), n), b[0], 3), n, 3];
      within(minus(product(x, solution), b), 50 * (n + 1) * eps * (1 + largest(solution[0])), `${n}`);
    }
});

test('substitution: every triangle, transposed or not, unit or not', () => {
  for (const n of sizes.slice(0, -1))
    for (const upper of [false, true])
      for (const trans of [false, true])
        for (const unit of [false, true]) {
          const noise = normal(n, n, n + 3);
          const stored = map(noise, (value, i, j) => (i === j ? 2 + value / 9 : value / n));
          const counted = map(stored, (value, i, j) => (i === j ? (unit ? 1 : value) : i < j === upper ? value : 0));
          const t = trans ? transposed(counted) : counted;
          // Few columns are solved for at once, many by blocks.
          for (const k of n > 30 ? [2, 130] : [2]) {
            const x = normal(n, k, 5);
            const b = product(t, x);
            substitute(stored[0], n, b[0], k, { upper, trans, unit });
            within(minus(b, x), 100 * (n + 1) * eps, JSON.stringify({ n, k, upper, trans, unit }));
          }
        }
});

test('Cholesky: L·Lᵀ = A, and the order of the first minor that fails', () => {
  for (const n of sizes) {
    const x = normal(n, n, n + 1);
    const a = map(product(x, transposed(x)), (value, i, j) => value + (i === j ? 1 : 0));
    const l: Matrix = [a[0].slice(), n, n];
    assert.equal(choleskyFactor(l[0], n), 0);
    within(minus(product(l, transposed(l)), a), 10 * (n + 1) * eps * (n + 1), `${n}`);
    assert.ok(l[0].every((value, t) => t % n <= Math.floor(t / n) || value === 0));
    assert.ok(range(n).every((i) => at(l, i, i) > 0));
    for (const bad of range(n).slice(-3)) {
      const spoilt = map(a, (value, i, j) => (i === bad && j === bad ? -1 : value));
      assert.equal(choleskyFactor(spoilt[0], n), bad + 1);
    }
  }
  assert.equal(choleskyFactor(Float64Array.of(0), 1), 1);
  assert.equal(choleskyFactor(Float64Array.of(NaN), 1), 1);
});

/** Laplace's expansion. */
function expanded(x: Matrix): number {
  if (x[1] === 0) return 1;
  return range(x[1]).reduce((sum, j) => sum + at(x, 0, j) * minor(x, 0, j), 0);
}

/** (−1)^(i+j)·det of x without row i and column j. */
const minor = (x: Matrix, i: number, j: number): number =>
  (-1) ** (i + j) * expanded(make(x[1] - 1, x[1] - 1, (p, q) => at(x, p < i ? p : p + 1, q < j ? q : q + 1)));

test('determinant and cofactors are Laplace’s, for every rank', () => {
  for (const n of range(6))
    for (const rank of range(n + 1)) {
      const x = product(normal(n, rank, n + 1), normal(rank, n, n + 2));
      const scale = largest(x[0]) ** n + 1;
      within(Math.abs(determinant(x[0].slice(), n) - expanded(x)), 100 * eps * scale, `det ${n} ${rank}`);
      const c: Matrix = [cofactors(x[0], n), n, n];
      within(
        minus(
          c,
          make(n, n, (i, j) => minor(x, i, j)),
        ),
        1000 * eps * scale,
        `cofactors ${n} ${rank}`,
      );
      if (rank < n - 1) within(largest(c[0]), 1000 * eps * scale, 'rank below n − 1');
    }
  assert.deepEqual([...cofactors(Float64Array.of(0), 1)], [1]);
  assert.deepEqual([...cofactors(Float64Array.of(0, 0, 0, 0), 2)].map(Math.abs), [0, 0, 0, 0]);
});

test('a product of pivots neither overflows nor vanishes on the way', () => {
  const diagonal = (values: readonly number[]): Matrix =>
    make(values.length, values.length, (i, j) => (i === j ? (values[i] as number) : 0));
  const det = (...values: number[]): number => determinant(diagonal(values)[0], values.length);
  assert.equal(det(2 ** 1000, 2 ** 1000, 2 ** -1000, 2 ** -1000), 1);
  assert.equal(det(2 ** -1000, 2 ** -1000, 2 ** 1000, 2 ** 1000), 1);
  assert.equal(det(2 ** 1023, 1.5, 0.5), 1.5 * 2 ** 1022);
  assert.equal(det(1.7e308, 1, 1), 1.7e308);
  assert.equal(det(2 ** -1074, 2 ** 1000, 2 ** 74), 1);
  assert.equal(det(1e200, -1e200), -Infinity);
  assert.equal(Math.abs(det(1e-200, 1e-200)), 0);
  const c = cofactors(diagonal([1e130, 1e130, 1e130, 1e-130, 1e-130, 1e-130])[0], 6);
  within(Math.abs(c[0] / 1e-130 - 1), 8 * eps, 'first');
  within(Math.abs(c[35] / 1e130 - 1), 8 * eps, 'last');
  const { sign, log } = signedLog(diagonal([-1e300, 1e300, 1e300])[0], 3);
  assert.equal(sign, -1);
  within(Math.abs(log / (900 * Math.LN10) - 1), 2 * eps, 'log');
  assert.deepEqual(signedLog(Float64Array.of(1, 1, 1, 1), 2), { sign: 0, log: -Infinity });
  assert.deepEqual(signedLog(new Float64Array(0), 0), { sign: 1, log: 0 });
});

test('the pseudoinverse of a matrix of any rank keeps Penrose’s four laws', () => {
  for (const [m, n, rank] of [
    [3, 3, 3],
    [5, 3, 3],
    [3, 5, 2],
    [4, 4, 1],
    [4, 2, 0],
    [6, 6, 4],
  ]) {
    const x = product(normal(m, rank, m), normal(rank, n, n));
    const { inverse, cut } = pseudoInverse(x[0], m, n, 1e-13);
    const p: Matrix = [inverse, n, m];
    const xp = product(x, p);
    const px = product(p, x);
    const bound = 1e-13 * (1 + largest(x[0])) * (1 + largest(p[0]));
    within(minus(product(xp, x), x), bound, 'A·P·A = A');
    within(minus(product(px, p), p), bound, 'P·A·P = P');
    within(minus(xp, transposed(xp)), bound, 'A·P symmetric');
    within(minus(px, transposed(px)), bound, 'P·A symmetric');
    within(cut, 1e-14, 'cut');
  }
  assert.equal(pseudoInverse(Float64Array.of(4, 0, 0, 1), 2, 2, 0.5).cut, 0.25);
  assert.deepEqual(pseudoInverse(Float64Array.of(4, 0, 0, 1), 2, 2, 0.5).inverse, Float64Array.of(0.25, 0, 0, 0));
  assert.deepEqual(minus([pseudoInverse(identity(3)[0], 3, 3, 0).inverse, 3, 3], identity(3)), 0);
});
