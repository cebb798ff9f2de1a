import type { Data, DType } from '../dtype.ts';
import type { Shape } from '../errors.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf, stridesOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { broadcastStrides } from './pointwise.ts';

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
    for (let c = 0; c < inner; c++) to[at + c] = from[i + c * step];
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

/** The part of x that starts at `start` and has shape `shape`, along every axis. */
export interface Window {
  readonly start: readonly number[];
  readonly shape: Shape;
}

const offsetOf = (start: readonly number[], strides: readonly number[]): number =>
  start.reduce((sum, at, axis) => sum + at * strides[axis], 0);

/** y = x[start : start + shape], along every axis. */
export const windowKernel: Kernel<readonly [Tensor], Window, Spec> = defineKernel({
  name: 'window',
  infer: ([x], { shape }: Window) => ({ shape, dtype: x.dtype }),
  cpu([y], [x], { start, shape }) {
    const strides = stridesOf(x.shape);
    gatherStrided(y.data, shape, x.data, strides, offsetOf(start, strides));
  },
});

/** Zeros of `shape`, with x placed at `start`: the adjoint of `window`. */
export const padKernel: Kernel<readonly [Tensor], Window, Spec> = defineKernel({
  name: 'pad',
  infer: ([x], { shape }: Window) => ({ shape, dtype: x.dtype }),
  cpu([y], [x], { start, shape }) {
    const strides = stridesOf(shape);
    const inner = x.shape.at(-1) ?? 1;
    if (x.size === 0) return;
    const rows = x.size / inner;
    const from = x.data;
    const counter = new Array<number>(x.rank).fill(0);
    for (let row = 0; row < rows; row++) {
      const at = offsetOf(start, strides) + offsetOf(counter, strides);
      y.data.set(from.subarray(row * inner, (row + 1) * inner), at);
      for (let axis = x.rank - 2; axis >= 0 && ++counter[axis] === x.shape[axis]; axis--) counter[axis] = 0;
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
      for (let o = 0; o < outer; o++) y.data.set(x.data.subarray(o * part, (o + 1) * part), o * row + at);
      at += part;
    }
  },
});

/** Row i of the result is row `index[i]` of x, rows running along the first axis. */
export const takeRowsKernel: Kernel<readonly [Tensor, Tensor], undefined, Spec> = defineKernel({
  name: 'takeRows',
  infer: ([x, index]) => ({ shape: [...index.shape, ...x.shape.slice(1)], dtype: x.dtype }),
  cpu([y], [x, index]) {
    const row = sizeOf(x.shape.slice(1));
    for (let i = 0; i < index.data.length; i++) {
      const from = index.data[i] * row;
      y.data.set(x.data.subarray(from, from + row), i * row);
    }
  },
});

/** The same values in another dtype: towards zero for int32, `x !== 0` for bool. */
export const castKernel: Kernel<readonly [Tensor], DType, Spec> = defineKernel({
  name: 'cast',
  infer: ([x], dtype: DType) => ({ shape: x.shape, dtype }),
  cpu([y], [x], dtype) {
    if (dtype === 'bool') for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i] === 0 ? 0 : 1;
    else y.data.set(x.data);
  },
});

/** y = p where the condition holds, q elsewhere; all of one shape. */
export const whereKernel: Kernel<readonly [Tensor, Tensor, Tensor], undefined, Spec> = defineKernel({
  name: 'where',
  infer: ([, p]) => p,
  cpu([y], [condition, p, q]) {
    const to = y.data;
    for (let i = 0; i < to.length; i++) to[i] = condition.data[i] === 0 ? q.data[i] : p.data[i];
  },
});
