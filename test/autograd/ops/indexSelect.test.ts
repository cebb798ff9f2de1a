import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indexAdd, indexSelect } from '../../../src/autograd/ops/gather.ts';
import { tensor } from '../../../src/index.ts';
import { shapes, tensors } from '../../harness/arbitraries.ts';
import { assertHolds } from '../../harness/compare.ts';
import { added, indexOf, withAxis } from '../../harness/indices.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

const selections = withAxis.chain(({ x, axis, from }) =>
  shapes({ maxRank: 2, maxSize: 3 })
    .chain((shape) => indexOf(shape, x.shape[from]))
    .map((index) => ({ inputs: [x, index] as const, attrs: { axis }, from })),
);
const additions = selections.chain(({ inputs: [x, index], attrs, from }) =>
  tensors(x.shape.toSpliced(from, 1, ...index.shape)).map((src) => ({ inputs: [x, index, src] as const, attrs, from })),
);

checkOp(indexSelect, { inputs: selections });
checkOp(indexAdd, { inputs: additions });

test('indexSelect: element [head, j…, tail] of the result is element [head, index[j…], tail]', () => {
  fc.assert(
    fc.property(selections, ({ inputs: [x, index], attrs, from }) => {
      const y = indexSelect(x, index, attrs);
      assert.deepEqual(y.shape, [...x.shape.slice(0, from), ...index.shape, ...x.shape.slice(from + 1)]);
      const expected = valuesOf(y.shape, (i) => {
        const place = at(index, i.slice(from, from + index.rank));
        return at(x, [...i.slice(0, from), place, ...i.slice(from + index.rank)]);
      });
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('indexAdd: element [head, j…, tail] of src is added at [head, index[j…], tail]', () => {
  fc.assert(
    fc.property(additions, ({ inputs: [x, index, src], attrs, from }) => {
      const y = indexAdd(x, index, src, attrs);
      const place = (i: readonly number[]): readonly number[] => [
        ...i.slice(0, from),
        at(index, i.slice(from, from + index.rank)),
        ...i.slice(from + index.rank),
      ];
      assert.deepEqual([...y.data], added(x, src, place));
    }),
  );
});

test('an index without axes takes the axis away, one with two puts both in its place', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  assertHolds(indexSelect(x, tensor(1, { dtype: 'int32' })), [3, 4]);
  assertHolds(indexSelect(x, tensor([[1, 0]], { dtype: 'int32' }), { axis: 1 }), [[[2, 1]], [[4, 3]]]);
  assertHolds(indexSelect(tensor([true, false]), tensor([1, 1, 0], { dtype: 'int32' })), [false, false, true]);
  assertHolds(
    indexAdd(tensor([5, 6], { dtype: 'int32' }), tensor([1], { dtype: 'int32' }), tensor([4], { dtype: 'int32' })),
    [5, 10],
  );
});
