import { DomainError } from '../../tensor/errors.ts';

/**
 * Share of examples whose class was told.
 * @param predicted [n] classes
 * @param actual [n] classes
 * @throws DomainError when there are no examples, or the lists differ in length
 */
export function accuracy(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  const n = actual.length;
  if (n === 0 || predicted.length !== n)
    throw new DomainError('accuracy', `needs a prediction for each example, got ${predicted.length} for ${n}`);
  let right = 0;
  for (let i = 0; i < n; i++) if (predicted[i] === actual[i]) right++;
  return right / n;
}
