/** Kernels that add where a number says. */
import { around } from '../cpu/gather.ts';
import type { Tensor } from '../tensor.ts';
import { type Body, call, during, type Func, func, ifElse, type Local, set } from './assembler.ts';
import { defineFamily, type Family } from './family.ts';
import { eachPlace, isFull, rowsOf } from './gather.ts';
import { f32x4, f64x2, shuffle64, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { overlay } from './overlay.ts';
import { advance, ints, storeSome, times } from './pieces.ts';
import { copyBytes, f32, f64, i32, zeroFill } from './scalar.ts';
import { movable } from './walks.ts';

type I = Local<'i32'>;

/** x with src[o, j, c] added at [o, index[o, j, c], c]: sums in float64, in `sums`. */
const scatterAll = (): Func =>
  func(
    'scatterAdd',
    {
      ...{ y: 'i32', x: 'i32', index: 'i32', src: 'i32', outer: 'i32', rows: 'i32', n: 'i32' },
      ...{ step: 'i32', stride: 'i32', size: 'i32', sums: 'i32' },
    },
    (p, locals) => {
      const { y, x, src, size, sums } = p;
      const [left, to] = locals.i32;
      const own = locals({ i: 'i32', j: 'i32', at: 'i32', place: 'i32' });
      return times(p.outer, [
        set(to, sums),
        set(left, size),
        times(left, [f64.store(to, f64.promote(f32.load(x))), advance(x, 4), advance(to, 8)]),
        eachPlace({ ...p, x: sums }, own, [
          f64.store(own.place, f64.add(f64.load(own.place), f64.promote(f32.load(src)))),
          advance(src, 4),
        ]),
        set(to, sums),
        set(left, size),
        times(left, [f32.store(y, f32.demote(f64.load(to))), advance(y, 4), advance(to, 8)]),
      ]);
    },
  );

/** y[c] += Σ row[c] over the rows whose addresses lie from `at` to `end`, for `width` vectors, of the last one `tail` lanes. */
const sumColumns = (width: number): Func =>
  func(`sum${width}`, ints('y', 'offset', 'at', 'end', 'tail'), (p, locals) => {
    const { y, offset, at, end, tail } = p;
    const sums = locals.list('v128', 2 * width);
    const [from] = locals.i32;
    const [last] = locals.v128;
    const pair = (k: number): ReturnType<typeof f64x2.promoteLowF32x4> =>
      f64x2.promoteLowF32x4(v128.load64Zero(from, 8 * k));
    return [
      advance(y, offset),
      set(from, y),
      sums.map((sum, k) => set(sum, pair(k))),
      during(i32.ltU(at, end), [
        set(from, i32.add(i32.load(at), offset)),
        sums.map((sum, k) => set(sum, f64x2.add(sum, pair(k)))),
        advance(at, 4),
      ]),
      Array.from({ length: width }, (_, k) => [
        set(last, shuffle64(f32x4.demoteF64x2(sums[2 * k]), f32x4.demoteF64x2(sums[2 * k + 1]), [0, 2])),
        k < width - 1 ? v128.store(y, last, 16 * k) : storeSome(y, last, tail, 16 * k),
      ]),
    ];
  });

/** The vectors of a row that are summed together. */
const wide = 4;

/**
 * x with src[j] added at row index[j]. `starts` has room for rows + 1 numbers, and then for an address for each row of src: those of
 * equal index follow each other there, so that every sum is done at once, in float64, and rounded once.
 */
function addRows(): Func {
  const [broad, narrow] = [sumColumns(wide), sumColumns(1)];
  return func(
    'addRows',
    {
      ...{ y: 'i32', x: 'i32', index: 'i32', src: 'i32', once: 'i32', rows: 'i32' },
      ...{ picks: 'i32', n: 'i32', starts: 'i32' },
    },
    ({ y, x, index, src, rows, picks, n, starts }, locals) => {
      const [at, left, order, end, tail, offset, stride] = locals.i32;
      /** The number of the row that the index names. */
      const named = i32.add(starts, i32.shl(i32.load(index), 2));
      const columns = (f: Func, bytes: number, count: I): Body => [
        call(f, y, offset, order, end, count),
        advance(offset, bytes),
      ];
      return [
        set(stride, i32.shl(n, 2)),
        copyBytes(y, x, i32.mul(rows, stride)),
        zeroFill(starts, i32.shl(i32.add(rows, 1), 2)),
        set(left, picks),
        times(left, [set(at, named), i32.store(at, i32.add(i32.load(at, 4), 1), 4), advance(index, 4)]),
        set(index, i32.sub(index, i32.shl(picks, 2))),
        // Numbers of rows become where each begins, in bytes; as rows are put there, where it ends.
        set(at, starts),
        set(order, i32.add(i32.add(starts, i32.shl(rows, 2)), 4)),
        set(end, order),
        set(left, rows),
        times(left, [advance(end, i32.shl(i32.load(at), 2)), i32.store(at, end), advance(at, 4)]),
        set(left, picks),
        times(left, [
          set(at, named),
          set(end, i32.load(at)),
          i32.store(end, src),
          i32.store(at, i32.add(end, 4)),
          advance(src, stride),
          advance(index, 4),
        ]),
        times(rows, [
          set(end, i32.load(starts)),
          ifElse(i32.ltU(order, end), [
            set(offset, 0),
            set(left, n),
            set(tail, 4),
            during(i32.geS(left, 4 * wide), [columns(broad, 16 * wide, tail), advance(left, -4 * wide)]),
            during(i32.geS(left, 4), [columns(narrow, 16, tail), advance(left, -4)]),
            ifElse(left, columns(narrow, 0, left)),
          ]),
          set(order, end),
          advance(starts, 4),
          advance(y, stride),
        ]),
      ];
    },
  );
}

const scatters: Family = defineFamily(() => [scatterAll()]);
const additions: Family = defineFamily(() => [addRows()]);

type Three = readonly [x: Tensor, index: Tensor, src: Tensor];
type One = readonly [Tensor];

function scatterAdd([y]: One, [x, index, src]: Three, axis: number): boolean {
  const [outer, n, inner] = around(x.shape, axis);
  const part = index.shape[axis] * inner;
  return launch(
    scatters('scatterAdd'),
    [
      { tensor: y, step: n * inner, write: true },
      { tensor: x, step: n * inner },
      { tensor: index, step: part },
      { tensor: src, step: part },
    ],
    { count: outer, cost: 2 * part + n * inner, scratch: 8 * n * inner },
    [...rowsOf(index, axis, inner, 8), 8 * inner, n * inner],
  );
}

function indexAdd([y]: One, [x, index, src]: Three, axis: number): boolean {
  const [, rows, n] = around(x.shape, axis);
  return launch(
    additions('addRows'),
    [{ tensor: y, step: 0, write: true }, ...[x, index, src].map((tensor) => ({ tensor, step: 0 }))],
    { count: 1, cost: 0, scratch: 4 * (rows + 1 + index.size) },
    [rows, index.size, n],
  );
}

/** Lay these kernels over their definitions, whose bits they give: sums run in float64, in the same order. */
export function layScatter(): void {
  overlay<Three, number, One>('scatterAdd', {
    accepts: ([x, index, src], axis) => x.dtype === 'float32' && movable(src, src.size) && isFull(x, index, axis),
    run: scatterAdd,
  });
  overlay<Three, number, One>('indexAdd', {
    accepts: ([x, , src], axis) => x.dtype === 'float32' && movable(src, src.size) && around(x.shape, axis)[0] === 1,
    run: indexAdd,
  });
}
