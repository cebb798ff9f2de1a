import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  abs,
  add,
  DTypeError,
  div,
  grad,
  mul,
  neg,
  type Operand,
  sign,
  square,
  sub,
  sum,
  tensor,
} from '../../../src/index.ts';
import { awayFromZero } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

for (const op of [add, sub, mul]) checkOp(op);
for (const op of [neg, square]) checkOp(op);
checkOp(div, { values: awayFromZero(0.5) });
for (const op of [abs, sign]) checkOp(op, { values: awayFromZero() });

const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });

test('arithmetic: values by hand, broadcast', () => {
  const a = tensor([
    [1, 2],
    [3, 4],
  ]);
  const b = tensor([10, 20]);
  assertHolds(add(a, b), [
    [11, 22],
    [13, 24],
  ]);
  assertHolds(sub(a, tensor([[1], [2]])), [
    [0, 1],
    [1, 2],
  ]);
  assertHolds(mul(a, b), [
    [10, 40],
    [30, 80],
  ]);
  assertHolds(div(b, a), [[10, 10], [10 / 3, 5].map(Math.fround)]);
  assertHolds(neg(b), [-10, -20]);
  assertHolds(square(tensor([-3, 0, 2])), [9, 0, 4]);
});

test('a number on either side takes the dtype of the tensor', () => {
  const ops: readonly [(a: Operand, b: Operand) => ReturnType<typeof add>, (a: number, b: number) => number][] = [
    [add, (a, b) => a + b],
    [sub, (a, b) => a - b],
    [mul, (a, b) => a * b],
    [div, (a, b) => a / b],
  ];
  for (const dtype of ['float32', 'float64'] as const)
    for (const [op, expected] of ops) {
      const round = dtype === 'float32' ? Math.fround : Number;
      const x = tensor([0.1, 7], { dtype });
      const held = [...x.data];
      assert.equal(op(x, 3).dtype, dtype);
      assertHolds(
        op(x, 3),
        held.map((v) => round(expected(v, 3))),
      );
      assertHolds(
        op(3, x),
        held.map((v) => round(expected(3, v))),
      );
    }
  const whole = tensor([4, 6], { dtype: 'int32' });
  assertHolds(mul(whole, -2), [-8, -12]);
  assert.equal(add(whole, 1).dtype, 'int32');
  assertRefuses(() => add(whole, 0.5), DTypeError, 'add', /0\.5 is not an int32/);
  assertHolds(add(1, 2), 3);
  assert.equal(add(1, 2).dtype, 'float32');
});

test('masks are not numbers: they are counted, not added', () => {
  const mask = tensor([true, false]);
  for (const op of [add, sub, mul]) assertRefuses(() => op(mask, mask), DTypeError, op.record.name, /bool/);
  assertRefuses(() => div(tensor([4], { dtype: 'int32' }), 2), DTypeError, 'div', /int32/);
});

test('division follows IEEE 754 at zero', () => {
  assertHolds(div(tensor([1, -1, 0]), tensor([0, 0, 0])), [Infinity, -Infinity, Number.NaN]);
  assertHolds(div(tensor([1, 1]), tensor([Infinity, -Infinity])), [0, -0]);
});

test('abs and sign: 0 at a kink, −0 and NaN kept', () => {
  const x = double([-2, -0, 0, 3, Number.NaN, -Infinity]);
  assertHolds(abs(x), [2, 0, 0, 3, Number.NaN, Infinity]);
  assertHolds(sign(x), [-1, -0, 0, 1, Number.NaN, -1]);
  assertHolds(grad(sum(abs(x)), [x])[0], [-1, -0, 0, 1, Number.NaN, -1]);
});

test('the same tensor on both sides gets both gradients', () => {
  const x = double([2, -3]);
  assertHolds(grad(sum(add(x, x)), [x])[0], [2, 2]);
  assertHolds(grad(sum(sub(x, x)), [x])[0], [0, 0]);
  assertHolds(grad(sum(mul(x, x)), [x])[0], [4, -6]);
  assertHolds(grad(sum(div(x, x)), [x])[0], [0, 0]);
});

test('the gradient of a broadcast operand is the sum over what it was repeated along', () => {
  const a = tensor([[1, 2, 3]], { dtype: 'float64', requiresGrad: true });
  const b = tensor([[10], [20]], { dtype: 'float64', requiresGrad: true });
  const [da, db] = grad(sum(mul(a, b)), [a, b]);
  assertHolds(da, [[30, 30, 30]]);
  assertHolds(db, [[6], [6]]);
});
