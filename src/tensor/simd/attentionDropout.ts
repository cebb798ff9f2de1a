import { type Body, during, type Func, func, type Local, set } from './assembler.ts';
import { constantBits, type Target } from './family.ts';
import type { V } from './forms.ts';
import { float32Lane, range } from './gemmLane.ts';
import { f32x4, i32x4, v128 } from './lanes.ts';
import { advance } from './pieces.ts';
import { i32 } from './scalar.ts';

type Vector = Local<'v128'>;

const rotated = (x: V, by: number): V => v128.or(i32x4.shl(x, by), i32x4.shrU(x, 32 - by));

/** What `Rng` expands the words of a seed with. */
const mixed = (z: Vector): Body => [
  set(z, i32x4.mul(v128.xor(z, i32x4.shrU(z, 16)), constantBits(0x21f0aaad))),
  set(z, i32x4.mul(v128.xor(z, i32x4.shrU(z, 15)), constantBits(0x735a2d97))),
  set(z, v128.xor(z, i32x4.shrU(z, 15))),
];

/** Word number i of the state of `new Rng(high·2³² + low)`. */
const seeded = (i: number, to: Vector, low: Vector, high: Vector, z: Vector): Body => [
  set(z, i32x4.mul(high, constantBits((0x85ebca6b + 2 * i) | 0))),
  mixed(z),
  set(to, z),
  set(z, i32x4.add(low, constantBits(Math.imul(i + 1, 0x9e3779b9)))),
  mixed(z),
  set(to, v128.xor(to, z)),
];

/** The next bits of four streams: `Rng.bits`. */
const draw = ([a, b, c, d]: readonly Vector[], bits: Vector, z: Vector): Body => [
  set(z, rotated(i32x4.add(b, i32x4.shl(b, 2)), 7)),
  set(bits, i32x4.add(z, i32x4.shl(z, 3))),
  set(z, i32x4.shl(b, 9)),
  set(c, v128.xor(c, a)),
  set(d, v128.xor(d, b)),
  set(b, v128.xor(b, c)),
  set(a, v128.xor(a, d)),
  set(c, v128.xor(c, z)),
  set(d, rotated(d, 11)),
];

/**
 * What dropout multiplies four rows of weights by, 0 or `kept`: each row draws from `new Rng(seed + row)`, in a lane of its own. `low`
 * and `high` are the words of the seed. Draws up to `last` are dropped; its sign bit is turned, so that signed comparison serves.
 */
export const dropoutRows = ({ madd }: Target): Func =>
  func(
    'dropoutRows',
    { to: 'i32', line: 'i32', low: 'i32', high: 'i32', row: 'i32', count: 'i32', last: 'i32', kept: 'f32' },
    ({ to, line, low, high, row, count, last, kept }, locals) => {
      const state = locals.list('v128', 4);
      const drawn = locals.list('v128', 4);
      const [lows, highs, z, sign, limit, factor] = locals.list('v128', 6);
      const [end] = locals.i32;
      const rows = [to, ...locals.list('i32', 3)];
      const none = i32x4.eq(v128.or(v128.or(state[0], state[1]), v128.or(state[2], state[3])), v128.zero());
      return [
        set(sign, constantBits(1 << 31)),
        set(limit, i32x4.splat(last)),
        set(factor, f32x4.splat(kept)),
        set(lows, i32x4.add(i32x4.splat(i32.add(low, row)), i32x4.const(0, 1, 2, 3))),
        // Where the sum of the low words is smaller than one of them, 1 is carried: a mask of ones is −1.
        set(highs, i32x4.gtS(v128.xor(i32x4.splat(low), sign), v128.xor(lows, sign))),
        set(highs, i32x4.sub(i32x4.splat(high), highs)),
        range(4).map((i) => seeded(i, state[i], lows, highs, z)),
        set(state[0], i32x4.sub(state[0], none)),
        rows.slice(1).map((at, i) => set(at, i32.add(rows[i], line))),
        set(end, i32.add(to, i32.shl(count, 2))),
        during(i32.ltS(to, end), [
          drawn.map((bits) => [
            draw(state, bits, z),
            set(bits, v128.and(factor, i32x4.gtS(v128.xor(bits, sign), limit))),
          ]),
          float32Lane(madd)
            .turn(drawn)
            .map((v, i) => v128.store(rows[i], v)),
          advance(rows, 16),
        ]),
      ];
    },
  );
