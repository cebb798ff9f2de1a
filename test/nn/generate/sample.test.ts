/** Sampling on a toy model: frequencies are the chances, limits limit, and the same seed gives the same tokens. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng } from '../../../src/index.ts';
import { largest } from '../../../src/nn/generate/largest.ts';
import { type Generated, greedy, type SampleOptions, sample } from '../../../src/nn/index.ts';
import { scoresAfter, toy } from './toy.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });

test('largest: the order of a stable sort, without −∞', () => {
  const values = fc.array(fc.oneof(fc.constant(-Infinity), fc.integer({ min: -3, max: 3 })), { maxLength: 80 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 80 }), (list, k) => {
      const sorted = [...list.keys()].filter((i) => list[i] > -Infinity).sort((a, b) => list[b] - list[a]);
      assert.deepEqual(largest(list, k), sorted.slice(0, k));
    }),
  );
});

describe('sample', () => {
  const first = async (seed: number, v: number, draws: number, options: Partial<SampleOptions>): Promise<number[]> => {
    const same = Array.from({ length: draws }, () => seed);
    const found = await sample(toy(same, v), { rng: new Rng(seed), maxTokens: 1, ...options });
    const counts = new Array<number>(v).fill(0);
    for (const { tokens } of found) counts[tokens[0]]++;
    return counts;
  };

  test('tokens come as often as their chances say, with any temperature', async () => {
    for (const [seed, temperature] of [
      [1, 1],
      [2, 0.5],
      [3, 2],
    ]) {
      const draws = 4000;
      const counts = await first(seed, 5, draws, { temperature });
      const weights = scoresAfter(seed, [], 5).map((score) => Math.exp(score / temperature));
      const total = weights.reduce((sum, w) => sum + w, 0);
      for (const [token, count] of counts.entries()) {
        const p = weights[token] / total;
        // Five standard deviations.
        assert.ok(
          Math.abs(count - draws * p) < 5 * Math.sqrt(draws * p * (1 - p)),
          `${token}: ${count} of ${draws * p}`,
        );
      }
    }
  });

  test('topK leaves the k likeliest, topP the fewest that reach the share, and both in the right proportions', async () => {
    for (const seed of [4, 5, 6]) {
      const scores = scoresAfter(seed, [], 6);
      const order = largest(scores, 6);
      const counts = await first(seed, 6, 2000, { topK: 2 });
      assert.deepEqual(
        [...counts.keys()].filter((token) => counts[token] > 0),
        order.slice(0, 2).sort((a, b) => a - b),
      );
      const odds = Math.exp(scores[order[0]] - scores[order[1]]);
      const share = odds / (1 + odds);
      assert.ok(Math.abs(counts[order[0]] / 2000 - share) < 5 * Math.sqrt((share * (1 - share)) / 2000));
      let sum = 0;
      const nucleus = order.filter((token) => {
        const wanted = sum < 0.7;
        sum += Math.exp(scores[token]);
        return wanted;
      });
      const drawn = await first(seed, 6, 2000, { topP: 0.7 });
      assert.deepEqual(
        [...drawn.keys()].filter((token) => drawn[token] > 0),
        nucleus.sort((a, b) => a - b),
      );
    }
  });

  test('topK 1, a tiny share and a tiny temperature are greedy', async () => {
    const limits = fc.constantFrom({ topK: 1 }, { topP: 1e-9 }, { temperature: 1e-9 });
    await fc.assert(
      fc.asyncProperty(fc.array(seeds, { minLength: 1, maxLength: 3 }), limits, async (all, limit) => {
        const ends = { end: 0, maxTokens: 4 };
        const drawn = await sample(toy(all, 4), { ...ends, ...limit, rng: new Rng(1) });
        assert.deepEqual(drawn, await greedy(toy(all, 4), ends));
      }),
    );
  });

  test('the same seed gives the same tokens, and their likelihood is that of the model', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, seeds, async (seed, chance) => {
        const draw = (): Promise<readonly Generated[]> =>
          sample(toy([seed, seed + 1], 4), { end: 0, maxTokens: 5, temperature: 1.5, topK: 3, rng: new Rng(chance) });
        const found = await draw();
        assert.deepEqual(found, await draw());
        for (const [i, { tokens, logProbability, ended }] of found.entries()) {
          const all = ended ? [...tokens, 0] : tokens;
          const sum = all.reduce((s, token, at) => s + scoresAfter(seed + i, all.slice(0, at), 4)[token], 0);
          assert.ok(Math.abs(sum - logProbability) < 1e-9);
        }
      }),
    );
  });

  test('options out of range are refused by name', async () => {
    const bad: [object, RegExp][] = [
      [{ rng: undefined }, /rng/],
      [{ temperature: 0 }, /temperature/],
      [{ temperature: Infinity }, /temperature/],
      [{ topK: 0 }, /topK/],
      [{ topP: 0 }, /topP/],
      [{ topP: 1.1 }, /topP/],
      [{ topP: Number.NaN }, /topP/],
      [{ top_k: 3 }, /top_k/],
    ];
    for (const [options, message] of bad)
      await assert.rejects(
        sample(toy([1], 3), { rng: new Rng(1), maxTokens: 1, ...options } as SampleOptions),
        (error: unknown) => error instanceof DomainError && error.op === 'sample' && message.test(error.message),
      );
  });
});
