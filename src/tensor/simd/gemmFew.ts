/** Products with few rows, B stored transposed: the rows of B are read in place, as if they were A's, and C comes out transposed. */
import { block, br, brIf, call, during, type Func, func, ifElse, loop, set } from './assembler.ts';
import { fourRows, gemmParams, type Pieces, slack, wholePanels } from './gemmBlocks.ts';
import { gemmFlags, type Lane, lesser, range, tileRows } from './gemmLane.ts';
import { v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { i32 } from './scalar.ts';

/** Bytes from row to row of a strip of Cᵀ: few rows of the widest type. */
const stripBytes = 128;
/** Room for a strip. */
export const stripRoom: number = tileRows * stripBytes;

/** C[j, i] = strip[i, j] for i < rows <= 4, j < count. */
const storeTurned = ({ name, bytes, turn, copy }: Lane): Func =>
  func(`storeTurned_${name}`, ints('c', 'ldc', 'strip', 'rows', 'count'), ({ c, ldc, strip, rows, count }, locals) => {
    const lanes = 16 / bytes;
    const groups = range(tileRows / lanes).map(() => locals.list('v128', lanes));
    const turned = groups.map(turn);
    const [i] = locals.i32;
    const next = [advance(c, ldc), advance(count, -1)];
    const whole = block((exit) =>
      loop((again) => [
        groups.map((vs, g) => vs.map((v, r) => set(v, v128.load(strip, (g * lanes + r) * stripBytes)))),
        range(lanes).map((j) => [
          turned.map((vs, g) => v128.store(c, vs[j], 16 * g)),
          next,
          brIf(exit, i32.eqz(count)),
        ]),
        advance(strip, 16),
        br(again),
      ]),
    );
    const ragged = during(count, [
      set(i, 0),
      during(i32.ltS(i, rows), [
        copy(i32.add(c, i32.mul(i, bytes)), i32.add(strip, i32.mul(i, stripBytes))),
        advance(i, 1),
      ]),
      advance(strip, bytes),
      next,
    ]);
    return ifElse(i32.eq(rows, tileRows), whole, ragged);
  });

/** The product for at most `fewRows` rows, B transposed, k > 0, not accumulating. */
export function gemmFew({ lane, macro, packPanels, turnPanels }: Pieces): Func {
  const { name, shift, bytes } = lane;
  const store = storeTurned(lane);
  return func(`gemmFew_${name}`, gemmParams, ({ a, b, c, m, n, k, lda, ldb, ldc, flags, scratch }, locals) => {
    const [columns, strip, panels, rowsAt, at, ld, rows] = locals.i32;
    return [
      [lda, ldb, ldc].map((stride) => set(stride, i32.shl(stride, shift))),
      set(columns, i32.shl(m, shift)),
      set(strip, i32.add(scratch, slack)),
      set(panels, i32.add(strip, stripRoom)),
      set(rowsAt, i32.add(i32.add(panels, slack), i32.mul(k, wholePanels(columns)))),
      ifElse(
        i32.and(flags, gemmFlags.transA),
        call(packPanels, panels, a, lda, k, columns),
        call(turnPanels, panels, a, lda, k, columns),
      ),
      during(n, [
        set(rows, lesser(n, tileRows)),
        set(at, b),
        set(ld, ldb),
        ifElse(i32.ltS(rows, tileRows), [
          set(ld, i32.shl(k, shift)),
          fourRows(rowsAt, at, ldb, ld, rows),
          set(at, rowsAt),
        ]),
        call(macro.rows, at, 0, ld, panels, strip, stripBytes, tileRows, columns, k, 0, scratch),
        call(store, c, ldc, strip, rows, m),
        advance(b, i32.shl(ldb, 2)),
        advance(c, tileRows * bytes),
        set(n, i32.sub(n, rows)),
      ]),
    ];
  });
}
