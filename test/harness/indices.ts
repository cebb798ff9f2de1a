/** Random places along an axis, and what adding there means. */
import fc from 'fast-check';
import { type Shape, type Tensor, tensor } from '../../src/index.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { anyTensors } from './arbitraries.ts';
import { at, indices } from './naive.ts';

/** Places on an axis of size n, in any shape; none where the axis is empty. */
export const indexOf = (shape: Shape, n: number): fc.Arbitrary<Tensor> => {
  const count = n === 0 ? 0 : sizeOf(shape);
  return fc
    .array(fc.nat(Math.max(0, n - 1)), { minLength: count, maxLength: count })
    .map((places) => tensor(Int32Array.from(places), { shape: n === 0 ? [...shape, 0] : shape }));
};

/** A tensor, one of its axes as a caller names it, from either end, and that axis from the front. */
export interface WithAxis {
  readonly x: Tensor;
  readonly axis: number;
  readonly from: number;
}

/** A tensor of at least one axis, and one of them. */
export const withAxis: fc.Arbitrary<WithAxis> = anyTensors({ minRank: 1 }).chain((x) =>
  fc.integer({ min: -x.rank, max: x.rank - 1 }).map((axis) => ({ x, axis, from: axis < 0 ? axis + x.rank : axis })),
);

/** x with each element of src added at `place(index)`, in the order of src. */
export function added(x: Tensor, src: Tensor, place: (index: readonly number[]) => readonly number[]): number[] {
  const sums = new Map(indices(x.shape).map((i) => [i.join(), at(x, i)]));
  for (const i of indices(src.shape)) {
    const to = place(i).join();
    sums.set(to, (sums.get(to) as number) + at(src, i));
  }
  return [...sums.values()];
}
