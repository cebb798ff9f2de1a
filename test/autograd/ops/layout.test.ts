import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  grad,
  mul,
  permute,
  reshape,
  type Shape,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '../../../src/index.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, indices } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** A tensor and another shape of its size, sometimes with one −1. */
const reshapes = anyTensors().chain((x) => {
  const { size } = x;
  const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((d) => size % d === 0);
  const split: fc.Arbitrary<Shape> =
    size === 0 ? fc.constantFrom([0], [3, 0], [0, 2]) : fc.constantFrom(...divisors).map((d) => [d, size / d]);
  const open = split.chain((shape) => fc.constantFrom(shape, [...shape, 1], [shape[0], -1].slice(0, shape.length)));
  return fc
    .constantFrom(x.shape, [size], [-1], size === 1 ? [] : [1, size])
    .chain((plain) =>
      fc.oneof(fc.constant(plain), size === 0 ? split : open).map((shape) => ({ inputs: [x], attrs: shape as Shape })),
    );
});
checkOp(reshape, { inputs: reshapes });

/** A tensor and an order of its axes, some counted from the end. */
const permutations = anyTensors().chain((x) => {
  const axes = x.shape.map((_, i) => i);
  const order = fc.shuffledSubarray(axes, { minLength: axes.length });
  const signs = fc.array(fc.boolean(), { minLength: axes.length, maxLength: axes.length });
  return fc.tuple(order, signs).map(([list, back]) => ({
    inputs: [x],
    attrs: list.map((axis, i) => (back[i] ? axis - axes.length : axis)),
  }));
});
checkOp(permute, { inputs: permutations });

test('reshape keeps the order of the elements and shares storage', () => {
  fc.assert(
    fc.property(reshapes, ({ inputs: [x], attrs: shape }) => {
      const y = reshape(x, shape);
      assert.equal(sizeOf(y.shape), x.size);
      assert.equal(y.storage, x.storage);
      assert.deepEqual([...y.data], [...x.data]);
    }),
  );
});

test('permute: y[i_a0, i_a1, …] = x[i_0, i_1, …], in storage of its own', () => {
  fc.assert(
    fc.property(permutations, ({ inputs: [x], attrs }) => {
      const y = permute(x, attrs);
      const axes = attrs.map((axis) => (axis < 0 ? axis + x.rank : axis));
      assert.notEqual(y.storage, x.storage);
      for (const index of indices(x.shape))
        assert.equal(
          at(
            y,
            axes.map((axis) => index[axis]),
          ),
          at(x, index),
        );
    }),
  );
});

test('transpose exchanges two axes, the last two by default, and undoes itself', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assertHolds(transpose(x), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  fc.assert(
    fc.property(anyTensors({ minRank: 1 }), fc.nat(2), fc.nat(2), (t, a, b) => {
      const [p, q] = [a % t.rank, (b % t.rank) - t.rank];
      const once = transpose(t, p, q);
      assert.deepEqual(once.shape, t.shape.with(p, t.shape.at(q) as number).with(q, t.shape[p]));
      assertSame(transpose(once, p, q), t, 'twice');
    }),
  );
  assertRefuses(() => transpose(zeros([3])), ShapeError, 'transpose', /axis -2/);
});

test('transpose: the gradient is transposed back', () => {
  const x = tensor([[1, 2, 3]], { requiresGrad: true });
  const w = tensor([[10], [20], [30]]);
  assertHolds(grad(sum(mul(transpose(x), w)), [x])[0], [[10, 20, 30]]);
});

test('shapes and axes that do not fit are refused by name', () => {
  const x = zeros([2, 3]);
  for (const shape of [[5], [4, -1], [-1, -1], [2.5, 2.4], [], [-6], [0, -1]])
    assertRefuses(() => reshape(x, shape), ShapeError, 'reshape');
  for (const axes of [[0], [0, 0], [0, 2], [0, 1, 2], [0.5, 1], [], [1, -1]])
    assertRefuses(() => permute(x, axes), ShapeError, 'permute');
});

test('a shape that the caller changes later changes no tensor', () => {
  const shape = [3, 2];
  const y = reshape(zeros([2, 3]), shape);
  shape[0] = 9;
  assert.deepEqual(y.shape, [3, 2]);
});

test('layout ops move any dtype', () => {
  const values: readonly Tensor[] = [tensor([[true, false]]), tensor([[1, 2]], { dtype: 'int32' })];
  for (const x of values) {
    assert.equal(reshape(x, [2]).dtype, x.dtype);
    assert.deepEqual(
      permute(x, [1, 0]).toArray(),
      (x.toArray() as unknown[][])[0].map((v) => [v]),
    );
  }
});
