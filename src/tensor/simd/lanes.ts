/** Instructions on 16 bytes in lanes, by the names of the WebAssembly specification. A mask has all ones or all zeros in each lane. */

import type { I32 } from './assembler.ts';
import { expr, int } from './assembler.ts';
import {
  bytesOf,
  type Extract,
  extract,
  type Group,
  group,
  type Load,
  loading,
  type One,
  type Replace,
  replace,
  type Shift,
  type Store,
  type StoreLane,
  shift,
  simd,
  storeLane,
  storing,
  type Three,
  type Two,
  three,
  type Unary,
  unary,
  type V,
  v1,
  vv,
} from './forms.ts';

/** 16 bytes, whatever they mean. `bitselect(a, b, mask)` takes the bits of a where the mask has ones, of b elsewhere. */
export const v128: Group<Two, 'and' | 'andnot' | 'or' | 'xor'> &
  Group<Load<'v128'>, 'load' | 'load8Splat' | 'load32Splat' | 'load64Splat' | 'load32Zero' | 'load64Zero'> &
  Group<StoreLane, 'store32Lane' | 'store64Lane'> & {
    readonly store: Store<'v128'>;
    readonly zero: () => V;
    readonly not: One;
    readonly bitselect: Three;
    readonly anyTrue: Unary<'v128', 'i32'>;
  } = {
  ...group(vv, { and: 78, andnot: 79, or: 80, xor: 81 }),
  ...group((n) => loading('v128', ...simd(n)), {
    load: 0,
    load8Splat: 7,
    load32Splat: 9,
    load64Splat: 10,
    load32Zero: 92,
    load64Zero: 93,
  }),
  ...group(storeLane, { store32Lane: 90, store64Lane: 91 }),
  store: storing('v128', ...simd(11)),
  zero: () => expr('v128', simd(12), new Array<number>(16).fill(0)),
  not: v1(77),
  bitselect: three(82),
  anyTrue: unary('v128', 'i32', ...simd(83)),
};

/** Four lanes of 32 bits picked out of a (0..3) and b (4..7). */
export const shuffle32 = (a: V, b: V, lanes: readonly [number, number, number, number]): V =>
  expr(
    'v128',
    a.code,
    b.code,
    simd(13),
    lanes.flatMap((l) => [4 * l, 4 * l + 1, 4 * l + 2, 4 * l + 3]),
  );
/** Two lanes of 64 bits picked out of a (0, 1) and b (2, 3). */
export const shuffle64 = (a: V, b: V, [p, q]: readonly [number, number]): V =>
  shuffle32(a, b, [2 * p, 2 * p + 1, 2 * q, 2 * q + 1]);

export const i32x4: Group<Two, 'eq' | 'ne' | 'ltS' | 'gtS' | 'add' | 'sub' | 'mul' | 'minS' | 'maxS'> &
  Group<One, 'abs' | 'neg' | 'truncSatF32x4' | 'truncSatF64x2'> &
  Group<Shift, 'shl' | 'shrS' | 'shrU'> & {
    readonly const: (...xs: readonly [number, number, number, number]) => V;
    readonly splat: (x: I32) => V;
    readonly extractLane: Extract<'i32'>;
    readonly allTrue: Unary<'v128', 'i32'>;
    readonly bitmask: Unary<'v128', 'i32'>;
    /** The first four of sixteen unsigned bytes, as lanes. */
    readonly extendBytes: One;
  } = {
  ...group(vv, { eq: 55, ne: 56, ltS: 57, gtS: 59, add: 174, sub: 177, mul: 181, minS: 182, maxS: 184 }),
  ...group(v1, { abs: 160, neg: 161, truncSatF32x4: 248, truncSatF64x2: 252 }),
  ...group(shift, { shl: 171, shrS: 172, shrU: 173 }),
  const: (...xs) => expr('v128', simd(12), bytesOf(new Int32Array(xs))),
  splat: (x) => expr('v128', int(x).code, simd(17)),
  extractLane: extract('i32', 27),
  allTrue: unary('v128', 'i32', ...simd(163)),
  bitmask: unary('v128', 'i32', ...simd(164)),
  extendBytes: (a) => expr('v128', a.code, simd(137), simd(169)),
};

