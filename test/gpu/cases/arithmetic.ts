import type { Rng, Shape } from '../../../src/index.ts';
import { reluGradKernel, reluKernel } from '../../../src/tensor/cpu/activation.ts';
import {
  absKernel,
  addKernel,
  divKernel,
  mulKernel,
  negKernel,
  squareKernel,
  subKernel,
} from '../../../src/tensor/cpu/arithmetic.ts';
import { type GpuCall, type GpuCase, numbers, sizes, type Values } from '../../harness/gpuKernel.ts';

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
const left = 1;

/** Arithmetic. */
export const arithmeticCases: readonly GpuCase[] = [
  { name: 'add', kernel: addKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'sub', kernel: subKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'mul', kernel: mulKernel, calls: both(), tolerance: 1e-7, left },
  { name: 'div', kernel: divKernel, calls: both(), tolerance: 3e-7, left },
  { name: 'neg', kernel: negKernel, calls: each(), tolerance: 0 },
  { name: 'abs', kernel: absKernel, calls: each(), tolerance: 0 },
  { name: 'square', kernel: squareKernel, calls: each(), tolerance: 1e-7 },
  { name: 'relu', kernel: reluKernel, calls: each(), tolerance: 0 },
  { name: 'reluGrad', kernel: reluGradKernel, calls: both(), tolerance: 0, left },
];
