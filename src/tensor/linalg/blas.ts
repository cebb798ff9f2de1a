import type { Matrix64 } from '../simd/gemm64.ts';
import { linalgRoom } from '../simd/linalgRoom.ts';
import { plainLoops } from './plain.ts';

/** A vector: the entries of an array from one of them on. */
export interface Vector {
  readonly data: Float64Array;
  readonly at: number;
}

/**
 * What the factorisations are made of, over float64 vectors inside arrays: an offset and a length n, which is a multiple of 8 and not
 * 0. Rows end with zeros up to `paddedLength`, so that no loop has a remainder.
 */
export interface Blas {
  /** Zeros, for as long as the factorisation runs. */
  readonly array: (length: number) => Float64Array;
  /** Σ x[i + t]·y[j + t] */
  readonly dot: (x: Float64Array, i: number, y: Float64Array, j: number, n: number) => number;
  /** y[j + t] += a·x[i + t] */
  readonly addScaled: (a: number, x: Float64Array, i: number, y: Float64Array, j: number, n: number) => void;
  /** The dot products among four vectors of an array: `out` = [a·c, b·d, a·d, b·c, a·b, c·d]. */
  readonly dotBlock: (x: Float64Array, at: Four, n: number, out: Float64Array) => void;
  /**
   * Four plane rotations of four vectors: first (a, c) by `turn[0..1]` and (b, d) by `turn[2..3]`, then (a, d) by `turn[4..5]`
   * and (b, c) by `turn[6..7]`, each a pair (cosine c, sine s) that takes (p, q) to (c·p − s·q, s·p + c·q).
   */
  readonly rotateBlock: (x: Float64Array, at: Four, n: number, turn: Float64Array) => void;
  /** `count` plane rotations in turn, of rows 0 and 1, then 1 and 2 … by the pairs in `turns`; row 0 is at `rows`. */
  readonly rotateChain: (rows: Vector, ld: number, n: number, count: number, turns: Vector) => void;
  /** Takes w_i·u out of each row x_i, for each of one or two updates, and gives out_i = x_i·v. */
  readonly updateAndDot: (
    rows: Vector & { readonly ld: number; readonly count: number },
    n: number,
    updates: readonly Update[],
    v: Vector,
    out: Vector,
  ) => void;
  /** C [m, n] = A [m, k]·B [k, n], or C += A·B; C overlaps neither. Sizes are any, 0 too. */
  readonly multiply: (
    m: number,
    n: number,
    k: number,
    a: Matrix64,
    b: Matrix64,
    c: Matrix64,
    accumulate?: boolean,
  ) => void;
}

/** Offsets of four vectors. */
export type Four = readonly [a: number, b: number, c: number, d: number];

/** What is taken out of rows: w_i·u out of row i. */
export interface Update {
  readonly w: Vector;
  readonly u: Vector;
}

/**
 * The distance between rows of n entries: at least n, at least 8, a multiple of 8. Not one of 64, or the same columns of many rows would
 * fall into the same few lines of the cache.
 */
export function paddedLength(n: number): number {
  const length = Math.max(8, Math.ceil(n / 8) * 8);
  return length % 64 === 0 ? length + 8 : length;
}

/** Sizes below which plain loops are as fast as calls into WebAssembly. */
const fewest = 16;

/**
 * Runs a factorisation of matrices of that size: with SIMD where it is on and its memory has room, else with plain loops. Arrays
 * that it made must not leave it.
 */
export function withBlas<T>(size: number, run: (blas: Blas) => T): T {
  const room = size < fewest ? null : linalgRoom();
  if (room === null) return run(plainLoops);
  try {
    return run(room.blas);
  } catch (error) {
    if (error !== room.full) throw error;
    return run(plainLoops);
  } finally {
    room.close();
  }
}
