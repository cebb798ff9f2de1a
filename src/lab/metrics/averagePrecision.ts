import { DomainError } from '../../tensor/errors.ts';
import { levels } from './levels.ts';

/**
 * Σ (Rₜ − Rₜ₋₁)·Pₜ over the thresholds t from high to low, with recall R and precision P of "the score is at least t". Examples of one
 * score pass a threshold together; there is no interpolation.
 * @param positives scores of the examples to be found, higher is likelier
 * @param negatives scores of the others, perhaps none
 * @throws DomainError when there are no positives or a score is NaN
 * @source the definition of scikit-learn, `average_precision_score`
 */
export function averagePrecision(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  if (positives.length === 0) throw new DomainError('averagePrecision', 'needs an example to be found');
  let found = 0;
  let sum = 0;
  for (const level of levels('averagePrecision', positives, negatives)) {
    found += level.positives;
    sum += (level.positives * found) / (found + level.above + level.tied);
  }
  return sum / positives.length;
}
