import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reciprocal } from '../../../src/autograd/ops/arithmetic.ts';
import { expm1, log1p, log2, rsqrt } from '../../../src/autograd/ops/exponential.ts';
import { pow } from '../../../src/autograd/ops/power.ts';
import {
  DomainError,
  DTypeError,
  grad,
  type Operand,
  sum,
  type Tensor,
  type TensorLike,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { awayFromZero, type Values, within } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

/** Sixteenths above −1: cut towards zero, as int32, none is negative. */
const exponents: Values = (size) =>
  fc.array(
    fc.integer({ min: -15, max: 40 }).map((k) => k / 16),
    { minLength: size, maxLength: size },
  );

checkOp(pow, { values: [within([0.25, 3]), exponents] });
checkOp(reciprocal, { values: awayFromZero(0.5) });
for (const op of [rsqrt, expm1, log1p, log2]) checkOp(op);

const { NaN: nan } = Number;
const double = (values: TensorLike) => tensor(values, { dtype: 'float64', requiresGrad: true });
const slopes = (a: number[], b: number[]): readonly [Tensor, Tensor] => {
  const [x, y] = [double(a), double(b)];
  const [da, db] = grad(sum(pow(x, y)), [x, y]);
  return [da, db];
};

test('pow: values by hand, tensors and numbers on either side', () => {
  assertHolds(pow(double([2, 3, -2]), 3), [8, 27, -8]);
  assertHolds(pow(2, double([3, -1, 0.5])), [8, 0.5, Math.SQRT2]);
  assertHolds(pow(double([[4], [9]]), double([0.5, 2])), [
    [2, 16],
    [3, 81],
  ]);
  assertHolds(pow(tensor([1.5, 0.1]), 2), [2.25, Math.fround(Math.fround(0.1) ** 2)]);
  assertHolds(pow(2, 10), 1024);
});

test('pow: special values are those of IEEE 754', () => {
  assertHolds(pow(double([0, nan, Infinity, -3]), 0), [1, 1, 1, 1]);
  assertHolds(pow(1, double([nan, Infinity, -Infinity])), [1, 1, 1]);
  assertHolds(pow(-1, double([Infinity, -Infinity])), [1, 1]);
  assertHolds(pow(double([0, -0, -0]), double([-1, -1, -2])), [Infinity, -Infinity, Infinity]);
  assertHolds(pow(double([-8, -2, -2]), double([1 / 3, 3, 0.5])), [nan, -8, nan]);
  assertHolds(pow(double([0.5, 2, 2]), double([Infinity, Infinity, -Infinity])), [0, Infinity, 0]);
});

test('pow: the gradient of the base, at 0 and below', () => {
  const [da] = slopes([0, 0, 0, 0, -2, -3, nan, 0], [0, 1, 2, 0.5, 3, 2, 0, -1]);
  assertHolds(da, [0, 1, 0, Infinity, 12, -6, 0, -Infinity]);
  const tiny = double([5e-324]);
  assertHolds(grad(sum(pow(tiny, 0)), [tiny])[0], [0]);
});

test('pow: the gradient of the exponent is 0 at a zero base, and NaN at a negative one', () => {
  const [, db] = slopes([0, 0, 0, 2, -2, 0], [0, 1, 0.5, 3, 3, -1]);
  assertHolds(db, [0, 0, 0, 8 * Math.LN2, nan, -Infinity]);
  const b = double([2, 3]);
  assertHolds(grad(sum(pow(2, b)), [b])[0], [4 * Math.LN2, 8 * Math.LN2]);
});

test('pow: second derivatives are finite where they exist, at zero bases too', () => {
  const second = (a: number, b: number): number => {
    const x = double(a);
    const [g] = grad(pow(x, b), [x], { createGraph: true });
    return grad(g, [x], { allowUnused: true })[0]?.item() ?? 0;
  };
  for (const [a, b, expected] of [
    [0, 0, 0],
    [0, 1, 0],
    [0, 2, 2],
    [0, 3, 0],
    [-3, 2, 2],
    [-3, 3, -18],
    [2, 0, 0],
    [2, 1, 0],
    [4, 0.5, -1 / 32],
  ] as const)
    assert.equal(Math.abs(second(a, b) - expected) <= 1e-15, true, `${a}^${b}: ${second(a, b)}`);
  // ∂²aᵇ/∂a∂b = aᵇ⁻¹·(1 + b·ln a), which is 1/a at b = 0.
  const [a, b] = [double(4), double(0)];
  const [g] = grad(pow(a, b), [a], { createGraph: true });
  assertHolds(grad(g, [b])[0], 0.25);
});

test('pow of int32 is exact, wraps, and refuses negative exponents', () => {
  const whole = (values: number[]) => tensor(values, { dtype: 'int32' });
  assertHolds(pow(whole([3, -2, 0, 7]), whole([4, 5, 0, 1])), [81, -32, 1, 7]);
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.nat(70), (a, n) => {
      assert.equal(pow(whole([a]), n).data[0], Number(BigInt.asIntN(32, BigInt(a) ** BigInt(n))));
    }),
  );
  assertRefuses(() => pow(whole([2]), -1), DomainError, 'pow', /negative/);
  assertRefuses(() => pow(whole([2]), 0.5), DTypeError, 'pow', /0\.5/);
  assertRefuses(() => pow(zeros([2], { dtype: 'bool' }), 2), DTypeError, 'pow', /bool/);
});

test('pow with a single exponent 2 is the square, to the bit', () => {
  fc.assert(
    fc.property(fc.double(), (v) => {
      for (const two of [2, tensor([2], { dtype: 'float64' })] satisfies Operand[])
        assert.ok(Object.is(pow(double([v]), two).data[0], v * v));
    }),
  );
});

test('reciprocal, rsqrt, expm1, log1p and log2: special values and gradients at the ends', () => {
  assertHolds(reciprocal(double([4, 0, -0, Infinity, nan])), [0.25, Infinity, -Infinity, 0, nan]);
  assertHolds(rsqrt(double([4, 0, -1, Infinity, nan])), [0.5, Infinity, nan, 0, nan]);
  assertHolds(expm1(double([0, -0, -Infinity, Infinity, -40, 1e-300])), [0, -0, -1, Infinity, -1, 1e-300]);
  assertHolds(log1p(double([0, -0, -1, -2, Infinity, 1e-300])), [0, -0, -Infinity, nan, Infinity, 1e-300]);
  assertHolds(log2(double([8, 0.125, 0, -1, Infinity])), [3, -3, -Infinity, nan, Infinity]);
  for (let k = -1074; k <= 1023; k += 7) assert.equal(log2(double([2 ** k])).item(), k);
  const at = (op: (x: Tensor) => Tensor, values: number[]): Tensor => {
    const x = double(values);
    return grad(sum(op(x)), [x])[0];
  };
  assertHolds(at(reciprocal, [2, 0]), [-0.25, -Infinity]);
  assertHolds(at(rsqrt, [4, 0]), [-0.0625, -Infinity]);
  assertHolds(at(log1p, [0, -1]), [1, Infinity]);
  assertHolds(at(expm1, [0, -Infinity]), [1, 0]);
  assertClose(at(log2, [1, 4]), double([1 / Math.LN2, 0.25 / Math.LN2]), 1e-15, 'log2');
});
