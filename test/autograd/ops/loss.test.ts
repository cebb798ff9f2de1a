/** Losses of single numbers. Values against PyTorch: test/golden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bce, bceWithLogits, huber, mse, smoothL1 } from '../../../src/autograd/ops/loss.ts';
import type { Reduction } from '../../../src/autograd/ops/lossReduction.ts';
import {
  DomainError,
  DTypeError,
  grad,
  gradcheck,
  gradgradcheck,
  ShapeError,
  sigmoid,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { awayFromZero, onGrid, shapes, tensors, type Values, within } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { checkOp } from '../../harness/op.ts';

const reductions: readonly Reduction[] = ['mean', 'sum', 'none'];
const reduced = reductions.map((reduction) => ({ reduction }));
/** Chances away from 0 and 1, where the curvature of `bce` outgrows any finite difference. */
const chances = within([0.125, 0.875]);
/** Whole numbers: no difference of two is half of one, where `huber` with such a delta bends. */
const whole: Values = (size) => fc.array(fc.integer({ min: -3, max: 3 }), { minLength: size, maxLength: size });

checkOp(mse, { attrs: [{}, ...reduced] });
checkOp(huber, {
  attrs: [...reduced, { delta: 1 }].map((attrs) => ({ delta: 0.5, ...attrs })),
  values: [whole, quarters()],
});
checkOp(bce, { attrs: reduced, values: [chances, onGrid] });
checkOp(bceWithLogits, { attrs: reduced });

/** Whole numbers and a quarter. */
function quarters(): Values {
  return (size) => whole(size).map((xs) => xs.map((x) => x + 0.25));
}

const double = (x: number | number[]) => tensor(x, { dtype: 'float64' });
const each = { reduction: 'none' } as const;

test('mse and huber by hand, in every reduction', () => {
  const [x, t] = [double([1, 2, 5]), double([1, 0, 1])];
  assertHolds(mse(x, t, each), [0, 4, 16]);
  assertHolds(mse(x, t, { reduction: 'sum' }), 20);
  assertHolds(mse(x, t), 20 / 3);
  assertHolds(huber(x, t, { ...each, delta: 2 }), [0, 2, 6]);
  assertHolds(huber(x, t, each), [0, 1.5, 3.5]);
  assertHolds(smoothL1(x, t, { ...each, beta: 2 }), [0, 1, 3]);
  assertHolds(smoothL1(x, t), 5 / 3);
  assertHolds(huber(double([Infinity, Number.NaN]), double([0, 0]), each), [Infinity, Number.NaN]);
  assertHolds(mse(zeros([0]), zeros([0])), Number.NaN);
  assertHolds(mse(zeros([0]), zeros([0]), { reduction: 'sum' }), 0);
});

test('huber: the slope is the difference inside, delta beyond, and continuous at the knee', () => {
  const x = tensor([-3, -1, -0.5, 0, 0.5, 1, 3], { dtype: 'float64', requiresGrad: true });
  const t = zeros([7], { dtype: 'float64' });
  assertHolds(grad(sum(huber(x, t, each)), [x])[0], [-1, -1, -0.5, 0, 0.5, 1, 1]);
  assertHolds(grad(sum(smoothL1(x, t, { ...each, beta: 0.5 })), [x])[0], [-1, -1, -1, 0, 1, 1, 1]);
});

test('bce: logarithms stop at −100, and the gradient is finite where p is 0 or 1', () => {
  const p = tensor([0, 0, 1, 1, 0.5], { dtype: 'float64', requiresGrad: true });
  const t = double([0, 1, 0, 1, 1]);
  const loss = bce(p, t, each);
  assertHolds(loss, [0, 100, 100, 0, Math.LN2]);
  assertHolds(grad(sum(loss), [p])[0], [0, -1e12, 1e12, 0, -2]);
});

test('bceWithLogits: exact at both ends, where bce of a sigmoid is not', () => {
  const x = tensor([40, -40, 800, -800, Infinity, -Infinity], { dtype: 'float64', requiresGrad: true });
  const right = bceWithLogits(x, double([1, 0, 1, 0, 1, 0]), each);
  const tail = Math.exp(-40);
  assertHolds(right, [tail, tail, 0, 0, 0, 0]);
  const wrong = bceWithLogits(x, double([0, 1, 0, 1, 0, 1]), each);
  assertHolds(wrong, [40, 40, 800, 800, Infinity, Infinity]);
  assertHolds(grad(sum(wrong), [x])[0], [1, tail / (1 + tail) - 1, 1, -1, 1, -1]);
});

const pairs = shapes({ maxRank: 2 }).chain((shape) =>
  fc.tuple(
    tensors(shape, { values: awayFromZero() }),
    tensors(shape, { values: chances }),
    tensors(shape.slice(-1), { values: chances }),
    fc.constantFrom(...reductions),
  ),
);

