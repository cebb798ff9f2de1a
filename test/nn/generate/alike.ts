/** A search with a cache finds what a search without one does, and a translation model's padded sentences what each alone would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noGrad, Rng, slice, type Tensor, tensor } from '../../../src/index.ts';
import { beamSearch, type Continuation, continueTranslations, greedy, sample } from '../../../src/nn/index.ts';
import { randomRows, tokensOf, vocabulary } from '../models/make.ts';
import type { TranslationModelClaim } from '../models/translationLaws.ts';

const seeds = fc.integer({ min: 0, max: 1000 });
const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });

/** A continuation without a cache: `call` on all tokens of a row, again and again. */
export function uncached(
  rows: readonly (readonly number[])[],
  call: (row: readonly number[], i: number) => Tensor,
): Continuation {
  let held = rows.map((tokens, i) => ({ tokens, i }));
  return {
    room: 8,
    get rows() {
      return held.length;
    },
    next(tokens?: readonly number[]): Tensor {
      if (tokens !== undefined) held = held.map((one, at) => ({ ...one, tokens: [...one.tokens, tokens[at]] }));
      const last = held.map((one) => [
        ...slice(
          noGrad(() => call(one.tokens, one.i)),
          [0, -1],
        ).data,
      ]);
      return tensor(last.flat(), { shape: [held.length, vocabulary], dtype: 'float64' });
    },
    select(kept: readonly number[]): void {
      held = kept.map((row) => held[row]);
    },
  };
}

/** Both find the same by every kind of search. */
export async function assertAlike(make: () => Continuation, plain: () => Continuation): Promise<void> {
  const ends = { end: 3, maxTokens: 6 };
  const rounded = (found: unknown): string =>
    JSON.stringify(found, (_, v) => (typeof v === 'number' ? Number(v.toFixed(9)) : v));
  assert.equal(rounded(await greedy(make(), ends)), rounded(await greedy(plain(), ends)));
  const wide = { ...ends, beam: 3, best: 2, alpha: 0.6 };
  assert.equal(rounded(await beamSearch(make(), wide)), rounded(await beamSearch(plain(), wide)));
  const chance = (): { rng: Rng; topP: number } => ({ rng: new Rng(5), topP: 0.9 });
  const drawn = await sample(make(), { ...ends, ...chance() });
  assert.equal(rounded(drawn), rounded(await sample(plain(), { ...ends, ...chance() })));
}

/** Put the searches of a translation model under the law. */
export function checkGeneration({ name, make }: TranslationModelClaim): void {
  test(`${name} translates padded sentences as each alone, without a cache`, async () => {
    await fc.assert(
      fc.asyncProperty(seeds, lengths, async (seed, all) => {
        const model = make({ seed, dtype: 'float64' });
        const source = randomRows(seed, all);
        const width = Math.max(...all);
        const padded = tokensOf(source.map((row) => [...row, ...new Array<number>(width - row.length).fill(0)]));
        const mask = tensor(source.map((row) => Array.from({ length: width }, (_, j) => j < row.length)));
        const opening = source.map(() => [2]);
        await assertAlike(
          () => continueTranslations(model, padded, { begin: 2, mask }),
          () => uncached(opening, (row, i) => model.call(tokensOf([source[i]]), { target: tokensOf([row]) })),
        );
      }),
      { numRuns: 4 },
    );
  });
}
