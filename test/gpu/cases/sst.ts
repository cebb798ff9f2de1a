import type { Rng, Shape, Tensor } from '../../../src/index.ts';
import { defaultGradient, enhancedGradient, sigmaGradient, spectralForward } from '../../../src/sst/formulas.ts';
import { clampSigmaKernel, normaliseRowsKernel } from '../../../src/sst/kernels.ts';
import { type GpuCall, type GpuCase, numbers } from '../../harness/gpuKernel.ts';
import { each } from './arithmetic.ts';

/** Leading axes of the activations, then k and m. */
const layers: readonly (readonly [lead: Shape, k: number, m: number])[] = [
  [[], 3, 5],
  [[0], 3, 5],
  [[4], 0, 5],
  [[1], 1, 1],
  [[7], 3, 5],
  [[2, 3], 5, 4],
  [[1024], 9, 7],
  [[300], 7, 301],
  [[3], 1024, 17],
];

/** Operands of shapes made from those, for every layer. */
const formula =
  (shapes: (lead: Shape, k: number, m: number) => readonly Shape[]) =>
  (rng: Rng): readonly GpuCall[] =>
    layers.map(([lead, k, m]) => [shapes(lead, k, m).map((shape) => numbers(rng, shape)), undefined]);

const called =
  <I extends readonly Tensor[]>(fn: (...operands: I) => Tensor) =>
  (operands: readonly Tensor[]): Tensor =>
    fn(...(operands as unknown as I));

/** A row that vanishes, one that all but does, a NaN, and lengths whose squares leave the range of float32. */
function rowCalls(rng: Rng): readonly GpuCall[] {
  const odd = numbers(rng, [6, 5]);
  odd.data.fill(0, 0, 5);
  odd.data.fill(1e-13, 5, 10);
  odd.data.fill(1e-11, 10, 15);
  odd.data.fill(3e37, 15, 20);
  odd.data[20] = Number.NaN;
  const shapes: readonly Shape[] = [[0, 3], [3, 0], [1, 1], [7, 5], [3, 1023], [5], [257, 256]];
  return [odd, ...shapes.map((shape) => numbers(rng, shape))].map((x) => [[x, numbers(rng, x.shape)], undefined]);
}

/** Sparse Spectral Training: its kernels and formulas. */
export const sstCases: readonly GpuCase[] = [
  { name: 'clampSigma', kernel: clampSigmaKernel, calls: each(), tolerance: 0 },
  { name: 'normaliseRows', kernel: normaliseRowsKernel, calls: rowCalls, tolerance: 1e-6 },
  {
    name: 'spectralForward',
    kernel: called(spectralForward),
    calls: formula((lead, k, m) => [[...lead, k], [k], [k, m]]),
    tolerance: 1e-5,
    of: 'result',
  },
  {
    name: 'sigmaGradient',
    kernel: called(sigmaGradient),
    calls: formula((lead, k) => [
      [...lead, k],
      [...lead, k],
    ]),
    tolerance: 1e-5,
    of: 'result',
  },
  {
    name: 'defaultGradient',
    kernel: called(defaultGradient),
    calls: formula((lead, k, m) => [[...lead, k], [k], [...lead, m]]),
    tolerance: 1e-5,
    of: 'result',
  },
  {
    name: 'enhancedGradient',
    kernel: called(enhancedGradient),
    calls: formula((lead, k, m) => [
      [...lead, k],
      [...lead, m],
    ]),
    tolerance: 1e-5,
    of: 'result',
  },
];
