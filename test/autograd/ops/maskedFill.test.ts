import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskedFill } from '../../../src/autograd/ops/maskedFill.ts';
import { DomainError, DTypeError, grad, ShapeError, softmax, sum, tensor, zeros } from '../../../src/index.ts';
import { narrowed, shapes, tensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { broadcastAt, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(maskedFill, { attrs: [0, 1] });

const pairs = shapes().chain((wide) =>
  fc.tuple(
    narrowed(wide).chain((shape) => tensors(shape)),
    narrowed(wide).chain((shape) => tensors(shape, { dtype: 'bool' })),
  ),
);

test('element i is the value where mask[i] holds, else x[i], both broadcast', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(7.5, -Infinity, Number.NaN), ([x, mask], value) => {
      const y = maskedFill(x, mask, value);
      const expected = valuesOf(y.shape, (i) => (broadcastAt(mask, i) ? value : broadcastAt(x, i)));
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('a place that is filled with −∞ gets no gradient, and spoils none', () => {
  const x = tensor([1, 2, Number.NaN], { requiresGrad: true });
  const mask = tensor([false, false, true]);
  const y = softmax(maskedFill(x, mask, -Infinity));
  assert.equal(y.data[2], 0);
  const [g] = grad(y, [x], { gradOutputs: [tensor([1, 0, 5])] });
  assert.equal(g.data[2], 0);
  assert.ok(g.data.every(Number.isFinite) && g.data[0] === -g.data[1]);
  const narrow = tensor([1], { requiresGrad: true });
  assertHolds(grad(sum(maskedFill(narrow, mask, 9)), [narrow])[0], [2]);
});

test('any dtype that can hold the value; others are refused by name', () => {
  const mask = tensor([true, false]);
  assertHolds(maskedFill(tensor([1, 2], { dtype: 'int32' }), mask, -7), [-7, 2]);
  assertHolds(maskedFill(tensor([false, false]), mask, 1), [true, false]);
  assertRefuses(
    () => maskedFill(tensor([1, 2], { dtype: 'int32' }), mask, 0.5),
    DTypeError,
    'maskedFill',
    /cannot hold 0.5/,
  );
  assertRefuses(() => maskedFill(mask, mask, 2), DTypeError, 'maskedFill', /cannot hold 2/);
  assertRefuses(() => maskedFill(zeros([2]), zeros([2]), 0), DTypeError, 'maskedFill', /needs bool/);
  assertRefuses(() => maskedFill(zeros([3]), mask, 0), ShapeError, 'maskedFill', /broadcast/);
  for (const value of ['1', null, undefined, tensor(1), [1]] as never[])
    assertRefuses(() => maskedFill(zeros([2]), mask, value), DomainError, 'maskedFill', /value is a number/);
});
