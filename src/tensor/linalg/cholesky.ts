import { withBlas } from './blas.ts';
import { dot } from './kernels.ts';

/** Columns of L that are computed together; those of a matrix up to which all are. */
const block = 32;
const few = 64;

/**
 * Cholesky factor of a symmetric matrix (n×n, row-major), in place: A = L·Lᵀ, L lower triangular with a positive diagonal.
 * Reads the lower triangle; writes zeros above the diagonal.
 * @returns 0, or the order of the first leading minor that is not positive: then A has no factor, and the array is spoilt.
 * @source Golub & Van Loan, Matrix Computations, sections 4.2.5 and 4.2.9 (by blocks).
 */
export function choleskyFactor(a: Float64Array, n: number): number {
  const size = n <= few ? few : block;
  return withBlas(n <= few ? 0 : n, (blas) => {
    const l = blas.array(n * n);
    l.set(a);
    for (let from = 0; from < n; from += size) {
      const to = Math.min(from + size, n);
      const b = { data: blas.array((to - from) * from), ld: from, trans: true };
      for (let i = 0; i < b.data.length; i++) b.data[i] = -l[(from + Math.floor(i / from)) * n + (i % from)];
      const rest = { data: l, at: from * n, ld: n };
      blas.multiply(n - from, to - from, from, rest, b, { data: l, at: from * n + from, ld: n }, true);
      const order = factorColumns(l, n, from, to);
      if (order > 0) return order;
    }
    for (let i = 0; i < n; i++) l.fill(0, i * n + i + 1, (i + 1) * n);
    a.set(l);
    return 0;
  });
}

/** Columns from..to − 1 of L, from which the columns before were taken out. */
function factorColumns(l: Float64Array, n: number, from: number, to: number): number {
  for (let i = from; i < n; i++)
    for (let j = from; j < Math.min(i + 1, to); j++) {
      const rest = l[i * n + j] - dot(l, i * n + from, l, j * n + from, j - from);
      if (i > j) l[i * n + j] = rest / l[j * n + j];
      else if (rest > 0) l[i * n + i] = Math.sqrt(rest);
      else return i + 1;
    }
  return 0;
}
