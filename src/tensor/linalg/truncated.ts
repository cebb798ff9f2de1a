import type { Rng } from '../rng.ts';
import type { Matrix64 } from '../simd/gemm64.ts';
import { type Blas, paddedLength, withBlas } from './blas.ts';
import { applyReflectors } from './householder.ts';
import { factor } from './qr.ts';
import { checkMatrix, scaleExponent } from './scale.ts';
import { type SvdResult, thinSvd, unscale } from './svd.ts';

/** How a truncated decomposition is searched for; see `truncatedSvd`. */
export interface TruncatedOptions {
  /** Vectors to find, 1..min(m, n). */
  readonly rank: number;
  /** Vectors sought beside them. */
  readonly oversampling: number;
  /** How often A·Aᵀ is applied to the range that was found. */
  readonly iterations: number;
}

/**
 * The `rank` leading singular values and vectors of A (m×n, row-major), nearly: the range of A is sought as that of (A·Aᵀ)^q·A·Ω, with a
 * normal Ω of rank + oversampling columns, q = iterations and orthonormalisation after every product; the decomposition is that of A
 * projected on it, so that no value exceeds that of A. Where half of all vectors or more are sought, it is `thinSvd`, cut off,
 * which is no slower then.
 * @param rng where Ω comes from; not drawn from where it is `thinSvd`
 * @throws DomainError when an entry is NaN or infinite, or a singular value exceeds float64; ShapeError when `a` has not m·n entries.
 * @source Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1
 */
export function truncatedSvd(
  a: Float64Array,
  m: number,
  n: number,
  { rank, oversampling, iterations }: TruncatedOptions,
  rng: Rng,
): SvdResult {
  checkMatrix('svd', a, m, n);
  const sought = rank + oversampling;
  if (2 * sought >= Math.min(m, n)) {
    const { ut, s, vt } = thinSvd(a, m, n);
    return { ut: ut.slice(0, rank * m), s: s.slice(0, rank), vt: vt.slice(0, rank * n) };
  }
  const exponent = scaleExponent(a);
  return withBlas(Math.max(m, n), (blas) => {
    const matrix = { data: scaled(blas, a, m, n, 2 ** exponent), ld: paddedLength(n) };
    const turned = { ...matrix, trans: true };
    const start = { data: blas.array(sought * n), ld: n };
    for (let t = 0; t < start.data.length; t++) start.data[t] = rng.normal();
    let range = orthonormalProduct(blas, sought, m, n, start, turned);
    for (let i = 0; i < iterations; i++) {
      const rows = orthonormalProduct(blas, sought, n, m, range, matrix);
      range = orthonormalProduct(blas, sought, m, n, rows, turned);
    }
    const projected = new Float64Array(sought * n);
    blas.multiply(sought, n, m, range, matrix, { data: projected, ld: n });
    const { ut: turns, s, vt } = thinSvd(projected, sought, n);
    const ut = new Float64Array(rank * m);
    blas.multiply(rank, m, sought, { data: turns, ld: sought }, range, { data: ut, ld: m });
    return { ut, s: unscale(s.subarray(0, rank), exponent, m, n), vt: vt.slice(0, rank * n) };
  });
}

function scaled(blas: Blas, a: Float64Array, m: number, n: number, scale: number): Float64Array {
  const ld = paddedLength(n);
  const out = blas.array(m * ld);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[i * ld + j] = a[i * n + j] * scale;
  return out;
}

/** Orthonormal rows that span those of X·B, for X (count × k) and B (k × n). */
function orthonormalProduct(blas: Blas, count: number, n: number, k: number, x: Matrix64, b: Matrix64): Matrix64 {
  const ld = paddedLength(n);
  const product = blas.array(count * ld);
  blas.multiply(count, n, k, x, b, { data: product, ld });
  const f = factor(blas, product, count, n, false);
  const data = blas.array(count * ld);
  for (let i = 0; i < count; i++) data[i * ld + i] = 1;
  applyReflectors(blas, f, count, { data, at: 0, ld, count }, true);
  return { data, ld };
}
