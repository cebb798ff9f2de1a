/** What both passes of attention do with a head: where it lies, blocks of its queries and tiles of those, products, weights. */
import {
  type Body,
  call,
  during,
  type Expr,
  type Func,
  func,
  ifElse,
  int,
  type Local,
  type Locals,
  select,
  set,
} from './assembler.ts';
import { dropoutRows } from './attentionDropout.ts';
import { bytesOf, type RowFunctions, rowFunctions } from './attentionRows.ts';
import { headWords, numbers, places, reals } from './attentionSettings.ts';
import type { Target } from './family.ts';
import { float32Lane, lesser, tileBytes, tileRows } from './gemmLane.ts';
import { macros } from './gemmMicro.ts';
import { packLines, packTurned } from './gemmPack.ts';
import { advance, ints } from './pieces.ts';
import { f32, i32, zeroFill } from './scalar.ts';

type I32 = Expr<'i32'>;
type Ints<K extends string> = { readonly [P in K]: Local<'i32'> };

/** Functions that a pass calls. */
export interface Parts extends RowFunctions {
  readonly dropoutRows: Func;
  readonly packLines: Func;
  readonly packTurned: Func;
  readonly rows: Func;
  readonly columns: Func;
}

/**
 * C = or += A·B, panel by panel: the panels of B are `panel` bytes apart, and may be deeper than k. A and B lie as `macro` wants them;
 * n is the columns of C.
 */
const panelwise = (name: string, macro: Func): Func =>
  func(
    name,
    ints('a', 'aStep', 'lda', 'b', 'panel', 'c', 'ldc', 'm', 'n', 'k', 'accumulate', 'tile'),
    ({ a, aStep, lda, b, panel, c, ldc, m, n, k, accumulate, tile }) => [
      set(n, bytesOf(n)),
      during(i32.gtS(n, 0), [
        call(macro, a, aStep, lda, b, c, ldc, m, lesser(n, tileBytes), k, accumulate, tile),
        advance(b, panel),
        advance(c, tileBytes),
        advance(n, -tileBytes),
      ]),
    ],
  );

export function partsOf(target: Target): Parts {
  const lane = float32Lane(target.madd);
  const macro = macros(lane);
  return {
    ...rowFunctions(target),
    dropoutRows: dropoutRows(target),
    packLines: packLines(lane, tileBytes),
    packTurned: packTurned(lane),
    rows: panelwise('rowsByPanels', macro.rows),
    columns: panelwise('columnsByPanels', macro.columns),
  };
}

/** Where things lie: operands of the call, of the head. */
const pointers = ['qAt', 'kAt', 'vAt', 'yAt', 'maskAt'] as const;
/**
 * Where the work stands. A block is queries i … i + rows − 1, all of which come after `before` others; a tile of it m rows from r, which
 * see `count` keys; `row` is one of them, `at` bytes after the first of the block, `hint` what is added to its scores.
 */
const counters = ['before', 'i', 'rows', 'r', 'step', 'm', 'count', 'row', 'at', 'hint'] as const;

type CallParam = 'settings' | 'table' | 'heads' | 'scratch';

/** Parameters of a pass after the addresses of its operands. */
export const callParams: { readonly [P in CallParam]: 'i32' } = ints('settings', 'table', 'heads', 'scratch');

/** The variables of a pass. */
export type Vars = Ints<
  (typeof numbers | typeof places | typeof pointers | typeof counters)[number] | Exclude<CallParam, 'settings'>
> & { readonly [K in (typeof reals)[number]]: Local<'f32'> };

/** Variables, and the statements that give them what the call is told. */
export function variables(given: Ints<CallParam>, locals: Locals): { readonly v: Vars; readonly begin: Body } {
  const words = locals(ints(...numbers, ...places));
  const floats = locals({ scale: 'f32', kept: 'f32' });
  const { heads, table, scratch, settings } = given;
  const v: Vars = { heads, table, scratch, ...words, ...floats, ...locals(ints(...pointers, ...counters)) };
  const names = [...numbers, ...places];
  return {
    v,
    begin: [
      names.map((name, i) => set(v[name], i32.load(settings, 4 * i))),
      reals.map((name, i) => set(v[name], f32.load(settings, 4 * (names.length + i)))),
      places.map((name) => advance(v[name], scratch)),
      zeroFill(v.hints, v.line),
      set(v.hint, v.hints),
    ],
  };
}

/** The address of a row. */
export const rowAt = (first: I32, row: I32, line: I32): I32 => i32.add(first, i32.mul(row, line));

