import type { Rng, Shape } from '../../../src/index.ts';
import {
  absKernel,
  addKernel,
  divKernel,
  lerpKernel,
  mulKernel,
  negKernel,
  reciprocalKernel,
  signKernel,
  squareKernel,
  subKernel,
} from '../../../src/tensor/cpu/arithmetic.ts';
import { clampKernel, maximumKernel, minimumKernel } from '../../../src/tensor/cpu/extrema.ts';
import { ceilKernel, floorKernel, remainderKernel, roundKernel } from '../../../src/tensor/cpu/rounding.ts';
import { type GpuCall, type GpuCase, numbers, sizes, type Values, wholes } from '../../harness/gpuKernel.ts';

/** One operand of every size. */
export const each =
  (values: Values = { special: true }) =>
  (rng: Rng): readonly GpuCall[] =>
    sizes.map((shape) => [[numbers(rng, shape, values)], undefined]);

const pairs: readonly (readonly [Shape, Shape])[] = [
  ...sizes.map((shape) => [shape, shape] as const),
  [[3, 5], [5]],
  [
    [3, 5],
    [3, 1],
  ],
  [[], [4]],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [2, 1, 2, 1, 3],
    [1, 3, 1, 2, 1],
  ],
  [[300, 300], [300]],
  [[0, 3], [3]],
];

/** Two operands of every size, and shapes that broadcast. */
export const both =
  (values: Values = { special: true }) =>
  (rng: Rng): readonly GpuCall[] =>
    pairs.map(([a, b]) => [[numbers(rng, a, values), numbers(rng, b, values)], undefined]);

/** Axes that broadcasting cannot merge are the host's from five on. */
export const left: number = 1;

/** The same whole number of calls, with attributes. */
export const withAttrs =
  (calls: (rng: Rng) => readonly GpuCall[], ...attrs: readonly unknown[]) =>
  (rng: Rng): readonly GpuCall[] =>
    attrs.flatMap((attr) => calls(rng).map(([inputs]): GpuCall => [inputs, attr]));

/** Whole numbers and halves, where `round` and `remainder` have their ties. */
const halves: Values = { scale: 4, of: (x) => Math.round(2 * x) / 2 };

function lerpCalls(rng: Rng): readonly GpuCall[] {
  const weights: Values = { of: (x) => Math.abs(x) % 1 };
  return [
    ...sizes.map((shape): GpuCall => [[numbers(rng, shape), numbers(rng, shape), numbers(rng, shape, weights)], undefined]),
    [[numbers(rng, [3, 5]), numbers(rng, [3, 5]), numbers(rng, [1], weights)], undefined],
  ];
}

/** The integer operands of what compares and chooses. */
export const wholePairs = (rng: Rng): readonly GpuCall[] =>
  pairs.map(([a, b]) => [[wholes(rng, a, 5), wholes(rng, b, 5)], undefined]);

/** Arithmetic. */
export const arithmeticCases: readonly GpuCase[] = [
  { name: 'add', kernel: addKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'sub', kernel: subKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'mul', kernel: mulKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'div', kernel: divKernel, calls: both(), tolerance: 3e-7, left },
  {
    name: 'remainder',
    kernel: remainderKernel,
    calls: (rng) => [...both()(rng), ...both({ scale: 1e5 })(rng), ...both(halves)(rng)],
    tolerance: 0,
    left: 3 * left,
  },
  // Relative to the operands, which are of size 1: between them they may cancel.
  { name: 'lerp', kernel: lerpKernel, calls: lerpCalls, tolerance: 1e-6, of: () => 1 },
  { name: 'neg', kernel: negKernel, calls: each(), tolerance: 0 },
  { name: 'abs', kernel: absKernel, calls: each(), tolerance: 0 },
  { name: 'sign', kernel: signKernel, calls: each(), tolerance: 0 },
  { name: 'square', kernel: squareKernel, calls: each(), tolerance: 1e-7 },
  { name: 'reciprocal', kernel: reciprocalKernel, calls: each(), tolerance: 3e-7 },
  { name: 'floor', kernel: floorKernel, calls: each({ scale: 9, special: true }), tolerance: 0 },
  { name: 'ceil', kernel: ceilKernel, calls: each({ scale: 9, special: true }), tolerance: 0 },
  {
    name: 'round',
    kernel: roundKernel,
    calls: (rng) => [...each({ scale: 9, special: true })(rng), ...each(halves)(rng), ...each({ scale: 1e7 })(rng)],
    tolerance: 0,
  },
  {
    name: 'minimum',
    kernel: minimumKernel,
    calls: (rng) => [...both()(rng), ...wholePairs(rng)],
    tolerance: 0,
    left: 2 * left,
  },
  {
    name: 'maximum',
    kernel: maximumKernel,
    calls: (rng) => [...both()(rng), ...wholePairs(rng)],
    tolerance: 0,
    left: 2 * left,
  },
  {
    name: 'clamp',
    kernel: clampKernel,
    calls: withAttrs(each(), { low: -0.5, high: 0.75 }, { low: -Infinity, high: 1 }, { low: 0, high: Infinity }),
    tolerance: 0,
  },
];
