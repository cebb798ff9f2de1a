/** Matrices that try factorisations, and what is measured on them. */
import assert from 'node:assert/strict';
import { thinQr } from '../../../src/tensor/linalg/qr.ts';
import type { SvdResult } from '../../../src/tensor/linalg/svd.ts';
import { Rng } from '../../../src/tensor/rng.ts';

/** Spacing of the float64 numbers after 1. */
export const eps: number = Number.EPSILON;

/** Row-major entries and sizes: what the factorisations take, spread. */
export type Matrix = [a: Float64Array, m: number, n: number];

/** The m×n matrix of the given entries. */
export const make = (m: number, n: number, entry: (i: number, j: number) => number): Matrix => [
  Float64Array.from({ length: m * n }, (_, t) => entry(Math.floor(t / n), t % n)),
  m,
  n,
];

/** Entry (i, j). */
export const at = ([a, , n]: Matrix, i: number, j: number): number => a[i * n + j] as number;

/** The matrix of `entry` over the entries of another. */
export const map = (x: Matrix, entry: (value: number, i: number, j: number) => number): Matrix =>
  make(x[1], x[2], (i, j) => entry(at(x, i, j), i, j));

/** Xᵀ. */
export const transposed = (x: Matrix): Matrix => make(x[2], x[1], (i, j) => at(x, j, i));

/** X·Y. */
export const product = (x: Matrix, y: Matrix): Matrix =>
  make(x[1], y[2], (i, j) => {
    let sum = 0;
    for (let t = 0; t < x[2]; t++) sum += at(x, i, t) * at(y, t, j);
    return sum;
  });

/** Independent standard normal entries. */
export const normal = (m: number, n: number, seed = 1): Matrix => {
  const rng = new Rng(seed);
  return make(m, n, () => rng.normal());
};

/** A random orthogonal matrix. */
export const orthogonal = (n: number, seed = 1): Matrix => [thinQr(...normal(n, n, seed)).qt, n, n];

/** The Hadamard matrix of size n, a power of two: entries ±1, its columns orthogonal without rounding. */
export const hadamard = (n: number): Matrix =>
  make(n, n, (i, j) => {
    let odd = 0;
    for (let bits = i & j; bits > 0; bits >>= 1) odd ^= bits & 1;
    return odd === 1 ? -1 : 1;
  });

/** Kahan's matrix, whose smallest singular value no pivoted QR shows; `tilt` keeps its columns from being tied. */
export const kahan = (n: number, angle: number, tilt = 0): Matrix =>
  make(n, n, (i, j) => (j < i ? 0 : Math.sin(angle) ** i * (i === j ? 1 : -Math.cos(angle)) * (1 - j * tilt)));

/** Term i of n that lead from 10^from to 10^to by equal factors. */
export const graded = (from: number, to: number, i: number, n: number): number =>
  10 ** (from + ((to - from) * i) / (n - 1));

/** [0, 1, … n − 1]. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** max |s_i / t_i − 1|. */
export const relative = (s: Float64Array, t: ArrayLike<number>): number =>
  Math.max(0, ...Array.from(s, (value, i) => Math.abs(value / (t[i] as number) - 1)));

/** max |z_i|. */
export const largest = (z: Float64Array): number => z.reduce((top, value) => Math.max(top, Math.abs(value)), 0);

/** √Σ z_i². */
export const norm = (z: Float64Array): number => Math.sqrt(z.reduce((sum, value) => sum + value * value, 0));

/** max|ZZᵀ − I| over the rows of z, summed in short runs so that the measure errs less than what it measures. */
export function defect(z: Float64Array, rows: number, length: number): number {
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i; j < rows; j++) {
      let sum = i === j ? -1 : 0;
      for (let from = 0; from < length; from += 32) {
        let part = 0;
        for (let t = from; t < Math.min(from + 32, length); t++)
          part += (z[i * length + t] as number) * (z[j * length + t] as number);
        sum += part;
      }
      if (!(Math.abs(sum) <= worst)) worst = Math.abs(sum);
    }
  }
  return worst;
}

/** The power of two, within 2^±1000, that brings a number near 1. */
export const unit = (x: number): number => 2 ** -Math.max(-1000, Math.min(1000, Math.round(Math.log2(x || 1))));

/** A − Σ_{i<rank} s_i·u_i·v_iᵀ, times `unit(s_1)`, so that nothing overflows or is lost. */
export function residual([a, m, n]: Matrix, { ut, s, vt }: SvdResult, rank: number = s.length): Float64Array {
  const scale = unit(s[0] ?? 0);
  const rest = a.map((value) => value * scale);
  for (let l = 0; l < rank && s[l] !== 0; l++) {
    for (let i = 0; i < m; i++) {
      const factor = (s[l] as number) * scale * (ut[l * m + i] as number);
      for (let j = 0; j < n; j++) rest[i * n + j] = (rest[i * n + j] as number) - factor * (vt[l * n + j] as number);
    }
  }
  return rest;
}

/** Asserts value <= bound, with both in the message: `assert.ok` alone would read the source, which takes minutes. */
export function within(value: number, bound: number, what: string): void {
  assert.ok(value <= bound, `${what}: ${value} > ${bound}`);
}

/** Asserts singular values that agree to the accuracy of any stable method: 4·eps·(1 + √k)·σ1. */
export function close(s: Float64Array, t: Float64Array, what: string): void {
  const bound = 4 * eps * (1 + Math.sqrt(s.length)) * (s[0] ?? 0) + 2 ** -1073;
  assert.equal(s.length, t.length);
  within(largest(s.map((value, i) => value - (t[i] as number))), bound, `difference after ${what}`);
}
