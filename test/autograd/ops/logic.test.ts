import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  greaterEqual,
  isFinite as isFiniteOp,
  isInf,
  isNaN as isNaNOp,
  lessEqual,
  notEqual,
} from '../../../src/autograd/ops/compare.ts';
import { logicalAnd, logicalNot, logicalOr, logicalXor } from '../../../src/autograd/ops/logic.ts';
import { DTypeError, tensor, where } from '../../../src/index.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

for (const op of [notEqual, greaterEqual, lessEqual]) checkOp(op);
for (const op of [logicalAnd, logicalOr, logicalXor]) checkOp(op);
checkOp(logicalNot);
for (const op of [isNaNOp, isFiniteOp, isInf]) checkOp(op);

const { NaN: nan } = Number;

test('logic: the truth tables, broadcast, with 0 and 1 for numbers', () => {
  const [p, q] = [tensor([true, true, false, false]), tensor([true, false, true, false])];
  assertHolds(logicalAnd(p, q), [true, false, false, false]);
  assertHolds(logicalOr(p, q), [true, true, true, false]);
  assertHolds(logicalXor(p, q), [false, true, true, false]);
  assertHolds(logicalNot(p), [false, false, true, true]);
  assertHolds(logicalAnd(tensor([[true], [false]]), tensor([true, false])), [
    [true, false],
    [false, false],
  ]);
  assertHolds(logicalOr(p, 0), [true, true, false, false]);
  assert.equal(logicalXor(p, q).dtype, 'bool');
});

test('logic takes bool alone', () => {
  for (const op of [logicalAnd, logicalOr, logicalXor])
    assertRefuses(() => op(tensor([true]), tensor([1])), DTypeError, op.record.name, /bool/);
  assertRefuses(() => logicalNot(tensor([1])), DTypeError, 'logicalNot', /bool/);
  assertRefuses(() => logicalAnd(tensor([true]), 2), DTypeError, 'logicalAnd');
});

test('comparisons: NaN differs from everything, itself too, and is on no side of anything', () => {
  const a = tensor([1, 2, 3, nan, Infinity, 0]);
  const b = tensor([1, 3, 2, nan, Infinity, -0]);
  assertHolds(notEqual(a, b), [false, true, true, true, false, false]);
  assertHolds(greaterEqual(a, b), [true, false, true, false, true, true]);
  assertHolds(lessEqual(a, b), [true, true, false, false, true, true]);
  assertHolds(lessEqual(tensor([1, 2], { dtype: 'int32' }), 1), [true, false]);
});

test('isNaN, isFinite and isInf: every float is one of them, int32 and bool are finite', () => {
  const x = tensor([0, -1.5, nan, Infinity, -Infinity]);
  assertHolds(isNaNOp(x), [false, false, true, false, false]);
  assertHolds(isFiniteOp(x), [true, true, false, false, false]);
  assertHolds(isInf(x), [false, false, false, true, true]);
  for (const other of [tensor([1, 2], { dtype: 'int32' }), tensor([true, false])]) {
    assertHolds(isNaNOp(other), [false, false]);
    assertHolds(isFiniteOp(other), [true, true]);
    assertHolds(isInf(other), [false, false]);
  }
});

test('where chooses between tensors of any one dtype', () => {
  const pick = tensor([true, false]);
  assertHolds(where(pick, tensor([1, 2], { dtype: 'int32' }), -1), [1, -1]);
  assertHolds(where(pick, tensor([false, false]), tensor([true, true])), [false, true]);
  assertRefuses(() => where(pick, tensor([1, 2], { dtype: 'int32' }), tensor([1, 2])), DTypeError, 'where', /int32/);
});
