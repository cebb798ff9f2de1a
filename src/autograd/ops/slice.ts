import { concatKernel, padKernel, type Window, windowKernel } from '../../tensor/cpu/layout.ts';
import { DomainError, DTypeError, type Shape, ShapeError } from '../../tensor/errors.ts';
import { resolveAxis, sameShape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { reshape } from './layout.ts';

/** Part of one axis: an index (the axis goes), `[start, stop)` (either end may be left out), or null for all of it. */
export type Range = number | readonly [start?: number | undefined, stop?: number | undefined] | null;

function resolveRanges(x: Tensor, ranges: readonly Range[]): Window {
  if (ranges.length > x.rank) throw new ShapeError('slice', `${ranges.length} ranges for ${x.rank} axes`, [x.shape]);
  const start: number[] = [];
  const shape = x.shape.map((n, axis) => {
    const range = ranges[axis] ?? null;
    const [from = 0, to = n] = typeof range === 'number' ? [range, range + 1 || n] : (range ?? []);
    if (!Number.isInteger(from) || !Number.isInteger(to))
      throw new DomainError('slice', `ends are whole numbers, got [${from}, ${to}] on axis ${axis}`, [x.shape]);
    if (typeof range === 'number') resolveAxisIndex(range, n, axis, x);
    const clamp = (i: number): number => Math.min(n, Math.max(0, i < 0 ? i + n : i));
    start.push(clamp(from));
    return Math.max(0, clamp(to) - clamp(from));
  });
  return { start, shape };
}

function resolveAxisIndex(index: number, n: number, axis: number, x: Tensor): void {
  if (index < -n || index >= n) throw new ShapeError('slice', `index ${index} is outside axis ${axis}`, [x.shape]);
}

/**
 * A part of x: one range per axis, missing ones mean all of it, negative ends count from the end of the axis.
 * `slice(x, [[0, 2], null, -1])` is NumPy's `x[0:2, :, -1]`. A part of the first axis alone shares storage with x.
 * @throws ShapeError when an index is outside its axis, or there are more ranges than axes
 */
export const slice: Op<1, readonly Range[]> = /* @__PURE__ */ defineOp({
  name: 'slice',
  arity: 1,
  signature: '… :any ->',
  check: ([x], ranges) => void resolveRanges(x, ranges),
  forward({ inputs: [x], attrs: ranges }) {
    const window = resolveRanges(x, ranges);
    const shape = window.shape.filter((_, axis) => typeof ranges[axis] !== 'number');
    const contiguous = sameShape(window.shape.slice(1), x.shape.slice(1));
    if (!contiguous) return windowKernel([x], window).view(shape);
    return x.view(shape, x.offset + (window.start[0] ?? 0) * sizeOf(x.shape.slice(1)));
  },
  backward({ dy, inputs: [x], attrs: ranges }) {
    const { start, shape } = resolveRanges(x, ranges);
    return [pad(reshape(dy, shape), { start, shape: x.shape })];
  },
});

/**
 * Zeros of `shape`, with x placed at `start`: the adjoint of `slice`.
 * @throws ShapeError when x does not fit there
 */
export const pad: Op<1, Window> = /* @__PURE__ */ defineOp({
  name: 'pad',
  arity: 1,
  signature: '… :any ->',
  check([x], { start, shape }) {
    const fits = shape.length === x.rank && x.shape.every((n, i) => start[i] >= 0 && start[i] + n <= shape[i]);
    if (!fits) throw new ShapeError('pad', `does not fit at [${start}]`, [x.shape, shape]);
  },
  forward: ({ inputs, attrs }) => padKernel(inputs, attrs),
  backward: ({ dy, inputs: [x], attrs: { start } }) => [slice(dy, windowRanges(start, x.shape))],
});

const windowRanges = (start: readonly number[], shape: Shape): Range[] =>
  start.map((from, axis) => [from, from + shape[axis]]);

/**
 * Tensors one after another along an axis (the first by default); all other sizes are equal.
 * @throws ShapeError when they are not, or the list is empty
 */
export const concat: Op<'list', { readonly axis?: number }> = /* @__PURE__ */ defineOp({
  name: 'concat',
  arity: 'list',
  check(xs, { axis = 0 }) {
    if (xs.length === 0) throw new ShapeError('concat', 'needs at least one tensor');
    const at = resolveAxis('concat', axis, xs[0].shape);
    const rest = (x: Tensor): Shape => x.shape.map((n, i) => (i === at ? -1 : n));
    if (xs.some((x) => !sameShape(rest(x), rest(xs[0]))))
      throw new ShapeError(
        'concat',
        `sizes differ away from axis ${axis}`,
        xs.map((x) => x.shape),
      );
    const odd = xs.find((x) => x.dtype !== xs[0].dtype);
    if (odd !== undefined)
      throw new DTypeError('concat', `tensors are ${xs[0].dtype} and ${odd.dtype}: cast one of them`);
  },
  forward: ({ inputs: xs, attrs: { axis = 0 } }) => concatKernel(xs, resolveAxis('concat', axis, xs[0].shape)),
  backward({ dy, inputs: xs, attrs: { axis = 0 }, needs }) {
    const at = resolveAxis('concat', axis, dy.shape);
    let from = 0;
    return xs.map((x, i) => {
      const to = from + x.shape[at];
      const ranges = dy.shape.map((_, a): Range => (a === at ? [to - x.shape[at], to] : null));
      from = to;
      return needs[i] && slice(dy, ranges);
    });
  },
});

/**
 * Tensors of one shape side by side along a new axis, the first by default.
 * @throws ShapeError when the shapes differ, or the list is empty
 */
export function stack(xs: readonly Tensor[], { axis = 0 }: { readonly axis?: number } = {}): Tensor {
  if (xs.length === 0) throw new ShapeError('stack', 'needs at least one tensor');
  const shapes = xs.map((x) => x.shape);
  if (shapes.some((s) => !sameShape(s, shapes[0]))) throw new ShapeError('stack', 'shapes differ', shapes);
  const at = resolveAxis('stack', axis, [...shapes[0], 1]);
  const wide = shapes[0].toSpliced(at, 0, 1);
  return concat(
    xs.map((x) => reshape(x, wide)),
    { axis: at },
  );
}
