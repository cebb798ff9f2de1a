import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DomainError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  ShapeError,
  square,
  sum,
  tensor,
  zeros,
} from '../../../../src/index.ts';
import { type MatrixNormOrder, matrixNorm, svd, svdvals } from '../../../../src/linalg.ts';
import { anyTensors } from '../../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../../harness/compare.ts';
import { at, indices } from '../../../harness/naive.ts';
import { apart, batch, double, identity, rows, withValues } from './matrices.ts';

const orders: readonly MatrixNormOrder[] = ['fro', 'nuc', 1, 2, Infinity, -1, -2, -Infinity];

test('every order agrees with its definition', () => {
  fc.assert(
    fc.property(anyTensors({ minRank: 2, minSize: 1 }), fc.boolean(), (a, keepDims) => {
      const lead = a.shape.slice(0, -2);
      const [m, n] = a.shape.slice(-2);
      const expected = (value: (entry: (i: number, j: number) => number, which: number[]) => number) =>
        tensor(
          indices(lead).map((which) => value((i, j) => Math.abs(at(a, [...which, i, j])), which)),
          { shape: keepDims ? [...lead, 1, 1] : lead, dtype: 'float64' },
        );
      const [rows, columns] = [m, n].map((size) => Array.from({ length: size }, (_, i) => i));
      const total = (values: number[]) => values.reduce((s, v) => s + v, 0);
      const byColumn = (e: (i: number, j: number) => number) => columns.map((j) => total(rows.map((i) => e(i, j))));
      const byRow = (e: (i: number, j: number) => number) => rows.map((i) => total(columns.map((j) => e(i, j))));
      const values = (which: number[]) =>
        Array.from({ length: Math.min(m, n) }, (_, i) => at(svdvals(a), [...which, i]));
      const definitions: Record<string, ReturnType<typeof expected>> = {
        fro: expected((e) => Math.sqrt(total(byRow((i, j) => e(i, j) ** 2)))),
        nuc: expected((_, which) => total(values(which))),
        1: expected((e) => Math.max(...byColumn(e))),
        2: expected((_, which) => Math.max(...values(which))),
        Infinity: expected((e) => Math.max(...byRow(e))),
        '-1': expected((e) => Math.min(...byColumn(e))),
        '-2': expected((_, which) => Math.min(...values(which))),
        '-Infinity': expected((e) => Math.min(...byRow(e))),
      };
      for (const ord of orders) assertClose(matrixNorm(a, { ord, keepDims }), definitions[ord], 1e-13, `${ord}`);
      assertClose(matrixNorm(a), matrixNorm(a, { ord: 'fro' }), 0, 'default');
    }),
    { numRuns: 40 },
  );
});

test('by hand: [[3, 0], [-4, 0]]', () => {
  const a = rows([3, 0], [-4, 0]);
  const norms = orders.map((ord) => matrixNorm(a, { ord }).item());
  assertClose(double(norms), double([5, 5, 7, 5, 4, 0, 0, 3]), 1e-15, 'norms');
});

test('gradients: the difference quotient of both orders away from ties', () => {
  for (const [m, n] of [
    [3, 3],
    [4, 2],
    [2, 4],
  ])
    for (const ord of orders) {
      const a = batch([2], m, n, (rng) => withValues(m, n, apart(2, rng).concat(m === n ? [0.1] : []), rng), 6);
      a.requiresGrad = true;
      gradcheck((x) => matrixNorm(x, { ord }), [a]);
      gradgradcheck((x) => matrixNorm(x, { ord, keepDims: true }), [a], { fast: true });
    }
});

test('gradients by hand: U·Vt for nuc, u_1·v_1ᵀ for 2, ties shared evenly, zero at zero', () => {
  const a = batch([], 3, 4, (rng) => withValues(3, 4, [3, 2, 1], rng), 1);
  const [u, , vt] = svd(a);
  a.requiresGrad = true;
  assertClose(grad(matrixNorm(a, { ord: 'nuc' }), [a])[0], matmul(u, vt), 1e-14, 'nuc');
  const x = identity(2);
  x.requiresGrad = true;
  assertHolds(grad(matrixNorm(x, { ord: 2 }), [x])[0], rows([0.5, 0], [0, 0.5]).toArray());
  assertHolds(grad(matrixNorm(x, { ord: 1 }), [x])[0], rows([0.5, 0], [0, 0.5]).toArray());
  assertHolds(grad(matrixNorm(x, { ord: 'nuc' }), [x])[0], rows([1, 0], [0, 1]).toArray());
  const zero = zeros([2, 2], { dtype: 'float64', requiresGrad: true });
  assertHolds(grad(matrixNorm(zero), [zero])[0], rows([0, 0], [0, 0]).toArray());
  for (const ord of orders) assert.ok(grad(matrixNorm(zero, { ord }), [zero])[0].data.every(Number.isFinite), `${ord}`);
  // |A|² by two routes.
  assertClose(grad(sum(square(matrixNorm(a))), [a])[0], grad(sum(square(svdvals(a))), [a])[0], 1e-13, 'fro²');
});

test('empty matrices: fro and nuc are 0, an extreme of nothing is refused', () => {
  for (const shape of [
    [0, 0],
    [0, 2],
    [2, 0],
  ]) {
    const a = zeros(shape);
    assertHolds(matrixNorm(a), 0);
    assertHolds(matrixNorm(a, { ord: 'nuc' }), 0);
    assertRefuses(() => matrixNorm(a, { ord: 2 }), ShapeError, 'matrixNorm', /nothing/);
  }
  assertRefuses(() => matrixNorm(zeros([2, 0]), { ord: 1 }), ShapeError, 'matrixNorm', /nothing/);
  assertRefuses(() => matrixNorm(zeros([0, 2]), { ord: Infinity }), ShapeError, 'matrixNorm', /nothing/);
  assertHolds(matrixNorm(zeros([0, 2]), { ord: 1 }), 0);
  assert.deepEqual(matrixNorm(zeros([0, 2, 3]), { ord: 2 }).shape, [0]);
});

test('refusals: orders, options, NaN', () => {
  const a = rows([1, 2], [3, NaN]);
  for (const ord of [0, 3, NaN, 'frobenius', null])
    assertRefuses(() => matrixNorm(a, { ord: ord as number }), DomainError, 'matrixNorm', /ord is fro, nuc/);
  for (const ord of ['nuc', 2, -2] as const)
    assertRefuses(() => matrixNorm(a, { ord }), DomainError, 'matrixNorm', /\(1, 1\) is NaN/);
  for (const ord of ['fro', 1, Infinity] as const) assertHolds(matrixNorm(a, { ord }), NaN);
  assertRefuses(() => matrixNorm(double([1, 2] as never)), ShapeError, 'matrixNorm');
});
