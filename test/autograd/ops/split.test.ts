import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chunk, split, unbind } from '../../../src/autograd/ops/split.ts';
import {
  concat,
  DomainError,
  DTypeError,
  grad,
  mul,
  ShapeError,
  stack,
  sum,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { withAxis } from '../../harness/indices.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** One size for all parts, or sizes that add up to n, some of them 0. */
const sizesFor = (n: number): fc.Arbitrary<number | readonly number[]> => {
  const cuts = fc.array(fc.nat(n), { maxLength: 3 }).map((list) => [0, ...list.sort((a, b) => a - b), n]);
  return fc.oneof(
    fc.integer({ min: 1, max: n + 2 }),
    cuts.map((ends) => ends.slice(1).map((end, i) => end - ends[i])),
  );
};
const splits = withAxis.chain(({ x, axis, from }) =>
  sizesFor(x.shape[from]).map((size) => ({ inputs: [x] as const, attrs: { size, axis }, from })),
);
checkOp(split, { inputs: splits });

test('split: the parts are windows one after another, and concat puts them together', () => {
  fc.assert(
    fc.property(splits, ({ inputs: [x], attrs, from }) => {
      const parts = split(x, attrs);
      let start = 0;
      for (const part of parts) {
        const expected = valuesOf(part.shape, (i) => at(x, i.with(from, i[from] + start)));
        assert.deepEqual([...part.data], expected);
        start += part.shape[from];
      }
      assert.equal(start, x.shape[from]);
      const { size } = attrs;
      const sizes = parts.map((part) => part.shape[from]);
      if (typeof size !== 'number') assert.deepEqual(sizes, size);
      else assert.ok(sizes.slice(0, -1).every((n) => n === size) && (sizes.at(-1) as number) <= size);
      assertSame(concat(parts, { axis: attrs.axis }), x, 'together');
    }),
  );
});

test('parts of the first axis share storage; a part that is not used gets no gradient', () => {
  const x = tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );
  const parts = split(x, { size: 2 });
  assertHolds(parts[0], [
    [1, 2],
    [3, 4],
  ]);
  assertHolds(parts[1], [[5, 6]]);
  for (const part of parts) assert.equal(part.storage, x.storage);
  assert.notEqual(split(x, { size: 1, axis: 1 })[0].storage, x.storage);
  assertHolds(grad(sum(mul(parts[1], tensor([10, 100]))), [x])[0], [
    [0, 0],
    [0, 0],
    [10, 100],
  ]);
});

test('chunk: at most that many parts of one size, the last may be smaller', () => {
  const sizes = (n: number, chunks: number): number[] => chunk(zeros([n]), { chunks }).map((part) => part.size);
  assert.deepEqual(sizes(6, 4), [2, 2, 2]);
  assert.deepEqual(sizes(7, 3), [3, 3, 1]);
  assert.deepEqual(sizes(2, 5), [1, 1]);
  assert.deepEqual(sizes(0, 2), [0, 0]);
  assertHolds(chunk(tensor([[1, 2, 3]]), { chunks: 2, axis: -1 })[1], [[3]]);
});

test('unbind: one part for each element, without the axis; stack puts them together', () => {
  fc.assert(
    fc.property(withAxis, ({ x, axis, from }) => {
      const parts = unbind(x, { axis });
      assert.equal(parts.length, x.shape[from]);
      for (const part of parts) assert.deepEqual(part.shape, x.shape.toSpliced(from, 1));
      if (parts.length > 0) assertSame(stack(parts, { axis: from }), x, 'together');
    }),
  );
  const x = tensor([1, 2, 3], { requiresGrad: true });
  const [a, , c] = unbind(x);
  assertHolds(grad(mul(a, c), [x])[0], [3, 0, 1]);
  assert.deepEqual(split(zeros([0, 2]), { size: [] }), []);
  assertHolds(split(zeros([0, 2]), { size: 3 })[0], []);
});

test('what does not fit is refused by name', () => {
  const x = zeros([4]);
  for (const size of [[], [1, 2], [5], [2, 2, 1]])
    assertRefuses(() => split(x, { size }), ShapeError, 'split', /add up/);
  for (const size of [0, -1, 1.5, Number.NaN, '2', null, undefined, [5, -1], [1.5, 2.5], ['4']] as never[])
    assertRefuses(() => split(x, { size }), DomainError, 'split', /whole number|list/);
  for (const chunks of [0, -1, 1.5, Number.NaN, '2', undefined] as never[])
    assertRefuses(() => chunk(x, { chunks }), DomainError, 'chunk', /whole number/);
  for (const axis of [1, -2, 0.5, Number.NaN]) {
    assertRefuses(() => split(x, { size: 1, axis }), ShapeError, 'split', /axis/);
    assertRefuses(() => chunk(x, { chunks: 1, axis }), ShapeError, 'chunk', /axis/);
    assertRefuses(() => unbind(x, { axis }), ShapeError, 'unbind', /axis/);
  }
  assertRefuses(() => split(x, 2 as never), DomainError, 'split', /options/);
  assertRefuses(() => chunk(x, 2 as never), DomainError, 'chunk', /options/);
  assertRefuses(() => unbind(x, 0 as never), DomainError, 'unbind', /options/);
  assertRefuses(() => unbind([1] as never), DTypeError, 'unbind', /takes a tensor/);
  assertRefuses(() => concat([x], 1 as never), DomainError, 'concat', /options/);
  assertRefuses(() => stack([x], 1 as never), DomainError, 'stack', /options/);
  assertRefuses(() => stack([1] as never), DTypeError, 'stack', /takes a tensor/);
});
