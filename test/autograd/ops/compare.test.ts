import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equal, grad, greater, less, sum, tensor, where } from '../../../src/index.ts';
import { assertHolds } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

for (const op of [equal, greater, less]) checkOp(op);
checkOp(where);

const { NaN: nan } = Number;

test('comparisons by hand: NaN equals nothing and is neither greater nor less', () => {
  const a = tensor([1, 2, 3, nan, Infinity, 0]);
  const b = tensor([1, 3, 2, nan, Infinity, -0]);
  assertHolds(equal(a, b), [true, false, false, false, true, true]);
  assertHolds(greater(a, b), [false, false, true, false, false, false]);
  assertHolds(less(a, b), [false, true, false, false, false, false]);
  assertHolds(equal(tensor([1, 2], { dtype: 'int32' }), 2), [false, true]);
  assertHolds(equal(tensor([true, false]), 1), [true, false]);
  assertHolds(greater(tensor([[1], [2]]), tensor([0, 1])), [
    [true, false],
    [true, true],
  ]);
});

test('where: values by hand, with numbers for either branch', () => {
  const condition = tensor([true, false, true]);
  assertHolds(where(condition, tensor([1, 2, 3]), tensor([10, 20, 30])), [1, 20, 3]);
  assertHolds(where(condition, tensor([1, 2, 3], { dtype: 'float64' }), 0), [1, 0, 3]);
  assertHolds(where(condition, 0.5, tensor([1, 2, 3])), [0.5, 2, 0.5]);
  assertHolds(where(condition, 1.5, 2.5), [1.5, 2.5, 1.5]);
  assertHolds(where(tensor([[true], [false]]), tensor([1, 2]), 0), [
    [1, 2],
    [0, 0],
  ]);
});

test('where: the gradient goes to the branch that was chosen, also past NaN and infinity in the other', () => {
  const a = tensor([1, nan], { dtype: 'float64', requiresGrad: true });
  const b = tensor([Infinity, 4], { dtype: 'float64', requiresGrad: true });
  const y = where(tensor([true, false]), a, b);
  assertHolds(y, [1, 4]);
  const [da, db] = grad(sum(y), [a, b]);
  assertHolds(da, [1, 0]);
  assertHolds(db, [0, 1]);
});

test('where: no gradient for the condition, and one for a scalar branch', () => {
  const c = tensor(2, { dtype: 'float64', requiresGrad: true });
  const y = where(tensor([true, true, false]), c, 7);
  assertHolds(grad(sum(y), [c])[0], 2);
  assert.equal(where(tensor([true]), 1, 2).requiresGrad, false);
});
