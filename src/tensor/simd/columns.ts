/** Reductions of the columns of a matrix: rows are read four at a time as they lie, into one accumulator for each column. */
import { type Body, call, during, type Expr, type Func, func, ifElse, type Local, set } from './assembler.ts';
import type { Target } from './family.ts';
import type { Two, V } from './forms.ts';
import { writing } from './formula.ts';
import { f32x4, f64x2, shuffle64, v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { i32 } from './scalar.ts';
import { loadPromoted, promoteHigh, storeFirst } from './sweep.ts';

type Address = Local<'i32'>;

/**
 * Lanes that values come in, and are accumulated in; `mixed`: terms in float32, those of four rows added before they go on in float64.
 */
type Lanes = 'f32' | 'f64' | 'mixed';

/** How the columns of matrices of one shape are reduced. */
export interface ColumnsSpec {
  readonly target: Target;
  /** Number of matrices. */
  readonly matrices: number;
  readonly lanes: Lanes;
  /** What each row knows of itself: numbers in all lanes, out of `each` elements of one more operand. */
  readonly scalars?: { readonly each: number; readonly of: (row: Address) => readonly V[] };
  /** What is accumulated, out of an element of each matrix and the scalars of its row: a result for each. */
  readonly terms: (...operands: readonly V[]) => readonly V[];
  readonly results: number;
  readonly combine: Two;
  /** What accumulators begin with. */
  readonly from: V;
}

/** Vectors that hold the accumulators of four columns. */
const vectorsOf = (lanes: Lanes): number => (lanes === 'f32' ? 1 : 2);
/** Bytes of the accumulators of four columns. */
const bytesOf = ({ lanes, results }: Pick<ColumnsSpec, 'lanes' | 'results'>): number => 16 * vectorsOf(lanes) * results;

/** Bytes that a reduction of so many columns needs to work in. */
export const columnsScratch = (columns: number, spec: Pick<ColumnsSpec, 'lanes' | 'results'>): number =>
  Math.ceil(columns / 4) * bytesOf(spec);

const names = (letter: string, count: number): readonly string[] => Array.from({ length: count }, (_, i) => letter + i);
const addresses = (list: readonly string[]): Readonly<Record<string, 'i32'>> =>
  Object.fromEntries(list.map((name) => [name, 'i32' as const]));

/** `name(matrices…, scalars, accumulators, columns, bytes of a row)`: so many rows accumulated. */
function accumulate(name: string, rows: number, spec: ColumnsSpec): Func {
  const { target, matrices, lanes, scalars, terms, combine, results } = spec;
  const list = names('a', matrices);
  return func(name, addresses([...list, 'info', 'to', 'n', 'stride']), (p, locals) => {
    const { info, to, n, stride } = p;
    const w = writing(target, locals);
    const at = list.map((a) => [p[a], ...locals.list('i32', rows - 1)]);
    const own = [info, ...locals.list('i32', scalars === undefined ? 0 : rows - 1)];
    const splats = own.map((row) => (scalars?.of(row) ?? []).map((v) => [...locals.list('v128', 1), v] as const));
    const sums = locals.list('v128', results);
    const parts = locals.list('v128', results);
    const place = (t: number, i: number): number => 16 * (t * vectorsOf(lanes) + i);
    const termsOf = (r: number, load: (row: Address) => V): readonly V[] =>
      terms(...at.map((a) => w.hold(load(a[r]))), ...(splats[r] ?? []).map(([local]) => local as V));
    /** Accumulator i of each result, changed by all rows. */
    const direct = (i: number): Body => [
      sums.map((sum, t) => set(sum, v128.load(to, place(t, i)))),
      Array.from({ length: rows }, (_, r) => {
        const values = termsOf(r, (row) => (lanes === 'f32' ? v128.load(row) : loadPromoted(row, 8 * i)));
        return [w.written(), values.map((v, t) => set(sums[t], combine(sums[t], v)))];
      }),
      sums.map((sum, t) => v128.store(to, sum, place(t, i))),
    ];
    /** The terms of all rows added in float32, then to both accumulators of each result. */
    const joint = (): Body => [
      Array.from({ length: rows }, (_, r) => {
        const values = termsOf(r, v128.load);
        return [w.written(), values.map((v, t) => set(parts[t], r === 0 ? v : f32x4.add(parts[t], v)))];
      }),
      parts.map((part, t) =>
        [f64x2.promoteLowF32x4(part), promoteHigh(part)].map((v, i) =>
          v128.store(to, f64x2.add(v128.load(to, place(t, i)), v), place(t, i)),
        ),
      ),
    ];
    return [
      w.constants,
      at.map((a) => a.slice(1).map((row, r) => set(row, i32.add(a[r], stride)))),
      own.slice(1).map((row, r) => set(row, i32.add(own[r], 4 * (scalars?.each ?? 0)))),
      splats.map((row) => row.map(([local, v]) => set(local as Local<'v128'>, v as Expr<'v128'>))),
      during(i32.gtS(n, 0), [
        lanes === 'mixed' ? joint() : Array.from({ length: vectorsOf(lanes) }, (_, i) => direct(i)),
        at.map((lines) => advance(lines, 16)),
        advance(to, bytesOf(spec)),
        advance(n, -4),
      ]),
    ];
  });
}

/** `name(accumulators, columns)`: what they begin with. */
const begin = (name: string, spec: ColumnsSpec): Func =>
  func(name, ints('to', 'n'), ({ to, n }, locals) => {
    const [zero] = locals.v128;
    const bytes = bytesOf(spec);
    return [
      set(zero, spec.from),
      during(i32.gtS(n, 0), [
        Array.from({ length: bytes / 16 }, (_, i) => v128.store(to, zero, 16 * i)),
        advance(to, bytes),
        advance(n, -4),
      ]),
    ];
  });

/** `name(results…, accumulators, columns)`: the results as float32. */
function finish(name: string, spec: ColumnsSpec): Func {
  const { lanes, results } = spec;
  const list = names('y', results);
  return func(name, addresses([...list, 'from', 'n']), (p, locals) => {
    const { from, n } = p;
    const [v] = locals.v128;
    const rounded = (k: number): V =>
      shuffle64(f32x4.demoteF64x2(v128.load(from, k)), f32x4.demoteF64x2(v128.load(from, k + 16)), [0, 2]);
    const value = (t: number): V => (lanes === 'f32' ? v128.load(from, 16 * t) : rounded(32 * t));
    return [
      during(i32.geS(n, 4), [
        list.map((y, t) => v128.store(p[y], value(t))),
        advance(
          list.map((y) => p[y]),
          16,
        ),
        advance(from, bytesOf(spec)),
        advance(n, -4),
      ]),
      ifElse(
        n,
        list.map((y, t) => [set(v, value(t)), storeFirst(p[y], v, n)]),
      ),
    ];
  });
}

/**
 * `name(matrices…, scalars?, results…, columns, rows, bytes of a row, scratch)`: columns of one matrix, or of a part of each row. Nothing
 * is written beyond the results. With `blocks` also `blocks(matrix, result, how many, columns, rows, scratch)`: of matrices that follow
 * each other.
 */
export function columns(name: string, spec: ColumnsSpec, blocks?: string): readonly Func[] {
  const [four, one, first, last] = [
    accumulate(`${name}4`, 4, spec),
    accumulate(`${name}1`, 1, spec),
    begin(`${name}Begin`, spec),
    finish(`${name}Finish`, spec),
  ];
  const [list, ys] = [names('a', spec.matrices), names('y', spec.results)];
  const info = spec.scalars === undefined ? [] : ['info'];
  const all = func(name, addresses([...list, ...info, ...ys, 'n', 'rows', 'stride', 'scratch']), (p) => {
    const { n, rows, stride, scratch } = p;
    const at = list.map((a) => p[a]);
    const step = (f: Func, count: number): Body => [
      call(f, ...at, p.info ?? 0, scratch, n, stride),
      advance(at, i32.mul(stride, count)),
      spec.scalars === undefined ? [] : advance(p.info, 4 * spec.scalars.each * count),
      set(rows, i32.sub(rows, count)),
    ];
    return [
      call(first, scratch, n),
      during(i32.geS(rows, 4), step(four, 4)),
      during(rows, step(one, 1)),
      call(last, ...ys.map((y) => p[y]), scratch, n),
    ];
  });
  if (blocks === undefined) return [all];
  const each = func(
    blocks,
    addresses(['x', 'y', 'count', 'n', 'rows', 'scratch']),
    ({ x, y, count, n, rows, scratch }, locals) => {
      const [bytes] = locals.i32;
      return [
        set(bytes, i32.shl(n, 2)),
        during(count, [
          call(all, x, y, n, rows, bytes, scratch),
          advance(x, i32.mul(bytes, rows)),
          advance(y, bytes),
          advance(count, -1),
        ]),
      ];
    },
  );
  return [all, each];
}

/** Sums in float64, in the order of the rows, or, `mixed`, of fours of them. */
export const sums = (
  spec: Omit<ColumnsSpec, 'lanes' | 'combine' | 'from'>,
  lanes: 'f64' | 'mixed' = 'f64',
): ColumnsSpec => ({ ...spec, lanes, combine: f64x2.add, from: v128.zero() });
