import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError, ShapeError } from '../../../src/tensor/errors.ts';
import { symmetricEigen } from '../../../src/tensor/linalg/eigh.ts';
import { thinSvd } from '../../../src/tensor/linalg/svd.ts';
import { assertRefuses } from '../../harness/compare.ts';
import {
  at,
  defect,
  eps,
  graded,
  hadamard,
  largest,
  type Matrix,
  make,
  map,
  norm,
  normal,
  orthogonal,
  product,
  range,
  transposed,
  unit,
  within,
} from './matrices.ts';

const symmetrised = (x: Matrix): Matrix => map(x, (value, i, j) => (value + at(x, j, i)) / 2);

/** Q·diag(values)·Qᵀ, symmetric to the last bit. */
const spectral = (values: readonly number[], seed: number): Matrix => {
  const n = values.length;
  const q = orthogonal(n, seed);
  return symmetrised(
    product(
      q,
      product(
        make(n, n, (i, j) => (i === j ? (values[i] as number) : 0)),
        transposed(q),
      ),
    ),
  );
};

/** Checks everything that holds for every symmetric matrix; gives the eigenvalues. */
function check(x: Matrix, what: string): Float64Array {
  const [a, n] = x;
  const { values, vt } = symmetricEigen('eigh', a, n, true);
  assert.ok(vt !== null, what);
  const scale = unit(largest(values));
  within(defect(vt, n, n), 4 * eps * (4 + Math.sqrt(n)), `${what}: orthogonality`);
  for (let i = 0; i + 1 < n; i++) assert.ok((values[i] as number) <= (values[i + 1] as number), `${what}: order`);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    const row = vt.subarray(i * n, (i + 1) * n);
    const rest = make(n, 1, (j) => {
      let sum = -(values[i] as number) * scale * (row[j] as number);
      for (let t = 0; t < n; t++) sum += (a[j * n + t] as number) * scale * (row[t] as number);
      return sum;
    });
    worst = Math.max(worst, norm(rest[0]));
    const sizes = [...row].map(Math.abs);
    assert.ok((row[sizes.indexOf(Math.max(...sizes))] as number) > 0, `${what}: sign of vector ${i}`);
  }
  within(worst, 8 * eps * (4 + Math.sqrt(n)), `${what}: |A·v − λ·v|`);
  assert.deepEqual(symmetricEigen('eigh', a, n, false), { values, vt: null }, `${what}: values alone`);
  assert.deepEqual(symmetricEigen('eigh', a.slice(), n, true), { values, vt }, `${what}: twice`);
  return values;
}

/** Largest difference, as a share of the largest expected value. */
const apart = (values: Float64Array, expected: readonly number[]): number =>
  largest(values.map((value, i) => value - (expected[i] as number))) / largest(Float64Array.from(expected));

test('random matrices of every size up to 20, and of 64', () => {
  for (const n of [...range(21), 64]) {
    const x = symmetrised(normal(n, n, n + 1));
    const values = check(x, `${n}`);
    const sizes = [...values].map(Math.abs).sort((p, q) => q - p);
    if (n > 0 && n < 65) within(apart(thinSvd(...x).s, sizes), n * eps, `${n}: singular values`);
  }
});

test('right to n·eps·|A| and orthogonal, also for clusters and at 256', () => {
  for (const values of [
    range(256).map((i) => Math.floor(i / 64) - 1),
    range(80),
    range(80).map((i) => 1 + i * eps),
    range(80).map((i) => graded(-12, 0, i, 80)),
  ]) {
    const n = values.length;
    within(apart(check(spectral(values, 3), `${n}`), values), n * eps, 'eigenvalues');
  }
});

