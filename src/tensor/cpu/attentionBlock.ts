import type { Data } from '../dtype.ts';
import type { Shape } from '../errors.ts';
import { Rng } from '../rng.ts';
import type { Tensor } from '../tensor.ts';
import { broadcastStrides } from './pointwise.ts';

/** How queries attend to keys. */
export interface AttentionKernelAttrs {
  /** Query i sees keys 0..i only. */
  readonly causal: boolean;
  /** Multiplies every product of a query and a key. */
  readonly scale: number;
  /** The chance of a weight to be dropped, and the seed of the masks. */
  readonly dropout: { readonly p: number; readonly seed: number } | null;
  /** Heads side by side in the last axis of every operand; null: one, and q, k, v are its own. */
  readonly heads: number | null;
}

/**
 * q […, t, d], k […, s, d], v […, s, e], and a mask, bool or additive, that broadcasts to […, t, s]. With heads q […, t, heads·d] and so
 * on, and a mask that broadcasts to […, heads, t, s].
 */
export type AttentionOperands = readonly [q: Tensor, k: Tensor, v: Tensor, ...mask: Tensor[]];

/** Rows of queries that are worked on together: every key and value read serves all of them. */
export const block = 4;

/** Sizes of one head, and the mask as strides along heads, queries and keys. */
export interface Layout {
  /** The axes of heads. */
  readonly batch: Shape;
  readonly t: number;
  readonly s: number;
  readonly d: number;
  readonly e: number;
  readonly strides: readonly number[];
}

export function layoutOf([q, , v, mask]: AttentionOperands, heads: number | null): Layout {
  const batch = [...q.shape.slice(0, -2), ...(heads === null ? [] : [heads])];
  const [t, d] = [q.shape[q.rank - 2], q.shape[q.rank - 1] / (heads ?? 1)];
  const [s, e] = [v.shape[v.rank - 2], v.shape[v.rank - 1] / (heads ?? 1)];
  return { batch, t, s, d, e, strides: broadcastStrides(mask?.shape ?? [], [...batch, t, s]) };
}

/** Where the mask of head number `head` begins. */
export function maskStart(head: number, { batch, strides }: Layout): number {
  let at = 0;
  let rest = head;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    at += (rest % batch[axis]) * strides[axis];
    rest = Math.floor(rest / batch[axis]);
  }
  return at;
}

/** Row i of a matrix with rows of length n, four rows at a time: entry (i + r, x) at 4x + r, 0 where there is no row. */
export function packRows(to: Float64Array, from: Data, at: number, n: number, high: number): void {
  to.fill(0);
  for (let r = 0; r < high; r++) for (let x = 0; x < n; x++) to[x * block + r] = from[at + r * n + x];
}

/** products[j, r] = Σ_x rows[x, r]·m[at + j·n + x] for j in 0..count−1. */
export function multiplyRows(
  products: Float64Array,
  rows: Float64Array,
  m: Data,
  at: number,
  n: number,
  count: number,
): void {
  for (let j = 0; j < count; j++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const row = at + j * n;
    for (let x = 0, c = 0; x < n; x++, c += block) {
      const v = m[row + x];
      s0 += rows[c] * v;
      s1 += rows[c + 1] * v;
      s2 += rows[c + 2] * v;
      s3 += rows[c + 3] * v;
    }
    products[j * block] = s0;
    products[j * block + 1] = s1;
    products[j * block + 2] = s2;
    products[j * block + 3] = s3;
  }
}

/** sums[x, r] = factor·Σ_j weights[j, r]·m[at + j·n + x]. */
export function combineRows(
  sums: Float64Array,
  weights: Float64Array,
  m: Data,
  at: number,
  n: number,
  count: number,
  factor: number,
): void {
  sums.fill(0);
  for (let j = 0; j < count; j++) {
    const w0 = weights[j * block] * factor;
    const w1 = weights[j * block + 1] * factor;
    const w2 = weights[j * block + 2] * factor;
    const w3 = weights[j * block + 3] * factor;
    const row = at + j * n;
    for (let x = 0, c = 0; x < n; x++, c += block) {
      const v = m[row + x];
      sums[c] += w0 * v;
      sums[c + 1] += w1 * v;
      sums[c + 2] += w2 * v;
      sums[c + 3] += w3 * v;
    }
  }
}

/** sums[j, x] += factor·Σ_r weights[j, r]·rows[x, r]: the transpose of `combineRows`, one block at a time. */
export function spreadRows(
  sums: Float64Array,
  weights: Float64Array,
  rows: Float64Array,
  n: number,
  count: number,
  factor: number,
): void {
  for (let j = 0; j < count; j++) {
    const w0 = weights[j * block] * factor;
    const w1 = weights[j * block + 1] * factor;
    const w2 = weights[j * block + 2] * factor;
    const w3 = weights[j * block + 3] * factor;
    const row = j * n;
    for (let x = 0, c = 0; x < n; x++, c += block)
      sums[row + x] += w0 * rows[c] + w1 * rows[c + 1] + w2 * rows[c + 2] + w3 * rows[c + 3];
  }
}

