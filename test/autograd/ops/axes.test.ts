import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  flatten,
  moveAxis,
  permute,
  reshape,
  squeeze,
  transpose,
  unsqueeze,
} from '../../../src/autograd/ops/layout.ts';
import { DomainError, DTypeError, grad, mul, ShapeError, sum, tensor, zeros } from '../../../src/index.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, indices } from '../../harness/naive.ts';

/** A tensor and places for new axes in a result of rank `rank + places.length`, counted from either end. */
const widened = fc.tuple(anyTensors(), fc.nat(2)).chain(([x, more]) => {
  const rank = x.rank + more;
  const places = fc.shuffledSubarray(
    Array.from({ length: rank }, (_, i) => i),
    { minLength: more, maxLength: more },
  );
  return fc.tuple(fc.constant(x), places, fc.boolean()).map(([t, list, back]) => ({
    x: t,
    places: list,
    named: back ? list.map((axis) => axis - rank) : list,
  }));
});

test('unsqueeze: the named axes have size 1, the others those of x in order; squeeze takes them away again', () => {
  fc.assert(
    fc.property(widened, ({ x, places, named }) => {
      const y = unsqueeze(x, named);
      assert.equal(y.rank, x.rank + places.length);
      for (const axis of places) assert.equal(y.shape[axis], 1);
      assert.deepEqual(
        y.shape.filter((_, i) => !places.includes(i)),
        x.shape,
      );
      assert.equal(y.storage, x.storage);
      assertSame(squeeze(y, named), x, 'there and back');
      assert.equal(squeeze(y).storage, x.storage);
      assert.deepEqual(
        squeeze(y).shape,
        x.shape.filter((n) => n !== 1),
      );
    }),
  );
});

test('squeeze and unsqueeze: one axis, and the gradient in the shape of x', () => {
  const x = tensor([[[1], [2]]], { requiresGrad: true });
  assertHolds(squeeze(x, -1), [[1, 2]]);
  assertHolds(squeeze(x), [1, 2]);
  assertHolds(squeeze(x, []), [[[1], [2]]]);
  assertHolds(unsqueeze(tensor([1, 2]), 1), [[1], [2]]);
  assertHolds(unsqueeze(tensor(3), [0, -1]), [[3]]);
  assertHolds(grad(sum(mul(squeeze(x), tensor([3, 4]))), [x])[0], [[[3], [4]]]);
});

test('moveAxis: axis `from` is axis `to` of the result, the others stay in order', () => {
  const cases = anyTensors({ minRank: 1 }).chain((x) => {
    const axis = fc.integer({ min: -x.rank, max: x.rank - 1 });
    return fc.tuple(fc.constant(x), axis, axis);
  });
  fc.assert(
    fc.property(cases, ([x, from, to]) => {
      const y = moveAxis(x, from, to);
      const [source, target] = [from, to].map((axis) => (axis < 0 ? axis + x.rank : axis));
      const moved = (list: readonly number[]): number[] => list.toSpliced(source, 1).toSpliced(target, 0, list[source]);
      assert.deepEqual(y.shape, moved(x.shape));
      for (const index of indices(x.shape)) assert.equal(at(y, moved(index)), at(x, index));
    }),
  );
});

test('flatten: a run of axes becomes one, in the same order', () => {
  fc.assert(
    fc.property(anyTensors({ minRank: 1 }), fc.nat(), fc.nat(), (x, a, b) => {
      const [start, end] = [a % x.rank, b % x.rank].sort((p, q) => p - q);
      const y = flatten(x, { start: start - x.rank, end });
      const middle = sizeOf(x.shape.slice(start, end + 1));
      assert.deepEqual(y.shape, [...x.shape.slice(0, start), middle, ...x.shape.slice(end + 1)]);
      assert.deepEqual([...y.data], [...x.data]);
      assert.equal(y.storage, x.storage);
      assert.deepEqual(flatten(x).shape, [x.size]);
    }),
  );
  assertHolds(flatten(tensor(2)), [2]);
});

test('what does not fit is refused by name', () => {
  const x = zeros([2, 1, 3]);
  for (const axes of [0, 3, -4, 0.5, Number.NaN, [1, 1], [1, -2], [3], 'x', {}] as never[])
    assertRefuses(() => squeeze(x, axes), ShapeError, 'squeeze', /ax[ei]s/);
  for (const axes of [4, -5, 0.5, Number.NaN, [0, 0], [0, -5], [5, 0]])
    assertRefuses(() => unsqueeze(x, axes), ShapeError, 'unsqueeze', /ax[ei]s/);
  for (const axes of ['x', undefined, {}] as never[])
    assertRefuses(() => unsqueeze(x, axes), DomainError, 'unsqueeze', /list/);
  for (const axis of [3, -4, 0.5, Number.NaN, 'x', undefined] as never[]) {
    assertRefuses(() => moveAxis(x, axis, 0), ShapeError, 'moveAxis', /axis/);
    assertRefuses(() => moveAxis(x, 0, axis), ShapeError, 'moveAxis', /axis/);
    if (axis !== undefined) assertRefuses(() => transpose(x, axis, 0), ShapeError, 'transpose', /axis/);
    if (axis !== undefined) assertRefuses(() => flatten(x, { end: axis }), ShapeError, 'flatten', /axis/);
  }
  assertRefuses(() => flatten(x, { start: 2, end: 1 }), ShapeError, 'flatten', /comes before/);
  assertRefuses(() => flatten(x, 1 as never), DomainError, 'flatten', /options/);
  for (const list of [6, 'x', null, undefined, {}] as never[]) {
    assertRefuses(() => reshape(x, list), DomainError, 'reshape', /list/);
    assertRefuses(() => permute(x, list), DomainError, 'permute', /list/);
  }
  for (const op of [squeeze, flatten, transpose])
    assertRefuses(() => op([1] as never), DTypeError, op.name, /takes a tensor/);
  assertRefuses(() => unsqueeze(1 as never, 0), DTypeError, 'unsqueeze', /takes a tensor/);
  assertRefuses(() => moveAxis(null as never, 0, 0), DTypeError, 'moveAxis', /takes a tensor/);
});
