import type { Rng, Shape } from '../../../src/index.ts';
import { matmulKernel } from '../../../src/tensor/cpu/matmul.ts';
import { type GpuCall, type GpuCase, numbers } from '../../harness/gpuKernel.ts';

/** Shapes of A and B, neither transposed. */
const shapes: readonly (readonly [Shape, Shape])[] = [
  [
    [0, 3],
    [3, 2],
  ],
  [
    [2, 0],
    [0, 3],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 5],
    [5, 7],
  ],
  [
    [17, 33],
    [33, 9],
  ],
  [
    [4, 1024],
    [1024, 3],
  ],
  [
    [300, 8],
    [8, 300],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 3, 4],
    [4, 5],
  ],
  [
    [2, 1, 3, 4],
    [5, 4, 2],
  ],
];

const swapped = (shape: Shape): Shape => [...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]];

function productCalls(rng: Rng): readonly GpuCall[] {
  return [false, true].flatMap((transA) =>
    [false, true].flatMap((transB) =>
      shapes.map(([a, b]): GpuCall => {
        const operands = [numbers(rng, transA ? swapped(a) : a), numbers(rng, transB ? swapped(b) : b)];
        return [operands, { transA, transB }];
      }),
    ),
  );
}

/** Products of matrices. */
export const productCases: readonly GpuCase[] = [
  { name: 'matmul', kernel: matmulKernel, calls: productCalls, tolerance: 1e-5, of: 'result' },
];
