import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PadAttrs, pad, place } from '../../../src/autograd/ops/slice.ts';
import { DomainError, DTypeError, grad, mul, ShapeError, sum, tensor, zeros } from '../../../src/index.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

/** Room before and after each axis, a step either way, and sometimes something else than zeros around. */
const places = anyTensors().chain((x) => {
  const room = fc.tuple(...x.shape.map(() => fc.tuple(fc.nat(2), fc.nat(2), fc.constantFrom(1, 1, 2, -1, -3))));
  return fc.tuple(room, fc.constantFrom(0, 0, 1)).map(([sides, value]) => {
    const span = x.shape.map((n, i) => Math.max(0, n - 1) * Math.abs(sides[i][2]));
    const attrs = {
      start: sides.map(([before, , step], i) => before + (step < 0 ? span[i] : 0)),
      shape: x.shape.map((n, i) => sides[i][0] + sides[i][1] + (n === 0 ? span[i] : span[i] + 1)),
      step: sides.map(([, , step]) => step),
    };
    return { inputs: [x], attrs: value === 0 ? attrs : { ...attrs, value } };
  });
});
checkOp(place, { inputs: places });

test('place: element start + i·step of the result is element i, and the others are the value', () => {
  fc.assert(
    fc.property(places, ({ inputs: [x], attrs }) => {
      const { start, shape, step, value = 0 } = { value: 0, ...attrs };
      const own = (index: readonly number[]): number[] => index.map((i, axis) => (i - start[axis]) / step[axis]);
      const inside = (index: readonly number[]): boolean =>
        own(index).every((i, axis) => Number.isInteger(i) && i >= 0 && i < x.shape[axis]);
      const expected = valuesOf(shape, (index) => (inside(index) ? at(x, own(index)) : value));
      assert.deepEqual([...place(x, attrs).data], expected);
    }),
  );
});

test('place puts x among zeros, and refuses what does not fit', () => {
  const x = tensor([[1, 2]]);
  assertHolds(place(x, { start: [1, 0], shape: [2, 3] }), [
    [0, 0, 0],
    [1, 2, 0],
  ]);
  assertHolds(place(tensor([true]), { start: [1], shape: [3] }), [false, true, false]);
  for (const [start, shape] of [
    [
      [0, 2],
      [1, 3],
    ],
    [[0], [1, 2]],
    [[0, 0], [2]],
    [
      [0, 0, 0],
      [1, 2],
    ],
  ])
    assertRefuses(() => place(x, { start, shape }), ShapeError, 'place', /does not fit/);
  for (const [start, shape] of [
    [
      [-1, 0],
      [2, 3],
    ],
    [
      [0, 0.5],
      [2, 3],
    ],
    [
      [0, 0],
      [1.5, 3],
    ],
  ])
    assertRefuses(() => place(x, { start, shape }), DomainError, 'place');
});

test('place: another value, any step, and the kinds of operands that cannot hold the value', () => {
  const x = tensor([1, 2]);
  assertHolds(place(x, { start: [3], shape: [5], step: [-2], value: -1 }), [-1, 2, -1, 1, -1]);
  assertHolds(place(tensor(3), { start: [], shape: [] }), 3);
  assertHolds(place(x, { start: [0], shape: [3], value: Number.NaN }), [1, 2, Number.NaN]);
  for (const step of [[0], [0.5], ['1'], [Number.NaN], 'x', null] as never[])
    assertRefuses(() => place(x, { start: [0], shape: [4], step }), DomainError, 'place');
  for (const [start, step] of [
    [0, 4],
    [3, 2],
    [0, -1],
    [4, -1],
  ])
    assertRefuses(() => place(x, { start: [start], shape: [4], step: [step] }), ShapeError, 'place', /does not fit/);
  assertRefuses(() => place(tensor([true]), { start: [0], shape: [2], value: 2 }), DTypeError, 'place', /bool/);
  assertRefuses(
    () => place(zeros([1], { dtype: 'int32' }), { start: [0], shape: [2], value: 0.5 }),
    DTypeError,
    'place',
  );
});

/** Which element of an axis of size n stands at place i, by walking there one step at a time. */
const walks: Readonly<Record<string, (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  wrap(i, n) {
    let at = i;
    while (at < 0) at += n;
    while (at >= n) at -= n;
    return at;
  },
  reflect(i, n) {
    let at = i;
    while (n > 1 && (at < 0 || at >= n)) at = at < 0 ? -at : 2 * (n - 1) - at;
    return n > 1 ? at : 0;
  },
};

