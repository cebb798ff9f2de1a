import { lorentzLiftGradKernel, lorentzLiftKernel } from '../../../src/hyperbolic/layers/lorentzLift.kernel.ts';
import { liftKernel, tangentInnerGradKernel, tangentInnerKernel } from '../../../src/hyperbolic/lorentz.kernel.ts';
import { lorentzNormaliseGradKernel, lorentzNormaliseKernel } from '../../../src/hyperbolic/lorentzNormalise.kernel.ts';
import { rowDotKernel } from '../../../src/hyperbolic/rows.kernel.ts';
import { full, type Rng, type Shape, type Tensor } from '../../../src/index.ts';
import { type GpuCall, type GpuCase, numbers } from '../../harness/gpuKernel.ts';

/** Rows of points, times included. */
const shapes: readonly Shape[] = [[0, 3], [1, 2], [5], [7, 5], [2, 3, 4], [3, 129], [1024, 65]];

const scalar = (value: number): Tensor => full([], value);

/** Points of the hyperboloid whose space coordinates are normal numbers times `scale`; the first is the origin where there are several. */
export function points(rng: Rng, shape: Shape, scale: number, c: number): Tensor {
  const x = numbers(rng, shape, { scale });
  const n = shape[shape.length - 1];
  if (x.size > n) x.data.fill(0, 0, n);
  for (let at = 0; at < x.size; at += n) x.data[at] = Math.hypot(1 / Math.sqrt(c), ...x.data.subarray(at + 1, at + n));
  return x;
}

/** Calls for every shape with c = 1 and c = 0.3. */
const each =
  (operands: (rng: Rng, shape: Shape, c: number) => readonly Tensor[]) =>
  (rng: Rng): readonly GpuCall[] =>
    shapes.flatMap((shape) => [1, 0.3].map((c): GpuCall => [operands(rng, shape, c), undefined]));

const dots = (rng: Rng): readonly GpuCall[] =>
  shapes.flatMap((shape) =>
    [false, true].map((minkowski): GpuCall => [[numbers(rng, shape), numbers(rng, shape)], minkowski]),
  );

const tangents = (rng: Rng, shape: Shape, c: number) => [
  points(rng, shape, 1, c),
  numbers(rng, shape),
  numbers(rng, shape),
  scalar(c),
];

/** Rows of a layer: the first has no direction where there are several, and the second is NaN. */
function layerRows(rng: Rng, shape: Shape): Tensor {
  const z = numbers(rng, shape, { scale: 2 });
  const n = shape[shape.length - 1];
  if (z.size > 2 * n) z.data.fill(0, 1, n).fill(Number.NaN, n, 2 * n);
  return z;
}

/** Timelike rows, of which 1 − |ss|²/s0² is at least 0.02; where there are several a spacelike one, and one whose time is negative. */
function timelike(rng: Rng, shape: Shape): Tensor {
  const s = numbers(rng, shape);
  const n = shape[shape.length - 1];
  for (let at = 0; at < s.size; at += n) {
    const row = at / n;
    const length = Math.hypot(...s.data.subarray(at + 1, at + n));
    s.data[at] = row === 1 ? length / 2 : row === 2 ? -1 : length * (1.01 + rng.uniform());
  }
  return s;
}

/** Rows of points and tangents, and layers of the hyperboloid. What is near the light cone loses as many digits as its coordinates do. */
export const hyperbolicRowCases: readonly GpuCase[] = [
  { name: 'rowDot', kernel: rowDotKernel, calls: dots, tolerance: 1e-5, of: 'result' },
  {
    name: 'lift',
    kernel: liftKernel,
    calls: each((rng, shape, c) => [numbers(rng, shape), scalar(c)]),
    tolerance: 1e-6,
  },
  { name: 'tangentInner', kernel: tangentInnerKernel, calls: each(tangents), tolerance: 2e-6, of: 'result' },
  {
    name: 'tangentInnerGrad',
    kernel: tangentInnerGradKernel,
    calls: each((rng, shape, c) => [numbers(rng, shape.slice(0, -1)), ...tangents(rng, shape, c)]),
    tolerance: 5e-6,
    of: 'result',
  },
  {
    name: 'lorentzLift',
    kernel: lorentzLiftKernel,
    calls: each((rng, shape, c) => [layerRows(rng, shape), scalar(c === 1 ? 1.5 : 50), scalar(c)]),
    tolerance: 4e-6,
  },
  {
    name: 'lorentzLiftGrad',
    kernel: lorentzLiftGradKernel,
    calls: each((rng, shape, c) => [
      numbers(rng, shape),
      numbers(rng, shape, { scale: 2 }),
      scalar(c === 1 ? 1.5 : 3),
      scalar(c),
    ]),
    tolerance: 5e-6,
    of: 'result',
  },
  {
    name: 'lorentzNormalise',
    kernel: lorentzNormaliseKernel,
    calls: each((rng, shape, c) => [timelike(rng, shape), scalar(c)]),
    tolerance: 1e-5,
  },
  {
    name: 'lorentzNormaliseGrad',
    kernel: lorentzNormaliseGradKernel,
    calls: each((rng, shape, c) => [numbers(rng, shape), timelike(rng, shape), scalar(c)]),
    tolerance: 1e-5,
    of: 'result',
  },
];
