/** The inner loops of the factorisations, two float64 lanes at a time. */
import { type Body, block, brIf, call, during, type Func, func, type Local, loop, result, set } from './assembler.ts';
import { defineFamily, type Family } from './family.ts';
import type { Three } from './forms.ts';
import { range } from './gemmLane.ts';
import { f64x2, v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { f64, i32 } from './scalar.ts';
import { sumOfLanes } from './sweep.ts';

const { add, sub, mul } = f64x2;

/** `step(byte offset)` for each of n bytes' vectors, n a multiple of 64, at addresses that move along; n becomes 0. */
const overVectors = (addresses: readonly Local<'i32'>[], n: Local<'i32'>, step: (offset: number) => Body): Body =>
  block((exit) =>
    loop((again) => [
      // A branch out after every step ends the basic block: otherwise V8 moves all loads to its top.
      range(3).map((i) => [step(16 * i), brIf(exit, i32.eq(n, 16 * (i + 1)))]),
      step(48),
      advance(addresses, 64),
      advance(n, -64),
      brIf(again, n),
    ]),
  );

const dot = (madd: Three): Func =>
  func(
    'dot',
    ints('x', 'y', 'n'),
    ({ x, y, n }, locals) => {
      const sums = locals.list('v128', 4);
      return [
        sums.map((sum) => set(sum, v128.zero())),
        loop((again) => [
          sums.map((sum, i) => set(sum, madd(v128.load(x, 16 * i), v128.load(y, 16 * i), sum))),
          advance([x, y], 64),
          advance(n, -64),
          brIf(again, n),
        ]),
        result(sumOfLanes(add(add(sums[0], sums[1]), add(sums[2], sums[3])))),
      ];
    },
    'f64',
  );

const addScaled = (madd: Three): Func =>
  func('addScaled', { a: 'f64', ...ints('x', 'y', 'n') }, ({ a, x, y, n }, locals) => {
    const [factor] = locals.v128;
    return [
      set(factor, f64x2.splat(a)),
      overVectors([x, y], n, (k) => v128.store(y, madd(v128.load(x, k), factor, v128.load(y, k)), k)),
    ];
  });

const dotBlock = (madd: Three): Func =>
  func('dotBlock', ints('a', 'b', 'c', 'd', 'n', 'out'), ({ a, b, c, d, n, out }, locals) => {
    const sums = locals.list('v128', 6);
    const [va, vb, vc, vd] = locals.list('v128', 4);
    const pairs = [
      [va, vc],
      [vb, vd],
      [va, vd],
      [vb, vc],
      [va, vb],
      [vc, vd],
    ];
    const from = [a, b, c, d];
    return [
      sums.map((sum) => set(sum, v128.zero())),
      overVectors(from, n, (k) => [
        [va, vb, vc, vd].map((v, i) => set(v, v128.load(from[i], k))),
        sums.map((sum, i) => set(sum, madd(pairs[i][0], pairs[i][1], sum))),
      ]),
      sums.map((sum, i) => f64.store(out, sumOfLanes(sum), 8 * i)),
    ];
  });

type Lanes = Local<'v128'>;
/** c·p − s·q and s·p + c·q */
const turned = ([c, s]: readonly Lanes[], p: Lanes, q: Lanes) =>
  [sub(mul(c, p), mul(s, q)), add(mul(s, p), mul(c, q))] as const;

const rotateBlock = (): Func =>
  func('rotateBlock', ints('a', 'b', 'c', 'd', 'n', 'turn'), ({ a, b, c, d, n, turn }, locals) => {
    const turns = range(4).map(() => locals.list('v128', 2));
    const [va, vb, vc, vd, x, y] = locals.list('v128', 6);
    /** Turns p and q; the new p goes into `to`. */
    const rotate = (pair: readonly Lanes[], p: Lanes, q: Lanes, to: Lanes): Body => {
      const [newP, newQ] = turned(pair, p, q);
      return [set(to, newP), set(q, newQ)];
    };
    const [ad, bc] = [turned(turns[2], x, vd), turned(turns[3], y, vc)];
    return [
      turns.flat().map((w, i) => set(w, v128.load64Splat(turn, 8 * i))),
      overVectors([a, b, c, d], n, (k) => [
        [set(va, v128.load(a, k)), set(vc, v128.load(c, k)), rotate(turns[0], va, vc, x)],
        [set(vb, v128.load(b, k)), set(vd, v128.load(d, k)), rotate(turns[1], vb, vd, y)],
        [v128.store(a, ad[0], k), v128.store(d, ad[1], k)],
        [v128.store(b, bc[0], k), v128.store(c, bc[1], k)],
      ]),
    ];
  });

/** A chain of rotations of neighbouring rows, in as many columns as `vectors` hold: the row between two rotations stays in them. */
const rotateStrip = (vectors: 4 | 8): Func =>
  func(`rotateStrip${vectors}`, ints('x', 'ld', 'count', 'turns'), ({ x, ld, count, turns }, locals) => {
    const row = locals.list('v128', vectors);
    const turn = locals.list('v128', 2);
    const [next] = locals.v128;
    return [
      row.map((v, i) => set(v, v128.load(x, 16 * i))),
      loop((again) => [
        turn.map((w, i) => set(w, v128.load64Splat(turns, 8 * i))),
        row.map((v, i) => {
          const [done, kept] = turned(turn, v, next);
          return [set(next, v128.load(i32.add(x, ld), 16 * i)), v128.store(x, done, 16 * i), set(v, kept)];
        }),
        advance(x, ld),
        advance(turns, 16),
        advance(count, -1),
        brIf(again, count),
      ]),
      row.map((v, i) => v128.store(x, v, 16 * i)),
    ];
  });

const rotateChain = (): Func => {
  const [wide, narrow] = [rotateStrip(8), rotateStrip(4)];
  return func('rotateChain', ints('x', 'ld', 'n', 'count', 'turns'), ({ x, ld, n, count, turns }) => {
    const strips = (f: Func, bytes: number): Body =>
      during(i32.geS(n, bytes), [call(f, x, ld, count, turns), advance(x, bytes), set(n, i32.sub(n, bytes))]);
    return [strips(wide, 128), strips(narrow, 64)];
  });
};

const updateParams = ints('x', 'ld', 'n', 'v', 'out', 'w', 'u', 'w2', 'u2');

/** `updateAndDot` for that many rows. */
const updateRows = (madd: Three, updates: 1 | 2, rows: number): Func =>
  func(`update${updates}rows${rows}`, updateParams, ({ x, ld, n, v, out, w, u, w2, u2 }, locals) => {
    const xs = [x, ...locals.list('i32', rows - 1)];
    const sums = locals.list('v128', rows);
    const [vv, vx, vu, vu2] = locals.v128;
    const taken = [
      { w, u, factors: locals.list('v128', rows), vu },
      { w: w2, u: u2, factors: locals.list('v128', rows), vu: vu2 },
    ].slice(0, updates);
    return [
      xs.slice(1).map((row, i) => set(row, i32.add(xs[i], ld))),
      sums.map((sum) => set(sum, v128.zero())),
      taken.map(({ w: at, factors }) => factors.map((factor, i) => set(factor, v128.load64Splat(at, 8 * i)))),
      overVectors([...xs, v, ...taken.map((update) => update.u)], n, (k) => [
        set(vv, v128.load(v, k)),
        taken.map(({ u: at, vu }) => set(vu, v128.load(at, k))),
        xs.map((row, i) => [
          set(vx, v128.load(row, k)),
          taken.map(({ factors, vu }) => set(vx, sub(vx, mul(factors[i], vu)))),
          v128.store(row, vx, k),
          set(sums[i], madd(vx, vv, sums[i])),
        ]),
      ]),
      sums.map((sum, i) => f64.store(out, sumOfLanes(sum), 8 * i)),
    ];
  });

/** Takes updates out of rows, and multiplies each by v: as many rows at a time as registers hold. */
const updateAndDot = (madd: Three, updates: 1 | 2): Func => {
  const most = updates === 1 ? 4 : 3;
  const [several, single] = [updateRows(madd, updates, most), updateRows(madd, updates, 1)];
  const params = { ...updateParams, count: 'i32' } as const;
  return func(`updateAndDot${updates}`, params, ({ x, ld, n, v, out, w, u, w2, u2, count }) => {
    const step = (f: Func, rows: number): Body => [
      call(f, x, ld, n, v, out, w, u, w2, u2),
      advance(x, i32.mul(ld, rows)),
      advance([out, w, w2], 8 * rows),
      set(count, i32.sub(count, rows)),
    ];
    return [during(i32.geS(count, most), step(several, most)), during(count, step(single, 1))];
  });
};

/** The loops, compiled when one is first asked for. */
export const linalgFamily: Family = defineFamily(({ madd64 }) => [
  dot(madd64),
  addScaled(madd64),
  dotBlock(madd64),
  rotateBlock(),
  rotateChain(),
  updateAndDot(madd64, 1),
  updateAndDot(madd64, 2),
]);
