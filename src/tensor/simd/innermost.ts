/** What is done in the innermost part of a walk over axes. Sizes count elements, steps bytes; elements have four bytes. */
import {
  type Body,
  block,
  br,
  brIf,
  during,
  type Expr,
  type Func,
  func,
  ifElse,
  type Local,
  type Locals,
  loop,
  select,
  set,
} from './assembler.ts';
import { i32x4, shuffle32, shuffle64, v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { copyBytes, i32, zeroFill } from './scalar.ts';

type I = Local<'i32'>;

/** What is done at each place of a walk: y and x are the addresses there, and must not be changed. */
export interface Inner {
  readonly name: string;
  readonly params: readonly string[];
  readonly body: (y: I, x: I, p: Readonly<Record<string, I>>, locals: Locals) => Body;
}

/** From this many elements on a copy by the engine is faster than one in vectors. */
const longCopy = 256;

/** All of n elements from p on, in vectors of which the last may overlap the one before; below four, one by one. */
function inVectors(
  y: I,
  n: I,
  locals: Locals,
  vector: (to: Expr<'i32'>, at: Expr<'i32'>, offset: number) => Body,
  single: (to: Expr<'i32'>, at: Expr<'i32'>) => Body,
): Body {
  const [at, last] = locals.i32;
  const to = i32.add(y, at);
  return [
    set(at, 0),
    set(last, i32.shl(i32.sub(n, 4), 2)),
    ifElse(
      i32.geS(last, 0),
      [
        during(i32.ltS(i32.add(at, 48), last), [
          [0, 16, 32, 48].map((offset) => vector(to, at, offset)),
          advance(at, 64),
        ]),
        during(i32.ltS(at, last), [vector(to, at, 0), advance(at, 16)]),
        set(at, last),
        vector(to, at, 0),
      ],
      during(i32.ltS(at, i32.shl(n, 2)), [single(to, at), advance(at, 4)]),
    ),
  ];
}

/** y[c] = x[c] */
export const run: Inner = {
  name: 'run',
  params: ['n'],
  body: (y, x, { n }, locals) =>
    ifElse(
      i32.geS(n, longCopy),
      copyBytes(y, x, i32.shl(n, 2)),
      inVectors(
        y,
        n,
        locals,
        (to, at, offset) => v128.store(to, v128.load(i32.add(x, at), offset), offset),
        (to, at) => i32.store(to, i32.load(i32.add(x, at))),
      ),
    ),
};

/** y[c] = x[0] */
export const fill: Inner = {
  name: 'fill',
  params: ['n'],
  body(y, x, { n }, locals) {
    const [value] = locals.v128;
    return [
      set(value, v128.load32Splat(x)),
      inVectors(
        y,
        n,
        locals,
        (to, _, offset) => v128.store(to, value, offset),
        (to) => v128.store32Lane(to, value, 0),
      ),
    ];
  },
};

/** y[c·to] = x[c·from] */
export const strided: Inner = {
  name: 'strided',
  params: ['n', 'to', 'from'],
  body(y, x, { n, to, from }, locals) {
    const [p, q, left] = locals.i32;
    return [
      set(p, y),
      set(q, x),
      set(left, n),
      during(left, [i32.store(p, i32.load(q)), advance(p, to), advance(q, from), advance(left, -1)]),
    ];
  },
};

/** for (at = from; at < end; at += 4) body, the last time at end − 4: what is done twice is the same. */
const byFours = (at: I, from: I | number, end: I, body: Body): Body => [
  set(at, from),
  block((exit) =>
    loop((again) => [
      body,
      brIf(exit, i32.geS(i32.add(at, 4), end)),
      set(at, select(i32.gtS(i32.add(at, 8), end), i32.sub(end, 4), i32.add(at, 4))),
      br(again),
    ]),
  ),
];

/** Columns of x that are turned together: with fewer, lines that lie a power of two apart leave the cache before they are used up. */
const strip = 8;

/** y[i·to + j] = x[j·from + i], in tiles of 4×4; neither size is below 4. */
export const turn: Inner = {
  name: 'turn',
  params: ['rows', 'to', 'columns', 'from'],
  body(y, x, { rows, to, columns, from }, locals) {
    const [i, j, p, q, below, start, end] = locals.i32;
    const [a, b, c, d, e, f, g, h] = locals.list('v128', 8);
    const tile = [
      set(q, i32.add(i32.add(x, i32.shl(i, 2)), i32.mul(j, from))),
      set(below, i32.add(q, i32.shl(from, 1))),
      set(a, v128.load(q)),
      set(b, v128.load(i32.add(q, from))),
      set(c, v128.load(below)),
      set(d, v128.load(i32.add(below, from))),
      set(e, shuffle32(a, b, [0, 4, 1, 5])),
      set(f, shuffle32(c, d, [0, 4, 1, 5])),
      set(g, shuffle32(a, b, [2, 6, 3, 7])),
      set(h, shuffle32(c, d, [2, 6, 3, 7])),
      set(p, i32.add(i32.add(y, i32.shl(j, 2)), i32.mul(i, to))),
      set(below, i32.add(p, i32.shl(to, 1))),
      v128.store(p, shuffle64(e, f, [0, 2])),
      v128.store(i32.add(p, to), shuffle64(e, f, [1, 3])),
      v128.store(below, shuffle64(g, h, [0, 2])),
      v128.store(i32.add(below, to), shuffle64(g, h, [1, 3])),
    ];
    return [
      set(start, 0),
      during(i32.ltS(start, rows), [
        // A last strip of less than four columns begins earlier.
        set(end, select(i32.ltS(i32.add(start, strip), rows), i32.add(start, strip), i32.add(rows, 0))),
        set(start, select(i32.gtS(start, i32.sub(rows, 4)), i32.sub(rows, 4), i32.add(start, 0))),
        byFours(j, 0, columns, byFours(i, start, end, tile)),
        set(start, end),
      ]),
    ];
  },
};

/** Every element of y gets the same bits. */
export const blank = (): Func =>
  func('blank', ints('y', 'once', 'n', 'bits'), ({ y, n, bits }, locals) => {
    const [value] = locals.v128;
    return [
      set(value, i32x4.splat(bits)),
      ifElse(
        bits,
        inVectors(
          y,
          n,
          locals,
          (to, _, offset) => v128.store(to, value, offset),
          (to) => i32.store(to, bits),
        ),
        zeroFill(y, i32.shl(n, 2)),
      ),
    ];
  });
