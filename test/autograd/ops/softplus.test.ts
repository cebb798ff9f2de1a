import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { silu } from '../../../src/autograd/ops/activation.ts';
import { elu, leakyRelu } from '../../../src/autograd/ops/rectifier.ts';
import { logSigmoid, mish, softplus } from '../../../src/autograd/ops/softplus.ts';
import { DomainError, gelu, grad, sigmoid, sum, type Tensor, tensor } from '../../../src/index.ts';
import { awayFromZero } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

// The bends at 0.5 and −0.5 are between grid values.
checkOp(softplus, {
  attrs: [{}, { beta: 3 }, { beta: 0.5, threshold: Infinity }, { beta: 2, threshold: 1.01 }],
  difference: { atol: 1e-5 },
});
for (const op of [logSigmoid, silu, mish]) checkOp(op);
checkOp(leakyRelu, { attrs: [{}, { negativeSlope: 0.3 }, { negativeSlope: -1 }], values: awayFromZero() });
checkOp(elu, { attrs: [{}, { alpha: 1.5 }], values: awayFromZero() });

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const slopeAt = (op: (x: Tensor) => Tensor, values: number[]): Tensor => {
  const x = double(values);
  return grad(sum(op(x)), [x])[0];
};
const far = [-Infinity, -1e300, -800, 800, 1e300, Infinity, nan];
const exact = { threshold: Infinity };

test('far from 0 nothing overflows: each function is its asymptote', () => {
  assertHolds(softplus(double(far)), [0, 0, 0, 800, 1e300, Infinity, nan]);
  assertHolds(softplus(double(far), exact), [0, 0, 0, 800, 1e300, Infinity, nan]);
  assertHolds(logSigmoid(double(far)), [-Infinity, -1e300, -800, -0, -0, -0, nan]);
  for (const op of [silu, mish]) assertHolds(op(double(far)), [-0, -0, -0, 800, 1e300, Infinity, nan], op.name);
  for (const approximate of ['none', 'tanh'] as const)
    assertHolds(gelu(double([-Infinity, Infinity]), { approximate }), [-0, Infinity]);
  assertHolds(elu(double(far)), [-1, -1, -1, 800, 1e300, Infinity, nan]);
  assertHolds(leakyRelu(double([-Infinity, -100, Infinity, nan]), { negativeSlope: 0.5 }), [
    -Infinity,
    -50,
    Infinity,
    nan,
  ]);
});

test('far from 0 the slopes are 0 and 1, in the second derivative too', () => {
  const finite = far.slice(1, 5);
  for (const op of [softplus, silu, mish] as readonly ((x: Tensor) => Tensor)[]) {
    assertClose(slopeAt(op, finite), double([0, 0, 1, 1]), 0, 'slopes');
    const x = double(finite);
    const [g] = grad(sum(op(x)), [x], { createGraph: true });
    assertClose(grad(sum(g), [x])[0], double([0, 0, 0, 0]), 0, 'second');
  }
  assertHolds(slopeAt(softplus, [-Infinity, Infinity]), [0, 1]);
  assertHolds(slopeAt(logSigmoid, far), [1, 1, 1, 0, 0, 0, nan]);
  const x = double([-800, 800]);
  const [g] = grad(sum(elu(x)), [x], { createGraph: true });
  assertHolds(g, [0, 1]);
  assertHolds(grad(sum(g), [x])[0], [0, 0]);
});

test('softplus: linear above its threshold, with the slope of a line there', () => {
  const at = (v: number, attrs = {}): number => softplus(double([v]), attrs).item();
  assert.equal(at(20.5), 20.5);
  assert.ok(at(20) > 20 && at(20.5, exact) > 20.5);
  assert.equal(at(2, { beta: 2, threshold: 3 }), 2);
  assert.ok(Math.abs(at(1, { beta: 2, threshold: 3 }) - Math.log(1 + Math.exp(2)) / 2) < 1e-15);
  assert.ok(Math.abs(at(21) - at(21, exact)) < 2.1e-9);
  assertHolds(
    slopeAt((x) => softplus(x, { beta: 2, threshold: 3 }), [2]),
    [1],
  );
});

test('softplus(x) − softplus(−x) = x, and logSigmoid(x) = −softplus(−x) to the bit', () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (v) => {
      const [p, q] = softplus(double([v, -v]), exact).data;
      assert.ok(Math.abs(p - q - v) <= 2 ** -52 * Math.max(1, Math.abs(v)), `${v}: ${p} ${q}`);
      assert.equal(logSigmoid(double([-v])).item(), -p);
    }),
  );
});

test('kinks: leakyRelu has its negative slope at 0, elu alpha', () => {
  assertHolds(leakyRelu(double([-2, 0, 3])), [-0.02, 0, 3]);
  assertHolds(
    slopeAt((x) => leakyRelu(x, { negativeSlope: 0.25 }), [-2, 0, -0, 3]),
    [0.25, 0.25, 0.25, 1],
  );
  assertHolds(
    slopeAt((x) => elu(x, { alpha: 1.5 }), [0, -0, 3]),
    [1.5, 1.5, 1],
  );
  assertHolds(elu(double([-1e-9, -0]), { alpha: 2 }), [2 * Math.expm1(-1e-9), -0]);
});

test('silu and mish: values by hand', () => {
  assertHolds(silu(double([0])), [0]);
  assertHolds(mish(double([0])), [0]);
  const x = [-2, -0.5, 1, 3];
  assertClose(silu(double(x)), double(x.map((v) => v * sigmoid(double([v])).item())), 1e-15, 'silu');
  assertClose(mish(double(x)), double(x.map((v) => v * Math.tanh(Math.log(1 + Math.exp(v))))), 1e-15, 'mish');
});

test('options that are not finite numbers, out of range or unknown are refused by name', () => {
  const x = tensor([1]);
  for (const bad of [{ beta: 0 }, { beta: -1 }, { beta: nan }, { beta: '1' }, { threshold: nan }, { sharp: 1 }, 2])
    assertRefuses(() => softplus(x, bad as never), DomainError, 'softplus');
  for (const bad of [{ negativeSlope: nan }, { negativeSlope: Infinity }, { slope: 1 }, 0.1, [1]])
    assertRefuses(() => leakyRelu(x, bad as never), DomainError, 'leakyRelu');
  for (const bad of [{ alpha: nan }, { alpha: '1' }, { beta: 1 }, 1])
    assertRefuses(() => elu(x, bad as never), DomainError, 'elu');
  for (const bad of [{ approximate: 'erf' }, { approximate: 1 }, { exact: true }, 'tanh'])
    assertRefuses(() => gelu(x, bad as never), DomainError, 'gelu');
});
