import type { Rng } from '../../../src/index.ts';
import { erfKernel } from '../../../src/tensor/cpu/erf.ts';
import {
  expKernel,
  expm1Kernel,
  log1pKernel,
  log2Kernel,
  logKernel,
  powKernel,
  rsqrtKernel,
  sqrtKernel,
} from '../../../src/tensor/cpu/exponential.ts';
import {
  acoshKernel,
  acosKernel,
  asinhKernel,
  asinKernel,
  atan2Kernel,
  atanhKernel,
  atanKernel,
  coshKernel,
  cosKernel,
  sinhKernel,
  sinKernel,
  tanhKernel,
  tanKernel,
} from '../../../src/tensor/cpu/trigonometric.ts';
import { type GpuCall, type GpuCase, numbers, unusual, type Values } from '../../harness/gpuKernel.ts';
import { both, each, left } from './arithmetic.ts';

const ordinary: Values = { special: true };
const small: Values = { scale: 1e-4 };
const wide: Values = { scale: 40, special: true };
const positive: Values = { scale: 20, special: true, of: (x) => (Math.abs(x) < 80 ? Math.exp(x) : x) };
const nearOne: Values = { scale: 1e-3, of: (x) => 1 + x };
const fractions: Values = { scale: 0.4, special: true };
/** Angles that float32 still tells apart. */
const angles: Values = { scale: 1000 };

/** Every pair of unusual numbers and whole ones, as base and exponent. */
function unusualPairs(rng: Rng): GpuCall {
  const list = [...unusual, 2, -2, 3, -3, 0.5, -0.5];
  const [a, b] = [0, 1].map(() => numbers(rng, [list.length ** 2]));
  for (let i = 0; i < a.size; i++) {
    a.data[i] = list[i % list.length];
    b.data[i] = list[Math.floor(i / list.length)];
  }
  return [[a, b], undefined];
}

/** Bases and exponents whose powers are within 2e-6: beyond |b| = 20 the error grows as |b|. */
function powCalls(rng: Rng): readonly GpuCall[] {
  const base = numbers(rng, [999], { scale: 3, of: Math.abs });
  return [
    ...both({ scale: 3 })(rng),
    unusualPairs(rng),
    [[base, numbers(rng, [999], { scale: 6 })], undefined],
    [[base, numbers(rng, [1], { of: () => 2 })], undefined],
    [[numbers(rng, [999]), numbers(rng, [999], { scale: 6, of: Math.round })], undefined],
  ];
}

/**
 * Powers, logarithms and angles. The sine, the cosine and the tangent are held to their definitions up to angles of some thousands.
 */
export const transcendentalCases: readonly GpuCase[] = [
  { name: 'exp', kernel: expKernel, calls: each(ordinary, wide), tolerance: 4e-7 },
  { name: 'expm1', kernel: expm1Kernel, calls: each(ordinary, wide, small), tolerance: 6e-7 },
  { name: 'log', kernel: logKernel, calls: each(positive, nearOne, ordinary), tolerance: 5e-7 },
  { name: 'log1p', kernel: log1pKernel, calls: each(positive, small, ordinary), tolerance: 6e-7 },
  { name: 'log2', kernel: log2Kernel, calls: each(positive, nearOne, ordinary), tolerance: 5e-7 },
  { name: 'sqrt', kernel: sqrtKernel, calls: each(positive, ordinary), tolerance: 4e-7 },
  { name: 'rsqrt', kernel: rsqrtKernel, calls: each(positive, ordinary), tolerance: 5e-7 },
  { name: 'pow', kernel: powKernel, calls: powCalls, tolerance: 2e-6, left },
  { name: 'sin', kernel: sinKernel, calls: each({}, angles, small), tolerance: 2e-6 },
  { name: 'cos', kernel: cosKernel, calls: each({}, angles, small), tolerance: 2e-6 },
  { name: 'tan', kernel: tanKernel, calls: each({}, angles, small), tolerance: 2e-6 },
  { name: 'asin', kernel: asinKernel, calls: each(fractions, small), tolerance: 6e-7 },
  { name: 'acos', kernel: acosKernel, calls: each(fractions, small), tolerance: 6e-7 },
  { name: 'atan', kernel: atanKernel, calls: each(ordinary, wide, small), tolerance: 6e-7 },
  {
    name: 'atan2',
    kernel: atan2Kernel,
    calls: (rng) => [...both()(rng), unusualPairs(rng)],
    tolerance: 6e-7,
    left,
  },
  { name: 'sinh', kernel: sinhKernel, calls: each(ordinary, wide, small), tolerance: 1e-6 },
  { name: 'cosh', kernel: coshKernel, calls: each(ordinary, wide, small), tolerance: 1e-6 },
  { name: 'tanh', kernel: tanhKernel, calls: each(ordinary, wide, small), tolerance: 6e-7 },
  { name: 'asinh', kernel: asinhKernel, calls: each(ordinary, positive, small), tolerance: 6e-7 },
  { name: 'acosh', kernel: acoshKernel, calls: each(positive, nearOne, ordinary), tolerance: 6e-7 },
  { name: 'atanh', kernel: atanhKernel, calls: each(fractions, small), tolerance: 6e-7 },
  { name: 'erf', kernel: erfKernel, calls: each(ordinary, small), tolerance: 6e-7 },
];
