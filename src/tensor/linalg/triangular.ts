import { addScaled } from './kernels.ts';

/** Which triangle of a matrix counts, and how. */
export interface Triangle {
  /** The upper one, in place of the lower. */
  readonly upper: boolean;
  /** Its transpose is meant. */
  readonly trans: boolean;
  /** The diagonal counts as ones, whatever is stored there. */
  readonly unit: boolean;
}

/**
 * Solves T·X = B for a triangular T (n×n, row-major; Tᵀ·X = B with `trans`) by substitution; B (n×k, row-major) becomes X.
 * The other triangle of T is not read. A zero on the diagonal divides as IEEE 754 says.
 */
export function substitute(t: Float64Array, n: number, x: Float64Array, k: number, triangle: Triangle): void {
  const { upper, trans, unit } = triangle;
  const forward = upper === trans;
  const [rowStep, columnStep] = trans ? [1, n] : [n, 1];
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    for (let past = 0; past < step; past++) {
      const j = forward ? past : n - 1 - past;
      addScaled(-(t[i * rowStep + j * columnStep] as number), x, j * k, x, i * k, k);
    }
    if (unit) continue;
    const pivot = t[i * n + i] as number;
    for (let c = i * k; c < (i + 1) * k; c++) x[c] = (x[c] as number) / pivot;
  }
}
