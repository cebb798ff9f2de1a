import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lerp } from '../../../src/autograd/ops/arithmetic.ts';
import { abs, DTypeError, grad, mul, neg, ShapeError, sign, square, sum, tensor, zeros } from '../../../src/index.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(lerp);

const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });

test('lerp: values by hand, with a number or a tensor for the weight, inside and outside 0..1', () => {
  const [a, b] = [double([0, 10]), double([4, -10])];
  assertHolds(lerp(a, b, 0.25), [1, 5]);
  assertHolds(lerp(a, b, double([2, -1])), [8, 30]);
  assertHolds(lerp(a, 1, tensor([[0], [1]], { dtype: 'float64' })), [
    [0, 10],
    [1, 1],
  ]);
  assertHolds(lerp(0, 8, double([0.5])), [4]);
  assertHolds(lerp(zeros([0]), 1, 0.5), []);
});

test('lerp is exactly a at weight 0 and b at weight 1', () => {
  const finite = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e300, max: 1e300 });
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      assert.ok(lerp(double([a]), double([b]), 0).data[0] === a);
      assert.ok(lerp(double([a]), double([b]), 1).data[0] === b);
    }),
  );
});

test('lerp: gradients by hand', () => {
  const [a, b, w] = [double([1, 2]), double([5, 0]), double([0.25])];
  const [da, db, dw] = grad(sum(lerp(a, b, w)), [a, b, w]);
  assertHolds(da, [0.75, 0.75]);
  assertHolds(db, [0.25, 0.25]);
  assertHolds(dw, [2]);
});

test('lerp refuses what does not broadcast, and integers', () => {
  assertRefuses(() => lerp(zeros([2]), zeros([3]), 0.5), ShapeError, 'lerp', /broadcast/);
  assertRefuses(() => lerp(zeros([2], { dtype: 'int32' }), 1, 1), DTypeError, 'lerp', /int32/);
});

test('products and squares of int32 wrap to the exact low bits; neg, abs and sign take int32', () => {
  const whole = (values: number[]) => tensor(values, { dtype: 'int32' });
  const any = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const wrapped = (v: bigint): number => Number(BigInt.asIntN(32, v));
  fc.assert(
    fc.property(any, any, (a, b) => {
      assertHolds(mul(whole([a]), whole([b])), [wrapped(BigInt(a) * BigInt(b))]);
      assertHolds(square(whole([a])), [wrapped(BigInt(a) ** 2n)]);
    }),
  );
  assertHolds(neg(whole([3, -4])), [-3, 4]);
  assertHolds(abs(whole([3, -4])), [3, 4]);
  assertHolds(sign(whole([3, 0, -4])), [1, 0, -1]);
  for (const op of [neg, abs, sign, square])
    assertRefuses(() => op(tensor([true])), DTypeError, op.record.name, /bool/);
});
