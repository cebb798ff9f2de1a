import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  concat,
  DomainError,
  DTypeError,
  grad,
  mul,
  type Range,
  ShapeError,
  slice,
  stack,
  sum,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { anyTensors, shapes, tensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { at, indices } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** One range for an axis of size n: everything, one index, or two ends that may lie outside, with or without a step. */
const range = (n: number): fc.Arbitrary<Range> => {
  const end = fc.option(fc.integer({ min: -n - 1, max: n + 1 }), { nil: undefined });
  const step = fc.constantFrom(undefined, 1, 2, 3, -1, -2, -n - 2);
  const part: fc.Arbitrary<Range> = fc.oneof(fc.tuple(end, end), fc.tuple(end, end, step));
  return n === 0
    ? fc.oneof(fc.constant(null), part)
    : fc.oneof(fc.constant(null), fc.integer({ min: -n, max: n - 1 }), part);
};
const slices = anyTensors().chain((x) =>
  fc.tuple(fc.tuple(...x.shape.map(range)), fc.nat(x.rank)).map(([ranges, count]) => ({
    inputs: [x],
    attrs: ranges.slice(0, count),
  })),
);
checkOp(slice, { inputs: slices });

const concats = fc
  .tuple(shapes({ minRank: 1 }), fc.nat(2), fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }))
  .chain(([shape, pick, sizes]) => {
    const axis = pick % shape.length;
    const parts = fc.tuple(...sizes.map((n) => tensors(shape.with(axis, n))));
    return fc
      .tuple(parts, fc.boolean())
      .map(([inputs, back]) => ({ inputs, attrs: { axis: back ? axis - shape.length : axis } }));
  });
checkOp(concat, { inputs: concats });

/**
 * What a range leaves of a list: JavaScript’s slice, then every step-th; for a negative step all of it in the reversed list,
 * where place i is n − 1 − i.
 */
function picked<T>(list: readonly T[], [from, to, step = 1]: Exclude<Range, number | null>): readonly T[] {
  const every = (part: readonly T[]): readonly T[] => part.filter((_, i) => i % step === 0);
  if (step > 0) return every(list.slice(from ?? 0, to ?? list.length));
  const n = list.length;
  const mirror = (i: number): number => Math.max(0, n - 1 - (i < 0 ? i + n : i));
  return every(list.toReversed().slice(from === undefined ? 0 : mirror(from), to === undefined ? n : mirror(to)));
}

