import { type RadialName, radialKernel } from '../../../src/hyperbolic/radial.kernel.ts';
import type { Rng } from '../../../src/index.ts';
import { type GpuCall, type GpuCase, numbers, sizes } from '../../harness/gpuKernel.ts';

/** Each function, and how far its argument goes. */
const names: readonly (readonly [name: RadialName, far: number])[] = [
  ['coshRoot', 170],
  ['sinhcRoot', 170],
  ['tanhcRoot', 50],
  ['asinhcRoot', 1e9],
  ['artanhcRoot', 1.2],
  ['ballClip', 2],
  ['spaceClip', 1e11],
  ['conformal', 1.2],
];

/** Squared lengths from 0 to `far`, small ones as often as large ones. */
const spread =
  (far: number) =>
  (x: number): number =>
    far * Math.exp(-3 * Math.abs(x)) * (Math.abs(x) > 2.5 ? 1e-9 : 1);

const radialCalls = (rng: Rng): readonly GpuCall[] => [
  ...names.flatMap(([name, far]) =>
    [0, 1, 2].map((order): GpuCall => {
      const s = numbers(rng, [1001], { of: spread(far) });
      s.data.set([0, Number.NaN, 1e-12], 3);
      return [[s], { name, order }];
    }),
  ),
  ...sizes.map((shape): GpuCall => [[numbers(rng, shape, { of: Math.abs })], { name: 'sinhcRoot', order: 0 }]),
];

/** Functions of a squared length: derivatives are differences, which cost float32 a digit. */
export const radialCases: readonly GpuCase[] = [
  { name: 'radial', kernel: radialKernel, calls: radialCalls, tolerance: 3e-6 },
];
