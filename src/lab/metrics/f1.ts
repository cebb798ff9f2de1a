import { DomainError } from '../../tensor/errors.ts';

/** Of which class F1 is: class 1; all decisions together; or the mean of the classes. */
export type F1Average = 'binary' | 'micro' | 'macro';

/**
 * F1 = 2·TP/(2·TP + FP + FN), 0 where nothing is predicted or to be found: `binary` of class 1; `micro` with the counts of all classes
 * added up, which is accuracy; `macro` the mean over the classes that occur in either list.
 * @param predicted [n] in 0..classes−1
 * @param actual [n] in 0..classes−1
 * @param average default: `binary` for two classes, else `micro`
 * @throws DomainError when there are no examples, the lists differ in length, or a class is outside
 * @source van Rijsbergen, "Information retrieval", 1979; averages as in scikit-learn, `f1_score`
 */
export function f1(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  classes: number,
  average: F1Average = classes === 2 ? 'binary' : 'micro',
): number {
  const n = actual.length;
  if (n === 0 || predicted.length !== n)
    throw new DomainError('f1', `needs a prediction for each example, got ${predicted.length} for ${n}`);
  const counts = Array.from({ length: classes }, () => ({ right: 0, predicted: 0, actual: 0 }));
  for (let i = 0; i < n; i++) {
    const [guess, truth] = [counts[predicted[i]], counts[actual[i]]];
    if (guess === undefined || truth === undefined)
      throw new DomainError('f1', `classes are 0..${classes - 1}, got ${predicted[i]} for ${actual[i]}`);
    guess.predicted++;
    truth.actual++;
    if (guess === truth) guess.right++;
  }
  const score = (count: (typeof counts)[number]): number =>
    count.right === 0 ? 0 : (2 * count.right) / (count.predicted + count.actual);
  if (average === 'binary') {
    if (classes !== 2) throw new DomainError('f1', `binary is of two classes, got ${classes}`);
    return score(counts[1]);
  }
  if (average === 'micro') return counts.reduce((sum, { right }) => sum + right, 0) / n;
  const present = counts.filter((count) => count.predicted + count.actual > 0);
  return present.reduce((sum, count) => sum + score(count), 0) / present.length;
}
