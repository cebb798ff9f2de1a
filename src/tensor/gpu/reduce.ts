import { areTogether, blockSizes } from '../cpu/reduce.ts';
import type { Spec } from '../kernel.ts';
import type { GpuArray } from './held.ts';
import { type Move, moved, permutation, tooFar } from './moves.ts';
import type { Launcher, Operand } from './overlay.ts';
import { piecesOf } from './sums.ts';
import { divided, type KernelText, kernelText } from './text.ts';

/** Operands as [outer, middle, inner], `middle` is what goes. */
export interface Blocks {
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/**
 * How many numbers become one. The statements know `row`, the number of the result; `base`, where its first number is; `at` and `m`, where
 * this one is and which of `middle` it is; and what `start` declares.
 */
export interface ReductionParts {
  /** What is read, in the layout of the blocks but for what is read at `row` or `m`. Default `x`. */
  readonly arrays?: readonly string[];
  /** Numbers that any part may use. */
  readonly numbers?: readonly string[];
  /** Declares what is kept. */
  readonly start: string;
  /** Takes in one. */
  readonly each: string;
  /** What a piece gives. Default `total`. */
  readonly piece?: string;
  /** Takes in `part`, what a piece gave. */
  readonly merge: string;
  /** The result, of what was kept of all. Default `piece`. */
  readonly result?: string;
  /** What nothing gives. */
  readonly nothing: number;
}

/** Reduces blocks of operands, named as in its parts. */
export type Reduction = (
  on: Launcher,
  blocks: Blocks,
  arrays: readonly GpuArray[],
  numbers?: Readonly<Record<string, number>>,
) => GpuArray;

const namesIn = (text: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));

/** What statements may know of this thread's row, by name: how it is declared, and what follows each number. */
const known: Readonly<Record<string, readonly [first: string, next: string]>> = {
  row: ['const row = o * inner + i;', ''],
  base: ['const base = o * middle * inner + i;', ''],
  m: ['let m = offset;', 'm += pieces;'],
};

/** One text: rows in pieces that leave the same remainder, whose threads read side by side. */
function textOf(name: string, arrays: readonly string[], numbers: readonly string[], lines: readonly string[]) {
  const [start, each, result] = lines;
  const own = namesIn(lines.join('\n'), numbers);
  const used = namesIn(lines.join('\n'), Object.keys(known)).map((word) => known[word]);
  const text = kernelText(
    name,
    `function (${[...arrays, 'middle', 'inner', 'pieces', ...own].join(', ')}) {
      ${divided('block', 'i', 'this.thread.x', 'inner')}
      ${divided('o', 'offset', 'block', 'pieces')}
      ${divided('count', 'over', '(middle - offset + pieces - 1)', 'pieces')}
      const step = pieces * inner;
      let at = (o * middle + offset) * inner + i;
      ${used.map(([declared]) => declared).join(' ')}
      ${start}
      for (let j = 0; j < count; j++) {
        ${each}
        at += step;
        ${used.map(([, next]) => next).join(' ')}
      }
      return ${result};
    }`,
  );
  return { text, own };
}

/** A reduction out of its parts: long rows are taken in pieces, then the pieces are. */
export function reduction(name: string, parts: ReductionParts): Reduction {
  const { arrays = ['x'], numbers = [], start, each, piece = 'total', merge, result = piece, nothing } = parts;
  const merging = `const part = x[at]; ${merge}`;
  const whole = textOf(name, arrays, numbers, [start, each, result]);
  const first = textOf(`${name}.piece`, arrays, numbers, [start, each, piece]);
  const between = textOf(`${name}.pieces`, ['x'], numbers, [start, merging, piece]);
  const last = textOf(`${name}.result`, ['x'], numbers, [start, merging, result]);
  type Text = { readonly text: KernelText; readonly own: readonly string[] };
  return (on, blocks, given, values = {}) => {
    const { outer, inner } = blocks;
    if (blocks.middle === 0) return on.full(outer * inner, nothing);
    const launch = ({ text, own }: Text, xs: readonly GpuArray[], middle: number, pieces: number): GpuArray =>
      on.launch(text, outer * pieces * inner, [...xs, middle, inner, pieces, ...own.map((word) => values[word])]);
    let pieces = piecesOf(blocks.middle, outer * inner);
    if (pieces === 1) return launch(whole, given, blocks.middle, 1);
    let x = launch(first, given, blocks.middle, pieces);
    for (;;) {
      const next = piecesOf(pieces, outer * inner);
      x = launch(next === 1 ? last : between, [x], pieces, next);
      if (next === 1) return x;
      pieces = next;
    }
  };
}

/** The move that brings scattered axes to the end; null where they are neighbours. */
function gathering({ shape }: Spec, axes: readonly number[]): Move | null {
  if (areTogether(axes)) return null;
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  return permutation(shape, [...kept, ...axes]);
}

/** Why a reduction over these axes is left to the host; null when it is not. */
export function scattered(x: Spec, axes: readonly number[]): string | null {
  const move = gathering(x, axes);
  return move === null ? null : tooFar(move);
}

/** An operand as blocks around these axes; scattered ones are moved to the end. */
export function blocksOn(on: Launcher, x: Operand, axes: readonly number[]): Blocks & { readonly array: GpuArray } {
  const move = gathering(x, axes);
  return { ...blockSizes(x, axes), array: move === null ? x.array : moved(on, x.array, move) };
}

/** Σ x. */
export const sums: Reduction = reduction('sum', {
  start: 'let total = 0;',
  each: 'total += x[at];',
  merge: 'total += part;',
  nothing: 0,
});

/** Σ x of all elements. */
export const total = (on: Launcher, x: GpuArray): GpuArray => sums(on, { outer: 1, middle: x.size, inner: 1 }, [x]);

/** The largest (`side` 1) or smallest (−1) of the numbers; NaN, if one is. Not GPU's own, which passes NaN by. */
export function extremum(name: string, side: 1 | -1): Reduction {
  const take = (v: string): string => `
    let next = total + ${v};
    if (${v} ${side === 1 ? '>' : '<'} total) { next = ${v}; }
    if (${v} ${side === 1 ? '<=' : '>='} total) { next = total; }
    total = next;`;
  return reduction(name, {
    start: 'let total = x[at];',
    each: `const v = x[at]; ${take('v')}`,
    merge: take('part'),
    nothing: -side * Infinity,
  });
}

/** The largest. */
export const largest: Reduction = extremum('max', 1);

/** The mean as the first number plus this: equal numbers have 0 exactly. */
export const offsets: Reduction = reduction('offsets', {
  numbers: ['n'],
  start: 'let total = 0;',
  each: 'total += x[at] - x[base];',
  merge: 'total += part;',
  result: 'total / n',
  nothing: 0,
});
