/** Loops over the elements of a row, the last few of which do not fill a vector, and what becomes of four lanes in the end. */
import { type Body, during, type Expr, type I32, ifElse, type Local, set } from './assembler.ts';
import type { Two, V } from './forms.ts';
import { f32x4, f64x2, i32x4, shuffle32, shuffle64, v128 } from './lanes.ts';
import { advance } from './pieces.ts';
import { f64, i32 } from './scalar.ts';

/** How a row is worked through. */
export interface Sweep {
  /** Elements left to do; 0 afterwards. */
  readonly count: Local<'i32'>;
  /** Addresses that move along, 4 bytes for each element. */
  readonly at: readonly Local<'i32'>[];
  /** What is done with the full vectors at these byte offsets: four of them, or one. */
  readonly full: (offsets: readonly number[]) => Body;
  /** What is done with the last 1 to 3 elements, at the addresses. */
  readonly rest: Body;
}

/** Sixteen elements at a time, then four, then the rest. */
export function sweep({ count, at, full, rest }: Sweep): Body {
  const steps = (offsets: readonly number[]): Body =>
    during(i32.geU(count, 4 * offsets.length), [
      full(offsets),
      advance(at, 16 * offsets.length),
      set(count, i32.sub(count, 4 * offsets.length)),
    ]);
  return [steps([0, 16, 32, 48]), steps([0]), ifElse(count, rest)];
}

/** First statements first: V8 keeps the order, and the chains of several vectors run side by side. */
export const interleaved = (lists: readonly (readonly Body[])[]): Body =>
  lists[0].map((_, i) => lists.map((list) => list[i]));

/** Ones in the first `count` lanes. */
export const firstLanes = (count: I32): V => i32x4.gtS(i32x4.splat(count), i32x4.const(0, 1, 2, 3));

/** Store the first 1 to 3 lanes; x and `address` are used up. */
export const storeFirst = (address: Local<'i32'>, x: Local<'v128'>, count: I32): Body => [
  ifElse(i32.and(count, 2), [v128.store64Lane(address, x, 0), advance(address, 8), set(x, shuffle64(x, x, [1, 0]))]),
  ifElse(i32.and(count, 1), v128.store32Lane(address, x, 0)),
];

/** All lanes of float32 combined by `op`, in lane 0; x is used up. */
export const acrossLanes = (op: Two, x: Local<'v128'>): { readonly ready: Body; readonly value: Expr<'f32'> } => ({
  ready: [set(x, op(x, shuffle64(x, x, [1, 0]))), set(x, op(x, shuffle32(x, x, [1, 0, 3, 2])))],
  value: f32x4.extractLane(x, 0),
});

/** The sum of both lanes of float64. */
export const sumOfLanes = (x: V): Expr<'f64'> => f64.add(f64x2.extractLane(x, 0), f64x2.extractLane(x, 1));

/** The upper two lanes of float32 as float64; `promoteLowF32x4` gives the lower two. */
export const promoteHigh = (x: V): V => f64x2.promoteLowF32x4(shuffle64(x, x, [1, 0]));

/** Two elements as float64. */
export const loadPromoted = (address: I32, offset: number): V =>
  f64x2.promoteLowF32x4(v128.load64Zero(address, offset));
