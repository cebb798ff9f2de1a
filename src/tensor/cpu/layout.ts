import type { Data, DType } from '../dtype.ts';
import type { Shape } from '../errors.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf, stridesOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { broadcastStrides } from './pointwise.ts';

/** Below this many neighbours a loop copies faster than `set`. */
const shortRun = 32;

/** to[at + c] = from[start + c] for c in 0..n−1. */
export function copyRun(to: Data, at: number, from: Data, start: number, n: number): void {
  if (n >= shortRun) to.set(from.subarray(start, start + n), at);
  else for (let c = 0; c < n; c++) to[at + c] = from[start + c];
}

/** Copy elements into `to`, in its own order, reading `from` by the given strides (one per axis of `shape`). */
function gatherStrided(to: Data, shape: Shape, from: Data, strides: readonly number[], start = 0): void {
  if (shape.length === 0) {
    to[0] = from[start];
    return;
  }
  const last = shape.length - 1;
  const inner = shape[last];
  const step = strides[last];
  const counter = new Array<number>(last).fill(0);
  let i = start;
  for (let at = 0; at < to.length; at += inner) {
    if (step === 1) copyRun(to, at, from, i, inner);
    else for (let c = 0, r = i; c < inner; c++, r += step) to[at + c] = from[r];
    for (let axis = last - 1; axis >= 0; axis--) {
      i += strides[axis];
      if (++counter[axis] < shape[axis]) break;
      i -= strides[axis] * shape[axis];
      counter[axis] = 0;
    }
  }
}

/** y[i_axes[0], i_axes[1], …] = x[…]: axis j of the result is axis `axes[j]` of x. */
export const permuteKernel: Kernel<readonly [Tensor], readonly number[], Spec> = defineKernel({
  name: 'permute',
  infer: ([x], axes: readonly number[]) => ({ shape: axes.map((a) => x.shape[a]), dtype: x.dtype }),
  cpu([y], [x], axes) {
    const strides = stridesOf(x.shape);
    gatherStrided(
      y.data,
      y.shape,
      x.data,
      axes.map((a) => strides[a]),
    );
  },
});

/** x repeated along its axes of size 1, and along new leading axes, to `shape`. */
export const expandKernel: Kernel<readonly [Tensor], Shape, Spec> = defineKernel({
  name: 'expand',
  infer: ([x], shape: Shape) => ({ shape, dtype: x.dtype }),
  cpu([y], [x], shape) {
    if (x.size === 1) y.data.fill(x.data[0]);
    else gatherStrided(y.data, shape, x.data, broadcastStrides(x.shape, shape));
  },
});

/**
 * Elements start, start + step, … of every axis: `shape` says how many. Steps default to 1 and may be negative, never 0.
 */
export interface Window {
  readonly start: readonly number[];
  readonly shape: Shape;
  readonly step?: readonly number[];
}

/** Where the elements of a window lie in a tensor of the given shape: that of the first, and how far apart they are. */
export function windowStrides(
  { start, step }: Omit<Window, 'shape'>,
  shape: Shape,
): [first: number, strides: number[]] {
  const strides = stridesOf(shape);
  const first = start.reduce((sum, at, axis) => sum + at * strides[axis], 0);
  return [first, step === undefined ? strides : strides.map((stride, axis) => stride * step[axis])];
}

/** y[i, …] = x[start + i·step, …], along every axis. */
export const windowKernel: Kernel<readonly [Tensor], Window, Spec> = defineKernel({
  name: 'window',
  infer: ([x], { shape }: Window) => ({ shape, dtype: x.dtype }),
  cpu([y], [x], window) {
    const [first, strides] = windowStrides(window, x.shape);
    gatherStrided(y.data, window.shape, x.data, strides, first);
  },
});

/** Where an operand goes in a tensor of `shape`, and what the rest is filled with. */
export interface Placement extends Window {
  /** Default 0. */
  readonly value?: number;
}

