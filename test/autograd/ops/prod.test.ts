import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { all, any, prod } from '../../../src/autograd/ops/reduce.ts';
import { DomainError, DTypeError, div, grad, ShapeError, sum, tensor, zeros } from '../../../src/index.ts';
import type { Values } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';
import { groupsOf, reductions } from '../../harness/reductions.ts';

/** Zeros are common: where gradients of products go wrong. */
const withZeros: Values = (size) =>
  fc.array(fc.constantFrom(0, 0, 0.5, -1, 1.5, 2, -0.25), { minLength: size, maxLength: size });

checkOp(prod, { inputs: reductions({ values: withZeros }) });
checkOp(any, { inputs: reductions({ dtype: 'bool' }) });
checkOp(all, { inputs: reductions({ dtype: 'bool' }) });

const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });

test('prod, any and all agree with their definition, element by element', () => {
  fc.assert(
    fc.property(
      reductions(),
      reductions({ dtype: 'bool' }),
      ({ inputs: [x], attrs }, { inputs: [p], attrs: which }) => {
        const products = groupsOf(x, attrs).map((values) => values.reduce((total, v) => total * v, 1));
        assert.deepEqual([...prod(x, attrs).data], products);
        const truths = groupsOf(p, which);
        assert.deepEqual(
          [...any(p, which).data],
          truths.map((values) => Number(values.includes(1))),
        );
        assert.deepEqual(
          [...all(p, which).data],
          truths.map((values) => Number(!values.includes(0))),
        );
      },
    ),
  );
});

test('prod: the gradient is the product of the others, past one zero and two', () => {
  const slope = (values: number[]) => {
    const x = double(values);
    return grad(prod(x), [x])[0];
  };
  assertHolds(slope([2, 3, 4]), [12, 8, 6]);
  assertHolds(slope([2, 0, 3]), [0, 6, 0]);
  assertHolds(slope([2, 0, 3, 0]), [0, 0, 0, 0]);
  assertHolds(slope([7]), [1]);
  const x = tensor(
    [
      [1, 2],
      [0, 4],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  assertHolds(grad(sum(prod(x, { axis: 0 })), [x])[0], [
    [0, 4],
    [1, 2],
  ]);
});

test('prod: scattered axes, moved by a permutation that is not its own inverse', () => {
  const shape = [2, 3, 2, 2];
  const x = tensor(
    Array.from({ length: 24 }, (_, i) => 2 ** (i % 5)),
    { dtype: 'float64', shape, requiresGrad: true },
  );
  for (const axis of [
    [0, 2],
    [0, 3],
    [0, 1, 3],
  ]) {
    const y = prod(x, { axis, keepDims: true });
    assertHolds(grad(sum(y), [x])[0], div(y, x).toArray());
  }
});

test('prod: with two zeros the second derivative by both of them is what is left', () => {
  const x = double([2, 0, 3, 0]);
  const [g] = grad(prod(x), [x], { createGraph: true });
  const pick = tensor([0, 1, 0, 0], { dtype: 'float64' });
  assertHolds(grad(g, [x], { gradOutputs: [pick] })[0], [0, 0, 0, 6]);
});

test('over no elements: the product is 1, any is false, all is true', () => {
  assertHolds(prod(zeros([2, 0]), { axis: 1 }), [1, 1]);
  assertHolds(prod(zeros([0])), 1);
  const none = zeros([0, 2], { dtype: 'bool' });
  assertHolds(any(none, { axis: 0 }), [false, false]);
  assertHolds(all(none, { axis: 0, keepDims: true }), [[true, true]]);
  assertHolds(all(tensor(true)), true);
});

test('prod of float32 is made in float64, of int32 wraps exactly, of bool is int32', () => {
  assert.equal(
    prod(tensor([1e30, 1e30, 1e-30, 1e-30])).item(),
    Math.fround(Math.fround(1e30) ** 2 * Math.fround(1e-30) ** 2),
  );
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 8 }), (values) => {
      const exact = values.reduce((total, v) => total * BigInt(v), 1n);
      assert.equal(prod(tensor(values, { dtype: 'int32' })).item(), Number(BigInt.asIntN(32, exact)));
    }),
  );
  const mask = prod(tensor([true, true]));
  assert.equal(mask.item(), 1);
  assert.equal(mask.dtype, 'int32');
});

test('any and all take bool alone; axes and options that do not exist are refused', () => {
  for (const op of [any, all]) assertRefuses(() => op(tensor([1])), DTypeError, op.record.name, /bool/);
  const [x, p] = [zeros([2, 3]), zeros([2, 3], { dtype: 'bool' })];
  for (const [name, call] of [
    ['prod', (attrs: never) => prod(x, attrs)],
    ['any', (attrs: never) => any(p, attrs)],
    ['all', (attrs: never) => all(p, attrs)],
  ] as const) {
    for (const axis of [2, -3, Number.NaN, 0.5, [0, 0], [0, -2], '0', null])
      assertRefuses(() => call({ axis } as never), ShapeError, name);
    for (const bad of [1, [0], { dim: 0 }, { keepDims: 1 }, { axis: 0, keepdim: true }])
      assertRefuses(() => call(bad as never), DomainError, name);
  }
});
