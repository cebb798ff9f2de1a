import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clamp, maximum, minimum } from '../../../src/autograd/ops/extrema.ts';
import { DomainError, DTypeError, grad, sum, type Tensor, tensor } from '../../../src/index.ts';
import { awayFromZero, onGrid } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

for (const op of [minimum, maximum]) checkOp(op, { values: [onGrid, awayFromZero()] });
// Odd 32nds are never at an end.
checkOp(clamp, {
  attrs: [{ min: -1 }, { max: 1 }, { min: -1, max: 1 }],
  values: awayFromZero(),
});

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const whole = (values: number[]) => tensor(values, { dtype: 'int32' });

test('minimum and maximum: by hand, broadcast, with numbers, for every dtype', () => {
  assertHolds(minimum(double([1, 5, nan, 2]), double([3, 4, 0, nan])), [1, 4, nan, nan]);
  assertHolds(maximum(double([1, 5, nan, 2]), double([3, 4, 0, nan])), [3, 5, nan, nan]);
  assertHolds(minimum(double([0, -0]), double([-0, 0])), [-0, -0]);
  assertHolds(maximum(tensor([[1], [4]]), tensor([2, 3])), [
    [2, 3],
    [4, 4],
  ]);
  assertHolds(maximum(whole([-1, 7]), 3), [3, 7]);
  assert.equal(minimum(whole([1]), 2).dtype, 'int32');
  assertHolds(maximum(tensor([true, false]), tensor([false, false])), [true, false]);
  assertHolds(minimum(double([Infinity, -Infinity]), 0), [0, -Infinity]);
});

test('minimum and maximum: a tie halves the gradient, NaN lets all of it through', () => {
  const [a, b] = [double([1, 2, 3, nan]), double([1, 3, 2, 0])];
  const [low] = [grad(sum(minimum(a, b)), [a, b])];
  assertHolds(low[0], [0.5, 1, 0, 1]);
  assertHolds(low[1], [0.5, 0, 1, 1]);
  const high = grad(sum(maximum(a, b)), [a, b]);
  assertHolds(high[0], [0.5, 0, 1, 1]);
  assertHolds(high[1], [0.5, 1, 0, 1]);
  assertHolds(grad(sum(maximum(a, a)), [a])[0], [1, 1, 1, 2]);
});

test('clamp: by hand; the gradient is 1 between the ends and at them', () => {
  const x = double([-2, -1, 0, 1, 2, nan, Infinity, -Infinity]);
  const slope = (attrs: Parameters<typeof clamp>[1]): Tensor => grad(sum(clamp(x, attrs)), [x])[0];
  assertHolds(clamp(x, { min: -1, max: 1 }), [-1, -1, 0, 1, 1, nan, 1, -1]);
  assertHolds(slope({ min: -1, max: 1 }), [0, 1, 1, 1, 0, 0, 0, 0]);
  assertHolds(clamp(x, { min: 0 }), [0, 0, 0, 1, 2, nan, Infinity, 0]);
  assertHolds(slope({ min: 0 }), [0, 0, 1, 1, 1, 0, 1, 0]);
  assertHolds(clamp(x, { max: 0 }), [-2, -1, 0, 0, 0, nan, 0, -Infinity]);
  assertHolds(clamp(x, { min: 3, max: -3 }), [-3, -3, -3, -3, -3, nan, -3, -3]);
  assertHolds(slope({ min: 3, max: -3 }), [0, 0, 0, 0, 0, 0, 0, 0]);
});

test('clamp: in float32 an end is the float32 next to it, so that a result has a gradient too', () => {
  const x = tensor([0.1, 0.2, 0.3], { requiresGrad: true });
  const y = clamp(x, { min: 0.2 });
  assertHolds(y, [0.2, 0.2, 0.3].map(Math.fround));
  assertHolds(grad(sum(y), [x])[0], [0, 1, 1]);
});

test('clamp of int32 takes int32 ends; of bool none', () => {
  assertHolds(clamp(whole([-5, 0, 5]), { min: -1, max: 2 }), [-1, 0, 2]);
  assertRefuses(() => clamp(whole([1]), { min: 0.5 }), DTypeError, 'clamp', /0\.5 is not an int32/);
  assertRefuses(() => clamp(whole([1]), { max: 2 ** 31 }), DTypeError, 'clamp');
  assertRefuses(() => clamp(tensor([true]), { max: 1 }), DTypeError, 'clamp', /bool/);
});

test('clamp: no end, NaN, another type or another name is refused', () => {
  for (const bad of [{}, { min: nan }, { max: '1' }, { min: null }, { low: 0 }, 3, [0, 1]])
    assertRefuses(() => clamp(tensor([1]), bad as never), DomainError, 'clamp');
});

test('clamp is minimum of maximum', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), fc.double({ noNaN: true }), (v, min, max) => {
      const x = double([v]);
      assert.ok(clamp(x, { min, max }).data[0] === minimum(maximum(x, min), max).data[0]);
    }),
  );
});
