import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Pairs, Parts } from './text.ts';

/** Pairs that are held back, of each kind: a tenth of them, but not more than this many. */
const mostHeld = 1000;

/**
 * Pairs divided at random: a tenth for testing, a tenth for validation, at most 1,000 each, the rest for training. Texts that occur more than
 * once do not leak: a pair with a text of the test part, on either side, is in no other part, nor one with a text of the validation part in the
 * training part.
 * @throws DomainError when nothing is left for a part
 */
export function splitPairs(pairs: Pairs, rng: Rng): Parts<Pairs> {
  const n = pairs.source.length;
  const held = Math.max(1, Math.min(mostHeld, Math.floor(n / 10)));
  let order: readonly number[] = Array.from(rng.permutation(n));
  const part = (size: number): Pairs => {
    const chosen = pick(pairs, order.slice(0, size));
    const [sources, targets] = [new Set(chosen.source), new Set(chosen.target)];
    order = order.slice(size).filter((i) => !sources.has(pairs.source[i]) && !targets.has(pairs.target[i]));
    if (chosen.source.length === 0)
      throw new DomainError('splitPairs', `${n} pairs cannot be divided into three parts`);
    return chosen;
  };
  const test = part(held);
  const val = part(held);
  return { train: part(n), val, test };
}

const pick = ({ source, target }: Pairs, places: readonly number[]): Pairs => ({
  source: places.map((i) => source[i]),
  target: places.map((i) => target[i]),
});
