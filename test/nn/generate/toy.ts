/** A model without a model: logits follow from the tokens so far by chance, so every sequence has a likelihood that can be computed apart. */
import { Rng, type Tensor, tensor } from '../../../src/index.ts';
import type { Continuation } from '../../../src/nn/index.ts';

/** Logits of the token after a prefix, in ±3. */
export function logitsAfter(seed: number, prefix: readonly number[], v: number): number[] {
  const rng = new Rng(seed).fork(prefix.join());
  return Array.from({ length: v }, () => 6 * rng.uniform() - 3);
}

/** log-probabilities of the token after a prefix. */
export function scoresAfter(seed: number, prefix: readonly number[], v: number): number[] {
  const logits = logitsAfter(seed, prefix, v);
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - total);
}

/** How often the toy was asked, and for how many rows. */
export interface Toy extends Continuation {
  readonly asked: number[];
}

/** One sequence for each seed. */
export function toy(seeds: readonly number[], v: number, room: number = Infinity): Toy {
  let held = seeds.map((seed) => ({ seed, prefix: [] as number[] }));
  const asked: number[] = [];
  return {
    asked,
    room,
    get rows() {
      return held.length;
    },
    next(tokens?: readonly number[]): Tensor {
      asked.push(held.length);
      if (tokens !== undefined) held = held.map(({ seed, prefix }, i) => ({ seed, prefix: [...prefix, tokens[i]] }));
      return tensor(
        held.flatMap(({ seed, prefix }) => logitsAfter(seed, prefix, v)),
        { shape: [held.length, v], dtype: 'float64' },
      );
    },
    select(rows: readonly number[]): void {
      held = rows.map((row) => held[row]);
    },
  };
}

/** All sequences of at most `limit` tokens, ended or out of room, with their likelihoods. */
export function everySequence(
  seed: number,
  v: number,
  end: number | undefined,
  limit: number,
): { tokens: number[]; logProbability: number; ended: boolean; length: number }[] {
  const found: ReturnType<typeof everySequence> = [];
  const visit = (tokens: readonly number[], logProbability: number): void => {
    if (tokens.length === limit) {
      found.push({ tokens: [...tokens], logProbability, ended: false, length: limit });
      return;
    }
    for (const [token, score] of scoresAfter(seed, tokens, v).entries())
      if (token === end)
        found.push({
          tokens: [...tokens],
          logProbability: logProbability + score,
          ended: true,
          length: tokens.length + 1,
        });
      else visit([...tokens, token], logProbability + score);
  };
  visit([], 0);
  return found;
}
