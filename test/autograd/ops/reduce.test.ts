import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { argmax, DTypeError, grad, max, mean, ShapeError, sum, tensor, zeros } from '../../../src/index.ts';
import { anyTensors, distinct } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';
import { groupsOf, reductions } from '../../harness/reductions.ts';

checkOp(sum, { inputs: reductions() });
checkOp(mean, { inputs: reductions({ minSize: 1 }) });
checkOp(max, { inputs: reductions({ minSize: 1, values: distinct }) });
checkOp(argmax, {
  inputs: anyTensors({ minRank: 1, minSize: 1 }).chain((x) =>
    fc.integer({ min: -x.rank, max: x.rank - 1 }).map((axis) => ({ inputs: [x], attrs: { axis } })),
  ),
});

test('sum, mean and max agree with their definition, element by element', () => {
  fc.assert(
    fc.property(reductions({ minSize: 1 }), ({ inputs: [x], attrs }) => {
      const expected = groupsOf(x, attrs);
      const total = (values: readonly number[]) => values.reduce((s, v) => s + v, 0);
      assert.deepEqual([...sum(x, attrs).data], expected.map(total));
      assert.deepEqual(
        [...mean(x, attrs).data],
        expected.map((values) => total(values) / values.length),
      );
      assert.deepEqual(
        [...max(x, attrs).data],
        expected.map((values) => Math.max(...values)),
      );
      const { axis = x.shape.map((_, i) => i) } = attrs;
      const axes = [axis].flat().map((a) => (a < 0 ? a + x.rank : a));
      const shape = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
      assert.deepEqual(sum(x, attrs).shape, attrs.keepDims ? shape : x.shape.filter((_, i) => !axes.includes(i)));
    }),
  );
});

test('over no elements: the sum is 0, the mean NaN, and there is no maximum', () => {
  assertHolds(sum(zeros([2, 0]), { axis: 1 }), [0, 0]);
  assertHolds(sum(zeros([0])), 0);
  assertHolds(mean(zeros([2, 0]), { axis: 1 }), [Number.NaN, Number.NaN]);
  assertHolds(sum(zeros([2, 0]), { axis: 0 }), []);
  assertRefuses(() => max(zeros([2, 0])), ShapeError, 'max', /no elements/);
  assertRefuses(() => argmax(zeros([2, 0])), ShapeError, 'argmax', /empty/);
  assertHolds(max(zeros([0, 2]), { axis: 1 }), []);
  assertHolds(argmax(zeros([0, 2])), []);
});

test('sums of float32 are accumulated in float64; of bool counted in int32', () => {
  const values = Array.from({ length: 1001 }, (_, i) => (i === 0 ? 2 ** 24 : 1));
  assert.equal(sum(tensor(values)).item(), 2 ** 24 + 1000);
  const many = sum(tensor(Array.from({ length: 300 }, () => true)));
  assert.equal(many.item(), 300);
  assert.equal(many.dtype, 'int32');
  assert.equal(sum(tensor([1, 2], { dtype: 'int32' })).dtype, 'int32');
});

test('the mean of integers and of masks is refused', () => {
  assertRefuses(() => mean(tensor([1, 2], { dtype: 'int32' })), DTypeError, 'mean', /int32/);
  assertRefuses(() => mean(tensor([true])), DTypeError, 'mean', /bool/);
});

test('max: NaN wins, −∞ over nothing else; argmax: the first of the largest, or the first NaN', () => {
  const { NaN: nan } = Number;
  const x = tensor([
    [1, 3, 3],
    [nan, 9, nan],
    [-Infinity, -Infinity, -Infinity],
    [2, nan, 5],
  ]);
  assertHolds(max(x, { axis: 1 }), [3, nan, -Infinity, nan]);
  assertHolds(argmax(x), [1, 0, 0, 1]);
  assertHolds(argmax(x, { axis: 0 }), [1, 3, 1]);
});

test('max: ties share the gradient evenly', () => {
  const x = tensor(
    [
      [1, 3, 3],
      [2, 2, 2],
      [5, 4, 0],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  assertHolds(grad(sum(max(x, { axis: 1 })), [x])[0], [
    [0, 0.5, 0.5],
    [1 / 3, 1 / 3, 1 / 3],
    [1, 0, 0],
  ]);
  assertHolds(grad(max(x), [x])[0], [
    [0, 0, 0],
    [0, 0, 0],
    [1, 0, 0],
  ]);
  const low = tensor([-Infinity, -Infinity], { dtype: 'float64', requiresGrad: true });
  assertHolds(grad(max(low), [low])[0], [0.5, 0.5]);
});

test('axes that do not exist or repeat are refused under the name that was called', () => {
  const x = zeros([2, 3]);
  for (const op of [sum, mean, max]) {
    assertRefuses(() => op(x, { axis: 2 }), ShapeError, op.record.name, /axis 2 does not exist/);
    assertRefuses(() => op(x, { axis: [0, -2] }), ShapeError, op.record.name, /repeat/);
  }
  assertRefuses(() => argmax(x, { axis: -3 }), ShapeError, 'argmax', /axis -3/);
  assertRefuses(() => argmax(tensor(1)), ShapeError, 'argmax');
});
