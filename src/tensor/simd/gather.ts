/** Kernels that pick rows or elements by number. */
import { around } from '../cpu/gather.ts';
import type { Tensor } from '../tensor.ts';
import { type Body, call, type Func, func, type Local, set } from './assembler.ts';
import { defineFamily, type Family } from './family.ts';
import { run } from './innermost.ts';
import { launch } from './launch.ts';
import { overlay } from './overlay.ts';
import { advance, ints, times } from './pieces.ts';
import { i32 } from './scalar.ts';
import { isOutside, longRun, movable } from './walks.ts';

type I = Local<'i32'>;

/** y[j] = x[index[j]], rows of n elements. */
const selectRows = (): Func =>
  func('selectRows', ints('y', 'index', 'x', 'rows', 'n'), ({ y, index, x, rows, n }, locals) => {
    const [row] = locals.i32;
    return times(rows, [
      set(row, i32.add(x, i32.shl(i32.mul(i32.load(index), n), 2))),
      run.body(y, row, { n }, locals),
      advance(index, 4),
      advance(y, i32.shl(n, 2)),
    ]);
  });

/** y[o, j] = x[o, index[j]] for every o; `whole` is the bytes of x[o], `part` those of y[o]. */
const selectAll = (one: Func): Func =>
  func(
    'selectAll',
    ints('y', 'index', 'x', 'outer', 'rows', 'n', 'whole', 'part'),
    ({ y, index, x, outer, rows, n, whole, part }) =>
      times(outer, [call(one, y, index, x, rows, n), advance(y, part), advance(x, whole)]),
  );

/**
 * Go through an index with a place of its own for every element: `rows` times `n` elements, neighbours in a row `step` bytes apart in
 * x, places `stride` bytes.
 */
export const eachPlace = (
  { index, x, rows, n, step, stride }: Readonly<Record<'index' | 'x' | 'rows' | 'n' | 'step' | 'stride', I>>,
  { i, j, at, place }: Readonly<Record<'i' | 'j' | 'at' | 'place', I>>,
  body: Body,
): Body => [
  set(i, rows),
  times(i, [
    set(j, n),
    set(at, x),
    times(j, [set(place, i32.add(at, i32.mul(i32.load(index), stride))), body, advance(index, 4), advance(at, step)]),
  ]),
];

/** y[o, j, c] = x[o, index[o, j, c], c]; `whole` is the bytes of x[o]. */
const gatherAll = (): Func =>
  func(
    'gather',
    {
      ...{ y: 'i32', index: 'i32', x: 'i32', outer: 'i32', rows: 'i32', n: 'i32' },
      ...{ step: 'i32', stride: 'i32', whole: 'i32' },
    },
    (p, locals) => {
      const own = locals({ i: 'i32', j: 'i32', at: 'i32', place: 'i32' });
      return times(p.outer, [
        eachPlace(p, own, [i32.store(p.y, i32.load(own.place)), advance(p.y, 4)]),
        advance(p.x, p.whole),
      ]);
    },
  );

const selections: Family = defineFamily(() => {
  const one = selectRows();
  return [one, selectAll(one)];
});
const gathers: Family = defineFamily(() => [gatherAll()]);

type Two = readonly [x: Tensor, index: Tensor];
type One = readonly [Tensor];

function select([y]: One, [x, index]: Two, axis: number): boolean {
  const [outer, n, inner] = around(x.shape, axis);
  const rows = index.size;
  if (outer === 1)
    return launch(
      selections('selectRows'),
      [
        { tensor: y, step: inner, write: true },
        { tensor: index, step: 1 },
        { tensor: x, step: 0 },
      ],
      { count: rows, cost: 3 + inner / 8 },
      [inner],
    );
  return launch(
    selections('selectAll'),
    [
      { tensor: y, step: rows * inner, write: true },
      { tensor: index, step: 0 },
      { tensor: x, step: n * inner },
    ],
    { count: outer, cost: rows * (3 + inner / 8) },
    [rows, inner, 4 * n * inner, 4 * rows * inner],
  );
}

/** Rows of an index, and their elements: one row when nothing follows the axis. Then x stays where it is from element to element. */
export const rowsOf = (index: Tensor, axis: number, inner: number, bytes: number): readonly [number, number, number] =>
  inner === 1 ? [1, index.shape[axis], 0] : [index.shape[axis], inner, bytes];

function gather([y]: One, [x, index]: Two, axis: number): boolean {
  const [outer, n, inner] = around(x.shape, axis);
  const part = index.shape[axis] * inner;
  return launch(
    gathers('gather'),
    [
      { tensor: y, step: part, write: true },
      { tensor: index, step: part },
      { tensor: x, step: n * inner },
    ],
    { count: outer, cost: 1.5 * part },
    [...rowsOf(index, axis, inner, 4), 4 * inner, 4 * n * inner],
  );
}

/** Whether the index has the sizes of x on every axis but one. */
export const isFull = (x: Tensor, index: Tensor, axis: number): boolean =>
  index.shape.every((n, i) => i === axis || n === x.shape[i]);

/** Lay these kernels over their definitions, whose bits they give. */
export function layGather(): void {
  overlay<Two, number, One>('indexSelect', {
    accepts: ([x, index], axis) =>
      movable(x, (index.size * x.size) / x.shape[axis]) && !(isOutside(x) && around(x.shape, axis)[2] >= longRun),
    run: select,
  });
  overlay<Two, number, One>('gather', {
    accepts: ([x, index], axis) => movable(x, index.size) && isFull(x, index, axis),
    run: gather,
  });
}
