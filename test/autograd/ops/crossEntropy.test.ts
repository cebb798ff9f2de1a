import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allocations,
  crossEntropy,
  DomainError,
  grad,
  meta,
  oneHot,
  type Reduction,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { probes, shapes, tensors } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOp, run } from '../../harness/gradients.ts';
import { checkOp } from '../../harness/op.ts';

const indicesBelow = (shape: readonly number[], classes: number): fc.Arbitrary<Tensor> => {
  const size = shape.reduce((n, m) => n * m, 1);
  return fc
    .array(fc.nat(classes - 1), { minLength: size, maxLength: size })
    .map((list) => tensor(list, { shape, dtype: 'int32' }));
};

const reductions: readonly Reduction[] = ['mean', 'sum', 'none'];
const examples = fc
  .record({
    lead: shapes({ maxRank: 2, minSize: 1 }),
    classes: fc.integer({ min: 1, max: 4 }),
    reduction: fc.constantFrom(...reductions),
    labelSmoothing: fc.constantFrom(0, 0.25, 1),
  })
  .chain(({ lead, classes, ...attrs }) =>
    fc.tuple(tensors([...lead, classes]), indicesBelow(lead, classes)).map((inputs) => ({ inputs, attrs })),
  );
checkOp(crossEntropy, { wider: true, inputs: examples });

test('crossEntropy: the rule of a pass that is recorded is the kernel', () => {
  const op = anyOp(crossEntropy);
  fc.assert(
    fc.property(examples, fc.boolean(), probes, ({ inputs, attrs }, ignore, probe) => {
      const c = { inputs, attrs: ignore ? { ...attrs, ignoreIndex: 0 } : attrs };
      // A mean over no example is NaN, and so is its share.
      if (ignore && attrs.reduction === 'mean' && inputs[1].data.every((t) => t === 0)) return;
      const [one, two] = [false, true].map((createGraph) => run(op, c, { probe, createGraph }));
      assertClose(one.gradients[0], two.gradients[0], 1e-13, 'gradient');
    }),
  );
});
checkOp(oneHot, {
  inputs: fc
    .tuple(shapes({ maxRank: 2 }), fc.integer({ min: 1, max: 4 }))
    .chain(([shape, classes]) =>
      indicesBelow(shape, classes).map((index) => ({ inputs: [index], attrs: { classes, dtype: 'float64' as const } })),
    ),
});

const logits = tensor(
  [
    [0, Math.log(3)],
    [Math.log(4), 0],
  ],
  { dtype: 'float64', requiresGrad: true },
);
const target = tensor([1, 1], { dtype: 'int32' });
const losses = [Math.log(4 / 3), Math.log(5)];
const double = (x: number | number[] | number[][]) => tensor(x, { dtype: 'float64' });

test('crossEntropy: every reduction, by hand', () => {
  const total = losses[0] + losses[1];
  assertClose(crossEntropy(logits, target, { reduction: 'none' }), double(losses), 1e-15, 'none');
  assertClose(crossEntropy(logits, target, { reduction: 'sum' }), double(total), 1e-15, 'sum');
  assertClose(crossEntropy(logits, target, { reduction: 'mean' }), double(total / 2), 1e-15, 'mean');
  assertClose(crossEntropy(logits, target), double(total / 2), 1e-15, 'default');
  const one = crossEntropy(double([0, 0]), tensor(0, { dtype: 'int32' }));
  assertClose(one, double(Math.LN2), 1e-15, 'one example');
});

test('crossEntropy: the gradient is softmax − one-hot, averaged', () => {
  const [dx] = grad(crossEntropy(logits, target), [logits]);
  assertClose(
    dx,
    double([
      [0.125, -0.125],
      [0.4, -0.4],
    ]),
    1e-15,
    'mean',
  );
  const w = double([1, 10]);
  const [each] = grad(crossEntropy(logits, target, { reduction: 'none' }), [logits], { gradOutputs: [w] });
  assertClose(
    each,
    double([
      [0.25, -0.25],
      [8, -8],
    ]),
    1e-15,
    'none',
  );
});

test('crossEntropy: huge logits give finite losses and gradients; −∞ masks a class', () => {
  for (const big of [1e4, 1e30, 1e300]) {
    const x = tensor([[big, -big, 0]], { dtype: 'float64', requiresGrad: true });
    assertHolds(crossEntropy(x, tensor([0], { dtype: 'int32' })), 0);
    const wrong = crossEntropy(x, tensor([2], { dtype: 'int32' }));
    assertHolds(wrong, big);
    assertHolds(grad(wrong, [x])[0], [[1, 0, -1]]);
  }
  const masked = tensor([[0, -Infinity]], { dtype: 'float64', requiresGrad: true });
  const loss = crossEntropy(masked, tensor([0], { dtype: 'int32' }));
  assertHolds(loss, 0);
  assertHolds(grad(loss, [masked])[0], [[0, 0]]);
  assertHolds(crossEntropy(masked, tensor([1], { dtype: 'int32' })), Infinity);
  assert.ok(Number.isNaN(crossEntropy(double([[Number.NaN, 0]]), tensor([1], { dtype: 'int32' })).item()));
});

test('crossEntropy of no examples: sum 0, mean NaN, an empty gradient', () => {
  const x = zeros([0, 3], { dtype: 'float64', requiresGrad: true });
  const none = zeros([0], { dtype: 'int32' });
  assertHolds(crossEntropy(x, none, { reduction: 'sum' }), 0);
  assertHolds(crossEntropy(x, none), Number.NaN);
  assertHolds(crossEntropy(x, none, { reduction: 'none' }), []);
  for (const reduction of reductions)
    assert.deepEqual(grad(sum(crossEntropy(x, none, { reduction })), [x])[0].shape, [0, 3]);
});

test('an index outside the classes raises DomainError before anything is computed', () => {
  for (const bad of [-1, 2, 100]) {
    const index = tensor([0, bad], { dtype: 'int32' });
    const before = allocations();
    assertRefuses(
      () => crossEntropy(logits, index),
      DomainError,
      'crossEntropy',
      new RegExp(`index ${bad} is not in 0..1`),
    );
    assertRefuses(
      () => oneHot(index, { classes: 2 }),
      DomainError,
      'oneHot',
      new RegExp(`index ${bad} is not in 0..1`),
    );
    assert.deepEqual(allocations(), before);
  }
  assertRefuses(() => crossEntropy(logits, tensor([0], { dtype: 'int32' })), ShapeError, 'crossEntropy');
  const reduction = 'median' as Reduction;
  assertRefuses(() => crossEntropy(logits, target, { reduction }), DomainError, 'crossEntropy', /'median'/);
});

test('oneHot: values by hand, and on meta without looking at them', () => {
  assertHolds(oneHot(tensor([2, 0], { dtype: 'int32' }), { classes: 3 }), [
    [0, 0, 1],
    [1, 0, 0],
  ]);
  assertHolds(oneHot(tensor(1, { dtype: 'int32' }), { classes: 2, dtype: 'bool' }), [false, true]);
  assertHolds(oneHot(zeros([0], { dtype: 'int32' }), { classes: 2 }), []);
  const shadow = zeros([5], { dtype: 'int32', device: meta });
  assert.deepEqual(oneHot(shadow, { classes: 3 }).shape, [5, 3]);
});