/** The scores of column r made weights that sum to 1; all 0 where no key may be seen. `i` is the query. */
function softmaxColumn(
  p: Float64Array,
  r: number,
  count: number,
  i: number,
  mask: Tensor | undefined,
  at: number,
  step: number,
  { causal, scale }: AttentionKernelAttrs,
): void {
  const open = causal ? Math.min(count, i + 1) : count;
  const data = mask?.data;
  const boolean = mask?.dtype === 'bool';
  let max = -Infinity;
  for (let j = 0; j < open; j++) {
    const c = j * block + r;
    let score = p[c] * scale;
    if (data !== undefined) {
      const m = data[at + j * step];
      score = boolean ? (m === 0 ? -Infinity : score) : m === -Infinity ? m : score + m;
    }
    p[c] = score;
    if (score > max || Number.isNaN(score)) max = score;
  }
  let sum = 0;
  if (max !== -Infinity) for (let j = 0; j < open; j++) sum += p[j * block + r] = Math.exp(p[j * block + r] - max);
  for (let j = 0; j < open; j++) p[j * block + r] = max === -Infinity ? 0 : p[j * block + r] / sum;
  for (let j = open; j < count; j++) p[j * block + r] = 0;
}

/**
 * What dropout multiplies row number `row` of the weights by: 0 or 1/(1 − p) for `count` keys, `step` apart in `to`. Each row has
 * a stream of its own, so a block can be made again without those before it.
 */
export function dropoutRow(
  to: { [index: number]: number },
  { p, seed }: NonNullable<AttentionKernelAttrs['dropout']>,
  row: number,
  count: number,
  start: number,
  step: number,
): void {
  const rng = new Rng(seed + row);
  const below = p * 2 ** 32;
  for (let j = 0; j < count; j++) to[start + j * step] = rng.bits() < below ? 0 : 1 / (1 - p);
}

/** Columns of a block that belong to no query made 0: sums over its columns then do not see 0·∞ there. */
export function clearColumns(p: Float64Array, count: number, high: number): void {
  for (let r = high; r < block; r++) for (let j = 0; j < count; j++) p[j * block + r] = 0;
}

/** Room for one block of queries, column r of each array belonging to query i + r. */
export interface Block {
  /** The queries. */
  readonly rows: Float64Array;
  /** Their weights, and what dropout makes of them: the same array without dropout. */
  readonly weights: Float64Array;
  readonly dropped: Float64Array;
  /** What dropout multiplies the weights by; empty without. */
  readonly factors: Float64Array;
}

export function roomFor({ s, d }: Layout, { dropout }: AttentionKernelAttrs): Block {
  const weights = new Float64Array(s * block);
  return {
    rows: new Float64Array(d * block),
    weights,
    dropped: dropout === null ? weights : new Float64Array(s * block),
    factors: new Float64Array(dropout === null ? 0 : s * block),
  };
}

/**
 * Fill in the weights of queries i … i + 3 of a head; columns beyond the last query are 0.
 * @returns how many keys they see
 */
export function weigh(
  { rows, weights, dropped, factors }: Block,
  [q, k, , mask]: AttentionOperands,
  layout: Layout,
  attrs: AttentionKernelAttrs,
  head: number,
  i: number,
): number {
  const { t, s, d, batch, strides } = layout;
  const high = Math.min(block, t - i);
  const count = attrs.causal ? Math.min(s, i + high) : s;
  packRows(rows, q.data, (head * t + i) * d, d, high);
  multiplyRows(weights, rows, k.data, head * s * d, d, count);
  clearColumns(weights, count, high);
  const at = maskStart(head, layout);
  const [down, across] = strides.slice(batch.length);
  for (let r = 0; r < high; r++) {
    softmaxColumn(weights, r, count, i + r, mask, at + (i + r) * down, across, attrs);
    if (attrs.dropout !== null) dropoutRow(factors, attrs.dropout, head * t + i + r, count, r, block);
  }
  if (attrs.dropout !== null) for (let c = 0; c < count * block; c++) dropped[c] = weights[c] * factors[c];
  return count;
}

/** What `packRows` packed, or sums in its layout, as rows again. */
export function unpackRows(to: Data, at: number, from: Float64Array, n: number, high: number): void {
  for (let r = 0; r < high; r++) for (let x = 0; x < n; x++) to[at + r * n + x] = from[x * block + r];
}
