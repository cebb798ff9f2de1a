import type { Shape } from '../errors.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf, stridesOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { copyRun } from './layout.ts';

/** Operands: values, int32 positions along the axis that the attribute names. All positions exist. */
type SelectKernel = Kernel<readonly [x: Tensor, index: Tensor], number, Spec>;
/** Operands: values, int32 positions along the axis, and what is added there. */
type AddKernel = Kernel<readonly [x: Tensor, index: Tensor, src: Tensor], number, Spec>;

/** x as [outer, n, inner], n along `axis`. */
export const around = (shape: Shape, axis: number): readonly [outer: number, n: number, inner: number] => [
  sizeOf(shape.slice(0, axis)),
  shape[axis],
  sizeOf(shape.slice(axis + 1)),
];

/** y[…, j, …] = x[…, index[j], …] along one axis; the axes of the index, however many, stand in its place. */
export const indexSelectKernel: SelectKernel = defineKernel({
  name: 'indexSelect',
  infer: ([x, index], axis) => ({ shape: x.shape.toSpliced(axis, 1, ...index.shape), dtype: x.dtype }),
  cpu([y], [x, index], axis) {
    const [outer, n, inner] = around(x.shape, axis);
    const [to, from, picks] = [y.data, x.data, index.data];
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (let j = 0; j < picks.length; j++, at += inner) copyRun(to, at, from, (o * n + picks[j]) * inner, inner);
  },
});

/** Positions of the index by the value they hold, in order: those that hold d are order[starts[d]] … order[starts[d + 1] − 1]. */
export function grouped(
  index: ArrayLike<number>,
  n: number,
): { readonly starts: Int32Array; readonly order: Int32Array } {
  const starts = new Int32Array(n + 1);
  for (let j = 0; j < index.length; j++) starts[index[j] + 1]++;
  for (let d = 0; d < n; d++) starts[d + 1] += starts[d];
  const next = starts.slice();
  const order = new Int32Array(index.length);
  for (let j = 0; j < index.length; j++) order[next[index[j]]++] = j;
  return { starts, order };
}

/**
 * x with src[…, j, …] added at […, index[j], …] along one axis. Each sum runs in float64, x first, then along the index, and
 * is rounded once.
 */
export const indexAddKernel: AddKernel = defineKernel({
  name: 'indexAdd',
  infer: ([x]) => x,
  cpu([y], [x, index, src], axis) {
    const [outer, n, inner] = around(x.shape, axis);
    const { starts, order } = grouped(index.data, n);
    const [to, from] = [y.data, src.data];
    const sums = new Float64Array(inner);
    to.set(x.data);
    for (let o = 0; o < outer; o++)
      for (let d = 0; d < n; d++) {
        if (starts[d] === starts[d + 1]) continue;
        const row = (o * n + d) * inner;
        for (let c = 0; c < inner; c++) sums[c] = to[row + c];
        for (let k = starts[d]; k < starts[d + 1]; k++) {
          const part = (o * order.length + order[k]) * inner;
          for (let c = 0; c < inner; c++) sums[c] += from[part + c];
        }
        to.set(sums, row);
      }
  },
});

/**
 * Every run of the index along its last axis: `at` is where it starts in the index, `base` where it starts in a tensor with
 * the given strides.
 */
export function eachRun(shape: Shape, strides: readonly number[], visit: (at: number, base: number) => void): void {
  const last = shape.length - 1;
  const counter = new Array<number>(last).fill(0);
  const size = sizeOf(shape);
  let base = 0;
  for (let at = 0; at < size; at += shape[last]) {
    visit(at, base);
    for (let axis = last - 1; axis >= 0; axis--) {
      base += strides[axis];
      if (++counter[axis] < shape[axis]) break;
      base -= strides[axis] * shape[axis];
      counter[axis] = 0;
    }
  }
}

/** y[…, j, …] = x[…, index[…, j, …], …]: an index of its own for every element. */
export const gatherKernel: SelectKernel = defineKernel({
  name: 'gather',
  infer: ([x, index]) => ({ shape: index.shape, dtype: x.dtype }),
  cpu([y], [x, index], axis) {
    const strides = stridesOf(x.shape);
    const along = strides[axis];
    const rest = strides.with(axis, 0);
    const [to, from, picks] = [y.data, x.data, index.data];
    const inner = index.shape[index.rank - 1];
    const step = rest[index.rank - 1];
    eachRun(index.shape, rest, (at, base) => {
      for (let c = 0; c < inner; c++) to[at + c] = from[base + c * step + picks[at + c] * along];
    });
  },
});

/**
 * x with src[…, j, …] added at […, index[…, j, …], …]; src has the shape of the index. Sums run in float64, x first, then in
 * the order of the index, and are rounded once.
 */
export const scatterAddKernel: AddKernel = defineKernel({
  name: 'scatterAdd',
  infer: ([x]) => x,
  cpu([y], [x, index, src], axis) {
    const strides = stridesOf(x.shape);
    const along = strides[axis];
    const rest = strides.with(axis, 0);
    const [from, picks] = [src.data, index.data];
    const sums = x.dtype === 'float64' ? y.data : new Float64Array(x.size);
    sums.set(x.data);
    const inner = index.shape[index.rank - 1];
    const step = rest[index.rank - 1];
    eachRun(index.shape, rest, (at, base) => {
      for (let c = 0; c < inner; c++) sums[base + c * step + picks[at + c] * along] += from[at + c];
    });
    if (sums !== y.data) y.data.set(sums);
  },
});
