import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { centre, logSumExp, norm, std, variance } from '../../../src/autograd/ops/statistics.ts';
import { DomainError, DTypeError, grad, ShapeError, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { anyTensors, awayFromZero, distinct, type Values } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';
import { groupsOf, reductions } from '../../harness/reductions.ts';

/** Of different sizes, at least 1/16 apart, of either sign. */
const unequalSizes: Values = (size) =>
  distinct(size).map((xs) => xs.map((x, i) => (i % 2 === 0 ? 1 : -1) * (x + size / 32 + 1)));

const spreads = reductions(
  { minSize: 1, values: distinct },
  fc.constantFrom<{ correction?: number }>({}, { correction: 0 }, { correction: 1.5 }),
).filter(({ inputs: [x], attrs }) => groupsOf(x, attrs).every((values) => values.length >= 2));
const options = { inputs: spreads, difference: { atol: 1e-5, rtol: 1e-5 } };

checkOp(variance, options);
checkOp(std, options);
checkOp(centre, {
  inputs: anyTensors({ minRank: 1 }).chain((x) =>
    fc.integer({ min: -x.rank, max: x.rank - 1 }).map((axis) => ({ inputs: [x], attrs: { axis } })),
  ),
});
checkOp(logSumExp, { inputs: reductions({ minSize: 1 }) });
checkOp(norm, {
  inputs: fc.oneof(
    reductions({ values: awayFromZero() }, fc.constant({ p: 1 })),
    reductions({ values: awayFromZero() }, fc.constantFrom<{ p?: number }>({ p: 2 }, {})),
    reductions({ minSize: 1, values: unequalSizes }, fc.constant({ p: Infinity })),
  ),
});

const { NaN: nan } = Number;
const double = (values: Parameters<typeof tensor>[0]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const slope = (op: (x: Tensor) => Tensor, values: number[]): Tensor => {
  const x = double(values);
  return grad(sum(op(x)), [x])[0];
};
const total = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0);

test('each agrees with its definition over the elements that are reduced', () => {
  const close = (y: Tensor, expected: readonly number[], what: string): void =>
    assertClose(y, tensor([...expected], { dtype: 'float64', shape: y.shape }), 1e-14, what);
  fc.assert(
    fc.property(reductions({ minSize: 1 }), fc.constantFrom(0, 1, 2), ({ inputs: [x], attrs }, correction) => {
      const groups = groupsOf(x, attrs);
      const spread = groups.map((v) => {
        const mean = total(v) / v.length;
        return total(v.map((e) => (e - mean) ** 2)) / (v.length - correction);
      });
      if (groups.every((v) => v.length > correction)) {
        close(variance(x, { ...attrs, correction }), spread, 'variance');
        close(std(x, { ...attrs, correction }), spread.map(Math.sqrt), 'std');
      }
      close(
        logSumExp(x, attrs),
        groups.map((v) => Math.log(total(v.map(Math.exp)))),
        'logSumExp',
      );
      close(
        norm(x, { ...attrs, p: 1 }),
        groups.map((v) => total(v.map(Math.abs))),
        '1-norm',
      );
      close(
        norm(x, attrs),
        groups.map((v) => Math.hypot(...v)),
        '2-norm',
      );
      close(
        norm(x, { ...attrs, p: Infinity }),
        groups.map((v) => Math.max(...v.map(Math.abs))),
        '∞-norm',
      );
    }),
  );
});

test('variance and std keep their digits beside a large mean, and are 0 for equal numbers exactly', () => {
  const shifted = (shift: number): Tensor => double([1, 2, 4, 8].map((v) => v + shift));
  for (const shift of [1e9, -1e12, 2 ** 49]) {
    assertSame(variance(shifted(shift)), variance(shifted(0)), 'variance');
    assertClose(centre(shifted(shift)), centre(shifted(0)), 1e-15, 'centre');
  }
  for (const dtype of ['float32', 'float64'] as const)
    for (const v of [0.1, 1e-300, 1e30, -7]) {
      const same = tensor([v, v, v, v, v, v, v], { dtype });
      assertHolds(variance(same), 0);
      assertHolds(centre(same), [0, 0, 0, 0, 0, 0, 0]);
    }
});

test('std of equal numbers has the gradient 0, to the second order', () => {
  const x = double([3, 3, 3]);
  const [g] = grad(std(x), [x], { createGraph: true });
  assertHolds(g, [0, 0, 0]);
  assert.ok(grad(sum(g), [x])[0].data.every((v) => v === 0));
});

test('variance without a degree of freedom: NaN, or ∞ for unequal numbers', () => {
  assertHolds(variance(double([2])), nan);
  assertHolds(variance(double([2]), { correction: 0 }), 0);
  assertHolds(variance(double([2, 3]), { correction: 2 }), Infinity);
  assertHolds(variance(zeros([2, 0]), { axis: 1 }), [nan, nan]);
  assertHolds(variance(double([1, Infinity])), nan);
});

test('logSumExp: large numbers, −∞, ∞, NaN and nothing', () => {
  assertHolds(logSumExp(double([1000, 1000])), 1000 + Math.LN2);
  assertHolds(logSumExp(double([-1000, -1000])), -1000 + Math.LN2);
  assertHolds(logSumExp(double([0, -40])), Math.log1p(Math.exp(-40)));
  assertHolds(logSumExp(double([0, -700])), Math.exp(-700));
  assertHolds(logSumExp(double([1, -Infinity])), 1);
  assertHolds(logSumExp(double([-Infinity, -Infinity])), -Infinity);
  assertHolds(logSumExp(double([Infinity, 1, -Infinity])), Infinity);
  assertHolds(logSumExp(double([Infinity, nan])), nan);
  assertHolds(logSumExp(zeros([2, 0]), { axis: 1 }), [-Infinity, -Infinity]);
});

test('logSumExp: the gradient is softmax, 0 in a row of −∞', () => {
  assertClose(slope(logSumExp, [5, 5]), double([0.5, 0.5]), 1e-15, 'halves');
  assertHolds(slope(logSumExp, [1, -Infinity]), [1, 0]);
  assertHolds(slope(logSumExp, [-Infinity, -Infinity]), [0, 0]);
  const x = double([-Infinity, -Infinity]);
  const [g] = grad(logSumExp(x), [x], { createGraph: true });
  assert.ok(grad(sum(g), [x])[0].data.every((v) => v === 0));
});

test('norm: neither the squares of large numbers nor those of small ones are lost', () => {
  for (const scale of [2 ** 1000, 2 ** -1000, 1, 2 ** -1070])
    assertHolds(norm(double([3 * scale, -4 * scale])), 5 * scale);
  assertHolds(norm(tensor([3e30, 4e30])), Math.fround(Math.hypot(Math.fround(3e30), Math.fround(4e30))));
  assertHolds(norm(double([1e-200, 1])), 1);
  for (const p of [1, 2, Infinity]) {
    assertHolds(norm(double([nan, Infinity]), { p }), nan);
    assertHolds(norm(double([1, -Infinity]), { p }), Infinity);
  }
});

test('norm: the gradient of a zero vector is 0, of a large or small one a unit vector', () => {
  for (const p of [1, 2, Infinity]) {
    const x = double([0, 0, 0]);
    const y = norm(x, { p });
    assertHolds(y, 0);
    const [g] = grad(y, [x], { createGraph: true });
    assertHolds(g, [0, 0, 0]);
    if (p === 2) assert.ok(grad(sum(g), [x])[0].data.every((v) => v === 0));
  }
  for (const scale of [2 ** 1000, 2 ** -1070])
    assertClose(slope(norm, [3 * scale, -4 * scale]), double([0.6, -0.8]), 1e-15, 'unit');
  assertHolds(
    slope((x) => norm(x, { p: 1 }), [2, -3, 0]),
    [1, -1, 0],
  );
  assertHolds(
    slope((x) => norm(x, { p: Infinity }), [3, -3, 1, 3]),
    [1 / 3, -1 / 3, 0, 1 / 3],
  );
});

test('norm over no elements: 0, but there is no largest', () => {
  assertHolds(norm(zeros([2, 0]), { axis: 1 }), [0, 0]);
  assertHolds(norm(zeros([0]), { p: 1 }), 0);
  assertRefuses(() => norm(zeros([0]), { p: Infinity }), ShapeError, 'norm', /no elements/);
});

test('what is not an axis, a float or an option is refused under the name that was called', () => {
  const x = zeros([2, 3]);
  for (const op of [variance, std, logSumExp, norm]) {
    const { name } = op.record;
    for (const axis of [2, nan, 0.5, [0, -2], '0', null])
      assertRefuses(() => op(x, { axis } as never), ShapeError, name);
    for (const bad of [1, [0], { dim: 0 }, { keepDims: 1 }])
      assertRefuses(() => op(x, bad as never), DomainError, name);
    assertRefuses(() => op(zeros([2], { dtype: 'int32' })), DTypeError, name, /int32/);
  }
  for (const correction of [nan, Infinity, '1'])
    for (const op of [variance, std]) assertRefuses(() => op(x, { correction } as never), DomainError, op.record.name);
  for (const p of [0, 3, -1, nan, '2']) assertRefuses(() => norm(x, { p } as never), DomainError, 'norm', /p is/);
  for (const axis of [2, nan, [0]]) assertRefuses(() => centre(x, { axis } as never), ShapeError, 'centre');
  assertRefuses(() => centre(x, { keepDims: true } as never), DomainError, 'centre');
});
