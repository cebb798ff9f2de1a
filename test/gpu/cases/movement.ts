import type { Rng, Shape } from '../../../src/index.ts';
import {
  bandKernel,
  concatKernel,
  expandKernel,
  permuteKernel,
  placeKernel,
  windowKernel,
} from '../../../src/tensor/cpu/layout.ts';
import { foldKernel, unfoldKernel } from '../../../src/tensor/cpu/unfold.ts';
import { coins, type GpuCall, type GpuCase, numbers, sizes, wholes } from '../../harness/gpuKernel.ts';

/** One operand of a shape, with numbers of which some are unusual. */
const one = (rng: Rng, shape: Shape, attrs: unknown): GpuCall => [[numbers(rng, shape, { special: true })], attrs];

const permutations: readonly (readonly [Shape, readonly number[]])[] = [
  [[], []],
  [[7], [0]],
  [
    [3, 5],
    [1, 0],
  ],
  [
    [0, 5],
    [1, 0],
  ],
  [
    [257, 259],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [0, 2, 1, 3],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 0, 2],
  ],
  [
    [2, 3, 2, 3, 2, 3],
    [0, 1, 4, 5, 2, 3],
  ],
];
/** Five axes that none of the others goes with. */
const scrambled: readonly (readonly [Shape, readonly number[]])[] = [
  [
    [2, 3, 2, 3, 2],
    [4, 2, 0, 3, 1],
  ],
];

const expansions: readonly (readonly [Shape, Shape])[] = [
  [[], [3, 4]],
  [
    [1, 3],
    [5, 3],
  ],
  [
    [3, 1],
    [2, 3, 4],
  ],
  [
    [1, 3],
    [0, 3],
  ],
  [[301], [301, 301]],
];

const windows: readonly (readonly [Shape, { start: number[]; shape: number[]; step?: number[] }])[] = [
  [[7], { start: [2], shape: [3] }],
  [[7], { start: [6], shape: [7], step: [-1] }],
  [[7], { start: [1], shape: [3], step: [2] }],
  [[7], { start: [3], shape: [0] }],
  [[3, 5], { start: [1, 0], shape: [2, 5] }],
  [[3, 5], { start: [2, 4], shape: [2, 3], step: [-2, -1] }],
  [[3, 3, 4, 5], { start: [1, 1, 1, 2], shape: [2, 2, 3, 2] }],
  [[300, 300], { start: [1, 2], shape: [299, 298] }],
];

/** The windows the other way round, with and without a value; and axes that no other goes with. */
const placements = (rng: Rng): readonly GpuCall[] =>
  windows.flatMap(([shape, { start, shape: inner, step }]) => [
    one(rng, inner, { start, shape, step }),
    one(rng, inner, { start, shape, step, value: -1.5 }),
  ]);
const farPlacement = (rng: Rng): GpuCall =>
  one(rng, [1, 1, 1, 1, 1], { start: [1, 1, 1, 1, 1], shape: [2, 3, 2, 3, 2] });

const joins: readonly (readonly [readonly Shape[], number])[] = [
  [[[3], [0], [4]], 0],
  [
    [
      [2, 3],
      [2, 1],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [5, 3],
    ],
    0,
  ],
  [
    [
      [2, 2, 3],
      [2, 1, 3],
      [2, 4, 3],
    ],
    1,
  ],
  [[[0], [0]], 0],
  [[[3, 2]], 1],
  [Array.from({ length: 17 }, (_, i) => [3, 3 * (i % 4)]), 1],
  [[[40_000], [40_000]], 0],
];

const matrices: readonly Shape[] = [
  [0, 3],
  [1, 1],
  [4, 6],
  [6, 4],
  [2, 3, 5],
  [260, 260],
];
const bands = [
  { low: 0, high: Infinity },
  { low: -Infinity, high: -1 },
  { low: -1, high: 2 },
];

const pair = (rows: number, columns: number): readonly [number, number] => [rows, columns];
const patches = [
  { kernel: pair(1, 1), stride: pair(1, 1), padding: pair(0, 0), dilation: pair(1, 1) },
  { kernel: pair(3, 2), stride: pair(1, 1), padding: pair(1, 0), dilation: pair(1, 1) },
  { kernel: pair(2, 3), stride: pair(2, 1), padding: pair(0, 2), dilation: pair(1, 2) },
  { kernel: pair(2, 2), stride: pair(3, 3), padding: pair(1, 1), dilation: pair(2, 2) },
];
const images: readonly Shape[] = [
  [0, 2, 5, 6],
  [1, 1, 5, 5],
  [2, 3, 7, 6],
];
const large: Shape = [2, 3, 60, 61];

const unfolded = (rng: Rng): readonly GpuCall[] => [
  ...images.flatMap((shape) => patches.map((attrs) => one(rng, shape, attrs))),
  one(rng, large, patches[1]),
];
/** What `unfold` gives, of numbers that are ordinary: they are added up. */
const folded = (rng: Rng): readonly GpuCall[] =>
  unfolded(rng).map(([[x], attrs]) => {
    const { shape } = unfoldKernel([x], attrs as (typeof patches)[number]);
    return [[numbers(rng, shape)], { ...(attrs as object), size: x.shape.slice(2) }];
  });

/** What moves elements: all exact but for the sums of `fold`. */
export const movementCases: readonly GpuCase[] = [
  {
    name: 'permute',
    kernel: permuteKernel,
    calls: (rng) => [
      ...[...permutations, ...scrambled].map(([shape, axes]) => one(rng, shape, axes)),
      [[wholes(rng, [3, 4], 99)], [1, 0]],
      [[coins(rng, [3, 4])], [1, 0]],
    ],
    tolerance: 0,
    left: scrambled.length,
  },
  {
    name: 'expand',
    kernel: expandKernel,
    calls: (rng) => [
      ...sizes.map((shape) => one(rng, shape, [2, ...shape])),
      ...expansions.map(([from, to]) => one(rng, from, to)),
    ],
    tolerance: 0,
  },
  {
    name: 'window',
    kernel: windowKernel,
    calls: (rng) => windows.map(([shape, window]) => one(rng, shape, window)),
    tolerance: 0,
  },
  {
    name: 'place',
    kernel: placeKernel,
    calls: (rng) => [...placements(rng), farPlacement(rng)],
    tolerance: 0,
    left: 1,
  },
  {
    name: 'concat',
    kernel: concatKernel,
    calls: (rng) =>
      joins.map(([shapes, axis]) => [shapes.map((shape) => numbers(rng, shape, { special: true })), axis]),
    tolerance: 0,
  },
  {
    name: 'band',
    kernel: bandKernel,
    calls: (rng) => matrices.flatMap((shape) => bands.map((band) => one(rng, shape, band))),
    tolerance: 0,
  },
  { name: 'unfold', kernel: unfoldKernel, calls: unfolded, tolerance: 0 },
  { name: 'fold', kernel: foldKernel, calls: folded, tolerance: 1e-6, of: 'result' },
];
