import { withBlas } from './blas.ts';
import { thinSvd } from './svd.ts';

/** A pseudoinverse; see `pseudoInverse`. */
export interface PseudoInverse {
  /** n×m. */
  readonly inverse: Float64Array;
  /** The largest singular value taken for zero, as a share of the largest of all; 0 when there is none. */
  readonly cut: number;
}

/**
 * The Moore–Penrose inverse A⁺ = Σ v_i·u_iᵀ/s_i of A (m×n, row-major), over the singular values beyond rcond·s_0.
 * @throws DomainError when an entry is not finite.
 * @source Penrose, "A generalized inverse for matrices", 1955.
 */
export function pseudoInverse(a: Float64Array, m: number, n: number, rcond: number): PseudoInverse {
  const { ut, s, vt } = thinSvd(a, m, n);
  const top = s[0] ?? 0;
  let rank = 0;
  while (rank < s.length && s[rank] > rcond * top) rank++;
  for (let i = 0; i < rank; i++) for (let j = i * n; j < (i + 1) * n; j++) vt[j] /= s[i];
  const inverse = new Float64Array(n * m);
  withBlas(Math.max(m, n), (blas) =>
    blas.multiply(n, m, rank, { data: vt, ld: n, trans: true }, { data: ut, ld: m }, { data: inverse, ld: m }),
  );
  return { inverse, cut: top === 0 ? 0 : (s[rank] ?? 0) / top };
}
