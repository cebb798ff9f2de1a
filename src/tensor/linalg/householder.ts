import type { Matrix64 } from '../simd/gemm64.ts';
import type { Blas } from './blas.ts';

/** Householder reflectors H_i = I − tau_i·v_i·v_iᵀ of vectors with `length` entries. */
export interface Reflectors {
  /** Row i, of `ld` entries, is v_i; zeros up to the entry that is 1. */
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly length: number;
  readonly ld: number;
}

/** Vectors, as rows. */
export interface Rows {
  readonly data: Float64Array;
  readonly at: number;
  readonly ld: number;
  readonly count: number;
}

/** Reflectors that are applied together. */
export const panelSize = 32;

/** The largest multiple of 8 up to i: where loops over the entries from i on begin. */
export const blockStart = (i: number): number => i - (i % 8);

/**
 * Makes reflector h, whose row in `v` is zero, for the vector x at `at`: H·x keeps the entries before `from`, has beta in that one and
 * zeros after it. Gives beta, which takes the sign opposite to x[from], so that x[from] − beta does not cancel.
 */
export function makeReflector(
  blas: Blas,
  { v, tau, length, ld }: Reflectors,
  h: number,
  x: Float64Array,
  at: number,
  from: number,
): number {
  const row = h * ld;
  const start = row + blockStart(from);
  const n = row + ld - start;
  const head = x[at + from];
  const rest = v.subarray(row + from + 1, row + length);
  rest.set(x.subarray(at + from + 1, at + length));
  const tail = blas.dot(v, start, v, start, n);
  v[row + from] = 1;
  if (tail === 0) {
    rest.fill(0);
    return head;
  }
  const norm = Math.sqrt(head * head + tail);
  const beta = head > 0 ? -norm : norm;
  const scale = 1 / (head - beta);
  for (let t = 0; t < rest.length; t++) rest[t] *= scale;
  // From v as it was rounded: H is orthogonal exactly as far as tau·|v|² = 2, whatever the error in beta.
  tau[h] = 2 / blas.dot(v, start, v, start, n);
  return beta;
}

/** Room to apply panels of reflectors to some vectors. */
export interface PanelRoom {
  readonly size: number;
  readonly gram: Float64Array;
  readonly triangle: Float64Array;
  readonly products: Float64Array;
  readonly factors: Float64Array;
}

/** Room for panels of at most so many reflectors. */
export function panelRoom(blas: Blas, count: number, rows: number): PanelRoom {
  const size = Math.min(count, panelSize);
  const [gram, triangle] = [blas.array(size * size), blas.array(size * size)];
  return { size, gram, triangle, products: blas.array(rows * size), factors: blas.array(rows * size) };
}

/**
 * z ← H_first·H_{first+1}·…·z, or the transpose of that product, for `count` reflectors and each row z: with V the rows v_i, it
 * is I − Vᵀ·T·V.
 * @source Schreiber & Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989.
 */
export function applyPanel(
  blas: Blas,
  { v, tau, ld }: Reflectors,
  first: number,
  count: number,
  z: Rows,
  trans: boolean,
  { size, gram, triangle, products, factors }: PanelRoom,
): void {
  const from = blockStart(first);
  const n = ld - from;
  const vs: Matrix64 = { data: v, at: first * ld + from, ld };
  const to: Matrix64 = { data: z.data, at: z.at + from, ld: z.ld };
  const square = { ld: size, data: triangle, trans: !trans };
  blas.multiply(count, count, n, vs, { ...vs, trans: true }, { data: gram, ld: size });
  negatedTriangle(gram, size, tau.subarray(first, first + count), triangle);
  blas.multiply(z.count, count, n, to, { ...vs, trans: true }, { data: products, ld: size });
  blas.multiply(z.count, count, count, { data: products, ld: size }, square, { data: factors, ld: size });
  blas.multiply(z.count, n, count, { data: factors, ld: size }, vs, to, true);
}

/** −T, upper triangular: T_jj = tau_j, and above it T_j = −tau_j·T·(V·v_j), column by column. */
function negatedTriangle(gram: Float64Array, size: number, tau: Float64Array, out: Float64Array): void {
  for (let j = 0; j < tau.length; j++) {
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let l = i; l < j; l++) sum += out[i * size + l] * gram[l * size + j];
      out[i * size + j] = -tau[j] * sum;
      out[j * size + i] = 0;
    }
    out[j * size + j] = -tau[j];
  }
}

/** z ← H_0·H_1·…·H_{count−1}·z for each row z. With `unit` they are the first unit vectors, on which most reflectors do nothing. */
export function applyReflectors(blas: Blas, f: Reflectors, count: number, z: Rows, unit: boolean = false): void {
  const room = panelRoom(blas, count, z.count);
  for (let first = Math.ceil(count / panelSize) * panelSize - panelSize; first >= 0; first -= panelSize) {
    const skip = unit ? Math.min(first, z.count) : 0;
    const rows = { ...z, at: z.at + skip * z.ld, count: z.count - skip };
    applyPanel(blas, f, first, Math.min(panelSize, count - first), rows, false, room);
  }
}
