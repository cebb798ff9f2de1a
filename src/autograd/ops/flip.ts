import { concatKernel, windowKernel } from '../../tensor/cpu/layout.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { axesOf, checkList, checkOptions, checkTensor, checkWhole, checkWholes } from '../options.ts';
import type { Range } from './range.ts';
import { slice } from './slice.ts';

/**
 * The given axes in reverse order, all of them by default.
 * @throws ShapeError when an axis does not exist or repeats
 */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('flip', x);
  const turned = axesOf('flip', axes, x);
  const back: Range = [undefined, undefined, -1];
  return slice(
    x,
    x.shape.map((_, i) => (turned.includes(i) ? back : null)),
  );
}

/** How far, and along which axes, elements move round. */
export interface RollAttrs {
  /** Places towards the end; negative towards the start. One number for each axis. */
  readonly shift: number | readonly number[];
  /** Without one, x is rolled as one line of elements and then given its shape back. An axis named twice moves twice. */
  readonly axis?: number | readonly number[];
}

const listOf = (x: number | readonly number[]): readonly number[] => (typeof x === 'number' ? [x] : x);

/** Pairs of axis and shift; axis null is the line of all elements. */
function turnsOf(x: Tensor, { shift, axis }: RollAttrs): readonly (readonly [axis: number | null, shift: number])[] {
  if (axis === undefined) {
    checkWhole('roll', 'shift without an axis', shift);
    return [[null, shift as number]];
  }
  const [shifts, axes] = [listOf(shift), listOf(axis)];
  checkWholes('roll', 'shift', shifts);
  checkList('roll', 'axis', axes);
  if (shifts.length !== axes.length)
    throw new ShapeError('roll', `${shifts.length} shifts for ${axes.length} axes`, [x.shape]);
  return axes.map((a, i) => [resolveAxis('roll', a, x.shape), shifts[i]]);
}

/** x moved round along one axis, in storage of its own unless nothing moves. */
function turned(x: Tensor, axis: number, shift: number): Tensor {
  const n = x.shape[axis];
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  if (by === 0) return x;
  const part = (from: number, size: number): Tensor =>
    windowKernel([x], { start: x.shape.map((_, i) => (i === axis ? from : 0)), shape: x.shape.with(axis, size) });
  return concatKernel([part(n - by, by), part(0, n - by)], axis);
}

/**
 * Elements moved along axes, those that leave at one end coming back at the other: y[(i + shift) mod n] = x[i].
 * @throws ShapeError when an axis does not exist, or there is not one shift for each; DomainError when a shift is not a
 * whole number
 */
export const roll: Op<1, RollAttrs> = /* @__PURE__ */ defineOp({
  name: 'roll',
  arity: 1,
  signature: '… :any -> … :any',
  check([x], attrs) {
    checkOptions('roll', attrs, ['shift', 'axis']);
    turnsOf(x, attrs);
  },
  forward({ inputs: [x], attrs }) {
    const moved = turnsOf(x, attrs).reduce(
      (y, [axis, shift]) => (axis === null ? turned(y.rawView([y.size]), 0, shift) : turned(y, axis, shift)),
      x,
    );
    return moved.rawView(x.shape);
  },
  backward: ({ dy, attrs: { shift, ...rest } }) => [
    roll(dy, { ...rest, shift: typeof shift === 'number' ? -shift : shift.map((by) => -by) }),
  ],
});
