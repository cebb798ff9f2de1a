import type { Rng, Shape } from '../../../src/index.ts';
import { gatherKernel, indexAddKernel, indexSelectKernel, scatterAddKernel } from '../../../src/tensor/cpu/gather.ts';
import { countTargetsKernel } from '../../../src/tensor/cpu/loss.ts';
import { oneHotKernel } from '../../../src/tensor/cpu/softmax.ts';
import { type GpuCall, type GpuCase, numbers, wholes } from '../../harness/gpuKernel.ts';

/** Shapes of values, the axis, and the shape of an index of any rank along it. */
const selections: readonly (readonly [x: Shape, axis: number, index: Shape])[] = [
  [[7], 0, [3]],
  [[7], 0, [0]],
  [[3, 5], 0, [4]],
  [[3, 5], 1, [2, 2]],
  [[2, 3, 4], 1, [5]],
  [[2, 3, 4], 2, []],
  [[0, 3], 1, [2]],
  [[50, 300], 0, [250]],
];

/** Shapes of values, the axis, and the shape of an index of the same rank. */
const picks: readonly (readonly [x: Shape, axis: number, index: Shape])[] = [
  [[7], 0, [3]],
  [[7], 0, [0]],
  [[3, 5], 0, [6, 4]],
  [[3, 5], 1, [2, 9]],
  [[2, 3, 4], 1, [2, 5, 3]],
  [[2, 3, 2, 3, 2], 2, [2, 3, 4, 3, 2]],
  [[3, 3, 3, 3], 1, [2, 4, 2, 2]],
  [[260, 300], 1, [260, 260]],
];

const addTo = (rng: Rng, [x, axis, index]: (typeof picks)[number], src: Shape): GpuCall => [
  [numbers(rng, x), wholes(rng, index, x[axis]), numbers(rng, src)],
  axis,
];

/** Reads and additions at places that an index names. Sums are rounded at each step. */
export const gatherCases: readonly GpuCase[] = [
  {
    name: 'indexSelect',
    kernel: indexSelectKernel,
    calls: (rng) =>
      selections.map(([x, axis, index]) => [[numbers(rng, x, { special: true }), wholes(rng, index, x[axis])], axis]),
    tolerance: 0,
  },
  {
    name: 'gather',
    kernel: gatherKernel,
    calls: (rng) =>
      picks.map(([x, axis, index]) => [[numbers(rng, x, { special: true }), wholes(rng, index, x[axis])], axis]),
    tolerance: 0,
  },
  {
    name: 'indexAdd',
    kernel: indexAddKernel,
    calls: (rng) =>
      selections
        .filter(([, , index]) => index.length === 1)
        .map((call) => addTo(rng, call, call[0].with(call[1], call[2][0]))),
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'scatterAdd',
    kernel: scatterAddKernel,
    calls: (rng) => picks.map((call) => addTo(rng, call, call[2])),
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'oneHot',
    kernel: oneHotKernel,
    calls: (rng) =>
      [[], [0], [7], [3, 5], [10_000]].map((shape) => [[wholes(rng, shape, 9)], { classes: 9, dtype: 'float32' }]),
    tolerance: 0,
  },
  {
    name: 'countTargets',
    kernel: countTargetsKernel,
    calls: (rng) =>
      [[0], [1], [7], [333], [65_537]].flatMap((shape): readonly GpuCall[] => [
        [[wholes(rng, shape, 3)], { ignoreIndex: 2, dtype: 'float32' }],
        // The host sees no copy of floating numbers: the device counts.
        [[numbers(rng, shape, { of: Math.round })], { ignoreIndex: 1, dtype: 'float32' }],
      ]),
    tolerance: 0,
  },
];
