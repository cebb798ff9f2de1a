import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flip, type RollAttrs, roll } from '../../../src/autograd/ops/flip.ts';
import { DomainError, DTypeError, grad, mul, ShapeError, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { at, valuesOf } from '../../harness/naive.ts';
import { checkOp } from '../../harness/op.ts';

const shift = fc.integer({ min: -9, max: 9 });

/** Round the line of all elements, one axis or several, one of them perhaps twice. */
const rollsOf = (x: Tensor): fc.Arbitrary<RollAttrs> => {
  const line = shift.map((by): RollAttrs => ({ shift: by }));
  if (x.rank === 0) return line;
  const axis = fc.integer({ min: -x.rank, max: x.rank - 1 });
  const one = fc.record({ shift, axis });
  const several = fc
    .array(fc.tuple(shift, axis), { maxLength: 3 })
    .map((pairs): RollAttrs => ({ shift: pairs.map(([by]) => by), axis: pairs.map(([, a]) => a) }));
  return fc.oneof(line, one, several);
};
const rolls = anyTensors().chain((x) => rollsOf(x).map((attrs) => ({ inputs: [x] as const, attrs })));
checkOp(roll, { inputs: rolls });

const modulo = (i: number, n: number): number => ((i % n) + n) % n;

test('roll: y at (i + shift) mod n is x at i, for each axis in turn', () => {
  fc.assert(
    fc.property(rolls, ({ inputs: [x], attrs }) => {
      const y = roll(x, attrs);
      if (attrs.axis === undefined) {
        const by = attrs.shift as number;
        assert.deepEqual(
          [...y.data],
          Array.from(x.data, (_, i) => x.data[modulo(i - by, x.size)]),
        );
        return;
      }
      const total = x.shape.map(() => 0);
      for (const [i, by] of [attrs.shift].flat().entries()) total[modulo([attrs.axis].flat()[i], x.rank)] += by;
      const from = (index: readonly number[]): number[] =>
        index.map((i, axis) => modulo(i - total[axis], x.shape[axis]));
      assert.deepEqual(
        [...y.data],
        valuesOf(x.shape, (index) => at(x, from(index))),
      );
    }),
  );
});

const flips = anyTensors().chain((x) => fc.tuple(fc.constant(x), fc.subarray(x.shape.map((_, i) => i)), fc.boolean()));

test('flip: y at n − 1 − i is x at i, and twice it is x', () => {
  fc.assert(
    fc.property(flips, ([x, axes, back]) => {
      const named = axes.map((axis) => (back ? axis - x.rank : axis));
      const y = flip(x, named);
      const turned = (index: readonly number[]): number[] =>
        index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i));
      assert.deepEqual(
        [...y.data],
        valuesOf(x.shape, (index) => at(x, turned(index))),
      );
      assertSame(flip(y, named), x, 'twice');
    }),
  );
});

test('flip: one axis, all axes, and the gradient flipped back', () => {
  const x = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
  assertHolds(flip(x, 1), [
    [2, 1],
    [4, 3],
  ]);
  assertHolds(flip(x), [
    [4, 3],
    [2, 1],
  ]);
  assertHolds(flip(tensor([true, false])), [false, true]);
  assertHolds(flip(tensor(1)), 1);
  assertHolds(
    grad(
      sum(
        mul(
          flip(x, 0),
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
      [x],
    )[0],
    [
      [3, 4],
      [1, 2],
    ],
  );
});

test('what does not fit is refused by name', () => {
  const x = zeros([2, 3]);
  for (const axes of [2, -3, 0.5, Number.NaN, [0, 0], [0, -2], [2], 'x', {}] as never[])
    assertRefuses(() => flip(x, axes), ShapeError, 'flip', /ax[ei]s/);
  assertRefuses(() => flip([1] as never), DTypeError, 'flip');
  for (const axis of [2, -3, 0.5, Number.NaN, [2]] as never[])
    assertRefuses(() => roll(x, { shift: [1], axis }), ShapeError, 'roll', /axis/);
  for (const attrs of [
    { shift: [1, 2], axis: 0 },
    { shift: 1, axis: [0, 1] },
  ])
    assertRefuses(() => roll(x, attrs), ShapeError, 'roll', /shifts for/);
  for (const by of [0.5, Number.NaN, Infinity, '1', undefined, [0.5], [1]] as never[])
    assertRefuses(() => roll(x, { shift: by }), DomainError, 'roll', /shift/);
  assertRefuses(() => roll(x, { shift: 0.5, axis: 0 }), DomainError, 'roll', /shift/);
  assertRefuses(() => roll(x, { shift: 1, axis: 'x' as never }), DomainError, 'roll', /axis is a list/);
  assertRefuses(() => roll(x, 1 as never), DomainError, 'roll', /options are an object/);
});
