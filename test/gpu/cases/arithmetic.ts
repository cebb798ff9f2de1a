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

/** One operand of every size; of further kinds of numbers a few. */
export const each =
  (values: Values = { special: true }, ...more: readonly Values[]) =>
  (rng: Rng): readonly GpuCall[] => [
    ...sizes.map((shape): GpuCall => [[numbers(rng, shape, values)], undefined]),
    ...more.map((kind): GpuCall => [[numbers(rng, [999], kind)], undefined]),
  ];

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

/** Two operands of every size, and shapes that broadcast; of further kinds of numbers a few. */
export const both =
  (values: Values = { special: true }, ...more: readonly Values[]) =>
  (rng: Rng): readonly GpuCall[] => [
    ...pairs.map(([a, b]): GpuCall => [[numbers(rng, a, values), numbers(rng, b, values)], undefined]),
    ...more.map((kind): GpuCall => [[numbers(rng, [999], kind), numbers(rng, [999], kind)], undefined]),
  ];

/** Axes that broadcasting cannot merge are the host's from five on. */
export const left: number = 1;

/** Calls of one operand with attributes: every size with the first, a few numbers with the others. */
export const withAttrs =
  (values: Values, first: unknown, ...more: readonly unknown[]) =>
  (rng: Rng): readonly GpuCall[] => [
    ...each(values)(rng).map(([inputs]): GpuCall => [inputs, first]),
    ...more.map((attrs): GpuCall => [[numbers(rng, [999], values)], attrs]),
  ];

/** Whole numbers and halves, where `round` and `remainder` have their ties. */
const halves: Values = { scale: 4, of: (x) => Math.round(2 * x) / 2 };

function lerpCalls(rng: Rng): readonly GpuCall[] {
  const weights: Values = { of: (x) => Math.abs(x) % 1 };
  return [
    ...sizes.map(
      (shape): GpuCall => [[numbers(rng, shape), numbers(rng, shape), numbers(rng, shape, weights)], undefined],
    ),
    [[numbers(rng, [3, 5]), numbers(rng, [3, 5]), numbers(rng, [1], weights)], undefined],
  ];
}

/** The operands of what compares and chooses: whole numbers too. */
export const compared = (rng: Rng): readonly GpuCall[] => [
  ...both()(rng),
  [[wholes(rng, [31, 5], 5), wholes(rng, [5], 5)], undefined],
];

/** Arithmetic. */
export const arithmeticCases: readonly GpuCase[] = [
  { name: 'add', kernel: addKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'sub', kernel: subKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'mul', kernel: mulKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'div', kernel: divKernel, calls: both(), tolerance: 3e-7, left },
  {
    name: 'remainder',
    kernel: remainderKernel,
    calls: both({ special: true }, { scale: 1e5 }, halves),
    tolerance: 0,
    left,
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
    calls: each({ scale: 9, special: true }, halves, { scale: 1e7 }),
    tolerance: 0,
  },
  { name: 'minimum', kernel: minimumKernel, calls: compared, tolerance: 0, left },
  { name: 'maximum', kernel: maximumKernel, calls: compared, tolerance: 0, left },
  {
    name: 'clamp',
    kernel: clampKernel,
    calls: withAttrs(
      { special: true },
      { low: -0.5, high: 0.75 },
      { low: -Infinity, high: 1 },
      { low: 0, high: Infinity },
    ),
    tolerance: 0,
  },
];
