/** Drawing the active vectors: p_i = ½·(1/k + σ_i/Σσ), r distinct indices one after another. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng } from '../../src/index.ts';
import { drawDistinct, samplingProbabilities } from '../../src/sst/index.ts';

const spectra = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })), {
  minLength: 1,
  maxLength: 12,
});
const weightLists = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 10, noNaN: true })), {
  maxLength: 10,
});
const seeds = fc.integer({ min: 0, max: 1e6 });
const positives = (weights: readonly number[]): number[] => [...weights.keys()].filter((i) => weights[i] > 0);

describe('samplingProbabilities', () => {
  test('is ½·(1/k + σ_i/Σσ): a sum of 1, at least 1/(2k) each, larger for larger σ', () => {
    fc.assert(
      fc.property(spectra, (sigma) => {
        const p = samplingProbabilities(sigma);
        const total = sigma.reduce((a, b) => a + b, 0);
        const k = sigma.length;
        assert.ok(Math.abs(p.reduce((a, b) => a + b, 0) - 1) <= 1e-14, 'a sum of 1');
        for (const [i, s] of sigma.entries()) {
          const expected = total === 0 ? 1 / k : 0.5 * (1 / k + s / total);
          assert.ok(Math.abs(p[i] - expected) <= 1e-15, `p_${i} is ${p[i]}, not ${expected}`);
          assert.ok(p[i] >= 0.5 / k - 1e-16, 'at least 1/(2k)');
          for (const [j, other] of sigma.entries()) if (other > s) assert.ok(p[j] >= p[i], 'monotone in σ');
        }
      }),
    );
  });

  test('is uniform when all σ are 0, and does not depend on their scale', () => {
    assert.deepEqual([...samplingProbabilities([0, 0, 0, 0])], [0.25, 0.25, 0.25, 0.25]);
    assert.deepEqual([...samplingProbabilities(Float32Array.of(3, 1))], [0.625, 0.375]);
    assert.deepEqual([...samplingProbabilities([3e-300, 1e-300])], [...samplingProbabilities([3, 1])]);
    assert.equal(samplingProbabilities([]).length, 0);
  });

  test('a σ that is NaN or infinite is not drawn from as if nothing were wrong', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => drawDistinct(samplingProbabilities([1, bad]), 1, new Rng(1)), DomainError);
  });
});

describe('drawDistinct', () => {
  test('gives r distinct indices of positive weight, for every r that there are', () => {
    fc.assert(
      fc.property(weightLists, seeds, (weights, seed) => {
        const possible = positives(weights);
        for (let r = 0; r <= possible.length; r++) {
          const drawn = [...drawDistinct(weights, r, new Rng(seed))];
          assert.equal(new Set(drawn).size, r);
          assert.ok(
            drawn.every((i) => possible.includes(i)),
            'an index of weight 0',
          );
          if (r === possible.length)
            assert.deepEqual(
              drawn.sort((a, b) => a - b),
              possible,
            );
        }
      }),
    );
  });

  test('replays from the seed, and leaves the weights as they were', () => {
    fc.assert(
      fc.property(weightLists, seeds, (weights, seed) => {
        const r = positives(weights).length;
        const before = [...weights];
        assert.deepEqual(drawDistinct(weights, r, new Rng(seed)), drawDistinct(weights, r, new Rng(seed)));
        assert.deepEqual(weights, before);
      }),
    );
  });

  test('the first index has its weight as frequency: chi-square of 20,000 draws below the 99.9 % quantile', () => {
    const weights = [1, 2, 3, 4, 0, 10];
    const [total, draws, rng] = [20, 20_000, new Rng(3)];
    const seen = new Array<number>(weights.length).fill(0);
    for (let i = 0; i < draws; i++) seen[drawDistinct(weights, 1, rng)[0]] += 1;
    const chi = positives(weights).reduce((sum, i) => {
      const expected = (draws * weights[i]) / total;
      return sum + (seen[i] - expected) ** 2 / expected;
    }, 0);
    assert.ok(chi < 18.5, `χ² = ${chi} with 4 degrees of freedom`);
    assert.equal(seen[4], 0);
  });

  test('the second index is drawn from those that are left: pairs (i, j) come as p_i·p_j/(1 − p_i)', () => {
    const p = [0.5, 0.3, 0.2];
    const [draws, rng] = [20_000, new Rng(4)];
    const seen = new Map<string, number>();
    for (let n = 0; n < draws; n++) {
      const pair = drawDistinct(p, 2, rng).join();
      seen.set(pair, (seen.get(pair) ?? 0) + 1);
    }
    for (const [i, a] of p.entries())
      for (const [j, b] of p.entries())
        if (i !== j) {
          const expected = (a * b) / (1 - a);
          const error = Math.abs((seen.get(`${i},${j}`) ?? 0) / draws - expected);
          assert.ok(error < 4 * Math.sqrt((expected * (1 - expected)) / draws), `${i},${j}: off by ${error}`);
        }
  });

  test('k = 64, r = 8, half-normal σ: inclusion is r·p_i to 12 %, and 8 draws visit about 63 % of the vectors (PAPER 2.5)', () => {
    const [k, r, rounds, rng] = [64, 8, 3000, new Rng(5)];
    const p = samplingProbabilities(Array.from({ length: k }, () => Math.abs(rng.normal())));
    const seen = new Array<number>(k).fill(0);
    let visited = 0;
    for (let round = 0; round < rounds; round++) {
      const met = new Set<number>();
      for (let i = 0; i < k / r; i++) for (const j of drawDistinct(p, r, rng)) met.add(j).size;
      for (const j of drawDistinct(p, r, rng)) seen[j] += 1;
      visited += met.size / k / rounds;
    }
    for (const [i, n] of seen.entries()) {
      const [share, ideal] = [n / rounds, r * p[i]];
      const noise = 4 * Math.sqrt((ideal * (1 - ideal)) / rounds);
      assert.ok(Math.abs(share - ideal) < 0.12 * ideal + noise, `${i}: ${share}, ideally ${ideal}`);
    }
    assert.ok(Math.abs(visited - 0.63) < 0.02, `visited ${visited}`);
  });

  test('weights that are negative or not finite, and an r that cannot be had, are refused', () => {
    const rng = new Rng(1);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => drawDistinct([1, bad], 1, rng), DomainError);
    for (const r of [-1, 0.5, 3, Number.NaN]) assert.throws(() => drawDistinct([1, 0, 1], r, rng), DomainError);
    assert.deepEqual([...drawDistinct([], 0, rng)], []);
  });
});
