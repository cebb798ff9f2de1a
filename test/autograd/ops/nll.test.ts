/** Class losses: `nll`, and what `crossEntropy` shares with it. Values of both against PyTorch: test/golden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crossEntropy, oneHot } from '../../../src/autograd/ops/crossEntropy.ts';
import { type CrossEntropyAttrs, nll, nllGrad } from '../../../src/autograd/ops/nll.ts';
import {
  DomainError,
  DTypeError,
  grad,
  gradcheck,
  gradgradcheck,
  logSoftmax,
  meta,
  ones,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { shapes, tensors } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { checkOp } from '../../harness/op.ts';

const ignored = -100;
const sizes = fc.tuple(shapes({ maxRank: 2, minSize: 1 }), fc.integer({ min: 1, max: 4 }));

/** Targets below `classes`, one in five of them ignored. */
const targets = (shape: readonly number[], classes: number): fc.Arbitrary<Tensor> => {
  const size = shape.reduce((n, m) => n * m, 1);
  const one = fc.oneof({ arbitrary: fc.nat(classes - 1), weight: 4 }, { arbitrary: fc.constant(ignored), weight: 1 });
  return fc.array(one, { minLength: size, maxLength: size }).map((list) => tensor(list, { shape, dtype: 'int32' }));
};

const settings = fc.record({
  reduction: fc.constantFrom('mean' as const, 'sum' as const, 'none' as const),
  labelSmoothing: fc.constantFrom(0, 0.125, 1),
});
/** Scores, targets and options; a mean over nothing is a case of its own. */
const calls = fc
  .tuple(sizes, settings)
  .chain(([[lead, classes], attrs]) =>
    fc.tuple(tensors([...lead, classes]), targets(lead, classes), fc.constant(attrs)),
  )
  .filter(([, target, { reduction }]) => reduction !== 'mean' || target.data.some((t) => t !== ignored));

checkOp(crossEntropy, { inputs: calls.map(([x, t, attrs]) => ({ inputs: [x, t], attrs })) });
checkOp(nll, { inputs: calls.map(([x, t, { reduction }]) => ({ inputs: [x, t], attrs: { reduction } })) });
checkOp(nllGrad, {
  inputs: sizes.chain(([lead, classes]) =>
    fc.tuple(tensors(lead), targets(lead, classes), fc.constantFrom(0, 0.125, 1)).map(([g, t, labelSmoothing]) => ({
      inputs: [g, t],
      attrs: { classes, ignoreIndex: ignored, labelSmoothing },
    })),
  ),
});

/** PyTorch's definition, example by example, in plain numbers. */
function naive(logp: Tensor, target: Tensor, weight: readonly number[], attrs: CrossEntropyAttrs): number[] {
  const { reduction = 'mean', labelSmoothing = 0, ignoreIndex = ignored } = attrs;
  const c = weight.length;
  const losses: number[] = [];
  let total = 0;
  for (const [row, t] of target.data.entries()) {
    const of = (i: number): number => logp.data[row * c + i];
    if (t === ignoreIndex) losses.push(0);
    else {
      let spread = 0;
      for (let i = 0; i < c; i++) spread -= weight[i] * of(i);
      losses.push(-(1 - labelSmoothing) * weight[t] * of(t) + (labelSmoothing / c) * spread);
      total += weight[t];
    }
  }
  if (reduction === 'none') return losses;
  const all = losses.reduce((a, b) => a + b, 0);
  return [reduction === 'sum' ? all : all / total];
}

const weighted = calls.chain(([x, t, attrs]) =>
  tensors([x.shape[x.rank - 1]], {
    values: (n) => fc.array(fc.integer({ min: 1, max: 9 }), { minLength: n, maxLength: n }),
  }).map((weight) => ({ x, t, attrs, weight })),
);

test('weights, smoothing and ignored targets: PyTorch’s definition, example by example', () => {
  fc.assert(
    fc.property(weighted, ({ x, t, attrs, weight }) => {
      const logp = logSoftmax(x);
      const w = [...weight.data];
      const same = (y: Tensor, values: number[], what: string): void =>
        assertClose(y, tensor(values, { shape: y.shape, dtype: 'float64' }), 1e-13, what);
      same(crossEntropy(x, t, { ...attrs, weight }), naive(logp, t, w, attrs), 'weighted');
      const flat = w.map(() => 1);
      same(crossEntropy(x, t, attrs), naive(logp, t, flat, attrs), 'without weights');
      same(
        nll(logp, t, { reduction: attrs.reduction, weight }),
        naive(logp, t, w, { reduction: attrs.reduction }),
        'nll',
      );
    }),
  );
});

test('weights of 1 change neither value nor gradient', () => {
  fc.assert(
    fc.property(calls, ([x, t, attrs]) => {
      const weight = ones([x.shape[x.rank - 1]], { dtype: 'float64' });
      const leaves = [leaf(x), leaf(x)];
      const ys = [crossEntropy(leaves[0], t, attrs), crossEntropy(leaves[1], t, { ...attrs, weight })];
      assertClose(ys[1], ys[0], 1e-14, 'value');
      const [a, b] = ys.map((y, i) => grad(sum(y), [leaves[i]])[0]);
      assertClose(b, a, 1e-14, 'gradient');
    }),
  );
});

