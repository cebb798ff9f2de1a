/** Types of elements of a matrix product, as its generators see them. */
import { type Expr, type I32, type Statement, select } from './assembler.ts';
import type { Load, StoreLane, Three, Two, V } from './forms.ts';
import { f32x4, f64x2, shuffle32, shuffle64, v128 } from './lanes.ts';
import { f32, f64, i32 } from './scalar.ts';

/** A type of elements, as the generators see it. */
export interface Lane {
  /** Suffix of function names. */
  readonly name: 'float32' | 'float64';
  /** Bytes of an element are 1 << shift. */
  readonly shift: 2 | 3;
  readonly bytes: 4 | 8;
  /** One element in all lanes. */
  readonly splat: Load<'v128'>;
  /** a·b + c */
  readonly madd: Three;
  readonly add: Two;
  /** One element in the first lane, zero in the others. */
  readonly loadOne: Load<'v128'>;
  readonly storeLane: StoreLane;
  /** Copy one element. */
  readonly copy: (to: I32, from: I32) => Statement;
  /** The columns of as many vectors as a vector has lanes. */
  readonly turn: (rows: readonly V[]) => readonly V[];
}

/** What a product does beside C = A·B; add them up. */
export const gemmFlags = {
  /** A is stored [k, m]. */
  transA: 1,
  /** B is stored [n, k]. */
  transB: 2,
  /** C += A·B */
  accumulate: 4,
} as const;

/** Rows of a tile, and its bytes from row to row: two vectors. */
export const tileRows = 4;
export const tileBytes = 32;

/** float32, four to a vector. */
export const float32Lane = (madd: Three): Lane => ({
  name: 'float32',
  shift: 2,
  bytes: 4,
  splat: v128.load32Splat,
  madd,
  loadOne: v128.load32Zero,
  add: f32x4.add,
  storeLane: v128.store32Lane,
  copy: (to, from) => f32.store(to, f32.load(from)),
  turn: ([a, b, c, d]) => {
    const low = shuffle32(a, b, [0, 4, 1, 5]);
    const low2 = shuffle32(c, d, [0, 4, 1, 5]);
    const high = shuffle32(a, b, [2, 6, 3, 7]);
    const high2 = shuffle32(c, d, [2, 6, 3, 7]);
    return [
      shuffle64(low, low2, [0, 2]),
      shuffle64(low, low2, [1, 3]),
      shuffle64(high, high2, [0, 2]),
      shuffle64(high, high2, [1, 3]),
    ];
  },
});

/** float64, two to a vector. */
export const float64Lane = (madd: Three): Lane => ({
  name: 'float64',
  shift: 3,
  bytes: 8,
  splat: v128.load64Splat,
  madd,
  loadOne: v128.load64Zero,
  add: f64x2.add,
  storeLane: v128.store64Lane,
  copy: (to, from) => f64.store(to, f64.load(from)),
  turn: ([a, b]) => [shuffle64(a, b, [0, 2]), shuffle64(a, b, [1, 3])],
});

/** The smaller of two numbers, each computed twice. */
export const lesser = (a: I32, b: I32): Expr<'i32'> => select(i32.ltS(a, b), i32.add(a, 0), i32.add(b, 0));

/** 0, 1, …, n − 1 */
export const range = (n: number): number[] => [...Array(n).keys()];