test('the second difference matrix: 2 − 2·cos(πi/(n + 1))', () => {
  for (const n of [1, 2, 7, 100]) {
    const x = make(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
    const expected = range(n).map((i) => 4 * Math.sin((Math.PI * (i + 1)) / (2 * n + 2)) ** 2);
    within(apart(check(x, `${n}`), expected), (n + 1) * eps, 'eigenvalues');
  }
});

test('matrices of structure: zero, identity, exchange, Hadamard, rank one, ones beside zeros', () => {
  const cases: [string, Matrix, number[]][] = [
    ['zero', make(4, 4, () => 0), [0, 0, 0, 0]],
    ['identity', make(4, 4, (i, j) => (i === j ? 1 : 0)), [1, 1, 1, 1]],
    ['diagonal', make(3, 3, (i, j) => (i === j ? 3 - i : 0)), [1, 2, 3]],
    ['exchange', make(6, 6, (i, j) => (i + j === 5 ? 1 : 0)), [-1, -1, -1, 1, 1, 1]],
    ['Hadamard', hadamard(16), range(16).map((i) => (i < 8 ? -4 : 4))],
    ['ones', make(9, 9, () => 1), [0, 0, 0, 0, 0, 0, 0, 0, 9]],
    ['ones beside zeros', make(4, 4, (i, j) => (i < 2 && j < 2 ? 1 : 0)), [0, 0, 0, 2]],
  ];
  for (const [what, x, expected] of cases) {
    const top = largest(Float64Array.from(expected));
    within(largest(check(x, what).map((value, i) => value - expected[i])), x[1] * eps * top, what);
  }
});

test('Wilkinson’s matrix of 21: pairs of eigenvalues that agree to ten digits', () => {
  const values = check(
    make(21, 21, (i, j) => (i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0)),
    'W21',
  );
  within(Math.abs((values[20] as number) - 10.746194182903393), 1e-14, 'largest');
  within(Math.abs((values[19] as number) - 10.746194182903322), 1e-14, 'next');
  within(Math.abs((values[0] as number) + 1.1254415221199814), 1e-14, 'smallest');
});

test('from 2^−1074 to 2^1022, and both in one matrix', () => {
  const x = symmetrised(normal(5, 5, 1));
  const values = symmetricEigen('eigh', x[0], 5, true);
  for (const power of [-900, -400, 400, 1000]) {
    const scaled = symmetricEigen('eigh', map(x, (value) => value * 2 ** power)[0], 5, true);
    assert.deepEqual(scaled, { values: values.values.map((value) => value * 2 ** power), vt: values.vt }, `2^${power}`);
  }
  check(
    make(3, 3, (i, j) => (i + j + 1) * 2 ** -1074),
    'denormal',
  );
  check(
    make(20, 20, (i, j) => graded(0, -300, Math.max(i, j), 20)),
    'graded down',
  );
  check(
    make(20, 20, (i, j) => graded(-300, 300, Math.min(i, j), 20)),
    'graded up',
  );
});

test('what couples a large and a small entry of the diagonal is dropped only when it is small beside both', () => {
  const { values } = symmetricEigen('eigh', Float64Array.of(1, 1e-17, 1e-17, 3e-34), 2, true);
  within(Math.abs(values[0] / 2e-34 - 1), 1e-12, 'the smaller');
});

test('an A that is not symmetric counts as its symmetric part', () => {
  const x = normal(6, 6, 4);
  assert.deepEqual(symmetricEigen('eigh', x[0], 6, true), symmetricEigen('eigh', symmetrised(x)[0], 6, true));
  assert.deepEqual(symmetricEigen('eigh', transposed(x)[0], 6, true), symmetricEigen('eigh', x[0], 6, true));
});

test('refusals name the op', () => {
  const run = (a: number[], n: number) => () => symmetricEigen('eigh', Float64Array.from(a), n, true);
  assertRefuses(run([1, 0, 0, NaN], 2), DomainError, 'eigh', /entry \(1, 1\) is NaN/);
  assertRefuses(run([Infinity], 1), DomainError, 'eigh', /Infinity/);
  assertRefuses(run([1, 2, 3], 2), ShapeError, 'eigh');
  assertRefuses(run([1e308, 1e308, 1e308, 1e308], 2), DomainError, 'eigh', /exceeds float64/);
});