test('weighted losses: gradients of both orders by scores and by weights are central differences', () => {
  fc.assert(
    fc.property(weighted, ({ x, t, attrs, weight }) => {
      const f = (a: Tensor, w: Tensor): Tensor => crossEntropy(a, t, { ...attrs, weight: w });
      gradcheck(f, [leaf(x), leaf(weight)], { fast: true });
      gradgradcheck(f, [leaf(x), leaf(weight)], { fast: true });
    }),
    { numRuns: 40 },
  );
});

const logits = tensor([[0, Math.log(3)]], { dtype: 'float64', requiresGrad: true });
const none = tensor([ignored], { dtype: 'int32' });

test('all targets ignored: the mean is NaN, the sum 0, and the gradient 0, as in PyTorch', () => {
  for (const weight of [undefined, ones([2], { dtype: 'float64' })]) {
    const rest = weight === undefined ? {} : { weight };
    const loss = crossEntropy(logits, none, rest);
    assertHolds(loss, Number.NaN);
    assert.ok(grad(loss, [logits])[0].data.every((g) => g === 0));
    assertHolds(crossEntropy(logits, none, { ...rest, reduction: 'sum' }), 0);
    assertHolds(crossEntropy(logits, none, { ...rest, reduction: 'none' }), [0]);
    assertHolds(nll(logSoftmax(logits), none, rest), Number.NaN);
  }
});

test('smoothing by hand; a class of probability 0 hurts only when smoothing reaches it', () => {
  const target = tensor([1], { dtype: 'int32' });
  const [p0, p1] = [Math.log(1 / 4), Math.log(3 / 4)];
  const by = (labelSmoothing: number): number => crossEntropy(logits, target, { labelSmoothing }).item();
  assert.ok(Math.abs(by(0.5) - (-0.75 * p1 - 0.25 * p0)) < 1e-15);
  assert.ok(Math.abs(by(1) - (-0.5 * p1 - 0.5 * p0)) < 1e-15);
  const hard = tensor([[-Infinity, 0]], { dtype: 'float64' });
  assertHolds(crossEntropy(hard, target), 0);
  assertHolds(crossEntropy(hard, target, { labelSmoothing: 0.5 }), Infinity);
  assertHolds(nll(hard, target), 0);
});

test('any number may be the one that is ignored', () => {
  const x = tensor([1, 2, 3, 4], { shape: [2, 2] });
  const t = tensor([0, 1], { dtype: 'int32' });
  assertHolds(nll(x, t, { ignoreIndex: 0, reduction: 'none' }), [0, -4]);
  assertHolds(nll(x, t, { ignoreIndex: 0 }), -4);
  assertHolds(nll(x, tensor([7, 1], { dtype: 'int32' }), { ignoreIndex: 7, weight: tensor([1, 2]) }), -4);
});

test('class losses on meta, with weights: shapes only', () => {
  const shadow = zeros([2, 3], { device: meta });
  const target = zeros([2], { dtype: 'int32', device: meta });
  const weight = zeros([3], { device: meta });
  assert.deepEqual(crossEntropy(shadow, target, { weight }).shape, []);
  assert.deepEqual(nll(shadow, target, { weight, reduction: 'none' }).shape, [2]);
});

test('class losses refuse what does not fit, by name', () => {
  const x = zeros([2, 3]);
  const t = zeros([2], { dtype: 'int32' });
  for (const loss of [crossEntropy, nll]) {
    const { name } = loss.record;
    assertRefuses(() => loss(x, t, { weight: zeros([2]) }), ShapeError, name, /weight should be \[3\]/);
    assertRefuses(() => loss(x, t, { weight: zeros([3], { dtype: 'float64' }) }), DTypeError, name, /weight/);
    assertRefuses(() => loss(x, zeros([3], { dtype: 'int32' }), { weight: zeros([3]) }), ShapeError, name);
    assertRefuses(
      () => loss(x, tensor([0, 3], { dtype: 'int32' }), { weight: zeros([3]) }),
      DomainError,
      name,
      /index 3/,
    );
    assertRefuses(() => loss(x, tensor([0, -100], { dtype: 'int32' }), { ignoreIndex: 1 }), DomainError, name, /-100/);
    assertRefuses(() => loss(x, t, { ignoreIndex: 0.5 }), DomainError, name, /ignoreIndex/);
    assertRefuses(() => loss(x, t, { weights: zeros([3]) } as never), DomainError, name, /no option 'weights'/);
    survives(name, loss, anyOperand, anyOperand, anyOptions('weight', 'ignoreIndex', 'reduction'));
  }
  for (const labelSmoothing of [-0.1, 1.1, Number.NaN])
    assertRefuses(() => crossEntropy(x, t, { labelSmoothing }), DomainError, 'crossEntropy', /labelSmoothing/);
  assertRefuses(() => nll(x, t, { labelSmoothing: 0.1 } as never), DomainError, 'nll', /no option/);
  survives('oneHot', oneHot, anyOperand, anyOptions('classes', 'dtype'));
  for (const classes of [-1, 0.5, Number.NaN, undefined] as number[])
    assertRefuses(() => oneHot(t, { classes }), DomainError, 'oneHot', /classes/);
  assertRefuses(() => oneHot(t, { classes: 2, dtype: 'int8' as never }), DomainError, 'oneHot', /dtype/);
  survives('nllGrad', nllGrad, anyOperand, anyOperand, anyOptions('classes', 'ignoreIndex', 'labelSmoothing'));
});