/** A tensor and how to pad it; an axis without elements is repeated by no mode, so it gets nothing. */
const padded = fc.constantFrom<NonNullable<PadAttrs['mode']>>('constant', 'edge', 'reflect', 'wrap').chain((mode) =>
  anyTensors().chain((x) => {
    const side = (n: number) => (n === 0 && mode !== 'constant' ? fc.constant(0) : fc.nat(5));
    const width = fc.tuple(...x.shape.map((n) => fc.tuple(side(n), side(n))));
    return width.map((pairs) => [x, { width: pairs, mode }] as const);
  }),
);

test('pad: element before + i of the result is element i; the mode says what the others are', () => {
  fc.assert(
    fc.property(padded, fc.constantFrom(0, 2.5), ([x, attrs], value) => {
      const { width, mode } = attrs;
      const constant = mode === 'constant';
      const y = pad(x, constant ? { ...attrs, value } : attrs);
      assert.deepEqual(
        y.shape,
        x.shape.map((n, i) => n + width[i][0] + width[i][1]),
      );
      const expected = valuesOf(y.shape, (index) => {
        const own = index.map((i, axis) => i - width[axis][0]);
        if (!constant)
          return at(
            x,
            own.map((i, axis) => walks[mode](i, x.shape[axis])),
          );
        return own.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, own) : value;
      });
      assert.deepEqual([...y.data], expected);
    }),
  );
});

test('pad: the gradient of an element is the sum over the places where it stands', () => {
  fc.assert(
    fc.property(padded, ([x, attrs]) => {
      const y = pad(x, attrs);
      const leaf = tensor(x.data, { shape: x.shape, requiresGrad: true });
      const weight = tensor(
        Float64Array.from(y.data, (_, i) => (i % 7) - 3),
        { shape: y.shape },
      );
      const [g] = grad(sum(mul(pad(leaf, attrs), weight)), [leaf]);
      const numbers = Float64Array.from(x.data, (_, i) => i);
      const source = pad(tensor(numbers, { shape: x.shape }), {
        ...attrs,
        ...(attrs.mode === 'constant' && { value: -1 }),
      });
      const expected = new Float64Array(x.size);
      for (const [i, from] of source.data.entries()) if (from >= 0) expected[from] += weight.data[i];
      assert.deepEqual([...g.data], [...expected]);
    }),
  );
});

test('pad: one number is both sides of every axis; nothing to add gives the same values', () => {
  const x = tensor([[1, 2]]);
  assertHolds(pad(x, { width: 1, value: 9 }), [
    [9, 9, 9, 9],
    [9, 1, 2, 9],
    [9, 9, 9, 9],
  ]);
  for (const mode of ['constant', 'edge', 'reflect', 'wrap'] as const) assertSame(pad(x, { width: 0, mode }), x, mode);
  assertHolds(pad(tensor([1, 2, 3]), { width: [[5, 4]], mode: 'reflect' }), [2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3]);
  assertHolds(pad(tensor([true]), { width: [[1, 0]] }), [false, true]);
  assertHolds(pad(tensor(5), { width: [] }), 5);
});

test('pad: what does not fit is refused by name', () => {
  const x = zeros([2, 3]);
  for (const width of [
    [],
    [[1, 1]],
    [[1, 1], [1]],
    [[1, 1, 1], []],
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  ] as never[])
    assertRefuses(() => pad(x, { width }), ShapeError, 'pad');
  for (const width of [
    -1,
    0.5,
    Number.NaN,
    null,
    'x',
    [1, 1],
    [
      ['1', 1],
      [0, 0],
    ],
    [
      [-1, 0],
      [0, 0],
    ],
  ] as never[])
    assertRefuses(() => pad(x, { width }), DomainError, 'pad');
});

test('pad: a mode or a value that does not fit is refused by name', () => {
  const x = zeros([2, 3]);
  assertRefuses(
    () => pad(x, { width: 1, mode: 'circular' as never }),
    DomainError,
    'pad',
    /constant, edge, reflect, wrap/,
  );
  assertRefuses(() => pad(x, { width: 1, mode: 'edge', value: 1 }), DomainError, 'pad', /no use/);
  assertRefuses(() => pad(x, { width: 1, value: '1' as never }), DomainError, 'pad', /number/);
  assertRefuses(() => pad(zeros([0]), { width: 1, mode: 'wrap' }), ShapeError, 'pad', /element to repeat/);
  assertRefuses(() => pad(tensor([true]), { width: 1, value: 2 }), DTypeError, 'pad', /cannot hold/);
  assertRefuses(() => pad(x, [1, 1] as never), DomainError, 'pad', /options/);
  assertRefuses(() => pad(x, { start: [1, 1] } as never), DomainError, 'pad', /no option 'start'/);
});
