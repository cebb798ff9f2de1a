import { DomainError } from '../../tensor/errors.ts';

/**
 * Pearson's correlation of two series, in [−1, 1]: Σ(a − ā)(b − b̄) / √(Σ(a − ā)²·Σ(b − b̄)²). NaN where one does not vary, or a value is not finite.
 * @throws DomainError unless both have as many values, at least two
 */
export function correlation(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length < 2)
    throw new DomainError('correlation', `two series of one length >= 2, got ${a.length} and ${b.length} values`);
  const [da, db] = [deviations(a), deviations(b)];
  const product = da.reduce((sum, d, i) => sum + d * db[i], 0);
  // Rounding may leave the quotient of equal series just beyond 1.
  return Math.min(1, Math.max(-1, product / (Math.hypot(...da) * Math.hypot(...db))));
}

function deviations(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.map((v) => v - mean);
}