test('bceWithLogits is bce of the sigmoid, weighted or not', () => {
  fc.assert(
    fc.property(pairs, ([x, t, weight, reduction]) => {
      assertClose(bceWithLogits(x, t, { reduction }), bce(sigmoid(x), t, { reduction }), 1e-14, 'plain');
      const attrs = { reduction, weight };
      assertClose(bceWithLogits(x, t, attrs), bce(sigmoid(x), t, attrs), 1e-14, 'weighted');
    }),
  );
});

/** PyTorch's formula, element by element. */
function naive([x, t, w]: readonly [Tensor, Tensor, Tensor], positive: Tensor): number[] {
  return [...x.data].map((v, i) => {
    const j = i % (w.size || 1);
    const p = 1 / (1 + Math.exp(-v));
    return -w.data[j] * (positive.data[j] * t.data[i] * Math.log(p) + (1 - t.data[i]) * Math.log(1 - p));
  });
}

test('weight and posWeight multiply what they should; a mean is over the number of losses', () => {
  fc.assert(
    fc.property(pairs, ([x, t, weight]) => {
      const posWeight = weight;
      const losses = tensor(naive([x, t, weight], posWeight), { shape: x.shape, dtype: 'float64' });
      const attrs = { weight, posWeight };
      assertClose(bceWithLogits(x, t, { ...attrs, reduction: 'none' }), losses, 1e-13, 'none');
      assertClose(bceWithLogits(x, t, { ...attrs, reduction: 'sum' }), sum(losses), 1e-13, 'sum');
      const mean = double(x.size === 0 ? Number.NaN : sum(losses).item() / x.size);
      assertClose(bceWithLogits(x, t, attrs), mean, 1e-13, 'mean');
    }),
  );
});

test('weighted losses: gradients of both orders reach scores, targets and weights', () => {
  fc.assert(
    fc.property(pairs, ([x, t, weight, reduction]) => {
      const leaves = [x, t, weight].map(leaf);
      const p = [t, t, weight].map(leaf);
      for (const [f, xs] of [
        [(a: Tensor, b: Tensor, w: Tensor) => bceWithLogits(a, b, { reduction, weight: w, posWeight: w }), leaves],
        [(a: Tensor, b: Tensor, w: Tensor) => bce(a, b, { reduction, weight: w }), p],
      ] as const) {
        if (x.size === 0) continue;
        gradcheck(f, xs, { fast: true });
        gradgradcheck(f, xs, { fast: true });
      }
    }),
    { numRuns: 30 },
  );
});

test('losses refuse what does not fit, by name, and survive garbage', () => {
  const options: Readonly<Record<string, readonly string[]>> = {
    huber: ['delta'],
    bce: ['weight'],
    bceWithLogits: ['weight', 'posWeight'],
  };
  for (const loss of [mse, huber, bce, bceWithLogits]) {
    const { name } = loss.record;
    const call = loss as unknown as (...args: unknown[]) => Tensor;
    assertRefuses(() => call(zeros([2]), zeros([1])), ShapeError, name);
    assertRefuses(() => call(zeros([2]), zeros([2], { dtype: 'float64' })), DTypeError, name);
    assertRefuses(() => call(zeros([2]), zeros([2]), { reduction: 'batchmean' }), DomainError, name, /reduction/);
    assertRefuses(() => call(zeros([2]), zeros([2]), 'sum'), DomainError, name, /options are an object/);
    const more = options[name] ?? [];
    for (const weight of more.filter((n) => n !== 'delta')) {
      assertRefuses(() => call(zeros([2]), zeros([2]), { [weight]: zeros([2, 2]) }), ShapeError, name, RegExp(weight));
      assertRefuses(() => call(zeros([2]), zeros([2]), { [weight]: tensor([true]) }), DTypeError, name, RegExp(weight));
    }
    survives(name, call, anyOperand, anyOperand, anyOptions('reduction', ...more));
  }
  for (const bad of [-0.5, 1.5, Number.NaN])
    assertRefuses(() => bce(tensor([bad]), zeros([1])), DomainError, 'bce', /in 0..1/);
  for (const delta of [0, -1, Infinity, Number.NaN]) {
    assertRefuses(() => huber(zeros([1]), zeros([1]), { delta }), DomainError, 'huber', /delta/);
    assertRefuses(() => smoothL1(zeros([1]), zeros([1]), { beta: delta }), DomainError, 'smoothL1', /beta/);
  }
  survives('smoothL1', smoothL1, anyOperand, anyOperand, anyOptions('reduction', 'beta'));
  assert.deepEqual(smoothL1(zeros([2]), zeros([2]), each).shape, [2]);
});
