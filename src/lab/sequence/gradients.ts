import type { GradientPoint } from './results.ts';

/**
 * Pearson's correlation of two runs' gradient norms, over the steps at which both were looked at; NaN where there are fewer than three, or one
 * does not vary.
 * @source arXiv 2405.15481, Figure 2
 */
export function gradientCorrelation(a: readonly GradientPoint[], b: readonly GradientPoint[]): number {
  const theirs = new Map(b.map(({ step, norm }) => [step, norm]));
  const pairs = a.flatMap(({ step, norm }): [number, number][] => {
    const other = theirs.get(step);
    return other === undefined ? [] : [[norm, other]];
  });
  const n = pairs.length;
  if (n < 3) return Number.NaN;
  const [meanA, meanB] = [0, 1].map((side) => pairs.reduce((sum, pair) => sum + pair[side], 0) / n);
  let [ab, aa, bb] = [0, 0, 0];
  for (const [x, y] of pairs) {
    ab += (x - meanA) * (y - meanB);
    aa += (x - meanA) ** 2;
    bb += (y - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
