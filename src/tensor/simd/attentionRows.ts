/**
 * What attention does to rows of scores: masks, softmax and its gradient. A row has room for a multiple of four elements,
 * and what lies there beyond its last one is 0 after `softmaxRow` and `gradRow`.
 */
import { type Body, during, type Expr, type Func, func, ifElse, type Local, set } from './assembler.ts';
import { constant, type Target } from './family.ts';
import type { V } from './forms.ts';
import { writing } from './formula.ts';
import { expOfNegative } from './formulas.ts';
import { f32x4, i32x4, v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { f32, i32 } from './scalar.ts';
import { acrossLanes, sweep } from './sweep.ts';

type Address = Local<'i32'>;

/** The bytes of so many elements. */
export const bytesOf = (count: Expr<'i32'>): Expr<'i32'> => i32.shl(count, 2);
/** As many elements as fill the vectors that hold `count`. */
const wholeVectors = (count: Expr<'i32'>): Expr<'i32'> => i32.and(i32.add(count, 3), -4);

/** Elements up to `count`, a multiple of four, at several addresses at once. */
const vectors = (count: Address, at: readonly Address[], full: (offset: number) => Body): Body =>
  sweep({ count, at, full: (offsets) => offsets.map(full), rest: [] });

/** Single numbers from `at` up to `end` made x. */
const fill = (at: Address, end: Address, x: number): Body =>
  during(i32.ltS(at, end), [f32.store(at, f32.const(x)), advance(at, 4)]);

/** Elements from … of a row made 0, as far as the vectors of `count` go. */
const clear = (row: Address, from: Address, count: Address, at: Address, end: Address): Body => [
  set(at, i32.add(row, bytesOf(from))),
  set(end, i32.add(row, bytesOf(wholeVectors(count)))),
  fill(at, end, 0),
];

/** A row of a bool mask as what is added to scores: 0 where it is true, −∞ elsewhere. */
const hidingRow = (): Func =>
  func('hidingRow', ints('to', 'from', 'count'), ({ to, from, count }, locals) => {
    const [hidden] = locals.v128;
    const [end] = locals.i32;
    return [
      set(hidden, constant(-Infinity)),
      set(end, i32.add(to, bytesOf(count))),
      during(i32.ltS(to, end), [
        v128.store(to, v128.and(hidden, i32x4.eq(i32x4.extendBytes(v128.load32Zero(from)), v128.zero()))),
        advance(to, 16),
        advance(from, 4),
      ]),
    ];
  });

/**
 * Scores x made weights e^(x' − max)/Σ e^(x' − max), where x' = scale·x + hint for the first `open` of `count` keys, and −∞ where
 * the hint is −∞, whatever x is; 0 for the other keys, and for all when every x' is −∞. NaN or +∞ among the x' makes all open ones NaN.
 */
function softmaxRow(target: Target): Func {
  const params = { row: 'i32', hints: 'i32', open: 'i32', count: 'i32', scale: 'f32' } as const;
  return func('softmaxRow', params, ({ row, hints, open, count, scale }, locals) => {
    const [at, hint, end, left] = locals.i32;
    const [max, sum, x, by, h, unclear] = locals.list('v128', 6);
    const r = writing(target, locals);
    const hidden = r.constant(-Infinity);
    const [highest, total] = [acrossLanes(f32x4.pmax, max), acrossLanes(f32x4.add, sum)];
    const score = (given: V, added: V): Body => [
      set(h, added),
      set(x, v128.bitselect(h, target.madd(given, by, h), f32x4.eq(h, hidden))),
    ];
    // NaN is passed over: the sum will be NaN.
    const highestOf = [set(max, f32x4.pmax(max, x)), set(unclear, v128.or(unclear, f32x4.ne(x, x)))];
    const scores = [
      set(at, row),
      set(hint, hints),
      set(left, i32.and(open, -4)),
      vectors(left, [at, hint], (k) => [score(v128.load(at, k), v128.load(hint, k)), v128.store(at, x, k), highestOf]),
      // The last ones do not fill a vector: one by one, and −∞ where there is no key.
      ifElse(i32.and(open, 3), [
        set(end, i32.add(row, bytesOf(open))),
        during(i32.ltS(at, end), [
          score(v128.load32Zero(at), v128.load32Zero(hint)),
          v128.store32Lane(at, x, 0),
          advance([at, hint], 4),
        ]),
        set(end, i32.add(row, bytesOf(wholeVectors(open)))),
        fill(at, end, -Infinity),
        set(x, v128.load(i32.sub(end, 16))),
        highestOf,
      ]),
      highest.ready,
    ];
    const exponentials = (k: number): Body => {
      const e = expOfNegative(r, f32x4.sub(v128.load(at, k), max));
      return [r.written(), set(x, e), v128.store(at, x, k), set(sum, f32x4.add(sum, x))];
    };
    const weights = [
      set(max, f32x4.splat(highest.value)),
      set(at, row),
      set(left, wholeVectors(open)),
      vectors(left, [at], exponentials),
      total.ready,
      set(sum, f32x4.splat(f32.div(f32.const(1), total.value))),
      set(at, row),
      set(left, wholeVectors(open)),
      vectors(left, [at], (k) => v128.store(at, f32x4.mul(v128.load(at, k), sum), k)),
    ];
    return [
      r.constants,
      set(by, f32x4.splat(scale)),
      set(max, hidden),
      scores,
      ifElse(i32.or(f32.ne(highest.value, f32.const(-Infinity)), v128.anyTrue(unclear)), weights, set(open, 0)),
      clear(row, open, count, at, end),
    ];
  });
}

/** Gradients g of weights p made those of scores, scale·p·(g − Σ p·g). */
function gradRow({ madd }: Target): Func {
  return func('gradRow', { p: 'i32', g: 'i32', count: 'i32', scale: 'f32' }, ({ p, g, count, scale }, locals) => {
    const [at, to, left] = locals.i32;
    const [along, by] = locals.v128;
    const total = acrossLanes(f32x4.add, along);
    return [
      clear(g, count, count, at, to),
      set(at, p),
      set(to, g),
      set(left, wholeVectors(count)),
      vectors(left, [at, to], (k) => set(along, madd(v128.load(at, k), v128.load(to, k), along))),
      total.ready,
      set(along, f32x4.splat(total.value)),
      set(by, f32x4.splat(scale)),
      set(at, p),
      set(to, g),
      set(left, wholeVectors(count)),
      vectors(left, [at, to], (k) =>
        v128.store(to, f32x4.mul(f32x4.mul(v128.load(at, k), f32x4.sub(v128.load(to, k), along)), by), k),
      ),
    ];
  });
}

/** to[i] *= by[i] */
const timesRow = (): Func =>
  func('timesRow', ints('to', 'by', 'count'), ({ to, by, count }) => [
    set(count, wholeVectors(count)),
    vectors(count, [to, by], (k) => v128.store(to, f32x4.mul(v128.load(to, k), v128.load(by, k)), k)),
  ]);

/** to[i] += from[i], and then from[i] *= scale. Nothing is written beyond `count` elements of `to`. */
const collectRow = (): Func =>
  func('collectRow', { to: 'i32', from: 'i32', count: 'i32', scale: 'f32' }, ({ to, from, count, scale }, locals) => {
    const [by] = locals.v128;
    const collected = (k: number): Body => [
      v128.store(to, f32x4.add(v128.load(to, k), v128.load(from, k)), k),
      v128.store(from, f32x4.mul(v128.load(from, k), by), k),
    ];
    const one = [
      f32.store(to, f32.add(f32.load(to), f32.load(from))),
      f32.store(from, f32.mul(f32.load(from), scale)),
      advance([to, from], 4),
      advance(count, -1),
    ];
    return [
      set(by, f32x4.splat(scale)),
      sweep({ count, at: [to, from], full: (offsets) => offsets.map(collected), rest: during(count, one) }),
    ];
  });

/** The functions of this file, for one module. */
export interface RowFunctions {
  readonly hidingRow: Func;
  readonly softmaxRow: Func;
  readonly gradRow: Func;
  readonly timesRow: Func;
  readonly collectRow: Func;
}

export const rowFunctions = (target: Target): RowFunctions => ({
  hidingRow: hidingRow(),
  softmaxRow: softmaxRow(target),
  gradRow: gradRow(target),
  timesRow: timesRow(),
  collectRow: collectRow(),
});
