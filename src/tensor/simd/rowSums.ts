/** Sums over the elements of one row, in float64, made of formulas. */
import { type Body, type Func, type Local, result, set } from './assembler.ts';
import type { Target } from './family.ts';
import type { V } from './forms.ts';
import type { Formulas } from './formula.ts';
import { f32x4, f64x2, shuffle32, shuffle64, v128 } from './lanes.ts';
import { rowFunction, type Scalar } from './rowFunctions.ts';
import { firstLanes, interleaved, loadPromoted, promoteHigh, storeFirst, sumOfLanes, sweep } from './sweep.ts';

/** What is summed. */
export interface RowSums {
  /** Number of rows that are read. */
  readonly rows: number;
  readonly scalars?: readonly Scalar[];
  /** Terms out of an element of each row, and the scalars. */
  readonly terms: Formulas;
  readonly count: 1 | 2;
}

/** How terms in float32 get into the sum. */
export interface Narrow {
  /** Each by itself; else four vectors are added first. Default false. */
  readonly each?: boolean;
  /** Whether the first term is also stored: its address comes after those of the rows. Default false. */
  readonly stores?: boolean;
}

/** Four lanes of float32 added to the first two of several accumulators of float64. */
const addPromoted = ([low, high]: readonly Local<'v128'>[], x: V): Body => [
  set(low, f64x2.add(low, f64x2.promoteLowF32x4(x))),
  set(high, f64x2.add(high, promoteHigh(x))),
];

/** One sum as a number; two in the lanes of a vector. */
const total = (sums: readonly (readonly Local<'v128'>[])[]): Body => [
  sums.map(([first, ...rest]) => rest.map((v) => set(first, f64x2.add(first, v)))),
  result(
    sums.length === 1
      ? sumOfLanes(sums[0][0])
      : f64x2.add(shuffle64(sums[0][0], sums[1][0], [0, 2]), shuffle64(sums[0][0], sums[1][0], [1, 3])),
  ),
];

const typeOf = ({ count }: RowSums): 'f64' | 'v128' => (count === 1 ? 'f64' : 'v128');

/** `name(addresses…, n, scalars…)`: everything in float64. The sums of two terms come in the lanes of a vector. */
export const wideSums = (name: string, target: Target, spec: RowSums): Func =>
  rowFunction(name, [target, spec.rows, spec.scalars ?? []], typeOf(spec), (at, n, w, splats, list) => {
    const sums = Array.from({ length: spec.count }, () => list(4));
    const [mask] = list(1);
    const add = (offset: number, to: number, only?: V): Body => {
      const values = spec.terms(w, ...at.map((x) => w.hold(loadPromoted(x, offset))), ...splats);
      return [
        w.written(),
        values.map((v, t) => set(sums[t][to], f64x2.add(sums[t][to], only === undefined ? v : v128.and(v, only)))),
      ];
    };
    return [
      sweep({
        count: n,
        at,
        full: (offsets) => offsets.map((k, i) => [add(k, (2 * i) % 4), add(k + 8, (2 * i + 1) % 4)]),
        rest: [
          set(mask, firstLanes(n)),
          add(0, 0, shuffle32(mask, mask, [0, 0, 1, 1])),
          add(8, 1, shuffle32(mask, mask, [2, 2, 3, 3])),
        ],
      }),
      total(sums),
    ];
  });

/** The same with terms in float32, four of which are added before they go on in float64: what exceeds float32 becomes infinite. */
export const narrowSums = (name: string, target: Target, spec: RowSums, { each, stores }: Narrow = {}): Func =>
  rowFunction(
    name,
    [target, spec.rows + Number(stores ?? 0), spec.scalars ?? []],
    typeOf(spec),
    (at, n, w, splats, list) => {
      const sums = Array.from({ length: spec.count }, () => list(each ? 4 : 2));
      const parts = list(spec.count);
      const [rows, to] = [at.slice(0, spec.rows), at[spec.rows]];
      /** The terms of four elements, and what is done with each. */
      const step = (offset: number, use: (v: V, t: number) => Body): readonly Body[] => {
        const values = spec.terms(w, ...rows.map((x) => w.hold(v128.load(x, offset))), ...splats).map((v) => w.hold(v));
        return [...(w.written() as readonly Body[]), ...values.map(use)];
      };
      const full = (offset: number, i: number): readonly Body[] =>
        step(offset, (v, t) => [
          stores ? v128.store(to, v, offset) : [],
          each ? addPromoted(sums[t].slice((2 * i) % 4), v) : set(parts[t], i === 0 ? v : f32x4.add(parts[t], v)),
        ]);
      const [kept] = list(1);
      const collect = parts.map((part, t) => addPromoted(sums[t], part));
      return [
        sweep({
          count: n,
          at,
          full: (offsets) => [stores ? interleaved(offsets.map(full)) : offsets.map(full), each ? [] : collect],
          rest: [
            step(0, (v, t) => set(parts[t], v)),
            set(kept, parts[0]),
            parts.map((part) => set(part, v128.and(part, firstLanes(n)))),
            collect,
            stores ? storeFirst(to, kept, n) : [],
          ],
        }),
        total(sums),
      ];
    },
  );
