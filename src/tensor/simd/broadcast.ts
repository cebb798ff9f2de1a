import type { Shape } from '../errors.ts';
import { sizeOf } from '../shape.ts';

/** How an operand goes along with the rows of the result. */
export interface Side {
  /** Whether it has an element for every one of a row, or one for all. */
  readonly along: boolean;
  /** Its elements from one row to the next. */
  readonly step: number;
  /** Its elements from one block of rows to the next. */
  readonly skip: number;
}

/** A broadcast result as `blocks` blocks of `rows` rows of `columns` elements, and the operands beside it. */
export interface Meeting {
  readonly blocks: number;
  readonly rows: number;
  readonly columns: number;
  readonly a: Side;
  readonly b: Side;
}

interface Group {
  size: number;
  readonly inA: boolean;
  readonly inB: boolean;
}

/** Whether a shape has an axis, counted from the end, that does not repeat. */
const has = (shape: Shape, axis: number): boolean => (shape[axis + shape.length] ?? 1) !== 1;

/** Axes of the result, neighbours merged where the same operands have them. */
function groups(a: Shape, b: Shape, out: Shape): Group[] {
  const list: Group[] = [];
  for (let axis = 0; axis < out.length; axis++) {
    if (out[axis] === 1) continue;
    const inA = has(a, axis - out.length);
    const inB = has(b, axis - out.length);
    const last = list[list.length - 1];
    if (last !== undefined && last.inA === inA && last.inB === inB) last.size *= out[axis];
    else list.push({ size: out[axis], inA, inB });
  }
  return list;
}

/**
 * The broadcast of a and b to `out`, as rows. A single row when nothing repeats, or when one of them is a single number.
 * Null when it takes more than three levels.
 */
export function meeting(a: Shape, b: Shape, out: Shape): Meeting | null {
  const list = groups(a, b, out);
  if (list.length > 3) return null;
  const one: Group = { size: 1, inA: false, inB: false };
  const [outer, middle, inner] = [...new Array<Group>(3 - list.length).fill(one), ...list];
  return {
    blocks: outer.size,
    rows: middle.size,
    columns: inner.size,
    a: sideOf(inner, middle, inner.inA, middle.inA, outer.inA),
    b: sideOf(inner, middle, inner.inB, middle.inB, outer.inB),
  };
}

function sideOf(inner: Group, middle: Group, along: boolean, inMiddle: boolean, inOuter: boolean): Side {
  const width = along ? inner.size : 1;
  return { along, step: inMiddle ? width : 0, skip: inOuter ? width * (inMiddle ? middle.size : 1) : 0 };
}

/** Elements of the result below which its blocks are not worth a call each. */
const leastBlock = 1024;

/** Whether a meeting is one for the kernels of rows. */
export const isRows = (m: Meeting | null, out: Shape): m is Meeting =>
  m !== null && (m.blocks === 1 || sizeOf(out) / m.blocks >= leastBlock);
