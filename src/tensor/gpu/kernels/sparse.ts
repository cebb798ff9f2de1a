import type { SparseProduct } from '../../cpu/sparse.ts';
import { type Pattern, transposedPattern } from '../../csr.ts';
import { type GpuTable, gpuKernel, type Launcher, mostElements, type Operand } from '../overlay.ts';
import { summed } from '../sums.ts';
import { divided, kernelText } from '../text.ts';

/** Element [i, c] of A·x: the entries of row i, each times its row of x. No index is read inside another: GPU.js declares those twice. */
const sparseMatmulText = kernelText(
  'sparseMatmul',
  `function (starts, places, values, x, d) {
    ${divided('row', 'c', 'this.thread.x', 'd')}
    const first = starts[row];
    const count = starts[row + 1] - first;
    let y = 0;
    for (let e = 0; e < count; e++) {
      const place = places[first + e];
      y += values[first + e] * x[place * d + c];
    }
    return y;
  }`,
);

/** The same of Aᵀ·x, whose entry e is entry order[e] of A. */
const transposedText = kernelText(
  'sparseMatmul.transposed',
  `function (starts, places, order, values, x, d) {
    ${divided('row', 'c', 'this.thread.x', 'd')}
    const first = starts[row];
    const count = starts[row + 1] - first;
    let y = 0;
    for (let e = 0; e < count; e++) {
      const entry = order[first + e];
      const place = places[first + e];
      y += values[entry] * x[place * d + c];
    }
    return y;
  }`,
);

/** <a[i], b[j]> at entry (i, j): its row is the last that begins at it or before, and is found by halving. */
const sampledMatmulText = kernelText(
  'sampledMatmul',
  `function (starts, places, a, b, rows, d) {
    const e = this.thread.x;
    let low = 0;
    let high = rows;
    for (let step = 0; step < ${Math.log2(mostElements)}; step++) {
      const middle = Math.floor((low + high) / 2);
      if (middle > low) {
        if (starts[middle] > e) { high = middle; } else { low = middle; }
      }
    }
    const from = low * d;
    const to = places[e] * d;
    ${summed('v', 'd', (c) => `a[from + ${c}] * b[to + ${c}]`)}
    return v;
  }`,
);

/** The pattern of the transpose, sorted on the host: no thread can count entries for the others. */
function transposed(on: Launcher, indptr: Operand, indices: Operand, columns: number) {
  const pattern: Pattern = { indptr: indptr.tensor, indices: indices.tensor };
  const { indptr: starts, indices: places, order } = transposedPattern(pattern, columns);
  return [starts, places, order].map(({ data }) => on.upload(data));
}

/** Products with sparse matrices. */
export const sparseProducts: GpuTable = {
  sparseMatmul: gpuKernel<SparseProduct>({
    refuses: ([indptr, indices], attrs) =>
      attrs.transposed && !(indptr.onHost && indices.onHost) ? 'transposes a pattern that the host does not see' : null,
    run(on, [indptr, indices, values, x], attrs, [{ shape }]) {
      const [rows, d] = shape;
      const operands = [values.array, x.array, d];
      if (!attrs.transposed) return [on.launch(sparseMatmulText, rows * d, [indptr.array, indices.array, ...operands])];
      const plan = transposed(on, indptr, indices, attrs.columns);
      return [on.launch(transposedText, rows * d, [...plan, ...operands])];
    },
  }),
  sampledMatmul: gpuKernel({
    run(on, [indptr, indices, a, b]) {
      const operands = [indptr.array, indices.array, a.array, b.array];
      return [on.launch(sampledMatmulText, indices.size, [...operands, indptr.size - 1, a.shape[1]])];
    },
  }),
};
