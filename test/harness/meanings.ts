/** What each instruction does, by its name in `scalar.ts` or `lanes.ts`. One that is missing here fails the test of its group. */
import type { Expr } from '../../src/tensor/simd/assembler.ts';
import * as lanes from '../../src/tensor/simd/lanes.ts';
import * as scalar from '../../src/tensor/simd/scalar.ts';
import {
  bytes,
  cut,
  each,
  lanesAt,
  lanesFrom,
  type Meaning,
  nearestEven,
  out,
  shifting,
  single,
  special,
} from './instructions.ts';

const { i32x4, f32x4, f64x2, v128, shuffle32, shuffle64, i16x8, i8x16 } = lanes;
const { i32, f32, f64, copyBytes, zeroFill } = scalar;
const { fround } = Math;
const [p, q] = [v128.load(0), v128.load(16)];
const store = (x: Expr<'v128'>): Meaning['body'] => v128.store(out, x);
const i32s = (at: number): number[] => Array.from(lanesAt('i32', at), Number);

export type Meanings = Readonly<Record<string, Meaning | ((op: never) => Meaning)>>;

const mapped = <F, R>(table: Readonly<Record<string, F>>, to: (f: F) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, to(f)]));

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};
const arithmetic: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
};
const functions: Record<string, (a: number) => number> = {
  abs: Math.abs,
  neg: (a) => -a,
  nearest: nearestEven,
  sqrt: Math.sqrt,
};
const more: Record<string, (a: number) => number> = { ceil: Math.ceil, floor: Math.floor };
const pseudo: Record<string, (a: number, b: number) => number> = {
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
};

/** float32 results are those of float64 rounded once more: exact for these functions. */
const scalars = (type: 'f32' | 'f64', round: (x: number) => number): Meanings => ({
  ...mapped(arithmetic, (of) => single(type, type, (a: number, b: number) => round(of(a, b)))),
  ...mapped(comparisons, (of) => single(type, 'i32', (a: number, b: number) => Number(of(a, b)))),
  ...mapped(functions, (of) => single(type, type, (a: number) => round(of(a)))),
  convertI32: single('i32', type, round),
});
const vectors = (type: 'f32' | 'f64', round: (x: number) => number): Meanings => ({
  ...mapped({ ...arithmetic, ...pseudo }, (of) => each(type, type, (a: number, b: number) => round(of(a, b)))),
  ...mapped(comparisons, (of) => each(type, type === 'f32' ? 'i32' : 'i64', (a: number, b: number) => -of(a, b))),
  ...mapped({ ...functions, ...more }, (of) => each(type, type, (a: number) => round(of(a)))),
});

const ints: Record<string, (a: number, b: number) => number | boolean> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  shl: (a, b) => a << b,
  shrU: (a, b) => a >>> b,
  eq: comparisons.eq,
  ne: comparisons.ne,
};
for (const [name, of] of Object.entries(comparisons).slice(2)) {
  ints[`${name}S`] = of;
  ints[`${name}U`] = (a, b) => of(a >>> 0, b >>> 0);
}
const saturated = (x: number, bits: number): number => Math.min(2 ** (bits - 1) - 1, Math.max(-(2 ** (bits - 1)), x));
const both = (lane: 'i16' | 'i32'): number[] => [0, 16].flatMap((at) => Array.from(lanesAt(lane, at), Number));
const odd = -0.1;
/** Neither 0 nor ±1: some such quotients trap. */
const divisor = i32.or(i32.and(i32.load(16), 0xffff), 2);

/** Instructions on single lanes, which both kinds of floating-point lanes have. */
const perLane = (type: 'f32' | 'f64', { const: constant, splat, extractLane, replaceLane }: Lanewise): Meanings => {
  const [last, size] = type === 'f32' ? [3, 4] : [1, 8];
  const all = Array.from({ length: last + 1 }, (_, l) => l);
  const [one, stored] = type === 'f32' ? [f32.load(16), f32.store] : [f64.load(16), f64.store];
  return {
    const: special(store(constant(...(all.map((l) => (l === 1 ? -0 : odd * l)) as never))), type, () =>
      all.map((l) => (l === 1 ? -0 : odd * l)),
    ),
    splat: special(store(splat(one as never)), type, () => all.map(() => lanesAt(type, 16)[0])),
    extractLane: special(
      all.map((l) => stored(out + size * l, extractLane(p, last - l) as never)),
      type,
      () => lanesAt(type, 0).slice().reverse(),
    ),
    replaceLane: special(store(replaceLane(replaceLane(p, last, one as never), 0, one as never)), type, () =>
      all.map((l) => lanesAt(type, l === 0 || l === last ? 16 : 0)[l === last ? 0 : l]),
    ),
  };
};
interface Lanewise {
  readonly const: (...xs: never) => Expr<'v128'>;
  readonly splat: (x: never) => Expr<'v128'>;
  readonly extractLane: (a: Expr<'v128'>, lane: number) => unknown;
  readonly replaceLane: (a: Expr<'v128'>, lane: number, x: never) => Expr<'v128'>;
}

