import { concatKernel, type Placement, placeKernel, windowKernel } from '../../tensor/cpu/layout.ts';
import { tensor } from '../../tensor/create.ts';
import { DomainError, DTypeError, type Shape, ShapeError } from '../../tensor/errors.ts';
import { resolveAxis, sameShape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import {
  checkDevices,
  checkList,
  checkName,
  checkOptions,
  checkTensor,
  checkValue,
  checkWhole,
  checkWholes,
} from '../options.ts';
import { indexSelect } from './gather.ts';
import { reshape } from './layout.ts';
import { type Range, rangesOf, type SteppedWindow, windowOf } from './range.ts';

export type { Range } from './range.ts';

/** Whether a window is one run of storage: part of the first axis, and all of the others as they lie. */
const isRun = ({ shape, step }: SteppedWindow, x: Tensor): boolean =>
  step.every((by) => by === 1) && sameShape(shape.slice(1), x.shape.slice(1));

/**
 * A part of x: one range per axis, missing ones mean all of it, negative ends count from the end of the axis.
 * `slice(x, [[0, 2], null, -1])` is NumPy's `x[0:2, :, -1]`, and `slice(x, [[undefined, undefined, -2]])` is `x[::-2]`. A part
 * of the first axis alone, without steps, shares storage with x.
 * @throws ShapeError when an index is outside its axis, or there are more ranges than axes; DomainError when an end or a
 * step is not a whole number, or a step is 0
 */
export const slice: Op<1, readonly Range[]> = /* @__PURE__ */ defineOp({
  name: 'slice',
  arity: 1,
  signature: '… :any ->',
  check: ([x], ranges) => void windowOf(x, ranges),
  forward({ inputs: [x], attrs: ranges }) {
    const window = windowOf(x, ranges);
    const shape = window.shape.filter((_, axis) => typeof ranges[axis] !== 'number');
    if (!isRun(window, x)) return windowKernel([x], window).rawView(shape);
    return x.rawView(shape, x.offset + (window.start[0] ?? 0) * sizeOf(x.shape.slice(1)));
  },
  backward({ dy, inputs: [x], attrs: ranges }) {
    const { start, shape, step } = windowOf(x, ranges);
    return [place(reshape(dy, shape), { start, shape: x.shape, step })];
  },
});

/** Steps of 1 where none are given. */
const stepped = ({ start, shape, step = start.map(() => 1) }: Placement): SteppedWindow => ({ start, shape, step });

/**
 * A tensor of `shape`, full of `value` (0 by default), with element [i, …] of x at [start + i·step, …]; a step of 1 by
 * default, never 0. The adjoint of `slice`; `pad` says the same by how much is added on each side.
 * @throws ShapeError when x does not fit there; DomainError when a start or a size is not a whole number >= 0, or a step is
 * not a whole number or 0; DTypeError when the dtype of x cannot hold the value
 */
export const place: Op<1, Placement> = /* @__PURE__ */ defineOp({
  name: 'place',
  arity: 1,
  signature: '… :any ->',
  check([x], attrs) {
    checkOptions('place', attrs, ['start', 'shape', 'step', 'value']);
    checkWholes('place', 'start', attrs.start, 0);
    checkWholes('place', 'shape', attrs.shape, 0);
    const { start, shape, step } = stepped(attrs);
    checkWholes('place', 'step', step);
    if (step.includes(0)) throw new DomainError('place', `no step is 0, got [${step}]`);
    checkValue('place', attrs.value ?? 0, x.dtype);
    const last = x.shape.map((n, i) => start[i] + (n - 1) * step[i]);
    const fits = (n: number, i: number): boolean =>
      n === 0 ? start[i] <= shape[i] : start[i] < shape[i] && last[i] >= 0 && last[i] < shape[i];
    if (![start, shape, step].every((list) => list.length === x.rank) || !x.shape.every(fits))
      throw new ShapeError('place', `does not fit at [${start}] by steps of [${step}]`, [x.shape, shape]);
  },
  forward: ({ inputs, attrs }) => placeKernel(inputs, { ...attrs, shape: [...attrs.shape] }),
  backward: ({ dy, inputs: [x], attrs }) => [slice(dy, rangesOf(stepped(attrs), x.shape))],
});

/** How much is added to an axis, and with what. */
export interface PadAttrs {
  /** How many elements before and after each axis, one pair per axis; one number is both sides of every axis. */
  readonly width: number | readonly (readonly [before: number, after: number])[];
  /**
   * `constant` (default): `value`. `edge`: the nearest element. `reflect`: mirrored at the edge, which is not repeated.
   * `wrap`: from the other end.
   */
  readonly mode?: 'constant' | 'edge' | 'reflect' | 'wrap';
  /** Of mode `constant`. Default 0. */
  readonly value?: number;
}

/** The remainder that has the sign of n. */
const modulo = (i: number, n: number): number => ((i % n) + n) % n;

/** Which of the n elements of an axis stands at place i of the padded one, counted from its first element. */
const sources: Readonly<Record<string, (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(n - 1, Math.max(0, i)),
  reflect: (i, n) => n - 1 - Math.abs(n - 1 - modulo(i, Math.max(1, 2 * n - 2))),
  wrap: modulo,
};

function widthsOf(x: Tensor, { width, mode = 'constant', value }: PadAttrs): readonly (readonly [number, number])[] {
  checkName('pad', 'mode', mode, ['constant', ...Object.keys(sources)]);
  if (mode !== 'constant' && value !== undefined) throw new DomainError('pad', `a value has no use in mode '${mode}'`);
  checkValue('pad', value ?? 0, x.dtype);
  if (typeof width === 'number') checkWhole('pad', 'width', width, 0);
  else checkList('pad', 'width', width);
  const widths = typeof width === 'number' ? x.shape.map((): readonly [number, number] => [width, width]) : width;
  for (const pair of widths) checkWholes('pad', 'a width', pair, 0);
  if (widths.length !== x.rank || widths.some((pair) => pair.length !== 2))
    throw new ShapeError('pad', 'width is one pair [before, after] for every axis', [x.shape]);
  if (mode !== 'constant' && widths.some(([before, after], i) => x.shape[i] === 0 && before + after > 0))
    throw new ShapeError('pad', `mode '${mode}' needs an element to repeat`, [x.shape]);
  return widths;
}

/**
 * x with elements added before and after its axes: `pad(x, { width: [[0, 0], [1, 2]] })` is NumPy's
 * `pad(x, ((0, 0), (1, 2)))`. Pairs go from the first axis (PyTorch's go from the last).
 * @throws ShapeError unless there is one pair for every axis, or when there is nothing to repeat; DomainError when a width
 * is not a whole number >= 0, or the mode is unknown or has no value; DTypeError when the dtype of x cannot hold the value
 */
export function pad(x: Tensor, attrs: PadAttrs): Tensor {
  checkTensor('pad', x);
  checkOptions('pad', attrs, ['width', 'mode', 'value']);
  const { mode = 'constant', value = 0 } = attrs;
  const widths = widthsOf(x, attrs);
  const shape = x.shape.map((n, axis) => widths[axis][0] + n + widths[axis][1]);
  if (mode === 'constant') return place(x, { start: widths.map(([before]) => before), shape, value });
  return widths.reduce((y, [before], axis) => {
    if (shape[axis] === x.shape[axis]) return y;
    const from = Int32Array.from({ length: shape[axis] }, (_, i) => sources[mode](i - before, x.shape[axis]));
    return indexSelect(y, tensor(from, { device: x.device }), { axis });
  }, x);
}

/** @throws ShapeError when there are none; DTypeError or DeviceError unless they have one dtype and one device */
function checkAlike(op: string, xs: readonly Tensor[]): void {
  if (xs.length === 0) throw new ShapeError(op, 'needs at least one tensor');
  const [{ dtype }] = xs;
  const odd = xs.find((x) => x.dtype !== dtype);
  if (odd !== undefined) throw new DTypeError(op, `tensors are ${dtype} and ${odd.dtype}: cast one of them`);
  checkDevices(op, xs);
}

/**
 * Tensors one after another along an axis (the first by default); all other sizes are equal.
 * @throws ShapeError when they are not, or the list is empty; DTypeError when the dtypes differ
 */
export const concat: Op<'list', { readonly axis?: number }> = /* @__PURE__ */ defineOp({
  name: 'concat',
  arity: 'list',
  check(xs, attrs) {
    checkOptions('concat', attrs, ['axis']);
    const { axis = 0 } = attrs;
    checkAlike('concat', xs);
    const at = resolveAxis('concat', axis, xs[0].shape);
    const rest = (x: Tensor): Shape => x.shape.map((n, i) => (i === at ? -1 : n));
    if (xs.some((x) => !sameShape(rest(x), rest(xs[0]))))
      throw new ShapeError(
        'concat',
        `sizes differ away from axis ${axis}`,
        xs.map((x) => x.shape),
      );
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
 * @throws ShapeError when the shapes differ, or the list is empty; DTypeError when the dtypes differ
 */
export function stack(xs: readonly Tensor[], attrs: { readonly axis?: number } = {}): Tensor {
  checkOptions('stack', attrs, ['axis']);
  checkList('stack', 'xs', xs);
  for (const x of xs) checkTensor('stack', x);
  checkAlike('stack', xs);
  const shapes = xs.map((x) => x.shape);
  if (shapes.some((s) => !sameShape(s, shapes[0]))) throw new ShapeError('stack', 'shapes differ', shapes);
  const at = resolveAxis('stack', attrs.axis ?? 0, [...shapes[0], 1]);
  const wide = shapes[0].toSpliced(at, 0, 1);
  return concat(
    xs.map((x) => reshape(x, wide)),
    { axis: at },
  );
}
