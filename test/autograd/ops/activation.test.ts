import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { geluGrad, sigmoidGrad, siluGrad, tanhGrad } from '../../../src/autograd/ops/activation.ts';
import { gelu, grad, relu, reluGrad, sigmoid, sum, type Tensor, tanh, tensor } from '../../../src/index.ts';
import { awayFromZero, onGrid } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(relu, { values: awayFromZero() });
checkOp(reluGrad, { values: [onGrid, awayFromZero()] });
checkOp(tanh);
checkOp(sigmoid);
for (const op of [tanhGrad, sigmoidGrad, siluGrad]) checkOp(op);
const forms = [{}, { approximate: 'none' }, { approximate: 'tanh' }] as const;
checkOp(gelu, { attrs: forms });
checkOp(geluGrad, { attrs: forms });

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const slopeAt = (op: (x: Tensor) => Tensor, values: number[]): Tensor => {
  const x = double(values);
  return grad(sum(op(x)), [x])[0];
};

test('relu: 0 with gradient 0 at the kink; NaN and infinity pass', () => {
  assertHolds(relu(double([-2, 0, 3, Infinity, -Infinity, nan])), [0, 0, 3, Infinity, 0, nan]);
  assertHolds(slopeAt(relu, [-2, 0, -0, 3, Infinity, -Infinity]), [0, 0, 0, 1, 1, 0]);
});

test('reluGrad passes a gradient where its second operand is positive, and gives that operand none', () => {
  const g = double([1, 2, 3, 4]);
  const y = tensor([1, 0, -1, nan], { dtype: 'float64', requiresGrad: true });
  const out = reluGrad(g, y);
  assertHolds(out, [1, 0, 0, 0]);
  const [dg, dy] = grad(sum(out), [g, y], { allowUnused: true });
  assertHolds(dg as Tensor, [1, 0, 0, 0]);
  assert.equal(dy, null);
});

test('tanh and sigmoid saturate without overflow', () => {
  const far = [-Infinity, -1e300, -800, 800, 1e300, Infinity];
  assertHolds(tanh(double(far)), [-1, -1, -1, 1, 1, 1]);
  assertHolds(sigmoid(double(far)), [0, 0, 0, 1, 1, 1]);
  assertHolds(slopeAt(tanh, far), [0, 0, 0, 0, 0, 0]);
  assertHolds(slopeAt(sigmoid, far), [0, 0, 0, 0, 0, 0]);
  assertHolds(tanh(double([nan, 0])), [nan, 0]);
  assertHolds(sigmoid(double([nan, 0])), [nan, 0.5]);
});

test('sigmoid keeps its relative precision in the lower tail', () => {
  for (const x of [-40, -100, -700]) {
    const y = sigmoid(double([x])).item();
    assert.ok(Math.abs(y / Math.exp(x) - 1) < 1e-15, `${x}: ${y}`);
  }
});

test('sigmoid(−x) = 1 − sigmoid(x)', () => {
  fc.assert(
    fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
      const [p, q] = sigmoid(double([x, -x])).data;
      assert.ok(Math.abs(p + q - 1) <= 2 ** -52);
    }),
  );
});

test('gelu: values by hand, both forms', () => {
  // x·Φ(x) with Φ(1) = 0.841344746068543, Φ(2) = 0.977249868051821.
  const exact = [0, 0.841344746068543, -0.158655253931457, 1.954499736103642];
  assertClose(gelu(double([0, 1, -1, 2])), double(exact), 1e-14, 'exact');
  const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  const formula = [0, 1, -1, 2].map((x) => 0.5 * x * (1 + Math.tanh(inner(x))));
  assertClose(gelu(double([0, 1, -1, 2]), { approximate: 'tanh' }), double(formula), 1e-15, 'tanh');
});

test('gelu far from 0 is relu, with the slope of relu', () => {
  for (const attrs of [{}, { approximate: 'tanh' }] as const)
    for (const big of [40, 1e6, 1e18]) {
      assertHolds(gelu(double([big, nan]), attrs), [big, nan]);
      assert.equal(Math.abs(gelu(double([-big]), attrs).item()), 0);
      const slope = slopeAt((x) => gelu(x, attrs), [big, -big]);
      assertClose(slope, double([1, 0]), 0, 'slope');
      const single = tensor([big, -big], { requiresGrad: true });
      assertClose(grad(sum(gelu(single, attrs)), [single])[0], tensor([1, 0]), 0, 'slope in float32');
    }
  assertHolds(gelu(double([Infinity])), [Infinity]);
});
