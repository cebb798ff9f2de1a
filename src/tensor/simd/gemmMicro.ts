/**
 * The innermost parts of the matrix product: a tile of four rows by two vectors of C in registers. Eight sums, two vectors of B,
 * a value of A and a product are all that sixteen registers hold.
 */
import { block, brIf, call, during, type Func, func, type I32, ifElse, int, loop, repeat, set } from './assembler.ts';
import { type Lane, lesser, range, tileBytes, tileRows } from './gemmLane.ts';
import { v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { i32 } from './scalar.ts';

/** How operands lie: A by rows or by columns, B in packed panels or as it was stored. */
interface Kind {
  readonly layout: 'rows' | 'columns';
  readonly packed: boolean;
}

const nameOf = ({ layout, packed }: Kind): string => `${layout}_${packed ? 'panels' : 'lines'}`;

/** Steps of k in one turn of the loop. */
const unroll = 4;

/**
 * Tiles of C (4 × width vectors), one below the other, = or += A (4 rows for each) · B panel, summed in the order of k. `layout` says
 * how A lies: 'rows': element (i, t) at a + i·lda + t; 'columns': at a + t·lda + i; the next tile's is `aStep` further on. Of B
 * there are two vectors for each t, `ldb` apart; in a packed panel they follow each other.
 */
function micro({ name, bytes, splat, madd }: Lane, { layout, packed }: Kind, width: 1 | 2): Func {
  const params = ints('a', 'aStep', 'lda', 'b', 'ldb', 'c', 'ldc', 'k', 'accumulate', 'tiles');
  return func(
    `tile${width}_${nameOf({ layout, packed })}_${name}`,
    params,
    ({ a: aFirst, aStep, lda, b: bFirst, ldb, c: cFirst, ldc, k: depth, accumulate, tiles }, locals) => {
      const [a, b, c, k] = locals.i32;
      const sums = range(tileRows).map(() => locals.list('v128', width));
      const bs = locals.list('v128', width);
      const [x] = locals.v128;
      const cRows = [c, ...locals.list('i32', tileRows - 1)];
      const aRows = layout === 'rows' ? [a, ...locals.list('i32', tileRows - 1)] : [a];
      const step = (t: number) => [
        bs.map((v, j) => set(v, v128.load(b, packed ? t * tileBytes + 16 * j : 16 * j))),
        sums.map((row, i) => [
          set(x, layout === 'rows' ? splat(aRows[i], t * bytes) : splat(a, i * bytes)),
          row.map((sum, j) => set(sum, madd(x, bs[j], sum))),
        ]),
        layout === 'columns' ? advance(a, lda) : [],
        packed ? [] : advance(b, ldb),
      ];
      return repeat(
        [
          set(a, aFirst),
          set(b, bFirst),
          set(c, cFirst),
          set(k, depth),
          cRows.slice(1).map((row, i) => set(row, i32.add(cRows[i], ldc))),
          aRows.slice(1).map((row, i) => set(row, i32.add(aRows[i], lda))),
          ifElse(
            accumulate,
            sums.map((row, i) => row.map((sum, j) => set(sum, v128.load(cRows[i], 16 * j)))),
            sums.map((row) => row.map((sum) => set(sum, v128.zero()))),
          ),
          // A branch out after every step ends the basic block: otherwise V8 moves all loads to its top and spills the sums.
          block((exit) =>
            loop((again) => [
              range(unroll - 1).map((t) => [step(t), brIf(exit, i32.eq(k, t + 1))]),
              step(unroll - 1),
              advance(layout === 'rows' ? aRows : [], unroll * bytes),
              packed ? advance(b, unroll * tileBytes) : [],
              set(k, i32.sub(k, unroll)),
              brIf(again, k),
            ]),
          ),
          sums.map((row, i) => row.map((sum, j) => v128.store(cRows[i], sum, 16 * j))),
          advance(aFirst, aStep),
          advance(cFirst, i32.shl(ldc, 2)),
          advance(tiles, -1),
        ],
        tiles,
      );
    },
  );
}

/** Copy a stretch of elements of each of some rows. */
const moveTile = ({ name, bytes, copy }: Lane): Func =>
  func(
    `moveTile_${name}`,
    ints('to', 'toStep', 'from', 'fromStep', 'rows', 'stretch'),
    ({ to, toStep, from, fromStep, rows, stretch }, locals) => {
      const [at] = locals.i32;
      return during(rows, [
        set(at, 0),
        during(i32.ltS(at, stretch), [copy(i32.add(to, at), i32.add(from, at)), advance(at, bytes)]),
        advance(to, toStep),
        advance(from, fromStep),
        advance(rows, -1),
      ]);
    },
  );

/**
 * A block of C out of rows of A and of B: panels of B outside, each of which stays in the nearest cache, tiles inside. Strides are
 * bytes, `columns` too; of A `aStep` from tile to tile. `tile` is room for one tile, through which the ragged ones go. B is
 * packed panels, or rows `ldb` apart as they were stored.
 */
function macro(lane: Lane, kind: Kind, move: Func): Func {
  const micros = { 1: micro(lane, kind, 1), 2: micro(lane, kind, 2) };
  const names = ['a', 'aStep', 'lda', 'b', 'c', 'ldc', 'm', 'columns', 'k', 'accumulate', 'tile'] as const;
  const params = kind.packed ? ints(...names) : ints(...names, 'ldb');
  return func(`block_${nameOf(kind)}_${lane.name}`, params, (p, locals) => {
    const { a, aStep, lda, b, c, ldc, m, columns, k, accumulate, tile } = p;
    const { ldb = int(tileBytes) } = p as { readonly ldb?: I32 };
    const [aAt, cAt, left, rows, stretch] = locals.i32;
    const tiles = (width: 1 | 2) => [
      ifElse(i32.geS(columns, 16 * width), [
        set(rows, i32.shrU(left, 2)),
        ifElse(rows, [
          call(micros[width], aAt, aStep, lda, b, ldb, cAt, ldc, k, accumulate, rows),
          advance(aAt, i32.mul(aStep, rows)),
          advance(cAt, i32.mul(ldc, i32.shl(rows, 2))),
          set(left, i32.and(left, 3)),
        ]),
      ]),
      during(i32.gtS(left, 0), [
        set(rows, lesser(left, tileRows)),
        set(stretch, lesser(columns, 16 * width)),
        ifElse(accumulate, call(move, tile, tileBytes, cAt, ldc, rows, stretch)),
        call(micros[width], aAt, 0, lda, b, ldb, tile, tileBytes, k, accumulate, 1),
        call(move, cAt, ldc, tile, tileBytes, rows, stretch),
        advance(aAt, aStep),
        advance(cAt, i32.shl(ldc, 2)),
        set(left, i32.sub(left, tileRows)),
      ]),
    ];
    return during(i32.gtS(columns, 0), [
      set(aAt, a),
      set(cAt, c),
      set(left, m),
      ifElse(i32.gtS(columns, 16), tiles(2), tiles(1)),
      advance(b, kind.packed ? i32.mul(k, tileBytes) : int(tileBytes)),
      advance(c, tileBytes),
      set(columns, i32.sub(columns, tileBytes)),
    ]);
  });
}

/** The macro-kernels of a type by how A lies, for B in panels; and for B as it was stored, with `ldb` as last argument. */
export function macros(lane: Lane): Record<'rows' | 'columns' | 'rowsInPlace' | 'columnsInPlace', Func> {
  const move = moveTile(lane);
  const of = (layout: Kind['layout'], packed: boolean): Func => macro(lane, { layout, packed }, move);
  return {
    rows: of('rows', true),
    columns: of('columns', true),
    rowsInPlace: of('rows', false),
    columnsInPlace: of('columns', false),
  };
}