/** A tensor of `shape`, full of `value`, with y[start + i·step, …] = x[i, …]: the adjoint of `window` when the value is 0. */
export const placeKernel: Kernel<readonly [Tensor], Placement, Spec> = defineKernel({
  name: 'place',
  infer: ([x], { shape }: Placement) => ({ shape, dtype: x.dtype }),
  cpu([y], [x], placement) {
    const { value = 0, shape } = placement;
    const [to, from] = [y.data, x.data];
    if (value !== 0) to.fill(value);
    if (from.length === 0) return;
    const [first, strides] = windowStrides(placement, shape);
    const last = x.rank - 1;
    const inner = x.shape[last] ?? 1;
    const step = strides[last] ?? 1;
    const counter = new Array<number>(Math.max(0, last)).fill(0);
    let at = first;
    for (let i = 0; i < from.length; i += inner) {
      if (step === 1) copyRun(to, at, from, i, inner);
      else for (let c = 0; c < inner; c++) to[at + c * step] = from[i + c];
      for (let axis = last - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++counter[axis] < x.shape[axis]) break;
        at -= strides[axis] * x.shape[axis];
        counter[axis] = 0;
      }
    }
  },
});

/** Operands one after another along `axis`; all other sizes are equal. */
export const concatKernel: Kernel<readonly Tensor[], number, Spec> = defineKernel({
  name: 'concat',
  infer: (xs, axis: number) => ({
    shape: xs[0].shape.map((n, i) => (i === axis ? xs.reduce((sum, x) => sum + x.shape[i], 0) : n)),
    dtype: xs[0].dtype,
  }),
  cpu([y], xs, axis) {
    const outer = sizeOf(y.shape.slice(0, axis));
    const row = sizeOf(y.shape.slice(axis));
    let at = 0;
    for (const x of xs) {
      const part = sizeOf(x.shape.slice(axis));
      for (let o = 0; o < outer; o++) copyRun(y.data, o * row + at, x.data, o * part, part);
      at += part;
    }
  },
});

/** The same values in another dtype: towards zero for int32, `x !== 0` for bool. */
export const castKernel: Kernel<readonly [Tensor], DType, Spec> = defineKernel({
  name: 'cast',
  infer: ([x], dtype: DType) => ({ shape: x.shape, dtype }),
  cpu([y], [x], dtype) {
    const [to, from] = [y.data, x.data];
    if (dtype === 'bool') for (let i = 0; i < to.length; i++) to[i] = Number(from[i] !== 0);
    else to.set(from);
  },
});

/** y = p where the condition holds, q elsewhere; all of one shape. */
export const whereKernel: Kernel<readonly [Tensor, Tensor, Tensor], undefined, Spec> = defineKernel({
  name: 'where',
  infer: ([, p]) => p,
  cpu([y], [condition, p, q]) {
    const [to, holds, yes, no] = [y.data, condition.data, p.data, q.data];
    for (let i = 0; i < to.length; i++) to[i] = holds[i] === 0 ? no[i] : yes[i];
  },
});

/** y = value where the mask holds, x elsewhere; both of one shape. */
export const maskedFillKernel: Kernel<readonly [Tensor, Tensor], number, Spec> = defineKernel({
  name: 'maskedFill',
  infer: ([x]) => x,
  cpu([y], [x, mask], value) {
    const [to, from, hides] = [y.data, x.data, mask.data];
    for (let i = 0; i < to.length; i++) to[i] = hides[i] === 0 ? from[i] : value;
  },
});

/** Diagonals of a matrix, numbered j − i: those from `low` to `high`, both included. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** Matrices on the last two axes: x[i, j] where low <= j − i <= high, 0 elsewhere. */
export const bandKernel: Kernel<readonly [Tensor], Band, Spec> = defineKernel({
  name: 'band',
  infer: ([x]) => x,
  cpu([y], [x], { low, high }) {
    const [m, n] = x.shape.slice(-2);
    const [to, from] = [y.data, x.data];
    for (let row = 0, at = 0; at < to.length; row = (row + 1) % m, at += n) {
      const end = Math.min(n - 1, row + high);
      for (let j = Math.max(0, row + low); j <= end; j++) to[at + j] = from[at + j];
    }
  },
});
