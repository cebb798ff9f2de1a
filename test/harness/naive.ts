/** Tensors by their indices: slow definitions to hold the kernels against. */
import type { Shape, Tensor } from '../../src/index.ts';
import { sizeOf, stridesOf } from '../../src/tensor/shape.ts';

/** Every index of a shape, last axis fastest. */
export function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (heads, n) => heads.flatMap((head) => Array.from({ length: n }, (_, i) => [...head, i])),
    [[]],
  );
}

/** The element at an index. */
export const at = (x: Tensor, index: readonly number[]): number =>
  x.data[stridesOf(x.shape).reduce((sum, stride, axis) => sum + stride * index[axis], 0)];

/** The element that stands at an index of the broadcast shape: size-1 axes repeat, missing leading axes too. */
export function broadcastAt(x: Tensor, index: readonly number[]): number {
  const own = index.slice(index.length - x.rank);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

/** The flat values of a tensor of that shape whose element at `index` is `value(index)`. */
export const valuesOf = (shape: Shape, value: (index: readonly number[]) => number): number[] =>
  sizeOf(shape) === 0 ? [] : indices(shape).map(value);
