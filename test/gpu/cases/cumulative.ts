import type { Rng, Shape } from '../../../src/index.ts';
import { cumprodKernel, cumsumKernel, linearScanKernel } from '../../../src/tensor/cpu/cumulative.ts';
import { coins, type GpuCall, type GpuCase, numbers, type Values, wholes } from '../../harness/gpuKernel.ts';

const shapes: readonly (readonly [Shape, axis: number])[] = [
  [[0, 3], 0],
  [[3, 0], 0],
  [[1], 0],
  [[7], 0],
  [[3, 5], 1],
  [[2, 8, 3], 1],
  [[3, 333], 1],
];

/** Every shape, forward and backward, with and without its own element; a long one. */
const runs =
  (...operands: readonly Values[]) =>
  (rng: Rng): readonly GpuCall[] => [
    ...shapes.flatMap(([shape, axis]) =>
      [false, true].flatMap((reverse) =>
        [false, true].map(
          (exclusive): GpuCall => [operands.map((values) => numbers(rng, shape, values)), { axis, reverse, exclusive }],
        ),
      ),
    ),
    [operands.map((values) => numbers(rng, [65_537], values)), { axis: 0, reverse: true, exclusive: false }],
  ];

const counted = (rng: Rng): readonly GpuCall[] =>
  [coins(rng, [5, 40]), wholes(rng, [5, 40], 9)].map((x) => [[x], { axis: 1, reverse: false, exclusive: false }]);

/** Runs. Sums are rounded at each step: their errors are relative to the largest. */
export const cumulativeCases: readonly GpuCase[] = [
  {
    name: 'cumsum',
    kernel: cumsumKernel,
    calls: (rng) => [...runs({})(rng), ...counted(rng)],
    tolerance: 2e-6,
    of: 'result',
    left: 1,
  },
  // Factors near 1, so that products stay in the range of float32 wherever a run is cut; each of the 65,537 rounds.
  {
    name: 'cumprod',
    kernel: cumprodKernel,
    calls: (rng) => [...runs({ of: (x) => 1 + x / 1000 })(rng), ...counted(rng)],
    tolerance: 1e-4,
    left: 1,
  },
  {
    name: 'linearScan',
    kernel: linearScanKernel,
    calls: runs({ of: (x) => Math.tanh(x) }, {}),
    tolerance: 1e-6,
    of: 'result',
  },
];
