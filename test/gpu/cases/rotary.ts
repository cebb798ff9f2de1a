import type { Shape } from '../../../src/index.ts';
import { rotaryKernel } from '../../../src/nn/models/rotary.kernel.ts';
import { type GpuCase, numbers } from '../../harness/gpuKernel.ts';

/** Rows, and angles for each of them or for fewer. */
const shapes: readonly (readonly [x: Shape, angles: Shape])[] = [
  [
    [0, 4],
    [3, 2],
  ],
  [
    [1, 2],
    [1, 1],
  ],
  [
    [3, 12],
    [3, 3],
  ],
  [
    [4, 5, 12],
    [5, 2],
  ],
  [
    [70, 100, 10],
    [100, 5],
  ],
];

/** Rotary positions. Terms cancel: errors are relative to the largest result. */
export const rotaryCases: readonly GpuCase[] = [
  {
    name: 'rotary',
    kernel: rotaryKernel,
    calls: (rng) =>
      shapes.map(([x, angles]) => [[numbers(rng, x), numbers(rng, angles), numbers(rng, angles)], undefined]),
    tolerance: 3e-7,
    of: 'result',
  },
];
