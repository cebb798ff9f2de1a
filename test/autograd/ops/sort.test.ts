import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gather } from '../../../src/autograd/ops/gather.ts';
import { argsort, sort, topk } from '../../../src/autograd/ops/sort.ts';
import { DomainError, DTypeError, grad, mul, ShapeError, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { anyTensors, distinct } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, indices } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** Values few enough to be equal often, NaN and both zeros among them. */
const crowded = (size: number): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.constantFrom(-Infinity, -1, -0, 0, 1, 2, Infinity, Number.NaN), { minLength: size, maxLength: size });

const sorts = (values: typeof crowded) =>
  anyTensors({ minRank: 1, values }).chain((x) =>
    fc
      .record({ axis: fc.integer({ min: -x.rank, max: x.rank - 1 }), descending: fc.boolean() })
      .map((attrs) => ({ inputs: [x] as const, attrs })),
  );
const choices = (values: typeof crowded) =>
  sorts(values).chain(({ inputs: [x], attrs: { axis, descending } }) =>
    fc.nat(x.shape.at(axis) as number).map((k) => ({ inputs: [x] as const, attrs: { k, axis, largest: descending } })),
  );

checkOp(sort, { inputs: sorts(distinct) });
checkOp(topk, { inputs: choices(distinct) });

/** Places along one axis in order, by counting for each how many come before it. */
function ranked(line: readonly number[], descending: boolean): number[] {
  const rank = (v: number): number => (Number.isNaN(v) ? 2 : v === Infinity ? 1 : 0);
  const less = (a: number, b: number): boolean => rank(a) < rank(b) || (rank(a) === rank(b) && a < b);
  const before = (i: number, j: number): boolean => {
    const [p, q] = descending ? [line[j], line[i]] : [line[i], line[j]];
    return less(p, q) || (!less(q, p) && i < j);
  };
  const places: number[] = [];
  for (const i of line.keys()) places[line.filter((_, j) => j !== i && before(j, i)).length] = i;
  return places;
}

function assertRanked(x: Tensor, ys: readonly Tensor[], axis: number, count: number, descending: boolean): void {
  const from = axis < 0 ? axis + x.rank : axis;
  const [values, index] = ys;
  for (const y of ys) assert.deepEqual(y.shape, x.shape.with(from, count));
  assert.equal(index.dtype, 'int32');
  for (const i of indices(x.shape.with(from, 1))) {
    const line = Array.from({ length: x.shape[from] }, (_, j) => at(x, i.with(from, j)));
    for (const [j, place] of ranked(line, descending).slice(0, count).entries()) {
      assert.equal(at(index, i.with(from, j)), place);
      assert.ok(Object.is(at(values, i.with(from, j)), line[place]));
    }
  }
}

test('sort: as many come before each as are smaller, or equal and earlier; NaN is larger than all', () => {
  fc.assert(
    fc.property(sorts(crowded), ({ inputs: [x], attrs }) => {
      assertRanked(x, sort(x, attrs), attrs.axis, x.shape.at(attrs.axis) as number, attrs.descending);
      assertSame(argsort(x, attrs), sort(x, attrs)[1], 'argsort');
    }),
  );
});

test('topk: the first k of the sorted axis', () => {
  fc.assert(
    fc.property(choices(crowded), ({ inputs: [x], attrs }) =>
      assertRanked(x, topk(x, attrs), attrs.axis, attrs.k, attrs.largest),
    ),
  );
});

test('the values are what gather takes at the indices', () => {
  fc.assert(
    fc.property(sorts(crowded), ({ inputs: [x], attrs }) => {
      const [values, index] = sort(x, attrs);
      assertSame(gather(x, index, { axis: attrs.axis }), values, 'gathered');
    }),
  );
});

test('any dtype is sorted; an axis without elements stays so; one of one element too', () => {
  assertHolds(sort(tensor([true, false, true]))[0], [false, true, true]);
  assertHolds(sort(tensor([3, -1, 2], { dtype: 'int32' }), { descending: true })[0], [3, 2, -1]);
  assertHolds(sort(tensor([3, -1, 2], { dtype: 'int32' }), { descending: true })[1], [0, 2, 1]);
  assertHolds(sort(zeros([2, 0]))[1], [[], []]);
  assertHolds(topk(zeros([2, 0]), { k: 0 })[0], [[], []]);
  assertHolds(topk(tensor([5]), { k: 1 })[1], [0]);
  assertHolds(topk(tensor([1, 9, 5, 9]), { k: 2 })[1], [1, 3]);
  assertHolds(topk(tensor([1, 9, 5, 1]), { k: 2, largest: false })[1], [0, 3]);
  assertHolds(topk(tensor([1, Number.NaN, 5]), { k: 2 })[0], [Number.NaN, 5]);
  assertHolds(topk(tensor([Number.NaN, 1, 5]), { k: 2, largest: false })[0], [1, 5]);
});

test('the gradient goes back through the permutation, ties in the order in which they were taken', () => {
  const x = tensor([2, 1, 2, 0], { requiresGrad: true });
  const w = tensor([1, 10, 100, 1000]);
  assertHolds(grad(sum(mul(sort(x)[0], w)), [x])[0], [100, 10, 1000, 1]);
  assertHolds(grad(sum(mul(topk(x, { k: 2 })[0], tensor([1, 10]))), [x])[0], [1, 0, 10, 0]);
  assert.equal(sort(x)[1].requiresGrad, false);
  assert.equal(argsort(x).requiresGrad, false);
});

test('what does not fit is refused by name', () => {
  const x = zeros([2, 3]);
  for (const axis of [2, -3, Number.NaN, 0.5, 'x' as never]) {
    assertRefuses(() => sort(x, { axis }), ShapeError, 'sort');
    assertRefuses(() => topk(x, { k: 1, axis }), ShapeError, 'topk');
  }
  for (const k of [-1, 4, 1.5, Number.NaN, '1' as never, undefined as never])
    assertRefuses(() => topk(x, { k }), DomainError, 'topk', /\bk\b/);
  assertRefuses(() => sort(tensor(1)), ShapeError, 'sort');
  assertRefuses(() => sort(x, { descending: 1 as never }), DomainError, 'sort', /true or false/);
  assertRefuses(() => topk(x, { k: 1, largest: 'no' as never }), DomainError, 'topk', /true or false/);
  assertRefuses(() => sort(x, -1 as never), DomainError, 'sort', /options are an object/);
  assertRefuses(() => topk(x, 2 as never), DomainError, 'topk', /options are an object/);
  assertRefuses(() => argsort([1] as never), DTypeError, 'argsort', /takes a tensor/);
});
