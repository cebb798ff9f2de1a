import type { Rng, Shape } from '../../../src/index.ts';
import {
  adamKernel,
  adamStepKernel,
  descentKernel,
  emaKernel,
  momentumDescentKernel,
} from '../../../src/tensor/cpu/optimizer.ts';
import { type GpuCall, type GpuCase, numbers, sizes, type Values } from '../../harness/gpuKernel.ts';

/**
 * Calls with `count` operands of one shape, for every size with the last set of attributes, and for [3, 5] with all of them; the last
 * `squares` operands are not negative.
 */
const steps =
  (count: number, attrs: readonly unknown[], squares: number = 0) =>
  (rng: Rng): readonly GpuCall[] =>
    [...sizes.map((shape) => [shape, attrs.at(-1)] as const), ...attrs.map((attr) => [[3, 5], attr] as const)].map(
      ([shape, attr]): GpuCall => {
        const values = (i: number): Values => (i < count - squares ? {} : { of: Math.abs });
        return [Array.from({ length: count }, (_, i) => numbers(rng, shape, values(i))), attr];
      },
    );

const adamNumbers = { lr: 0.01, eps: 1e-8, bias1: 0.271, bias2: 0.002997 };
const update = { ...adamNumbers, beta1: 0.9, beta2: 0.999, decay: 0, shrink: 0 };
const momentum = { lr: 0.01, decay: 0, momentum: 0.9, dampening: 0, nesterov: false };

/** Second moments with one entry for each row. */
const perRow: readonly (readonly [Shape, Shape])[] = [
  [[3, 5], [3]],
  [[0, 5], [0]],
  [[300, 301], [300]],
];

const adamSteps = (rng: Rng): readonly GpuCall[] => [
  ...steps(2, [adamNumbers, { ...adamNumbers, eps: 0.1 }], 1)(rng),
  ...perRow.map(([m, v]): GpuCall => [[numbers(rng, m), numbers(rng, v, { of: Math.abs })], adamNumbers]),
  // Nothing has come yet: 0/eps.
  [[numbers(rng, [4], { of: () => 0 }), numbers(rng, [4], { of: () => 0 })], adamNumbers],
];

/** Steps of optimizers. Their sums cancel here and there, so errors are relative to the largest element. */
export const optimizerCases: readonly GpuCase[] = [
  { name: 'ema', kernel: emaKernel, calls: steps(2, [0.9, 0.999, 0, 1]), tolerance: 3e-7, of: 'result' },
  { name: 'adamStep', kernel: adamStepKernel, calls: adamSteps, tolerance: 1e-6 },
  {
    name: 'adam',
    kernel: adamKernel,
    calls: steps(4, [update, { ...update, decay: 0.1 }, { ...update, shrink: 0.1 }], 1),
    tolerance: 3e-7,
    of: 'result',
  },
  {
    name: 'descent',
    kernel: descentKernel,
    calls: steps(2, [
      { lr: 0.1, decay: 0 },
      { lr: 0.1, decay: 0.01 },
    ]),
    tolerance: 3e-7,
    of: 'result',
  },
  {
    name: 'momentumDescent',
    kernel: momentumDescentKernel,
    calls: steps(3, [
      momentum,
      { ...momentum, decay: 0.1, dampening: 0.5 },
      { ...momentum, nesterov: true, decay: 0.1 },
    ]),
    tolerance: 3e-7,
    of: 'result',
  },
];
