import type { Rng, Shape, Tensor } from '../../../src/index.ts';
import {
  affineNormGradKernel,
  affineNormKernel,
  affineNormWeightGradKernel,
  standardizeGradKernel,
  standardizeKernel,
} from '../../../src/tensor/cpu/standardize.ts';
import { type GpuCall, type GpuCase, largest, numbers, type Values } from '../../harness/gpuKernel.ts';

/** Shapes, and how many of the last axes a row spans. */
const shapes: readonly (readonly [Shape, number])[] = [
  [[0, 3], 1],
  [[1, 1], 1],
  [[3, 5], 1],
  [[2, 3, 4], 2],
  [[2, 3, 4], 1],
  [[5, 333], 1],
  [[70, 100], 1],
  [[20_000, 4], 1],
];
/** Far from 0, where a mean that is rounded would show. */
const away: Values = { of: (x) => x + 1000 };

/** Every shape, centred and not. */
const each =
  (call: (rng: Rng, shape: Shape, attrs: { axes: number; eps: number; centre: boolean }) => GpuCall) =>
  (rng: Rng): readonly GpuCall[] =>
    shapes.flatMap(([shape, axes]) => [true, false].map((centre) => call(rng, shape, { axes, eps: 0.1, centre })));

const row = (shape: Shape, axes: number): Shape => shape.slice(shape.length - axes);

/** Operands of the gradients: x, the weight, and what the forward kernel says of the rows. */
function affine(rng: Rng, shape: Shape, attrs: { axes: number; eps: number; centre: boolean }) {
  const [x, weight, bias] = [
    numbers(rng, shape, attrs.centre ? away : {}),
    numbers(rng, row(shape, attrs.axes)),
    numbers(rng, row(shape, attrs.axes)),
  ];
  return { x, weight, bias, stats: affineNormKernel([x, weight, bias], attrs)[1] };
}

/** What the terms of a gradient are at most, which cancel in rows that are short or all but equal. */
const ofTerms = ([dy, , r]: readonly Tensor[]): number => largest(dy.data) * largest(r.data);
const ofWeighted = ([dy, , weight, stats]: readonly Tensor[]): number =>
  largest(dy.data) * largest(weight.data) * largest(stats.data.filter((_, i) => i % 3 === 2));

/** Normalised rows. Their errors come from sums: they are relative to the largest result, or term. */
export const standardizeCases: readonly GpuCase[] = [
  {
    name: 'standardize',
    kernel: standardizeKernel,
    calls: each((rng, shape, attrs) => [[numbers(rng, shape, attrs.centre ? away : {})], attrs]),
    tolerance: 2e-6,
    of: 'result',
  },
  {
    name: 'standardizeGrad',
    kernel: standardizeGradKernel,
    calls: each((rng, shape, attrs) => {
      const [y, r] = standardizeKernel([numbers(rng, shape)], attrs);
      return [[numbers(rng, shape), y, r], attrs];
    }),
    tolerance: 2e-6,
    of: ofTerms,
  },
  {
    name: 'affineNorm',
    kernel: affineNormKernel,
    calls: each((rng, shape, attrs) => {
      const { x, weight, bias } = affine(rng, shape, attrs);
      return [[x, weight, bias], attrs];
    }),
    tolerance: 2e-6,
    of: 'result',
  },
  {
    name: 'affineNormGrad',
    kernel: affineNormGradKernel,
    calls: each((rng, shape, attrs) => {
      const { x, weight, stats } = affine(rng, shape, attrs);
      return [[numbers(rng, shape), x, weight, stats], attrs];
    }),
    tolerance: 2e-6,
    of: ofWeighted,
  },
  {
    name: 'affineNormWeightGrad',
    kernel: affineNormWeightGradKernel,
    calls: each((rng, shape, attrs) => {
      const { x, stats } = affine(rng, shape, attrs);
      return [[numbers(rng, shape), x, stats], attrs.axes];
    }),
    tolerance: 1e-5,
    of: 'result',
  },
];
