/** Numbers that every contender makes for itself from a seed, in TypeScript and in native.py alike, and what is compared of results. */
import type { TaskOf } from './rows.ts';

/** i -> [0, 1): the bits of i and the seed, mixed. */
function unit(seed: number, i: number): number {
  let x = (Math.imul(i, 0x9e3779b1) + Math.imul(seed, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** n numbers in ±scale. */
export const uniform = (seed: number, n: number, scale: number = 1): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => (2 * unit(seed, i) - 1) * scale);

/** As many as a shape holds. */
export const filled = (seed: number, shape: readonly number[], scale: number = 1): Float32Array =>
  uniform(
    seed,
    shape.reduce((a, b) => a * b, 1),
    scale,
  );

/** Shapes of A and B as they are given. */
export function productShapes({ batch, m, k, n, transA, transB }: TaskOf<'matmul'>): number[][] {
  const lead = batch > 1 ? [batch] : [];
  return [
    [...lead, ...(transA ? [k, m] : [m, k])],
    [...lead, ...(transB ? [n, k] : [k, n])],
  ];
}

/** Shapes of x, Vᵀ, Uᵀ, σ and the gradient of y. */
export const sstShapes = ({ b, n, r, m }: TaskOf<'sst'>): number[][] => [[b, n], [r, n], [r, m], [r], [b, m]];

/** Shapes of X, A and B. */
export const lowRankShapes = ({ b, n, r, m }: TaskOf<'lowRank'>): number[][] => [
  [b, n],
  [n, r],
  [r, m],
];

/** n numbers in ±1, in float64. */
export const uniform64 = (seed: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => 2 * unit(seed, i) - 1);

/** n whole numbers in 0..below−1. */
export const wholes = (seed: number, n: number, below: number): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => Math.floor(unit(seed, i) * below));

/** A square matrix in compressed rows: 1 to 2·degree − 1 entries in each row, distinct columns in rising order. */
export function sparse(
  seed: number,
  n: number,
  degree: number,
): { indptr: Int32Array; indices: Int32Array; values: Float32Array } {
  const degrees = wholes(seed, n, 2 * degree - 1);
  const indptr = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) indptr[i + 1] = indptr[i] + degrees[i] + 1;
  const indices = new Int32Array(indptr[n]);
  for (let i = 0; i < n; i++)
    for (let e = indptr[i]; e < indptr[i + 1]; e++)
      indices[e] = Math.floor(((e - indptr[i] + unit(seed + 1, e)) * n) / (degrees[i] + 1));
  return { indptr, indices, values: uniform(seed + 2, indices.length) };
}

/** The mean magnitude and seven elements spread over the result. */
export function digest(y: ArrayLike<number>): number[] {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += Math.abs(y[i]);
  return [sum / y.length, ...Array.from({ length: 7 }, (_, j) => y[Math.floor(((y.length - 1) * j) / 6)])];
}

/** How far the results of two contenders are apart, relative to the larger magnitude of all. */
export function distance(a: readonly number[], b: readonly number[]): number {
  const n = Math.min(a.length, b.length);
  let [gap, size] = [0, Number.MIN_VALUE];
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) return Number.POSITIVE_INFINITY;
    gap = Math.max(gap, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(b[i]));
  }
  return n === 0 ? Number.POSITIVE_INFINITY : gap / size;
}

/** Names, shapes and scales of the weights of a layered network and of an encoder layer, as PyTorch names them. */
export type Weights = readonly (readonly [name: string, shape: readonly number[], scale: number])[];

/** Weights [out, in] and biases of a perceptron. */
export const mlpWeights = (widths: readonly number[]): Weights =>
  widths.slice(1).flatMap((out, i): Weights => {
    const scale = 1 / Math.sqrt(widths[i]);
    return [
      [`${2 * i}.weight`, [out, widths[i]], scale],
      [`${2 * i}.bias`, [out], scale],
    ];
  });

/** Weights of an encoder layer of width d and inner width ff. */
export const blockWeights = (d: number, ff: number): Weights => {
  const [s, t] = [1 / Math.sqrt(d), 1 / Math.sqrt(ff)];
  return [
    ['self_attn.in_proj_weight', [3 * d, d], s],
    ['self_attn.in_proj_bias', [3 * d], s],
    ['self_attn.out_proj.weight', [d, d], s],
    ['self_attn.out_proj.bias', [d], s],
    ['linear1.weight', [ff, d], s],
    ['linear1.bias', [ff], s],
    ['linear2.weight', [d, ff], t],
    ['linear2.bias', [d], t],
    ['norm1.weight', [d], 1],
    ['norm1.bias', [d], 1],
    ['norm2.weight', [d], 1],
    ['norm2.bias', [d], 1],
  ];
};

/** The values of those weights, one seed after the other. */
export const valuesOf = (weights: Weights): Float32Array[] =>
  weights.map(([, shape, scale], i) => filled(100 + i, shape, scale));
