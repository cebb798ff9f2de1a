import { DomainError } from '../../tensor/errors.ts';
import { levels } from './levels.ts';

/**
 * Area under the ROC curve: the share of pairs (positive, negative) in which the positive has the higher score, a tie counting half.
 * It is the statistic of Mann and Whitney with mid-ranks, divided by the number of pairs.
 * @param positives scores of the examples to be found, higher is likelier
 * @param negatives scores of the others
 * @throws DomainError when a list is empty or a score is NaN
 * @source Hanley & McNeil, "The meaning and use of the area under a ROC curve", 1982
 */
export function rocAuc(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  const total = negatives.length;
  if (positives.length === 0 || total === 0)
    throw new DomainError('rocAuc', `needs examples of both kinds, got ${positives.length} and ${total}`);
  let won = 0;
  for (const level of levels('rocAuc', positives, negatives))
    won += level.positives * (total - level.above - level.tied / 2);
  return won / (positives.length * total);
}
