/** Kernels in SIMD that pick and add by number, against their definitions: every bit is the same. */
import fc from 'fast-check';
import { Rng, type Shape, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { gatherKernel, indexAddKernel, indexSelectKernel, scatterAddKernel } from '../../../src/tensor/cpu/gather.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { probes } from '../../harness/arbitraries.ts';
import { checkBackend, simd, wild } from '../../harness/backend.ts';
import { checkBounds } from '../../harness/bounds.ts';

type Call = readonly [inputs: readonly Tensor[], axis: number];

/** Places on an axis of size n, some named many times. */
const places = (shape: Shape, n: number): fc.Arbitrary<Tensor> =>
  probes.map((seed) => {
    const rng = new Rng(seed);
    const few = Math.max(1, rng.below(n + 1));
    const index = zeros(shape, { dtype: 'int32' });
    for (let i = 0; i < index.size; i++) index.data[i] = rng.below(rng.uniform() < 0.5 ? few : n);
    return index;
  });

/** Shapes of up to three axes, and one of them, which is not empty. */
const shapes = fc
  .tuple(
    fc.oneof(
      { weight: 10, arbitrary: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 3 }) },
      {
        weight: 10,
        arbitrary: fc.tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0, 1, 2, 3, 4, 15, 16, 17, 64, 67)),
      },
      { weight: 1, arbitrary: fc.constant([700, 100]) },
    ),
    fc.nat(2),
  )
  .map(([shape, at]) => ({ shape, axis: Math.min(at, shape.length - 1) }))
  .filter(({ shape, axis }) => shape[axis] > 0 && sizeOf(shape) <= 70_000);

/** An index of its own for each element: as many along the axis, and perhaps fewer on another one. */
const full = shapes.chain(({ shape, axis }) =>
  fc.tuple(fc.nat(shape.length === 1 ? 2000 : 50), fc.nat(19)).map(([count, fewer]) => ({
    shape,
    axis,
    picked: shape.map((n, i) => (i === axis ? count : fewer === 0 ? Math.min(1, n) : n)),
  })),
);
/** An index for all rows. */
const rows = shapes.chain(({ shape, axis }) =>
  fc
    .oneof(
      fc.nat(300).map((n) => [n]),
      fc.tuple(fc.nat(20), fc.nat(20)),
      fc.constant([]),
    )
    .map((index) => ({ shape, axis, index, picked: shape.toSpliced(axis, 1, ...index) }))
    .filter(({ picked }) => sizeOf(picked) <= 70_000),
);

const floats = (shape: Shape): fc.Arbitrary<Tensor> => wild(shape, { special: true });
const elements = (shape: Shape): fc.Arbitrary<Tensor> =>
  fc.oneof(
    floats(shape),
    floats(shape).map((x) => tensor(Int32Array.from(x.data), { shape })),
  );
const exact = { tolerance: 0, smallest: 0 } as const;

const selecting = {
  name: 'indexSelect',
  kernel: indexSelectKernel,
  calls: rows.chain(({ shape, axis, index }) =>
    fc.tuple(elements(shape), places(index, shape[axis])).map((inputs): Call => [inputs, axis]),
  ),
};
checkBackend(simd, { ...selecting, ...exact });
checkBounds(selecting);
checkBackend(simd, {
  ...exact,
  name: 'indexAdd',
  kernel: indexAddKernel,
  calls: rows.chain(({ shape, axis, index, picked }) =>
    fc.tuple(floats(shape), places(index, shape[axis]), floats(picked)).map((inputs): Call => [inputs, axis]),
  ),
});
const gathering = {
  name: 'gather',
  kernel: gatherKernel,
  calls: full.chain(({ shape, axis, picked }) =>
    fc.tuple(elements(shape), places(picked, shape[axis])).map((inputs): Call => [inputs, axis]),
  ),
};
checkBackend(simd, { ...gathering, ...exact });
checkBounds(gathering);
checkBackend(simd, {
  ...exact,
  name: 'scatterAdd',
  kernel: scatterAddKernel,
  calls: full.chain(({ shape, axis, picked }) =>
    fc.tuple(floats(shape), places(picked, shape[axis]), floats(picked)).map((inputs): Call => [inputs, axis]),
  ),
});
