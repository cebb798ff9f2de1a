/** Kernels in SIMD that move elements, against their definitions: every bit is the same. */
import fc from 'fast-check';
import { type Shape, type Tensor, tensor } from '../../../src/index.ts';
import {
  concatKernel,
  expandKernel,
  type Placement,
  permuteKernel,
  placeKernel,
  windowKernel,
} from '../../../src/tensor/cpu/layout.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { checkBackend, simd, wild } from '../../harness/backend.ts';
import { checkBounds } from '../../harness/bounds.ts';

type Call<A> = readonly [inputs: readonly Tensor[], attrs: A];

/** Sizes of an axis: around the four lanes of a vector, and one that makes the tensor large enough for SIMD. */
const small = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 33));
const long = fc.constantFrom(0, 1, 64, 100, 257, 512, 700);
const fits = (shape: Shape): boolean => sizeOf(shape) <= 40_000;

/** Shapes of up to six axes, one of which may be long or empty. */
const shapes = fc
  .tuple(fc.array(small, { maxLength: 5 }), long, fc.nat(5))
  .map(([sizes, n, at]) => sizes.toSpliced(Math.min(at, sizes.length), 0, n))
  .filter(fits);

/** Unusual numbers, or whole ones. */
const elements = (shape: Shape): fc.Arbitrary<Tensor> =>
  fc.oneof(
    { weight: 3, arbitrary: wild(shape, { special: true }) },
    {
      weight: 1,
      arbitrary: wild(shape, { scale: 1e6 }).map((x) => tensor(Int32Array.from(x.data), { shape })),
    },
  );

/** The same bits, not only about the same numbers. */
const exact = { tolerance: 0, smallest: 0 } as const;
function check<A>(name: string, kernel: unknown, calls: fc.Arbitrary<Call<A>>): void {
  checkBackend(simd, { name, kernel, calls, ...exact });
  checkBounds({ name, kernel, calls });
}

/** Matrices of which a side is about a vector. */
const narrow = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 300, max: 310 }), fc.boolean());
/** Sizes beyond a cache, and of a power of two. */
const large = fc.constantFrom([512, 256], [300, 331], [2, 257, 260]);

check(
  'permute',
  permuteKernel,
  fc
    .oneof(
      { weight: 20, arbitrary: shapes },
      { weight: 20, arbitrary: narrow.map(([m, n, tall]) => (tall ? [n, m] : [m, n])) },
      { weight: 1, arbitrary: large },
    )
    .chain((shape) =>
      fc
        .tuple(elements(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }))
        .map(([x, axes]): Call<readonly number[]> => [[x], axes]),
    ),
);

check(
  'expand',
  expandKernel,
  shapes.chain((shape) =>
    fc
      .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
      .chain(([ones, lead]) => elements(shape.map((n, i) => (ones[i] ? 1 : n)).slice(lead)))
      .map((x): Call<Shape> => [[x], shape]),
  ),
);

/** Where a part lies in a tensor of the given shape: every axis has its first place, how many, and the step between them. */
const parts = (shape: Shape): fc.Arbitrary<Placement & { readonly step: readonly number[] }> =>
  fc
    .tuple(
      ...shape.map((n) =>
        fc
          .tuple(fc.nat(Math.max(0, n - 1)), fc.nat(n), fc.constantFrom(1, 1, 1, 2, 3, -1, -2))
          .map(([start, wish, step]) => {
            const most = step > 0 ? Math.ceil((n - start) / step) : Math.floor(start / -step) + 1;
            return { start, count: n === 0 ? 0 : Math.min(wish + (n >> 1), most), step };
          }),
      ),
    )
    .map((axes) => ({
      start: axes.map(({ start }) => start),
      shape: axes.map(({ count }) => count),
      step: axes.map(({ step }) => step),
    }));

check(
  'window',
  windowKernel,
  shapes.chain((shape) => fc.tuple(elements(shape), parts(shape)).map(([x, part]): Call<Placement> => [[x], part])),
);
/** All of some axes and part of one, as slices are. */
check(
  'window',
  windowKernel,
  fc
    .tuple(fc.integer({ min: 40, max: 90 }), fc.constantFrom(17, 33, 130), fc.nat(16), fc.integer({ min: 1, max: 17 }))
    .chain(([m, n, start, count]) =>
      elements([m, n]).map(
        (x): Call<Placement> => [[x], { start: [0, start], shape: [m, Math.min(count, n - start)] }],
      ),
    ),
);

check(
  'place',
  placeKernel,
  fc
    .tuple(shapes, fc.constantFrom({}, { value: 0 }, { value: 7 }, { value: -2 }))
    .chain(([shape, filled]) =>
      parts(shape).chain((part) =>
        elements(part.shape).map((x): Call<Placement> => [[x], { ...part, shape, ...filled }]),
      ),
    ),
);

check(
  'concat',
  concatKernel,
  fc
    .tuple(shapes, fc.nat(4), fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }))
    .filter(([shape, , sizes]) => sizeOf(shape) * sizes.length <= 40_000)
    .chain(([shape, at, sizes]) => {
      const axis = Math.min(at, shape.length - 1);
      const first = elements(shape);
      return first.chain((x) => {
        const others = sizes.map((n) =>
          wild(shape.with(axis, n)).map((y) =>
            x.dtype === 'int32' ? tensor(Int32Array.from(y.data), { shape: y.shape }) : y,
          ),
        );
        return fc.tuple(...others).map((list): Call<number> => [[x, ...list], axis]);
      });
    }),
);
