import { type Rng, type Shape, type Tensor, tensor } from '../../../src/index.ts';
import {
  allKernel,
  anyKernel,
  argmaxKernel,
  argminKernel,
  maxKernel,
  minKernel,
  prodKernel,
  sumKernel,
} from '../../../src/tensor/cpu/reduce.ts';
import { centreKernel, logSumExpKernel, normKernel, varianceKernel } from '../../../src/tensor/cpu/statistics.ts';
import { coins, type GpuCall, type GpuCase, largest, numbers, type Values, wholes } from '../../harness/gpuKernel.ts';

/** Shapes, and the axes that go: none, some, scattered ones, all; short rows, long ones, few and many. */
export const reduced: readonly (readonly [Shape, readonly number[]])[] = [
  [[0, 3], [0]],
  [[0, 3], [1]],
  [[3, 0], []],
  [[], []],
  [[1], [0]],
  [[7], [0]],
  [[3, 5], [0]],
  [[3, 5], [1]],
  [[3, 5], []],
  [
    [3, 5],
    [0, 1],
  ],
  [[2, 3, 4], [1]],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [[2, 100, 3], [1]],
  [[5, 333], [1]],
  [[333, 5], [0]],
  [[65_537], [0]],
  [[20_000, 3], [1]],
];

/** Some of them, short and long. */
const few = reduced.filter(([shape]) => shape.length > 1 && Math.max(...shape) < 20_000);

/** Axes in the middle that permuting cannot bring to the end within four axes. */
const tangled: readonly (readonly [Shape, readonly number[]])[] = [
  [
    [2, 1, 3, 2, 1, 2, 3, 2],
    [0, 3, 6],
  ],
];

const calls =
  (values: Values, attrs: (axes: readonly number[]) => unknown = (axes) => axes, shapes: typeof reduced = reduced) =>
  (rng: Rng): readonly GpuCall[] =>
    shapes.map(([shape, axes]) => [[numbers(rng, shape, values)], attrs(axes)]);

/** The same of truth values, seldom and often true. */
const counted = (rng: Rng): readonly GpuCall[] =>
  reduced.flatMap(([shape, axes], i): readonly GpuCall[] => [
    [[coins(rng, shape, 0.01)], axes],
    [[coins(rng, shape, i % 2 === 0 ? 0.99 : 0.5)], axes],
  ]);
const compared = (rng: Rng): readonly GpuCall[] => [
  ...calls({ special: true }, (axes) => axes, few)(rng),
  ...calls({})(rng),
  ...few.map(([shape, axes]): GpuCall => [[wholes(rng, shape, 50)], axes]),
];

/** Numbers of which few are equal, and rows of the last axis where NaN or equal ones are. */
function rows(rng: Rng): readonly GpuCall[] {
  const shapes: readonly Shape[] = [[0, 3], [1, 1], [7], [3, 5], [2, 3, 4], [2, 333], [1, 65_537], [20_000, 3]];
  return shapes.flatMap((shape): readonly GpuCall[] => [
    [[numbers(rng, shape, { special: true })], undefined],
    [[numbers(rng, shape, { of: Math.round })], undefined],
    [[wholes(rng, shape, 4)], undefined],
  ]);
}

/** What errors of a sum are measured against: the largest that a row of absolute values adds up to. */
const absoluteSums = ([x]: readonly Tensor[], axes: unknown): number =>
  largest(normKernel([x], { axes: axes as readonly number[], p: 1 }).data);

const spreads = (rng: Rng): readonly GpuCall[] => [
  ...calls({ of: (x) => x + 100 }, (axes) => ({ axes, correction: 1, root: false }))(rng),
  ...calls({}, (axes) => ({ axes, correction: 0, root: true }), few)(rng),
  [[numbers(rng, [3, 4], { of: () => 0.1 })], { axes: [1], correction: 1, root: false }],
];

/** Squares of the last numbers leave the range of float32. */
const norms = (rng: Rng): readonly GpuCall[] => [
  ...[1, 2, Infinity].flatMap((p) => calls({}, (axes) => ({ axes, p }))(rng)),
  ...[2, Infinity].flatMap((p) => calls({ special: true }, (axes) => ({ axes, p }), few)(rng)),
  ...[1e25, 1e-25].flatMap((scale) => calls({ scale }, (axes) => ({ axes, p: 2 }), few)(rng)),
];

const centred = (rng: Rng): readonly GpuCall[] =>
  reduced
    .filter(([, axes]) => axes.length === 1)
    .map(([shape, [axis]]) => [[numbers(rng, shape, { of: (x) => x + 100 })], axis]);

/** Rows whose other terms are small beside the largest, which is 0: of those alone the result is made. */
const small: readonly GpuCall[] = [tensor([0, -17, 0, -16, -15, 0], { shape: [3, 2] }), tensor([-3, 0, -1.5, -20])].map(
  (x) => [[x], [x.rank - 1]],
);

/** Reductions. Sums are rounded at each step: their errors are relative to the sum of the absolute values. */
export const reductionCases: readonly GpuCase[] = [
  {
    name: 'sum',
    kernel: sumKernel,
    calls: (rng) => [
      ...calls({})(rng),
      ...counted(rng),
      ...tangled.map(([shape, axes]): GpuCall => [[numbers(rng, shape)], axes]),
    ],
    tolerance: 1e-6,
    of: absoluteSums,
    left: tangled.length,
  },
  // A product of many numbers leaves the range of float32 on the way, not only at its end: factors are near 1.
  {
    name: 'prod',
    kernel: prodKernel,
    calls: (rng) => [...calls({ of: (x) => 1 + x / 1000 })(rng), ...counted(rng)],
    tolerance: 2e-5,
  },
  { name: 'max', kernel: maxKernel, calls: compared, tolerance: 0 },
  { name: 'min', kernel: minKernel, calls: compared, tolerance: 0 },
  { name: 'any', kernel: anyKernel, calls: counted, tolerance: 0 },
  { name: 'all', kernel: allKernel, calls: counted, tolerance: 0 },
  { name: 'argmax', kernel: argmaxKernel, calls: rows, tolerance: 0 },
  { name: 'argmin', kernel: argminKernel, calls: rows, tolerance: 0 },
  { name: 'variance', kernel: varianceKernel, calls: spreads, tolerance: 2e-6, of: 'result' },
  { name: 'centre', kernel: centreKernel, calls: centred, tolerance: 2e-6, of: 'result' },
  {
    name: 'logSumExp',
    kernel: logSumExpKernel,
    calls: (rng) => [
      ...calls({ scale: 20, special: true }, (axes) => axes, few)(rng),
      ...calls({ scale: 3 })(rng),
      ...small,
      [[numbers(rng, [1], { of: () => 0 })], [0]],
    ],
    tolerance: 1e-6,
    of: 'result',
  },
  { name: 'norm', kernel: normKernel, calls: norms, tolerance: 2e-6 },
];