/** Narrowing saturates. */
export const i16x8: Group<Two, 'narrowI32x4S'> = group(vv, { narrowI32x4S: 133 });
export const i8x16: Group<Two, 'narrowI16x8S'> & Group<One, 'neg'> = {
  ...group(vv, { narrowI16x8S: 101 }),
  ...group(v1, { neg: 97 }),
};

export const i64x2: Group<Two, 'add' | 'sub'> & Group<Shift, 'shl' | 'shrU'> = {
  ...group(vv, { add: 206, sub: 209 }),
  ...group(shift, { shl: 203, shrU: 205 }),
};

/** Instructions on lanes of floating-point numbers beside those of one form. */
interface Lanes<T extends 'f32' | 'f64'> {
  readonly splat: Unary<T, 'v128'>;
  readonly extractLane: Extract<T>;
  readonly replaceLane: Replace<T>;
  /** a·b + c, rounded once or twice as the engine likes. */
  readonly relaxedMadd: Three;
}

/** `min` and `max` give NaN where either lane is; `pmin(a, b)` is b < a ? b : a, `pmax(a, b)` is a < b ? b : a. */
export const f32x4: Group<
  Two,
  'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pmin' | 'pmax'
> &
  Group<One, 'ceil' | 'floor' | 'trunc' | 'nearest' | 'abs' | 'neg' | 'sqrt' | 'convertI32x4' | 'demoteF64x2'> &
  Lanes<'f32'> & { readonly const: (...xs: readonly [number, number, number, number]) => V } = {
  ...group(vv, {
    eq: 65,
    ne: 66,
    lt: 67,
    gt: 68,
    le: 69,
    ge: 70,
    add: 228,
    sub: 229,
    mul: 230,
    div: 231,
    min: 232,
    max: 233,
    pmin: 234,
    pmax: 235,
  }),
  ...group(v1, {
    ceil: 103,
    floor: 104,
    trunc: 105,
    nearest: 106,
    abs: 224,
    neg: 225,
    sqrt: 227,
    convertI32x4: 250,
    demoteF64x2: 94,
  }),
  const: (...xs) => expr('v128', simd(12), bytesOf(new Float32Array(xs))),
  splat: unary('f32', 'v128', ...simd(19)),
  extractLane: extract('f32', 31),
  replaceLane: replace('f32', 32),
  relaxedMadd: three(0x105),
};

export const f64x2: Group<
  Two,
  'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pmin' | 'pmax'
> &
  Group<One, 'ceil' | 'floor' | 'nearest' | 'abs' | 'neg' | 'sqrt' | 'promoteLowF32x4' | 'convertLowI32x4'> &
  Lanes<'f64'> & { readonly const: (...xs: readonly [number, number]) => V } = {
  ...group(vv, {
    eq: 71,
    ne: 72,
    lt: 73,
    gt: 74,
    le: 75,
    ge: 76,
    add: 240,
    sub: 241,
    mul: 242,
    div: 243,
    min: 244,
    max: 245,
    pmin: 246,
    pmax: 247,
  }),
  ...group(v1, {
    ceil: 116,
    floor: 117,
    nearest: 148,
    abs: 236,
    neg: 237,
    sqrt: 239,
    promoteLowF32x4: 95,
    convertLowI32x4: 254,
  }),
  const: (...xs) => expr('v128', simd(12), bytesOf(new Float64Array(xs))),
  splat: unary('f64', 'v128', ...simd(20)),
  extractLane: extract('f64', 33),
  replaceLane: replace('f64', 34),
  relaxedMadd: three(0x107),
};
