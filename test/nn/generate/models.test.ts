/** Generation with models: the same as calling them on all tokens each time, for texts of different lengths and translations. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, ShapeError, scope, type Tensor } from '../../../src/index.ts';
import { type Continuation, continueTexts, continueTranslations, greedy } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { languageModels, randomRows, tokensOf, translationModels } from '../models/make.ts';
import { assertAlike, checkGeneration, uncached } from './alike.ts';

const seeds = fc.integer({ min: 0, max: 1000 });
const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
const runs = { numRuns: 4 };

for (const [name, make] of Object.entries(languageModels))
  test(`${name} continues texts of different lengths as each alone, without a cache`, async () => {
    await fc.assert(
      fc.asyncProperty(seeds, lengths, async (seed, all) => {
        const model = make({ seed, dtype: 'float64' });
        const texts = randomRows(seed, all);
        await assertAlike(
          () => continueTexts(model, texts),
          () => uncached(texts, (row) => model.call(tokensOf([row]))),
        );
      }),
      runs,
    );
  });

for (const [name, make] of Object.entries(translationModels)) checkGeneration({ name, make });

describe('continuations', () => {
  const model = languageModels.llama({ seed: 1, dtype: 'float64' });
  const next = (made: Continuation, tokens?: number[]): Tensor => scope(() => made.next(tokens));

  test('rows may be chosen before the first call, and logits outlive the scopes they came from', () => {
    const made = continueTexts(model, [[1, 2], [3]]);
    made.select([1, 0, 1]);
    assert.equal(made.rows, 3);
    const direct = continueTexts(model, [[3], [1, 2], [3]]);
    const [a, b] = [next(made), next(direct)];
    assertClose(a, b, 1e-12, 'first');
    assertClose(next(made, [4, 5, 6]), next(direct, [4, 5, 6]), 1e-12, 'second');
    assert.ok(!a.requiresGrad);
  });

  test('there is room for the positions of the model, and for one token more, which is not read', async () => {
    const made = continueTexts(model, randomRows(1, [20]));
    assert.equal(made.room, 5);
    const [{ tokens, ended }] = await greedy(made, { maxTokens: 99 });
    assert.deepEqual([tokens.length, ended], [5, false]);
    const translated = translationModels.transformer({ seed: 1, dtype: 'float64' });
    assert.equal(continueTranslations(translated, tokensOf([[1, 2]]), { begin: 0 }).room, 24);
  });

  test('what does not fit is refused by name', () => {
    assertRefuses(() => continueTexts(model, []), DomainError, 'continueTexts');
    assertRefuses(() => continueTexts(model, [[1], []]), DomainError, 'continueTexts');
    assertRefuses(() => continueTexts(model, randomRows(1, [25])), DomainError, 'continueTexts', /25 tokens/);
    const made = continueTexts(model, [[1], [2]]);
    assertRefuses(() => made.next([1, 2]), DomainError, 'Continuation', /first call/);
    made.next();
    assertRefuses(() => made.next(), DomainError, 'Continuation', /first call/);
    assertRefuses(() => made.next([1]), ShapeError, 'Continuation', /1 tokens for 2 rows/);
    assertRefuses(() => made.select([2]), ShapeError, 'DecodingCache', /row 2/);
  });
});
