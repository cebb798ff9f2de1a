import type { Data } from '../dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { broadcastShapes, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { broadcastStrides } from './pointwise.ts';

/** Which operands of a matrix product are stored transposed. */
export interface MatmulAttrs {
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** Rows and columns of C that are computed together: 16 sums fit in registers, and each value read is used four times. */
const tile = 4;

/**
 * C[…, m, n] = Σ_k A[…, m, k]·B[…, k, n] over broadcast leading axes; `transA` says that A is stored [k, m], `transB` that
 * B is stored [n, k]. Products are summed in float64, in the order of k, and rounded once when stored.
 */
export const matmulKernel: Kernel<readonly [Tensor, Tensor], MatmulAttrs, Spec> = defineKernel({
  name: 'matmul',
  infer([a, b], { transA, transB }: MatmulAttrs) {
    const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
    const m = a.shape[a.rank - (transA ? 1 : 2)];
    const n = b.shape[b.rank - (transB ? 2 : 1)];
    return { shape: [...batch, m, n], dtype: a.dtype };
  },
  cpu([c], [a, b], { transA = false, transB = false }) {
    const [m, n] = c.shape.slice(-2);
    const k = a.shape[a.rank - (transA ? 2 : 1)];
    const batch = c.shape.slice(0, -2);
    const columns = packPanels(b.data.length === 0 ? 0 : k, n);
    const rows = new Float64Array(tile * k);
    let packed = -1;
    const count = sizeOf(batch);
    for (let i = 0; i < count; i++) {
      const aAt = batchOffset(i, batch, a);
      const bAt = batchOffset(i, batch, b);
      if (bAt !== packed) pack(columns, b.data, bAt, n, k, transB ? k : 1, transB ? 1 : n);
      packed = bAt;
      product(c.data, i * m * n, a.data, aAt, m, n, k, transA ? 1 : k, transA ? m : 1, columns, rows);
    }
  },
});

const packPanels = (k: number, n: number): Float64Array => new Float64Array(Math.ceil(n / tile) * tile * k);

/** Where matrix number `index` of the broadcast batch begins in an operand. */
function batchOffset(index: number, batch: readonly number[], x: Tensor): number {
  const own = x.shape.slice(0, -2);
  const strides = broadcastStrides(own, batch);
  let rest = index;
  let at = 0;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    at += (rest % batch[axis]) * strides[axis];
    rest = Math.floor(rest / batch[axis]);
  }
  return at * x.shape[x.rank - 1] * x.shape[x.rank - 2];
}

/**
 * Copy `count` lines of length k into panels of four lines, interleaved (panel p holds line 4p + i, entry t, at 4t + i),
 * zero where there is no line. Line j starts at `at + j·lineStep`, its entries are `entryStep` apart.
 */
function pack(
  to: Float64Array,
  from: Data,
  at: number,
  count: number,
  k: number,
  lineStep: number,
  entryStep: number,
): void {
  for (let j = 0; j < count; j++) {
    const panel = (j - (j % tile)) * k + (j % tile);
    const line = at + j * lineStep;
    for (let t = 0; t < k; t++) to[panel + t * tile] = from[line + t * entryStep];
  }
}

/** C = A·B for one pair of matrices, B already in panels; A is packed four rows at a time. */
function product(
  c: Data,
  cAt: number,
  a: Data,
  aAt: number,
  m: number,
  n: number,
  k: number,
  rowStep: number,
  entryStep: number,
  columns: Float64Array,
  rows: Float64Array,
): void {
  const sums = new Float64Array(tile * tile);
  for (let i = 0; i < m; i += tile) {
    const high = Math.min(tile, m - i);
    pack(rows, a, aAt + i * rowStep, high, k, rowStep, entryStep);
    for (let j = 0; j < n; j += tile) {
      multiplyPanels(sums, rows, columns, j * k, k);
      const wide = Math.min(tile, n - j);
      for (let p = 0; p < high; p++) for (let q = 0; q < wide; q++) c[cAt + (i + p) * n + j + q] = sums[p * tile + q];
    }
  }
}

/** sums[p, q] = Σ_t rows[t, p]·columns[t, q]: sixteen sums in registers, no store inside the loop. */
function multiplyPanels(sums: Float64Array, rows: Float64Array, columns: Float64Array, at: number, k: number): void {
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0;
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0;
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let t = 0, r = 0, q = at; t < k; t++, r += tile, q += tile) {
    const a0 = rows[r];
    const a1 = rows[r + 1];
    const a2 = rows[r + 2];
    const a3 = rows[r + 3];
    const b0 = columns[q];
    const b1 = columns[q + 1];
    const b2 = columns[q + 2];
    const b3 = columns[q + 3];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s02;
  sums[3] = s03;
  sums[4] = s10;
  sums[5] = s11;
  sums[6] = s12;
  sums[7] = s13;
  sums[8] = s20;
  sums[9] = s21;
  sums[10] = s22;
  sums[11] = s23;
  sums[12] = s30;
  sums[13] = s31;
  sums[14] = s32;
  sums[15] = s33;
}
