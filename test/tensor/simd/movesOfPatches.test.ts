/** Patches of images in SIMD against their definitions: every bit is the same. */
import fc from 'fast-check';
import type { Tensor } from '../../../src/index.ts';
import { foldKernel, type Pair, type Patches, patchCounts, unfoldKernel } from '../../../src/tensor/cpu/unfold.ts';
import { checkBackend, simd, wild } from '../../harness/backend.ts';
import { checkBounds } from '../../harness/bounds.ts';

const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const patches: fc.Arbitrary<Patches> = fc.record({
  kernel: pair(1, 5),
  stride: fc.oneof(fc.constant([1, 1] as const), pair(1, 4)),
  padding: pair(0, 6),
  dilation: fc.oneof(fc.constant([1, 1] as const), pair(1, 3)),
});
/** Images of a size, and patches of which at least one fits. */
const images = fc
  .record({
    n: fc.nat(3),
    c: fc.integer({ min: 1, max: 4 }),
    size: fc.oneof(pair(0, 40), fc.constant([65, 64] as const)),
    patches,
  })
  .filter(({ size, patches: p }) => patchCounts(size, p).every((count) => count > 0));
const exact = { tolerance: 0, smallest: 0 } as const;

type Call<A> = readonly [inputs: readonly Tensor[], attrs: A];

const unfolding = {
  name: 'unfold',
  kernel: unfoldKernel,
  calls: images.chain(({ n, c, size, patches: p }) =>
    wild([n, c, ...size], { special: true }).map((x): Call<Patches> => [[x], p]),
  ),
};
checkBackend(simd, { ...unfolding, ...exact });
checkBounds(unfolding);
checkBackend(simd, {
  ...exact,
  name: 'fold',
  kernel: foldKernel,
  calls: images.chain(({ n, c, size, patches: p }) => {
    const [rows, columns] = patchCounts(size, p);
    const shape = [n, c * p.kernel[0] * p.kernel[1], rows * columns];
    return wild(shape, { special: true }).map((x): Call<Patches & { readonly size: Pair }> => [[x], { ...p, size }]);
  }),
});
