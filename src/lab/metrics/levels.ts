import { DomainError } from '../../tensor/errors.ts';

/** One score that positives have, and how the negatives lie around it. */
export interface Level {
  /** Positives of this score. */
  readonly positives: number;
  /** Negatives with a higher score. */
  readonly above: number;
  /** Negatives with this score. */
  readonly tied: number;
}

/**
 * The different scores of the positives, highest first: all that a metric of a ranking depends on. It takes one sort of each list.
 * @throws DomainError when a score is NaN
 */
export function* levels(
  op: string,
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
): Generator<Level, void, void> {
  const [ours, others] = [positives, negatives].map((scores) => Float64Array.from(scores).sort());
  // NaN is sorted to the end.
  if (Number.isNaN(ours.at(-1)) || Number.isNaN(others.at(-1))) throw new DomainError(op, 'a score is NaN');
  let p = ours.length - 1;
  let n = others.length - 1;
  while (p >= 0) {
    const score = ours[p];
    const first = p;
    while (p >= 0 && ours[p] === score) p--;
    while (n >= 0 && others[n] > score) n--;
    const above = others.length - 1 - n;
    while (n >= 0 && others[n] === score) n--;
    yield { positives: first - p, above, tied: others.length - 1 - n - above };
  }
}
