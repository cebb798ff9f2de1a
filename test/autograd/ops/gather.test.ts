import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gather, indexAdd, indexSelect, scatterAdd, takeAlongAxis } from '../../../src/autograd/ops/gather.ts';
import {
  DeviceError,
  DomainError,
  DTypeError,
  grad,
  meta,
  type Shape,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { tensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { added, indexOf, withAxis } from '../../harness/indices.ts';
import { at, broadcastAt, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** An index that fits into x away from the axis. */
const gathers = withAxis.chain(({ x, axis, from }) => {
  const sizes = fc.tuple(
    ...x.shape.map((n, i) => (i === from ? fc.nat(n === 0 ? 0 : 5) : fc.integer({ min: n - Math.min(n, 1), max: n }))),
  );
  return sizes.chain((shape) => {
    const n = x.shape[from];
    const count = sizeOf(shape);
    return fc
      .array(fc.nat(Math.max(0, n - 1)), { minLength: count, maxLength: count })
      .map((places) => ({ inputs: [x, tensor(Int32Array.from(places), { shape })] as const, attrs: { axis }, from }));
  });
});
const scatters = gathers.chain(({ inputs: [x, index], attrs, from }) =>
  tensors(index.shape).map((src) => ({ inputs: [x, index, src] as const, attrs, from })),
);

checkOp(gather, { inputs: gathers });
checkOp(scatterAdd, { inputs: scatters });

test('gather: element i of the result is element i of x with i_axis replaced by index[i]', () => {
  fc.assert(
    fc.property(gathers, ({ inputs: [x, index], attrs, from }) => {
      const y = gather(x, index, attrs);
      assert.deepEqual(y.shape, index.shape);
      assert.deepEqual(
        [...y.data],
        valuesOf(index.shape, (i) => at(x, i.with(from, at(index, i)))),
      );
    }),
  );
});

test('scatterAdd: element i of src is added at i with i_axis replaced by index[i]', () => {
  fc.assert(
    fc.property(scatters, ({ inputs: [x, index, src], attrs, from }) => {
      const y = scatterAdd(x, index, src, attrs);
      assert.deepEqual(
        [...y.data],
        added(x, src, (i) => i.with(from, at(index, i))),
      );
    }),
  );
});

test('takeAlongAxis: as gather, with the other axes broadcast', () => {
  const pairs = withAxis.chain(({ x, axis, from }) => {
    const narrow = (flags: readonly boolean[]): Shape => x.shape.map((n, i) => (i !== from && flags[i] ? 1 : n));
    const flags = fc.tuple(...x.shape.map(() => fc.boolean()));
    return fc.tuple(flags, flags, fc.nat(x.shape[from] === 0 ? 0 : 3)).chain(([a, b, length]) => {
      const shape = narrow(a).with(from, length);
      return fc
        .tuple(tensors(narrow(b)), indexOf(shape, Math.max(1, x.shape[from])))
        .map(([t, index]) => ({ x: t, index, axis, from }));
    });
  });
  fc.assert(
    fc.property(pairs, ({ x, index, axis, from }) => {
      const y = takeAlongAxis(x, index, { axis });
      const wide = x.shape.map((n, i) => (i === from ? index.shape[i] : n === 1 ? index.shape[i] : n));
      assert.deepEqual(y.shape, wide);
      const expected = valuesOf(wide, (i) => {
        const place = broadcastAt(
          index,
          i.map((v, axis) => (axis === from && index.shape[axis] === 1 ? 0 : v)),
        );
        return at(
          x,
          i.map((v, axis) => (axis === from ? place : x.shape[axis] === 1 ? 0 : v)),
        );
      });
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('repeated places: all of it is added, in float64, x first, and rounded once', () => {
  const big = 2 ** 25;
  const x = tensor([1, 0]);
  const index = tensor([0, 0, 0], { dtype: 'int32' });
  const src = tensor([big, 1, -big]);
  assertHolds(scatterAdd(x, index, src), [2, 0]);
  assertHolds(indexAdd(x, index, src), [2, 0]);
  const order = tensor([1, 2 ** 60, -(2 ** 60)], { dtype: 'float64' });
  assertHolds(indexAdd(zeros([1], { dtype: 'float64' }), tensor([0, 0, 0], { dtype: 'int32' }), order), [0]);
  assertHolds(scatterAdd(zeros([1], { dtype: 'float64' }), tensor([0, 0, 0], { dtype: 'int32' }), order), [0]);
});

test('each is the other’s gradient: a place that is picked twice gets both', () => {
  const x = tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );
  const index = tensor([2, 0, 2], { dtype: 'int32' });
  assertHolds(grad(sum(indexSelect(x, index)), [x])[0], [
    [1, 1],
    [0, 0],
    [2, 2],
  ]);
  const pick = tensor([[1, 1, 0]], { dtype: 'int32' });
  assertHolds(gather(x, pick), [[2, 2, 1]]);
  assertHolds(grad(sum(gather(x, pick)), [x])[0], [
    [1, 2],
    [0, 0],
    [0, 0],
  ]);
});

test('a place outside the axis is refused by op, axis and index, before anything is computed', () => {
  const x = zeros([2, 3]);
  const index = (values: number[][]): Tensor => tensor(values, { dtype: 'int32' });
  for (const [place, axis] of [
    [-1, 0],
    [2, 0],
    [3, 1],
    [-3, 1],
  ]) {
    const bad = new RegExp(`index ${place} is outside axis ${axis}`);
    const one = index([[place]]);
    assertRefuses(() => gather(x, one, { axis }), DomainError, 'gather', bad);
    assertRefuses(() => takeAlongAxis(x, one, { axis }), DomainError, 'takeAlongAxis', bad);
    assertRefuses(() => scatterAdd(x, one, zeros([1, 1]), { axis }), DomainError, 'scatterAdd', bad);
    assertRefuses(() => indexSelect(x, one, { axis }), DomainError, 'indexSelect', bad);
    assertRefuses(
      () => indexAdd(x, one, zeros(x.shape.toSpliced(axis, 1, 1, 1)), { axis }),
      DomainError,
      'indexAdd',
      bad,
    );
  }
  assertRefuses(
    () => indexSelect(zeros([0]), tensor([0], { dtype: 'int32' })),
    DomainError,
    'indexSelect',
    /size is 0/,
  );
});

test('on meta an index has no values to check', () => {
  const [x, index] = [zeros([2, 3], { device: meta }), zeros([5], { dtype: 'int32', device: meta })];
  assert.deepEqual(indexSelect(x, index, { axis: 1 }).shape, [2, 5]);
  assertRefuses(() => indexSelect(x, zeros([5], { dtype: 'int32' })), DeviceError, 'indexSelect', /meta and cpu/);
});

test('operands that do not fit are refused by name', () => {
  const x = zeros([2, 3]);
  const index = zeros([2, 3], { dtype: 'int32' });
  const line = zeros([2], { dtype: 'int32' });
  for (const wrong of [zeros([2, 3]), tensor([[true]])]) {
    for (const op of [gather, takeAlongAxis, indexSelect])
      assertRefuses(() => op(x, wrong), DTypeError, op.name, /int32/);
    assertRefuses(() => scatterAdd(x, wrong, zeros(wrong.shape)), DTypeError, 'scatterAdd', /int32/);
  }
  for (const op of [gather, takeAlongAxis]) assertRefuses(() => op(x, line), ShapeError, op.name);
  for (const op of [gather, takeAlongAxis, indexSelect])
    for (const axis of [2, -3, Number.NaN, 0.5, '0' as never])
      assertRefuses(() => op(x, index, { axis }), ShapeError, op.name);
  assertRefuses(() => gather(x, zeros([3, 3], { dtype: 'int32' })), ShapeError, 'gather', /every axis but 1/);
  assertRefuses(() => takeAlongAxis(x, zeros([3, 3], { dtype: 'int32' })), ShapeError, 'takeAlongAxis', /broadcast/);
  assertRefuses(() => scatterAdd(x, index, zeros([2, 2])), ShapeError, 'scatterAdd', /shape of the index/);
  assertRefuses(() => scatterAdd(x, index, 1), ShapeError, 'scatterAdd');
  assertRefuses(() => indexAdd(x, line, zeros([3, 3])), ShapeError, 'indexAdd', /src should be \[2,3\]/);
  assertRefuses(
    () => indexAdd(x, line, zeros([2, 3], { dtype: 'float64' })),
    DTypeError,
    'indexAdd',
    /float32 and float64/,
  );
  assertRefuses(
    () => scatterAdd(tensor([true]), zeros([1], { dtype: 'int32' }), tensor([true])),
    DTypeError,
    'scatterAdd',
    /bool/,
  );
  assertRefuses(() => indexSelect(x, line, 1 as never), DomainError, 'indexSelect', /options are an object/);
  assertRefuses(() => gather(x, index, { dim: 1 } as never), DomainError, 'gather', /no option 'dim'/);
  assertRefuses(() => indexSelect(x, 1), DTypeError, 'indexSelect', /int32/);
  assertSame(gather(x, index, { axis: -1 }), gather(x, index), 'the last axis is the default');
});
