import type { Window } from '../../tensor/cpu/layout.ts';
import { DomainError, type Shape, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkList } from '../options.ts';

/**
 * Part of one axis: an index (the axis goes); `[start, stop)`, every `step`-th, where any of the three may be left out; or
 * null for all of it. A negative step walks back, from the last element unless `start` says otherwise.
 */
export type Range =
  | number
  | readonly [start?: number | undefined, stop?: number | undefined, step?: number | undefined]
  | null;

/** One axis of a window: count elements, `step` apart. */
interface Stride {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

/** A window with its steps; a step where there is nothing to step over is 1. */
export interface SteppedWindow extends Window {
  readonly step: readonly number[];
}

/**
 * The window that ranges cut out of x; an axis that an index drops is there with size 1.
 * @throws ShapeError when an index is outside its axis, or there are more ranges than axes; DomainError when an end or a
 * step is not a whole number, or a step is 0
 */
export function windowOf(x: Tensor, ranges: readonly Range[]): SteppedWindow {
  checkList('slice', 'ranges', ranges);
  if (ranges.length > x.rank) throw new ShapeError('slice', `${ranges.length} ranges for ${x.rank} axes`, [x.shape]);
  const parts = x.shape.map((n, axis) => {
    const range = ranges[axis] ?? null;
    if (range === null) return { start: 0, count: n, step: 1 };
    return typeof range === 'number' ? pick(range, n, axis, x) : walk(range, n, axis, x);
  });
  return {
    start: parts.map(({ start }) => start),
    shape: parts.map(({ count }) => count),
    step: parts.map(({ step }) => step),
  };
}

function pick(index: number, n: number, axis: number, x: Tensor): Stride {
  if (!Number.isInteger(index))
    throw new DomainError('slice', `indices are whole numbers, got ${index} on axis ${axis}`, [x.shape]);
  if (index < -n || index >= n) throw new ShapeError('slice', `index ${index} is outside axis ${axis}`, [x.shape]);
  return { start: index < 0 ? index + n : index, count: 1, step: 1 };
}

function walk(range: Exclude<Range, number | null>, n: number, axis: number, x: Tensor): Stride {
  if (!Array.isArray(range) || range.length > 3)
    throw new DomainError('slice', `a range is an index, [start, stop, step] or null; not so on axis ${axis}`, [
      x.shape,
    ]);
  const [, , step = 1] = range;
  const [low, high] = step < 0 ? [-1, n - 1] : [0, n];
  const [from = step < 0 ? high : low, to = step < 0 ? low - n : high] = range;
  if (![from, to, step].every(Number.isInteger) || step === 0)
    throw new DomainError(
      'slice',
      `ends and steps are whole numbers and no step is 0, got [${from}, ${to}, ${step}] on axis ${axis}`,
      [x.shape],
    );
  const clamp = (i: number): number => Math.min(high, Math.max(low, i < 0 ? i + n : i));
  const start = clamp(from);
  const count = Math.max(0, Math.ceil((clamp(to) - start) / step));
  return { start: count === 0 ? 0 : start, count, step: count > 1 ? step : 1 };
}

/** The ranges that cut `shape` out where `start` and `step` put it. */
export const rangesOf = ({ start, step }: Omit<SteppedWindow, 'shape'>, shape: Shape): Range[] =>
  start.map((from, axis) => {
    const stop = from + shape[axis] * step[axis];
    return [from, stop < 0 ? undefined : stop, step[axis]];
  });
