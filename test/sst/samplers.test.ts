/** The samplers by name: how often each includes a vector, against the exact probabilities of drawing one after another. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng } from '../../src/index.ts';
import { type Sampling, samplers, samplingProbabilities } from '../../src/sst/index.ts';

const names = Object.keys(samplers) as Sampling[];
const contexts = fc
  .record({
    sigma: fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 9, noNaN: true })), {
      minLength: 1,
      maxLength: 9,
    }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    iteration: fc.nat(20),
    seed: fc.nat(1e6),
  })
  .map(({ sigma, part, iteration, seed }) => {
    const rank = Math.max(1, Math.round(part * sigma.length));
    return { sigma, order: new Rng(seed).permutation(sigma.length), rank, iteration, seed };
  });

/** How likely each index is among r, drawn one after another with these weights: summed over all orders. */
function inclusion(weights: readonly number[], r: number): number[] {
  const found = weights.map(() => 0);
  const visit = (left: readonly number[], chance: number, depth: number): void => {
    const total = left.reduce((a, b) => a + b, 0);
    if (depth === r || total === 0) return;
    for (const [i, w] of left.entries()) {
      if (w === 0) continue;
      found[i] += (chance * w) / total;
      visit(left.with(i, 0), (chance * w) / total, depth + 1);
    }
  };
  visit(weights, 1, 0);
  return found;
}

/** Shares of `draws` in which each slot was chosen, and the largest allowed error: five standard deviations. */
function frequencies(name: Sampling, sigma: readonly number[], rank: number, draws: number): number[] {
  const rng = new Rng(11);
  const order = [...sigma.keys()];
  const counts = sigma.map(() => 0);
  for (let i = 0; i < draws; i++)
    for (const slot of samplers[name]({ sigma, order, rank, iteration: i, rng })) counts[slot] += 1 / draws;
  return counts;
}

describe('samplers', () => {
  for (const name of names)
    test(`${name}: r distinct slots, the same from the same state`, () => {
      fc.assert(
        fc.property(contexts, ({ seed, ...context }) => {
          const rng = new Rng(seed);
          const { state } = rng;
          const slots = [...samplers[name]({ ...context, rng })];
          assert.equal(new Set(slots).size, context.rank);
          assert.ok(
            slots.every((i) => i >= 0 && i < context.sigma.length),
            `${slots}`,
          );
          rng.state = state;
          assert.deepEqual([...samplers[name]({ ...context, rng })], slots);
        }),
      );
    });

  const sigma = [5, 3, 1, 0.5, 0];
  for (const [name, weights] of [
    ['multinomial-uniform', [...samplingProbabilities(sigma)]],
    ['multinomial', sigma],
    ['uniform', [1, 1, 1, 1, 1]],
  ] as const)
    test(`${name}: every vector is included as often as drawing one after another includes it`, () => {
      for (const rank of [1, 2, 3]) {
        const draws = 4000;
        const found = frequencies(name, sigma, rank, draws);
        for (const [i, p] of inclusion(weights, rank).entries()) {
          const room = 5 * Math.sqrt((p * (1 - p)) / draws) + 1e-12;
          assert.ok(Math.abs(found[i] - p) <= room, `slot ${i} of rank ${rank}: ${found[i]}, not ${p}`);
        }
      }
    });

  test('multinomial: zeros come only when there is nothing else, and then evenly', () => {
    const found = frequencies('multinomial', [2, 0, 0, 1, 0], 3, 3000);
    assert.deepEqual(
      [found[0], found[3]].map((p) => p.toFixed(9)),
      ['1.000000000', '1.000000000'],
    );
    for (const i of [1, 2, 4]) assert.ok(Math.abs(found[i] - 1 / 3) < 0.05, `slot ${i}: ${found[i]}`);
  });

  test('sequential: one sweep visits every vector, wherever it lies; a set of r that divides k visits each once', () => {
    fc.assert(
      fc.property(contexts, ({ sigma: values, order, rank, seed }) => {
        const k = values.length;
        const rng = new Rng(seed);
        const sweep = Array.from({ length: Math.ceil(k / rank) }, (_, iteration) =>
          [...samplers.sequential({ sigma: values, order, rank, iteration, rng })].map((slot) => order[slot]),
        ).flat();
        assert.deepEqual(new Set(sweep), new Set(order));
        if (k % rank === 0) assert.equal(sweep.length, k);
      }),
    );
  });

  test('top-r: no σ left out is larger than one taken; equal ones by slot', () => {
    fc.assert(
      fc.property(contexts, ({ sigma: values, order, rank, seed }) => {
        const taken = [...samplers['top-r']({ sigma: values, order, rank, iteration: 0, rng: new Rng(seed) })];
        const least = Math.min(...taken.map((i) => values[i]));
        for (const [i, s] of values.entries())
          if (!taken.includes(i))
            assert.ok(s < least || (s === least && i > Math.max(...taken.filter((j) => values[j] === s))), `${i}`);
      }),
    );
  });

  test('a σ that is not a number is refused by all that look at σ', () => {
    for (const name of ['multinomial-uniform', 'multinomial', 'top-r'] as const)
      assert.throws(
        () => samplers[name]({ sigma: [1, Number.NaN], order: [0, 1], rank: 1, iteration: 0, rng: new Rng(1) }),
        DomainError,
        name,
      );
  });
});
