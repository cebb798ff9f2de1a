/** Greedy and beam search on a toy model: against every sequence there is, one by one and together, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng, tensor } from '../../../src/index.ts';
import {
  type BeamOptions,
  beamSearch,
  type Continuation,
  type Generated,
  greedy,
  sample,
} from '../../../src/nn/index.ts';
import { assertRefuses } from '../../harness/compare.ts';
import { everySequence, scoresAfter, toy } from './toy.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });
const small = { v: fc.integer({ min: 2, max: 4 }), limit: fc.integer({ min: 1, max: 4 }) };
const alphas = fc.constantFrom(0, 0.6, 1, 2);
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;

/** The error of an asynchronous call, raised again. */
async function refused(call: () => Promise<unknown>, op: string, message: RegExp): Promise<void> {
  let raised: unknown;
  await call().catch((error: unknown) => {
    raised = error;
  });
  assertRefuses(
    () => {
      if (raised !== undefined) throw raised;
    },
    DomainError,
    op,
    message,
  );
}

describe('greedy', () => {
  test('takes the likeliest token again and again, until the end or until there is no room', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(seeds, { minLength: 1, maxLength: 4 }), small.v, small.limit, async (all, v, limit) => {
        const found = await greedy(toy(all, v), { end: 0, maxTokens: limit });
        for (const [i, { tokens, logProbability, ended }] of found.entries()) {
          let sum = 0;
          const walked = ended ? [...tokens, 0] : tokens;
          for (const [at, token] of walked.entries()) {
            const scores = scoresAfter(all[i], walked.slice(0, at), v);
            assert.equal(token, scores.indexOf(Math.max(...scores)));
            sum += scores[token];
          }
          assert.ok(near(sum, logProbability) && !tokens.includes(0));
          assert.ok(ended ? walked.length <= limit : tokens.length === limit);
        }
      }),
    );
  });

  test('asks once for each token, and only for sequences that go on', async () => {
    const model = toy([1, 2, 3, 4, 5, 6], 3);
    const found = await greedy(model, { end: 2, maxTokens: 5 });
    const lengths = found.map(({ tokens, ended }) => tokens.length + Number(ended));
    const expected = Array.from({ length: Math.max(...lengths) }, (_, step) => lengths.filter((n) => n > step).length);
    assert.deepEqual(model.asked, expected);
    assert.ok(new Set(lengths).size > 1, 'they end at different times');
  });

  test('room for nothing gives empty sequences; less room than asked for ends them', async () => {
    const empty: Generated = { tokens: [], logProbability: 0, ended: false };
    assert.deepEqual(await greedy(toy([1, 2], 3), { end: 0, maxTokens: 0 }), [empty, empty]);
    const [one] = await greedy(toy([1], 3, 2), { maxTokens: 9 });
    assert.deepEqual([one.tokens.length, one.ended], [2, false]);
  });
});

describe('beamSearch', () => {
  test('wide enough it finds the best of all sequences, for every length penalty, in their order', async () => {
    const options = fc.record({ alpha: alphas, best: fc.integer({ min: 1, max: 3 }), ends: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(seeds, small.v, small.limit, options, async (seed, v, limit, { alpha, best, ends }) => {
        const end = ends ? 1 : undefined;
        const beam = v ** limit;
        const penalty = (n: number): number => ((5 + n) / 6) ** alpha;
        const all = everySequence(seed, v, end, limit)
          .map((one) => ({ ...one, score: one.logProbability / penalty(one.length) }))
          .sort((a, b) => b.score - a.score);
        const settings = { beam, alpha, best: Math.min(best, beam), maxTokens: limit };
        const [found] = await beamSearch(toy([seed], v), end === undefined ? settings : { ...settings, end });
        assert.equal(found.length, Math.min(settings.best, all.length));
        for (const [i, one] of found.entries()) {
          assert.deepEqual([one.tokens, one.ended], [all[i].tokens, all[i].ended]);
          assert.ok(near(one.score, all[i].score) && near(one.logProbability, all[i].logProbability));
        }
      }),
    );
  });

  test('with a beam of 1 it is greedy', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(seeds, { minLength: 1, maxLength: 3 }),
        small.v,
        small.limit,
        alphas,
        async (all, v, limit, alpha) => {
          const ends = { end: 0, maxTokens: limit };
          const found = await beamSearch(toy(all, v), { ...ends, beam: 1, alpha });
          const same = await greedy(toy(all, v), ends);
          assert.deepEqual(
            found.map(([{ tokens, logProbability, ended }]) => ({ tokens, logProbability, ended })),
            same,
          );
        },
      ),
    );
  });

  test('rows of a batch do not see each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(seeds, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        alphas,
        async (all, beam, alpha) => {
          const options: BeamOptions = { end: 0, maxTokens: 5, beam, alpha, best: beam };
          const together = await beamSearch(toy(all, 4), options);
          for (const [i, seed] of all.entries())
            assert.deepEqual(together[i], (await beamSearch(toy([seed], 4), options))[0]);
        },
      ),
    );
  });

  test('it stops when nothing can become better', async () => {
    // The end has nearly all of the likelihood at once.
    const certain: Continuation & { asked: number } = {
      asked: 0,
      rows: 1,
      room: 100,
      next() {
        this.asked++;
        return tensor([[9, 0, 0]], { dtype: 'float64' });
      },
      select() {},
    };
    const [[one]] = await beamSearch(certain, { end: 0, maxTokens: 50, beam: 1 });
    assert.deepEqual([one.tokens, one.ended, certain.asked], [[], true, 1]);
  });
});

describe('what is refused', () => {
  test('options out of range, by name', async () => {
    const model = (): Continuation => toy([1], 3);
    for (const maxTokens of [-1, 1.5, Number.NaN])
      await refused(() => greedy(model(), { maxTokens }), 'greedy', /maxT/);
    await refused(() => greedy(model(), { maxTokens: 1, end: -1 }), 'greedy', /end/);
    await refused(() => greedy(model(), { maxTokens: 1, eos: 2 } as never), 'greedy', /eos/);
    const beams: [Partial<BeamOptions>, RegExp][] = [
      [{ beam: 0 }, /beam/],
      [{ beam: 2, best: 3 }, /best/],
      [{ beam: 2, best: 0 }, /best/],
      [{ beam: 2, alpha: -1 }, /alpha/],
      [{ beam: 2, alpha: Number.NaN }, /alpha/],
    ];
    for (const [options, message] of beams)
      await refused(() => beamSearch(model(), { maxTokens: 1, ...options } as BeamOptions), 'beamSearch', message);
  });

  test('a model that gives NaN', async () => {
    const broken = (): Continuation => ({
      rows: 1,
      room: 9,
      next: () => tensor([[0, Number.NaN]], { dtype: 'float64' }),
      select() {},
    });
    await refused(() => greedy(broken(), { maxTokens: 2 }), 'greedy', /NaN/);
    await refused(() => beamSearch(broken(), { maxTokens: 2, beam: 2 }), 'beamSearch', /NaN/);
    await refused(() => sample(broken(), { maxTokens: 2, rng: new Rng(1) }), 'sample', /NaN/);
  });
});
