/**
 * The blocks of a matrix product, after Goto: B is packed into panels that the caches hold, one block of columns and of depth at a
 * time, and A is read where it lies, or packed where it is stored transposed.
 *
 * @source K. Goto, R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34 (2008)
 */
import {
  call,
  during,
  type Expr,
  type Func,
  func,
  type I32,
  ifElse,
  type Local,
  type Statement,
  select,
  set,
} from './assembler.ts';
import { gemmFlags, type Lane, lesser, range, tileBytes, tileRows } from './gemmLane.ts';
import { macros } from './gemmMicro.ts';
import { packLines, packTurned } from './gemmPack.ts';
import { advance, ints } from './pieces.ts';
import { copyBytes, i32, zeroFill } from './scalar.ts';

/** Blocks: depth, bytes of columns of B, bytes of a column of A. */
export const blockDepth = 512;
export const blockColumns = 4096;
export const blockRows = 256;
/** For so few rows of C packing B does not pay. */
export const fewRows = 16;
/** Aᵀ is read in place for so few bytes of columns: packing it does not pay. */
const narrow = 128;
/** Room for a ragged tile, and behind the panels of B for what their packing writes too much. */
export const slack: number = tileRows * tileBytes;

/** Functions that a product of a type is made of. */
export interface Pieces {
  readonly lane: Lane;
  readonly macro: ReturnType<typeof macros>;
  readonly packRows: Func;
  readonly packPanels: Func;
  readonly turnPanels: Func;
}

/** The functions of a type, made once for a module. */
export const piecesOf = (lane: Lane): Pieces => ({
  lane,
  macro: macros(lane),
  packRows: packLines(lane, (tileRows * lane.bytes) as 16 | 32),
  packPanels: packLines(lane, tileBytes),
  turnPanels: packTurned(lane),
});

type GemmParam = 'a' | 'b' | 'c' | 'm' | 'n' | 'k' | 'lda' | 'ldb' | 'ldc' | 'flags' | 'scratch';

/** Parameters of a product: see `gemmFunc`. */
export const gemmParams: Readonly<Record<GemmParam, 'i32'>> = ints(
  'a',
  'b',
  'c',
  'm',
  'n',
  'k',
  'lda',
  'ldb',
  'ldc',
  'flags',
  'scratch',
);

type I = Local<'i32'>;

/**
 * Fewer than four rows as four, so that no kernel reads rows that do not exist: copies of `rows` rows of `ld` bytes from `at`, `step`
 * apart, at `to`, the last one repeated. `at` moves.
 */
export const fourRows = (to: I, at: I, step: I32, ld: I, rows: I): Statement[] =>
  range(tileRows).flatMap((i) => [
    copyBytes(i32.add(to, i32.mul(ld, i)), at, ld),
    set(at, select(i32.gtS(rows, i + 1), i32.add(at, step), i32.add(at, 0))),
  ]);

/** Bytes of columns as whole panels. */
export const wholePanels = (bytes: I): Expr<'i32'> => i32.and(i32.add(bytes, tileBytes - 1), -tileBytes);

/** The product, block by block. */
export function gemmBlocks({ lane: { name, bytes, shift }, macro, packRows, packPanels, turnPanels }: Pieces): Func {
  return func(`gemmBlocks_${name}`, gemmParams, ({ a, b, c, m, n, k, lda, ldb, ldc, flags, scratch }, locals) => {
    const [transA, transB, few, add, columns, packed, rowsAt] = locals.i32;
    const [nc, kc, mc, depth, left] = locals.i32;
    const [aFrom, bFrom, aAt, cAt, at, ld, step] = locals.i32;
    const multiply = (layout: 'rows' | 'columns'): Statement =>
      ifElse(
        few,
        call(macro[`${layout}InPlace`], at, step, ld, bFrom, cAt, ldc, mc, nc, kc, add, scratch, ldb),
        call(macro[layout], at, step, ld, packed, cAt, ldc, mc, nc, kc, add, scratch),
      );
    const rowBlock = [
      set(mc, lesser(left, blockRows / bytes)),
      ifElse(i32.geS(mc, tileRows), set(mc, i32.and(mc, -tileRows))),
      set(at, aAt),
      set(ld, lda),
      ifElse(
        transA,
        [
          set(step, tileRows * bytes),
          ifElse(i32.and(i32.gtS(columns, narrow), i32.eqz(few)), [
            call(packRows, rowsAt, aAt, lda, kc, i32.shl(mc, shift)),
            set(at, rowsAt),
            set(ld, step),
            set(step, i32.mul(kc, step)),
          ]),
          multiply('columns'),
          advance(aAt, i32.shl(mc, shift)),
        ],
        [
          ifElse(i32.ltS(mc, tileRows), [
            set(ld, i32.shl(kc, shift)),
            fourRows(rowsAt, at, lda, ld, mc),
            set(at, rowsAt),
          ]),
          set(step, i32.shl(ld, 2)),
          multiply('rows'),
          advance(aAt, i32.mul(mc, lda)),
        ],
      ),
      advance(cAt, i32.mul(mc, ldc)),
      set(left, i32.sub(left, mc)),
    ];
    const depthBlock = [
      set(kc, lesser(depth, blockDepth)),
      ifElse(
        transB,
        call(turnPanels, packed, bFrom, ldb, kc, nc),
        ifElse(i32.eqz(few), call(packPanels, packed, bFrom, ldb, kc, nc)),
      ),
      set(aAt, aFrom),
      set(cAt, c),
      set(left, m),
      during(left, rowBlock),
      set(add, 1),
      advance(aFrom, select(transA, i32.mul(kc, lda), i32.shl(kc, shift))),
      advance(bFrom, select(transB, i32.shl(kc, shift), i32.mul(kc, ldb))),
      set(depth, i32.sub(depth, kc)),
    ];
    return [
      [lda, ldb, ldc].map((stride) => set(stride, i32.shl(stride, shift))),
      set(transA, i32.and(flags, gemmFlags.transA)),
      set(transB, i32.and(flags, gemmFlags.transB)),
      set(few, i32.and(i32.leS(m, fewRows), i32.eqz(transB))),
      set(columns, i32.shl(n, shift)),
      set(packed, i32.add(scratch, slack)),
      // k = 0: an empty sum.
      ifElse(i32.and(i32.eqz(k), i32.eqz(i32.and(flags, gemmFlags.accumulate))), [
        set(cAt, c),
        set(left, m),
        during(left, [zeroFill(cAt, columns), advance(cAt, ldc), advance(left, -1)]),
      ]),
      during(columns, [
        set(nc, lesser(columns, blockColumns)),
        set(rowsAt, i32.add(i32.add(packed, slack), i32.mul(lesser(k, blockDepth), wholePanels(nc)))),
        set(add, i32.and(flags, gemmFlags.accumulate)),
        set(depth, k),
        set(aFrom, a),
        set(bFrom, b),
        during(depth, depthBlock),
        advance(b, select(transB, i32.mul(i32.shrU(nc, shift), ldb), i32.add(nc, 0))),
        advance(c, nc),
        set(columns, i32.sub(columns, nc)),
      ]),
    ];
  });
}
