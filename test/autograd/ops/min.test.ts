import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { neg } from '../../../src/autograd/ops/arithmetic.ts';
import { argmax, argmin, max, min } from '../../../src/autograd/ops/reduce.ts';
import { DomainError, grad, ShapeError, sum, tensor, zeros } from '../../../src/index.ts';
import { anyTensors, distinct } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';
import { groupsOf, reductions } from '../../harness/reductions.ts';

const alongAxis = anyTensors({ minRank: 1, minSize: 1 }).chain((x) =>
  fc
    .record({ axis: fc.integer({ min: -x.rank, max: x.rank - 1 }), keepDims: fc.boolean() })
    .map((attrs) => ({ inputs: [x], attrs })),
);

checkOp(min, { inputs: reductions({ minSize: 1, values: distinct }) });
checkOp(argmin, { inputs: alongAxis });

const { NaN: nan } = Number;

test('min is the least of its elements, and −max of −x, ties and gradients included', () => {
  fc.assert(
    fc.property(reductions({ minSize: 1 }), ({ inputs: [x], attrs }) => {
      const least = groupsOf(x, attrs).map((values) => Math.min(...values));
      assert.deepEqual([...min(x, attrs).data], least);
      const [a, b] = [0, 0].map(() => tensor(x.data, { shape: x.shape, requiresGrad: true }));
      const [low, high] = [sum(min(a, attrs)), neg(sum(max(neg(b), attrs)))];
      assertSame(grad(low, [a])[0], grad(high, [b])[0], 'gradient');
    }),
  );
});

test('argmin is argmax of −x; keepDims leaves the axis at size 1', () => {
  fc.assert(
    fc.property(alongAxis, ({ inputs: [x], attrs }) => {
      const index = argmin(x, attrs);
      assertSame(index, argmax(neg(x), attrs), 'index');
      const shape = x.shape.map((n, i) => (i === (attrs.axis + x.rank) % x.rank ? 1 : n));
      if (attrs.keepDims) assert.deepEqual(index.shape, shape);
      else assert.deepEqual([...index.data], [...argmin(x, { axis: attrs.axis, keepDims: true }).data]);
    }),
  );
});

test('min: NaN wins, ∞ over nothing else, ties share the gradient; argmin: the first', () => {
  const x = tensor([
    [3, 1, 1],
    [nan, -9, nan],
    [Infinity, Infinity, Infinity],
    [2, nan, -5],
  ]);
  assertHolds(min(x, { axis: 1 }), [1, nan, Infinity, nan]);
  assertHolds(argmin(x), [1, 0, 0, 1]);
  assertHolds(argmin(x, { axis: 0, keepDims: true }), [[1, 3, 1]]);
  const y = tensor([2, 1, 1, 1], { dtype: 'float64', requiresGrad: true });
  assertHolds(grad(min(y), [y])[0], [0, 1 / 3, 1 / 3, 1 / 3]);
  assertHolds(min(tensor([3, -4], { dtype: 'int32' })), -4);
  assertHolds(min(tensor([true, false])), false);
});

test('there is no least of no elements, and no axis that does not exist', () => {
  assertRefuses(() => min(zeros([2, 0])), ShapeError, 'min', /no elements/);
  assertRefuses(() => argmin(zeros([2, 0])), ShapeError, 'argmin', /empty/);
  assertHolds(min(zeros([0, 2]), { axis: 1 }), []);
  for (const op of [argmin, argmax]) {
    for (const axis of [2, -3, nan, 0.5, [0], '1', null])
      assertRefuses(() => op(zeros([2, 3]), { axis } as never), ShapeError, op.record.name);
    for (const bad of [0, { dim: 0 }, { keepDims: 'yes' }])
      assertRefuses(() => op(zeros([2, 3]), bad as never), DomainError, op.record.name);
    assertRefuses(() => op(tensor(1)), ShapeError, op.record.name);
  }
  for (const bad of [1, { keepDims: 0 }, { dim: 1 }])
    for (const op of [min, max, sum]) assertRefuses(() => op(zeros([2]), bad as never), DomainError, op.record.name);
});
