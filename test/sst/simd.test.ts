/** The SIMD kernels of SST. */
import fc from 'fast-check';
import '../../src/sst/index.ts';
import { clampSigmaKernel, normaliseRowsKernel } from '../../src/sst/kernels.ts';
import { checkBackend, simd, wild } from '../harness/backend.ts';
import { matrices, view } from '../harness/rows.ts';

checkBackend(simd, {
  name: 'clampSigma',
  kernel: clampSigmaKernel,
  calls: fc
    .constantFrom(0, 1, 33, 64, 1001, 70_000)
    .chain((k) => wild([k], { special: true }).map((x) => [[x], undefined] as const)),
  tolerance: 0,
});

/** Ordinary rows, vanishing ones, and rows whose norm float32 cannot hold. */
const rows = fc
  .tuple(
    matrices,
    fc.constantFrom(
      {},
      { special: true },
      { of: (x: number) => x * 1e-15 },
      { of: (x: number) => x * 8e37 },
      { of: () => 0 },
    ),
  )
  .chain(([shape, how]) => fc.tuple(view(shape, how), view(shape)));
checkBackend(simd, {
  name: 'normaliseRows',
  kernel: normaliseRowsKernel,
  calls: rows.map((inputs) => [inputs, undefined] as const),
  tolerance: 2e-7,
  // Elements below the smallest normal number.
  smallest: 2 ** -126,
});
