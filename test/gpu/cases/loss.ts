import type { Rng } from '../../../src/index.ts';
import { bceKernel, bceWithLogitsKernel, huberKernel } from '../../../src/tensor/cpu/loss.ts';
import { type GpuCall, type GpuCase, numbers, sizes, type Values } from '../../harness/gpuKernel.ts';

/** Targets between 0 and 1, both ends among them. */
const targets: Values = { of: (x) => Math.min(1, Math.abs(x)) * (Math.abs(x) < 0.3 ? 0 : 1) };

const against =
  (values: Values, target: Values, attrs: unknown) =>
  (rng: Rng): readonly GpuCall[] =>
    sizes.map((shape) => [[numbers(rng, shape, values), numbers(rng, shape, target)], attrs]);

/** Losses of numbers. */
export const lossCases: readonly GpuCase[] = [
  // The square of a difference that was rounded.
  { name: 'huber', kernel: huberKernel, calls: against({ special: true }, {}, 0.7), tolerance: 1e-6 },
  {
    name: 'bce',
    kernel: bceKernel,
    calls: against({ of: (x) => 1 / (1 + Math.exp(-6 * x)) }, targets, undefined),
    tolerance: 1e-6,
  },
  {
    name: 'bceWithLogits',
    kernel: bceWithLogitsKernel,
    calls: against({ scale: 5, special: true }, targets, undefined),
    tolerance: 1e-6,
  },
];
