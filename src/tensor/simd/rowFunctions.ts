/** Functions over the elements of one row, made of formulas; and the loop over rows that calls them. Calls let V8 optimise. */
import {
  type Body,
  during,
  type Func,
  func,
  type Local,
  type Locals,
  result,
  set,
  type ValueType,
} from './assembler.ts';
import type { Target } from './family.ts';
import type { Two, V } from './forms.ts';
import type { Formula, Writing } from './formula.ts';
import { writing } from './formula.ts';
import { f32x4, f64x2, v128 } from './lanes.ts';
import { advance } from './pieces.ts';
import { i32 } from './scalar.ts';
import { acrossLanes, firstLanes, interleaved, storeFirst, sweep } from './sweep.ts';

export type Address = Local<'i32'>;
/** A number that is the same for the whole row. */
export type Scalar = 'f32' | 'f64';
/** Parameters by name: addresses and scalars alike. */
type Named = Readonly<Record<string, Local<'i32'> & Local<Scalar>>>;

/** What the body of such a function is given: addresses, elements, formulas, scalars in all lanes, and a maker of variables. */
type RowBody = (
  at: readonly Address[],
  n: Address,
  w: Writing,
  splats: readonly V[],
  list: (count: number) => readonly Local<'v128'>[],
) => Body;

/** A function of `rows` addresses, then the number of their elements, then scalars. */
export function rowFunction(
  name: string,
  [target, rows, scalars]: readonly [Target, number, readonly Scalar[]],
  type: 'f32' | 'f64' | 'v128' | null,
  body: RowBody,
): Func {
  const named = (letter: string, types: readonly string[]): (readonly [string, string])[] =>
    types.map((t, i) => [letter + i, t] as const);
  const params = Object.fromEntries([
    ...named('a', new Array(rows).fill('i32')),
    ['n', 'i32'],
    ...named('s', scalars),
  ]) as Record<string, 'i32' & Scalar>;
  return func(
    name,
    params,
    (given, locals) => {
      const p = given as unknown as Named;
      const w = writing(target, locals);
      const splats = scalars.map((t, i) => (t === 'f32' ? f32x4.splat(p[`s${i}`]) : f64x2.splat(p[`s${i}`])));
      const list = (k: number): readonly Local<'v128'>[] => locals.list('v128', k);
      const held = list(splats.length);
      const at = Array.from({ length: rows }, (_, i) => p[`a${i}`]);
      const done = body(at, p.n, w, held, list);
      return [w.constants, held.map((local, i) => set(local, splats[i])), done];
    },
    type,
  );
}

/**
 * y = f(x…, scalars…) for the elements of rows x…: `name(addresses of x…, address of y, n, scalars…)`. Long formulas are faster
 * side by side (e^x: a fifth), short ones one after the other.
 */
export const mapRow = (
  name: string,
  target: Target,
  xs: number,
  scalars: readonly Scalar[],
  f: Formula,
  sideBySide = false,
): Func =>
  rowFunction(name, [target, xs + 1, scalars], null, (at, n, w, splats, list) => {
    const [y] = list(1);
    const operands = at.slice(0, xs);
    const to = at[xs];
    const step = (offset: number, use: (v: V) => Body): readonly Body[] => {
      const v = f(w, ...operands.map((x) => w.hold(v128.load(x, offset))), ...splats);
      return [...(w.written() as readonly Body[]), use(v)];
    };
    return sweep({
      count: n,
      at,
      full: (offsets) => {
        const lists = offsets.map((k) => step(k, (v) => v128.store(to, v, k)));
        return sideBySide ? interleaved(lists) : lists;
      },
      rest: [step(0, (v) => set(y, v)), storeFirst(to, y, n)],
    });
  });

/** `pmax` or `pmin`, and NaN as soon as there is one: a third of the instructions that `max` and `min` become. */
export const keepingNaN =
  (op: Two): Two =>
  (most, x) =>
    v128.or(op(most, x), f32x4.ne(x, x));

/** All elements of a row combined by `op`, beginning with `from`: `name(address, n)`. */
export const foldRow = (name: string, target: Target, op: Two, from: number): Func =>
  rowFunction(name, [target, 1, []], 'f32', ([x], n, w, _, list) => {
    const found = list(4);
    const [all] = found;
    const [v] = list(1);
    const across = acrossLanes(op, all);
    const none = w.constant(from);
    return [
      found.map((v) => set(v, none)),
      sweep({
        count: n,
        at: [x],
        full: (offsets) => offsets.map((k, i) => [set(v, v128.load(x, k)), set(found[i], op(found[i], v))]),
        rest: [set(v, v128.bitselect(v128.load(x), none, firstLanes(n))), set(all, op(all, v))],
      }),
      found.slice(1).map((other) => set(all, op(all, other))),
      across.ready,
      result(across.value),
    ];
  });

/** Parameters of a function over rows. */
type Given<A extends string, M extends Record<string, ValueType>> = { readonly [K in A | 'n']: Address } & {
  readonly [K in keyof M]: Local<M[K]>;
};

/**
 * `body` for each of so many rows: `name(addresses…, rows, n, more…)`. From one row to the next an address moves by so many elements of
 * 4 bytes, or by the n elements of a row.
 */
export function overRows<A extends string, M extends Record<string, ValueType>>(
  name: string,
  steps: { readonly [K in A]: number | 'n' },
  more: M,
  body: (p: Given<A, M>, locals: Locals) => Body,
): Func {
  const names = Object.keys(steps) as A[];
  const params: Record<string, ValueType> = Object.fromEntries(names.map((a) => [a, 'i32']));
  return func(name, { ...params, rows: 'i32', n: 'i32', ...more }, (given, locals) => {
    const p = given as unknown as Given<A | 'rows', M>;
    const [bytes] = locals.i32;
    const move = names.map((a) => {
      const step: number | 'n' = steps[a];
      return step === 0 ? [] : advance([p[a]], step === 'n' ? bytes : 4 * step);
    });
    return [set(bytes, i32.shl(p.n, 2)), during(p.rows, [body(p, locals), move, advance(p.rows, -1)])];
  });
}
