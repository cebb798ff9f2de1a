import { dot } from './kernels.ts';

/**
 * Cholesky factor of a symmetric matrix (n×n, row-major), in place: A = L·Lᵀ, L lower triangular with a positive diagonal.
 * Reads the lower triangle; writes zeros above the diagonal.
 * @returns 0, or the order of the first leading minor that is not positive: then A has no factor, and the array is spoilt.
 * @source Golub & Van Loan, Matrix Computations, section 4.2.
 */
export function choleskyFactor(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = (a[i * n + j] as number) - dot(a, i * n, a, j * n, j);
      if (i > j) a[i * n + j] = rest / (a[j * n + j] as number);
      else if (rest > 0) a[i * n + i] = Math.sqrt(rest);
      else return i + 1;
    }
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return 0;
}
