import { type Rng, type Tensor, tensor } from '../../../src/index.ts';
import { sampledMatmulKernel, sparseMatmulKernel } from '../../../src/tensor/cpu/sparse.ts';
import { type GpuCall, type GpuCase, numbers } from '../../harness/gpuKernel.ts';

/** Rows, columns, how full the matrix is, and columns of x. */
const matrices: readonly (readonly [rows: number, columns: number, fill: number, d: number])[] = [
  [0, 3, 0, 2],
  [3, 0, 0, 2],
  [4, 5, 0, 3],
  [1, 1, 1, 1],
  [4, 5, 0.4, 0],
  [7, 5, 0.4, 3],
  [5, 7, 1, 4],
  [300, 301, 0.05, 300],
];

/** A pattern with rows without entries, the first and last among them, where there are several. */
function patternFor(rng: Rng, rows: number, columns: number, fill: number): readonly [Tensor, Tensor] {
  const [starts, places]: number[][] = [[0], []];
  for (let i = 0; i < rows; i++) {
    const bare = rows > 2 && (i === 0 || i === rows - 1);
    if (!bare) for (let j = 0; j < columns; j++) if (rng.uniform() < fill) places.push(j);
    starts.push(places.length);
  }
  return [tensor(Int32Array.from(starts)), tensor(Int32Array.from(places))];
}

const productCalls = (rng: Rng): readonly GpuCall[] =>
  [false, true].flatMap((transposed) =>
    matrices.map(([rows, columns, fill, d]): GpuCall => {
      const [indptr, indices] = patternFor(rng, rows, columns, fill);
      const x = numbers(rng, [transposed ? rows : columns, d]);
      return [[indptr, indices, numbers(rng, [indices.size]), x], { transposed, columns }];
    }),
  );

const sampledCalls = (rng: Rng): readonly GpuCall[] =>
  matrices.map(([rows, columns, fill, d]): GpuCall => {
    const [indptr, indices] = patternFor(rng, rows, columns, fill);
    return [[indptr, indices, numbers(rng, [rows, d]), numbers(rng, [columns, d])], undefined];
  });

/** Products with sparse matrices. */
export const sparseCases: readonly GpuCase[] = [
  { name: 'sparseMatmul', kernel: sparseMatmulKernel, calls: productCalls, tolerance: 1e-5, of: 'result' },
  { name: 'sampledMatmul', kernel: sampledMatmulKernel, calls: sampledCalls, tolerance: 1e-5, of: 'result' },
];