/** By export and name, what each instruction does: of its operands, or as code of its own that leaves its result at `out`. */
export const meanings: Readonly<Record<string, Meanings>> = {
  i32: {
    ...mapped(ints, (of) => single('i32', 'i32', (a: number, b: number) => Number(of(a, b)))),
    eqz: single('i32', 'i32', (a: number) => Number(a === 0)),
    divS: special(
      [divisor, i32.sub(0, divisor)].map((d, i) => i32.store(out + 4 * i, i32.divS(i32.load(0), d))),
      'i32',
      () => [1, -1].map((sign) => Math.trunc(i32s(0)[0] / (sign * ((i32s(16)[0] & 0xffff) | 2)))),
    ),
    load: special(i32.store(out, i32.load(3, 2)), 'i32', () => lanesFrom('i32', 5, 1)),
    load8U: special(i32.store(out, i32.load8U(3, 2)), 'i32', () => lanesFrom('u8', 5, 1)),
    store: special(i32.store(out - 1, i32.load(0), 2), 'i32', () => [i32s(0)[0] << 8, i32s(0)[0] >>> 24]),
    store8: special(i32.store8(out, i32.load(0), 1), 'u8', () => [0, i32s(0)[0] & 255]),
    reinterpretF32: special(i32.store(out, i32.reinterpretF32(f32.load(4))), 'i32', () => [i32s(0)[1]]),
  },
  f32: {
    ...scalars('f32', fround),
    const: special([f32.store(out, f32.const(-0)), f32.store(out + 4, f32.const(odd))], 'f32', () => [-0, odd]),
    load: special(f32.store(out, f32.load(3, 2)), 'f32', () => lanesFrom('f32', 5, 1)),
    store: special(f32.store(out - 300, f32.load(0), 304), 'f32', () => [0, Number(lanesAt('f32', 0)[0])]),
    demote: single('f64', 'f32', fround),
  },
  f64: {
    ...scalars('f64', (x) => x),
    const: special([f64.store(out, f64.const(-0)), f64.store(out + 8, f64.const(odd))], 'f64', () => [-0, odd]),
    load: special(f64.store(out, f64.load(3, 2)), 'f64', () => lanesFrom('f64', 5, 1)),
    store: special(f64.store(out - 300, f64.load(0), 308), 'f64', () => [0, Number(lanesAt('f64', 0)[0])]),
    promote: single('f32', 'f64', (a: number) => a),
  },
  zeroFill: {
    zeroFill: special([store(v128.not(v128.zero())), zeroFill(out + 1, 6), zeroFill(out, 0)], 'u8', () =>
      Array.from({ length: 16 }, (_, i) => (i >= 1 && i < 7 ? 0 : 255)),
    ),
  },
  copyBytes: {
    copyBytes: special([copyBytes(out, 3, 9), copyBytes(out + 2, out, 7), copyBytes(out, 0, 0)], 'u8', () => [
      bytes[3],
      bytes[4],
      ...bytes.slice(3, 10),
    ]),
  },
  v128: {
    and: each('i32', 'i32', (a: number, b: number) => a & b),
    andnot: each('i32', 'i32', (a: number, b: number) => a & ~b),
    or: each('i32', 'i32', (a: number, b: number) => a | b),
    xor: each('i32', 'i32', (a: number, b: number) => a ^ b),
    not: each('i32', 'i32', (a: number) => ~a),
    bitselect: each('i32', 'i32', (a: number, b: number, mask: number) => (a & mask) | (b & ~mask)),
    zero: special(store(v128.zero()), 'i32', () => []),
    anyTrue: special(i32.store(out, v128.anyTrue(p)), 'i32', () => [Number(i32s(0).some((x) => x !== 0))]),
    load: special(store(v128.load(3, 2)), 'i32', () => lanesFrom('i32', 5, 4)),
    load8Splat: special(store(v128.load8Splat(3, 2)), 'u8', () => new Uint8Array(16).fill(bytes[5])),
    load32Splat: special(store(v128.load32Splat(3, 2)), 'i32', () => new Array(4).fill(lanesFrom('i32', 5, 1)[0])),
    load64Splat: special(store(v128.load64Splat(3, 2)), 'i64', () => new Array(2).fill(lanesFrom('i64', 5, 1)[0])),
    load32Zero: special(store(v128.load32Zero(3, 2)), 'i32', () => lanesFrom('i32', 5, 1)),
    load64Zero: special(store(v128.load64Zero(3, 2)), 'i64', () => lanesFrom('i64', 5, 1)),
    store: special(v128.store(out - 300, p, 300), 'i32', () => i32s(0)),
    store32Lane: special(
      [0, 1, 2, 3].map((l) => v128.store32Lane(out - 4 * l, p, l, 12)),
      'i32',
      () => i32s(0).reverse(),
    ),
    store64Lane: special(
      [0, 1].map((l) => v128.store64Lane(out - 8 * l, p, l, 8)),
      'i64',
      () => lanesAt('i64', 0).slice().reverse(),
    ),
  },
  shuffle32: {
    shuffle32: special(store(shuffle32(p, q, [7, 1, 2, 4])), 'i32', () => [7, 1, 2, 4].map((i) => both('i32')[i])),
  },
  shuffle64: {
    shuffle64: special(store(shuffle64(p, q, [3, 0])), 'i32', () => [6, 7, 0, 1].map((i) => both('i32')[i])),
  },
  i32x4: {
    ...mapped({ add: ints.add, sub: ints.sub, mul: ints.mul }, (of) =>
      each('i32', 'i32', (a: number, b: number) => Number(of(a, b))),
    ),
    ...mapped({ eq: comparisons.eq, ne: comparisons.ne, ltS: comparisons.lt, gtS: comparisons.gt }, (of) =>
      each('i32', 'i32', (a: number, b: number) => -of(a, b)),
    ),
    minS: each('i32', 'i32', arithmetic.min),
    maxS: each('i32', 'i32', arithmetic.max),
    abs: each('i32', 'i32', Math.abs),
    neg: each('i32', 'i32', (a: number) => -a),
    truncSatF32x4: each('f32', 'i32', cut),
    truncSatF64x2: each('f64', 'i32', cut),
    shl: shifting('i32', (a: number, by) => a << by),
    shrS: shifting('i32', (a: number, by) => a >> by),
    shrU: shifting('i32', (a: number, by) => a >>> by),
    const: special(store(i32x4.const(1, -1, 2 ** 31 - 1, -(2 ** 31))), 'i32', () => [1, -1, 2 ** 31 - 1, -(2 ** 31)]),
    splat: special(store(i32x4.splat(i32.load(0))), 'i32', () => new Array(4).fill(i32s(0)[0])),
    extractLane: special(
      [0, 1, 2, 3].map((l) => i32.store(out + 4 * l, i32x4.extractLane(p, 3 - l))),
      'i32',
      () => i32s(0).reverse(),
    ),
    allTrue: special(i32.store(out, i32x4.allTrue(p)), 'i32', () => [Number(i32s(0).every((x) => x !== 0))]),
    bitmask: special(i32.store(out, i32x4.bitmask(p)), 'i32', () => [
      i32s(0).reduce((mask, x, l) => mask | (Number(x < 0) << l), 0),
    ]),
    extendBytes: special(store(i32x4.extendBytes(p)), 'i32', () => bytes.slice(0, 4)),
  },
  i16x8: {
    narrowI32x4S: special(store(i16x8.narrowI32x4S(p, q)), 'i16', () => both('i32').map((x) => saturated(x, 16))),
  },
  i8x16: {
    narrowI16x8S: special(store(i8x16.narrowI16x8S(p, q)), 'i8', () => both('i16').map((x) => saturated(x, 8))),
    neg: each('i8', 'i8', (a: number) => -a),
  },
  i64x2: {
    add: each('i64', 'i64', (a: bigint, b: bigint) => a + b),
    sub: each('i64', 'i64', (a: bigint, b: bigint) => a - b),
    shl: shifting('i64', (a: bigint, by) => a << BigInt(by & 63)),
    shrU: shifting('i64', (a: bigint, by) => BigInt.asUintN(64, a) >> BigInt(by & 63)),
  },
  f32x4: {
    ...vectors('f32', fround),
    ...perLane('f32', f32x4),
    trunc: each('f32', 'f32', Math.trunc),
    convertI32x4: each('i32', 'f32', fround),
    demoteF64x2: each('f64', 'f32', fround),
  },
  f64x2: {
    ...vectors('f64', (x) => x),
    ...perLane('f64', f64x2),
    promoteLowF32x4: each('f32', 'f64', (a: number) => a),
    convertLowI32x4: each('i32', 'f64', (a: number) => a),
  },
};
