import type { Tensor } from '../../../src/index.ts';
import {
  eluKernel,
  geluGradKernel,
  geluKernel,
  geluTanhGradKernel,
  geluTanhKernel,
  leakyReluKernel,
  logSigmoidKernel,
  mishKernel,
  reluGradKernel,
  reluKernel,
  sigmoidGradKernel,
  sigmoidKernel,
  siluGradKernel,
  siluKernel,
  softplusKernel,
  tanhGradKernel,
} from '../../../src/tensor/cpu/activation.ts';
import { type GpuCase, largest, type Values } from '../../harness/gpuKernel.ts';
import { both, each, left, withAttrs } from './arithmetic.ts';

const wide: Values = { scale: 6, special: true };
/** Gradients and operands of slopes that cross 0: the error is measured against the largest gradient. */
const slopes: Values = { scale: 3 };
const ofGradient = ([g]: readonly Tensor[]): number => largest(g.data);
/** What tanh and the sigmoid give. */
const results: Values = { of: (x) => 1 / (1 + Math.exp(-x)) };

/** Activation functions. */
export const activationCases: readonly GpuCase[] = [
  { name: 'relu', kernel: reluKernel, calls: each(), tolerance: 0 },
  { name: 'reluGrad', kernel: reluGradKernel, calls: both(), tolerance: 0, left },
  { name: 'leakyRelu', kernel: leakyReluKernel, calls: withAttrs({ special: true }, 0.01, 1.5), tolerance: 2e-7 },
  { name: 'elu', kernel: eluKernel, calls: withAttrs(wide, 1, 0.3), tolerance: 6e-7 },
  { name: 'sigmoid', kernel: sigmoidKernel, calls: each(wide), tolerance: 6e-7 },
  // A product beta·x that is rounded would show in the tail: powers of 2 are exact.
  {
    name: 'softplus',
    kernel: softplusKernel,
    calls: withAttrs(wide, { beta: 1, threshold: 20 }, { beta: 2, threshold: 5 }),
    tolerance: 1e-6,
  },
  { name: 'logSigmoid', kernel: logSigmoidKernel, calls: each(wide), tolerance: 1e-6 },
  { name: 'silu', kernel: siluKernel, calls: each(wide), tolerance: 1e-6 },
  { name: 'mish', kernel: mishKernel, calls: each(wide), tolerance: 1e-6 },
  // x times a probability, which may be 0 where it is a denormal number.
  { name: 'gelu', kernel: geluKernel, calls: each(wide), tolerance: 1e-6, smallest: 15 * 2 ** -126 },
  // The exponent is rounded, which the tail below 5e-6 shows: it is held to an absolute error.
  { name: 'geluTanh', kernel: geluTanhKernel, calls: each(wide), tolerance: 2e-6, smallest: 1e-11 },
  { name: 'tanhGrad', kernel: tanhGradKernel, calls: both(results), tolerance: 5e-7, left },
  { name: 'sigmoidGrad', kernel: sigmoidGradKernel, calls: both(results), tolerance: 5e-7, left },
  { name: 'siluGrad', kernel: siluGradKernel, calls: both(slopes), tolerance: 2e-6, of: ofGradient, left },
  { name: 'geluGrad', kernel: geluGradKernel, calls: both(slopes), tolerance: 2e-6, of: ofGradient, left },
  { name: 'geluTanhGrad', kernel: geluTanhGradKernel, calls: both(slopes), tolerance: 2e-6, of: ofGradient, left },
];
