/**
 * Packing for the matrix product: panels as wide as a tile, entries of one step of k side by side. Nothing is filled up: what a
 * ragged panel holds beyond its columns meets only sums that are thrown away.
 */
import { during, type Expr, type Func, func, select, set } from './assembler.ts';
import { type Lane, range, tileBytes } from './gemmLane.ts';
import { v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { i32 } from './scalar.ts';

/**
 * Panels of `width` bytes out of lines that lie side by side in the panel: element (t, j) at from + t·ld + j. `across` is the
 * bytes of all panels, `count` the number of lines.
 */
export const packLines = ({ name }: Lane, width: 16 | 32): Func =>
  func(
    `packLines${width}_${name}`,
    ints('to', 'from', 'ld', 'count', 'across'),
    ({ to, from, ld, count, across }, locals) => {
      const [left, at] = locals.i32;
      return during(i32.gtS(across, 0), [
        set(left, count),
        set(at, from),
        during(left, [
          range(width / 16).map((j) => v128.store(to, v128.load(at, 16 * j), 16 * j)),
          advance(to, width),
          advance(at, ld),
          advance(left, -1),
        ]),
        advance(from, width),
        set(across, i32.sub(across, width)),
      ]);
    },
  );

/**
 * Panels out of lines that go down the panel: element (t, j) at from + j·ld + t. `across` is the number of lines times the bytes of
 * an element. A missing line is the first one again. Up to three entries beyond `count` are written, and overwritten by the
 * next panel.
 */
export const packTurned = ({ name, bytes, turn }: Lane): Func =>
  func(`packTurned_${name}`, ints('to', 'from', 'ld', 'count', 'across'), ({ to, from, ld, count, across }, locals) => {
    const [left, end] = locals.i32;
    const lanes = 16 / bytes;
    const lines = locals.list('i32', 2 * lanes);
    const rows = locals.list('v128', lanes);
    const next = (j: number): Expr<'i32'> =>
      j === 0 ? from : select(i32.gtS(across, j * bytes), i32.add(lines[j - 1], ld), from);
    return during(i32.gtS(across, 0), [
      lines.map((line, j) => set(line, next(j))),
      set(left, count),
      set(end, i32.add(to, i32.mul(count, tileBytes))),
      during(i32.gtS(left, 0), [
        range(2).map((half) => [
          rows.map((row, i) => set(row, v128.load(lines[half * lanes + i]))),
          turn(rows).map((v, t) => v128.store(to, v, t * tileBytes + 16 * half)),
        ]),
        advance(lines, 16),
        advance(to, lanes * tileBytes),
        set(left, i32.sub(left, lanes)),
      ]),
      set(to, end),
      advance(from, i32.mul(ld, 2 * lanes)),
      set(across, i32.sub(across, tileBytes)),
    ]);
  });
