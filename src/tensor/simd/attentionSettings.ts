/** What a call of attention is told, word by word, and the room that it works in. */
import type { AttentionKernelAttrs, Layout } from '../cpu/attentionBlock.ts';
import { tileBytes, tileRows } from './gemmLane.ts';

/**
 * Whole numbers, in the order of `settingsOf`. Sizes are those of `Layout`; lines are the bytes from row to row, of q and k, of v and y,
 * of the mask, of weights.
 * - maskKind: 0 none, 1 bool, 2 numbers; causal: 0 or 1
 * - seedLow, seedHigh, last: see `dropoutRows`
 * - maskBytes: of the gradient of a mask, 0 where none is wanted
 * - block: queries of a block, a multiple of four
 */
export const numbers = [
  't',
  's',
  'd',
  'e',
  'keyLine',
  'valueLine',
  'maskLine',
  'maskKind',
  'maskBytes',
  'causal',
  'seedLow',
  'seedHigh',
  'last',
  'block',
  'line',
] as const;

/**
 * Where parts of the scratch begin, after the room for a ragged tile of a product. Of a head, packed for products: keys; values; for
 * gradients keys once more, not turned. Of a block: what is added to the scores of a row, weights, factors of dropout, gradients of
 * the weights, and the rows of its queries, packed.
 */
export const places = ['keys', 'values', 'hints', 'weights', 'factors', 'grads', 'keyRows', 'blockRows'] as const;

/** Float32 numbers; `kept` is what dropout multiplies the weights by that stay, 0 without dropout. */
export const reals = ['scale', 'kept'] as const;

/** Words of a head in the table: where its q, k, v, y and mask begin, as bytes in theirs, and how many queries come before it. */
export const headWords = 6;

/** The operands and options of a call. */
export interface Call {
  readonly layout: Layout;
  readonly attrs: AttentionKernelAttrs;
  readonly backward: boolean;
  readonly mask: 'none' | 'bool' | 'numbers';
  /** Elements of the gradient of the mask; 0 where none is wanted. */
  readonly maskGradient: number;
}

/** Bytes of panels of `count` lines of k elements, and what their packing writes too much. */
const panelBytes = (count: number, k: number): number => Math.ceil(count / 8) * k * tileBytes + tileRows * tileBytes;

/** Queries of a block: as many as have 64 KiB of weights, but 16 to 64. */
const blockOf = ({ t, s }: Layout): number =>
  Math.min(Math.ceil(t / 4) * 4, Math.max(16, Math.min(64, Math.floor(2 ** 12 / s) * 4)));

/** The words of a call, and the bytes of its scratch. */
export function settingsOf({ layout, attrs, backward, mask, maskGradient }: Call): {
  readonly words: Int32Array;
  readonly scratch: number;
} {
  const { batch, t, s, d, e, strides } = layout;
  const { scale, causal, heads } = attrs;
  const { p, seed } = attrs.dropout ?? { p: 0, seed: 0 };
  const beside = heads ?? 1;
  const [block, line] = [blockOf(layout), Math.ceil(s / 4) * 16 + 16];
  const lines = block * line;
  const sizes = [
    ...[panelBytes(s, d), backward ? panelBytes(s, e) : panelBytes(e, s), line, lines],
    ...[p > 0 ? lines : 0, backward ? lines : 0],
    ...[backward ? panelBytes(d, s) : 0, backward ? panelBytes(Math.max(d, e), block) : 0],
  ];
  let scratch = tileRows * tileBytes;
  const starts = sizes.map((size) => {
    const start = scratch;
    scratch += Math.ceil(size / 64) * 64;
    return start;
  });
  const maskElement = mask === 'bool' ? 1 : 4;
  const maskKind = ['none', 'bool', 'numbers'].indexOf(mask);
  const last = (Math.ceil(p * 2 ** 32) - 1) ^ (1 << 31);
  const words = Int32Array.of(
    ...[t, s, d, e, 4 * beside * d, 4 * beside * e, maskElement * strides[batch.length], maskKind, 4 * maskGradient],
    ...[causal ? 1 : 0, seed | 0, Math.floor(seed / 2 ** 32), last, block, line],
    ...starts,
    ...new Int32Array(Float32Array.of(scale, p === 0 || p === 1 ? p : 1 / (1 - p)).buffer),
  );
  return { words, scratch };
}