test('slice picks what JavaScript’s slice picks on every axis; an index drops its axis', () => {
  fc.assert(
    fc.property(slices, ({ inputs: [x], attrs: ranges }) => {
      const kept = x.shape.map((n, axis) => {
        const all = Array.from({ length: n }, (_, i) => i);
        const r = ranges[axis] ?? null;
        if (r === null) return all;
        return typeof r === 'number' ? [all.at(r) as number] : picked(all, r);
      });
      const y = slice(x, ranges);
      const shape = kept.map((list) => list.length);
      assert.deepEqual(
        y.shape,
        shape.filter((_, axis) => typeof ranges[axis] !== 'number'),
      );
      const expected = indices(shape).map((index) =>
        at(
          x,
          index.map((i, axis) => kept[axis][i]),
        ),
      );
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('a part of the first axis shares storage, any other part does not', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  for (const ranges of [[[1, 3]], [1], [], [[0, 2], null], [[1]], [[1, 3, 2]], [[0, undefined, -1]]] as Range[][]) {
    const y = slice(x, ranges);
    assert.equal(y.storage, x.storage, JSON.stringify(ranges));
  }
  for (const ranges of [[null, [0, 1]], [null, 1], [1, 0], [[0, 3, 2]], [[undefined, undefined, -1]]] as Range[][])
    assert.notEqual(slice(x, ranges).storage, x.storage, JSON.stringify(ranges));
  const row = slice(slice(x, [[1]]), [1]);
  assertHolds(row, [5, 6]);
  x.assign_(mul(x, 10));
  assertHolds(row, [50, 60]);
});

test('the gradient of a slice is zero outside it', () => {
  const x = tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { requiresGrad: true },
  );
  assertHolds(grad(sum(slice(x, [1, [1]])), [x])[0], [
    [0, 0, 0],
    [0, 1, 1],
  ]);
});

test('ranges that do not fit are refused by name', () => {
  const x = zeros([2, 3]);
  assertRefuses(() => slice(x, [2]), ShapeError, 'slice', /index 2 is outside axis 0/);
  assertRefuses(() => slice(x, [null, -4]), ShapeError, 'slice', /index -4 is outside axis 1/);
  assertRefuses(() => slice(x, [null, null, null]), ShapeError, 'slice', /3 ranges for 2 axes/);
  assertRefuses(() => slice(x, [[0.5, 1]]), DomainError, 'slice', /whole numbers/);
  assertRefuses(() => slice(x, [Number.NaN]), DomainError, 'slice', /whole numbers/);
});

test('concat joins along an axis, stack along a new one', () => {
  const [a, b] = [tensor([[1, 2]]), tensor([[3, 4]])];
  assertHolds(concat([a, b]), [
    [1, 2],
    [3, 4],
  ]);
  assertHolds(concat([a, b], { axis: -1 }), [[1, 2, 3, 4]]);
  assertHolds(concat([a, zeros([0, 2]), b]), [
    [1, 2],
    [3, 4],
  ]);
  assertHolds(stack([a, b]), [[[1, 2]], [[3, 4]]]);
  assertHolds(stack([a, b], { axis: -1 }), [
    [
      [1, 3],
      [2, 4],
    ],
  ]);
  assertHolds(stack([tensor(1), tensor(2)]), [1, 2]);
  assertHolds(concat([tensor([true]), tensor([false])]), [true, false]);
});

test('stack is concat of reshaped parts: element [i, …] is part i', () => {
  const lists = shapes().chain((shape) => fc.tuple(tensors(shape), tensors(shape), fc.nat(shape.length)));
  fc.assert(
    fc.property(lists, ([a, b, axis]) => {
      const y = stack([a, b], { axis });
      assert.deepEqual(y.shape, a.shape.toSpliced(axis, 0, 2));
      for (const index of indices(a.shape))
        for (const [i, part] of [a, b].entries()) assert.equal(at(y, index.toSpliced(axis, 0, i)), at(part, index));
    }),
  );
});

test('each part gets its own gradient, also when it is the same tensor', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = tensor([3], { requiresGrad: true });
  const w = tensor([1, 10, 100, 1000, 10000]);
  const [dx, dy] = grad(sum(mul(concat([x, y, x]), w)), [x, y]);
  assertHolds(dx, [1001, 10010]);
  assertHolds(dy, [100]);
});

test('parts that do not fit are refused by name', () => {
  assertRefuses(() => concat([]), ShapeError, 'concat', /at least one/);
  assertRefuses(() => stack([]), ShapeError, 'stack', /at least one/);
  assertRefuses(() => concat([zeros([2]), zeros([2, 1])]), ShapeError, 'concat', /sizes differ/);
  assertRefuses(() => concat([zeros([2, 3]), zeros([2, 4])]), ShapeError, 'concat', /sizes differ/);
  assertRefuses(() => concat([zeros([2])], { axis: 1 }), ShapeError, 'concat', /axis 1/);
  assertRefuses(() => concat([tensor(1)]), ShapeError, 'concat', /axis 0/);
  assertRefuses(() => stack([zeros([2]), zeros([3])]), ShapeError, 'stack', /shapes differ/);
  assertRefuses(
    () => concat([zeros([2]), zeros([2], { dtype: 'float64' })]),
    DTypeError,
    'concat',
    /float32 and float64/,
  );
});
