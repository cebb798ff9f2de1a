/** Operands for kernels over rows: lengths that fill vectors and that do not, few rows and many, views that begin anywhere. */
import fc from 'fast-check';
import type { Shape, Tensor } from '../../src/index.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { type Wild, wild } from './backend.ts';

/** Mostly small: [rows, columns]. */
export const matrices: fc.Arbitrary<Shape> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(1, 2, 3, 4, 5, 8, 15, 16, 17, 18, 33, 63, 94, 100),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Shape[]>([4000, 3], [2500, 27], [150, 512], [8, 10_000], [2, 33_001], [1, 70_003]),
  },
);

/** Part of a larger tensor, from its second element: at no multiple of 16 bytes. */
export const view = (shape: Shape, how?: Wild): fc.Arbitrary<Tensor> =>
  fc
    .boolean()
    .chain((moved) => (moved ? wild([sizeOf(shape) + 2], how).map((x) => x.rawView(shape, 1)) : wild(shape, how)));

/** A matrix of any of these kinds. */
export const matrix = (kinds: readonly Wild[], shapes: fc.Arbitrary<Shape> = matrices): fc.Arbitrary<Tensor> =>
  fc.tuple(shapes, fc.constantFrom(...kinds)).chain(([shape, how]) => view(shape, how));

/** What the values of a sum may be called large or small against: NaN and infinities left out. */
export function largestOf(...tensors: readonly Tensor[]): number {
  let most = 0;
  for (const { data } of tensors) for (const v of data) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v));
  return most;
}

/** Values whose squares and sums float32 can hold; NaN, infinities, zeros and denormals stay. */
export const modest = (x: number): number => (Number.isFinite(x) && Math.abs(x) > 1e6 ? Math.sign(x) : x);