/** For each head: its places, and `body`. */
export const eachHead = (v: Vars, operands: Ints<'q' | 'k' | 'v' | 'y' | 'mask'>, body: Body): Body =>
  during(v.heads, [
    (['q', 'k', 'v', 'y', 'mask'] as const).map((name, i) =>
      set(v[`${name}At`], i32.add(operands[name], i32.load(v.table, 4 * i))),
    ),
    set(v.before, i32.load(v.table, 20)),
    body,
    advance(v.table, 4 * headWords),
    advance(v.heads, -1),
  ]);

/** For each block of queries. */
export const eachBlock = (v: Vars, body: Body): Body => [
  set(v.i, 0),
  during(i32.ltS(v.i, v.t), [set(v.rows, lesser(v.block, i32.sub(v.t, v.i))), body, advance(v.i, v.block)]),
];

/** For each tile of a block: all of it or, where a query sees no later key, four queries, which see the keys of the last of them. */
export const eachTile = (v: Vars, body: Body): Body => [
  set(v.r, 0),
  set(v.step, select(v.causal, int(tileRows), v.rows)),
  during(i32.ltS(v.r, v.rows), [
    set(v.m, lesser(v.step, i32.sub(v.rows, v.r))),
    set(v.count, select(v.causal, lesser(v.s, i32.add(v.i, i32.add(v.r, v.m))), v.s)),
    body,
    advance(v.r, v.step),
  ]),
];

/** For each row of a tile. */
export const eachRow = (v: Vars, body: Body): Body => [
  set(v.row, v.r),
  set(v.at, i32.mul(v.r, v.line)),
  during(i32.ltS(v.row, i32.add(v.r, v.m)), [body, advance(v.row, 1), advance(v.at, v.line)]),
];

/** Bytes of a panel k deep. */
export const panelOf = (k: I32): I32 => i32.mul(k, tileBytes);

/** to = the tile's rows of a, k long, times those of the keys they see, packed. */
export const products = (v: Vars, f: Parts, a: I32, lda: I32, k: I32, panels: I32, to: I32): Body =>
  call(
    f.rows,
    ...[rowAt(a, i32.add(v.i, v.r), lda), i32.shl(lda, 2), lda, panels, panelOf(k)],
    ...[rowAt(to, v.r, v.line), v.line, v.m, v.count, k, 0, v.scratch],
  );

/** to = the tile's rows of weights, times n columns of what belongs to the keys they see, packed. */
export const combinations = (v: Vars, f: Parts, weights: I32, panels: I32, n: I32, to: I32, line: I32): Body =>
  call(
    f.rows,
    ...[rowAt(weights, v.r, v.line), i32.shl(v.line, 2), v.line, panels, panelOf(v.s)],
    ...[rowAt(to, i32.add(v.i, v.r), line), line, v.m, n, v.count, 0, v.scratch],
  );

/** Do something when there is dropout. */
export const withDropout = (v: Vars, body: Body): Body => ifElse(f32.ne(v.kept, f32.const(0)), body);

/** The tile's rows times what dropout says. */
export const dropped = (v: Vars, f: Parts, rows: I32): Body =>
  withDropout(v, eachRow(v, call(f.timesRow, i32.add(rows, v.at), i32.add(v.factors, v.at), v.count)));

/** The weights of a tile before dropout, and the factors of that. */
export function weigh(v: Vars, f: Parts): Body {
  const query = i32.add(v.i, v.row);
  const mask = rowAt(v.maskAt, query, v.maskLine);
  const open = select(v.causal, lesser(v.s, i32.add(query, 1)), v.s);
  return [
    products(v, f, v.qAt, v.keyLine, v.d, v.keys, v.weights),
    eachRow(v, [
      ifElse(
        i32.eq(v.maskKind, 1),
        ifElse(i32.or(i32.eqz(query), v.maskLine), call(f.hidingRow, v.hints, mask, v.s)),
        ifElse(v.maskKind, set(v.hint, mask)),
      ),
      call(f.softmaxRow, i32.add(v.weights, v.at), v.hint, open, v.count, v.scale),
      withDropout(
        v,
        ifElse(
          i32.eqz(i32.and(v.row, 3)),
          call(
            f.dropoutRows,
            i32.add(v.factors, v.at),
            v.line,
            v.seedLow,
            v.seedHigh,
            i32.add(v.before, query),
            v.count,
            v.last,
            v.kept,
          ),
        ),
      ),
    ]),
  ];
}
