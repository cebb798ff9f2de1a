/** Zero-shot scoring: what is asked of a scorer, and what is made of its answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { logSoftmax, noGrad } from '../../../src/index.ts';
import type { ChoiceTask } from '../../../src/lab/tasks/choices.ts';
import { evaluateTask } from '../../../src/lab/tasks/evaluateTask.ts';
import { modelScorer } from '../../../src/lab/tasks/modelScorer.ts';
import { type Continuation, continuationOf, type Scorer } from '../../../src/lab/tasks/scorer.ts';
import { bytePairTokenizer } from '../../../src/lab/text/bytePair.ts';
import { trainVocabulary } from '../../../src/lab/text/trainVocabulary.ts';
import { firstTokens } from '../../../src/lab/text/vocabulary.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { languageModels, tokensOf } from '../../nn/models/make.ts';

const bytes = bytePairTokenizer({ tokens: firstTokens, merges: [] });
const merged = bytePairTokenizer(trainVocabulary(['ab ab abab c abc'], { leastCount: 1 }));
const { end } = bytes.special;

/** A scorer that knows texts, and keeps what it was asked. */
function scorerOf(
  score: (continuation: string, context: string) => number,
  maxLength = 999,
): Scorer & { asked: Continuation[][] } {
  const asked: Continuation[][] = [];
  return {
    asked,
    maxLength,
    async score(batch) {
      asked.push([...batch]);
      return batch.map(({ tokens, from }) =>
        score(bytes.decode(tokens.subarray(from)), bytes.decode(tokens.subarray(0, from))),
      );
    },
  };
}

const task: ChoiceTask = {
  name: 'three',
  items: [
    { context: 'One', choices: ['a', 'bb'], gold: 0 },
    { context: 'Two', choices: ['ä', 'c', 'long one'], gold: 0 },
    { context: 'Three', choices: ['x', 'y'], gold: 1 },
  ],
};

/** Of the first item the first is likelier, by byte the second; of the last both are equal. */
const scores: Readonly<Record<string, number>> = {
  ' a': -3,
  ' bb': -4,
  ' ä': -1.8,
  ' c': -1.5,
  ' long one': -8,
  ' x': -5,
  ' y': -5,
};

describe('a task', () => {
  test('gives the share of right answers, by likelihood and by likelihood a byte, and how sure they are', async () => {
    const scorer = scorerOf((text) => scores[text]);
    const result = await evaluateTask(task, scorer, bytes);
    assert.deepEqual(result.scores, [
      [-3, -4],
      [-1.8, -1.5, -8],
      [-5, -5],
    ]);
    assert.deepEqual([result.name, result.count], ['three', 3]);
    // Likeliest: a (right), c, x. A byte: bb, ä (right, for it has two bytes), x.
    for (const share of [result.acc, result.accNorm]) {
      assert.equal(share.mean, 1 / 3);
      assert.ok(Math.abs((share.error as number) - Math.sqrt(((1 / 3) * (2 / 3) * (3 / 2)) / 3)) < 1e-15);
    }
    const only = (item: number): ChoiceTask => ({ name: '', items: [task.items[item]] });
    const each = await Promise.all([0, 1, 2].map((item) => evaluateTask(only(item), scorer, bytes)));
    assert.deepEqual(
      each.map(({ acc, accNorm }) => [acc.mean, accNorm.mean, acc.error]),
      [
        [1, 0, null],
        [0, 1, null],
        [0, 0, null],
      ],
    );
  });

  test('asks for a space and each choice after its context, the longest first, in batches that change nothing', async () => {
    const contexts = new Map(
      task.items.flatMap(({ context, choices }) => choices.map((choice) => [` ${choice}`, context])),
    );
    const make = () =>
      scorerOf((text, context) => {
        assert.equal(context, contexts.get(text));
        return scores[text];
      });
    const expected = await evaluateTask(task, make(), bytes);
    for (const batch of [1, 2, 3, 100]) {
      const scorer = make();
      const seen: number[][] = [];
      const progress = (done: number, all: number): void => void seen.push([done, all]);
      assert.deepEqual(await evaluateTask(task, scorer, bytes, { batch, progress }), expected);
      const sizes = scorer.asked.map((some) => some.length);
      assert.ok(sizes.slice(0, -1).every((size) => size === batch));
      const lengths = scorer.asked.flat().map(({ tokens }) => tokens.length);
      assert.deepEqual(
        lengths,
        lengths.toSorted((a, b) => b - a),
      );
      assert.deepEqual(seen.at(-1), [7, 7]);
      assert.equal(seen.length, sizes.length);
    }
  });

  test('a model that says NaN is never right by that, and −∞ is a score', async () => {
    const broken = await evaluateTask(
      task,
      scorerOf(() => Number.NaN),
      bytes,
    );
    assert.deepEqual([broken.acc.mean, broken.accNorm.mean], [0, 0]);
    const partly = await evaluateTask(
      task,
      scorerOf((text) => (text === ' a' ? Number.NaN : Number.NEGATIVE_INFINITY)),
      bytes,
    );
    // Of equal scores the first.
    assert.deepEqual([partly.acc.mean, partly.accNorm.mean], [1 / 3, 1 / 3]);
    const one = { name: '', items: [{ context: 'One', choices: ['a', 'bb'], gold: 1 }] };
    assert.equal(
      (
        await evaluateTask(
          one,
          scorerOf((text) => (text === ' a' ? Number.NaN : -1)),
          bytes,
        )
      ).acc.mean,
      1,
    );
  });

  test('without items, with an empty choice, in batches of none, or too long to be read, is refused', async () => {
    const scorer = scorerOf(() => 0);
    const refused = (wrong: ChoiceTask, why: RegExp, batch = 1, over: Scorer = scorer): Promise<void> =>
      assert.rejects(
        evaluateTask(wrong, over, bytes, { batch }),
        (error) => error instanceof DomainError && why.test(error.message),
      );
    await refused({ name: 'none', items: [] }, /the task none has no items/);
    await refused({ name: '', items: [{ context: 'a', choices: ['b', ''], gold: 0 }] }, /choice 1 of item 0 is empty/);
    await refused(task, /batch is a whole number >= 1/, 0);
    await refused(
      task,
      /' long one' has 9 tokens, 1\.\.8 can be scored/,
      1,
      scorerOf(() => 0, 8),
    );
    assert.equal(scorer.asked.length, 0);
  });
});

describe('a continuation', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\n', 'ä'), maxLength: 12 });
  const some = text.filter((continuation) => continuation.trim() !== '');

  test('is what follows its context, and together they are both texts', () => {
    fc.assert(
      fc.property(text, some, fc.constantFrom(bytes, merged), (context, continuation, tokenizer) => {
        const { tokens, from } = continuationOf(tokenizer, context, continuation, 999);
        assert.ok(from >= 1 && from < tokens.length);
        assert.equal(tokenizer.decode(tokens), context + continuation);
        assert.equal(tokenizer.decode(tokens.subarray(0, from)), context.trimEnd());
        if (context.trim() === '') assert.deepEqual([tokens[0], from], [end, 1]);
        else assert.deepEqual(tokens.subarray(0, from), tokenizer.encode(context.trimEnd()));
      }),
    );
  });

  test('is encoded as one text with its context, so that words are what they are in running text', () => {
    const { tokens, from } = continuationOf(merged, 'abc', ' ab', 999);
    assert.deepEqual(tokens, merged.encode('abc ab'));
    assert.equal(from, merged.encode('abc').length);
    // A token over the border would leave nothing to foretell.
    assert.equal(merged.encode('ab').length, 1);
    assert.deepEqual(continuationOf(merged, 'a', 'b', 999), {
      tokens: Int32Array.of(...merged.encode('a'), ...merged.encode('b')),
      from: 1,
    });
  });

  test('keeps the end of a context that is too long, and one token of it at least', () => {
    fc.assert(
      fc.property(text, some, fc.nat(12), (context, continuation, more) => {
        const whole = continuationOf(bytes, context, continuation, 999);
        const length = whole.tokens.length - whole.from;
        const cut = continuationOf(bytes, context, continuation, length + more);
        assert.equal(cut.tokens.length, Math.min(whole.tokens.length, length + more + 1));
        assert.deepEqual(cut.tokens, whole.tokens.subarray(-cut.tokens.length));
        assert.equal(cut.tokens.length - cut.from, length);
        assert.ok(cut.from >= 1);
      }),
    );
    assert.throws(() => continuationOf(bytes, 'a', 'bcd', 2), /'bcd' has 3 tokens, 1\.\.2 can be scored/);
    assert.throws(() => continuationOf(bytes, 'a', '', 2), DomainError);
  });
});

describe('a language model', () => {
  const token = fc.integer({ min: 0, max: 12 });
  const continuation = fc
    .array(token, { minLength: 2, maxLength: 9 })
    .chain((tokens) =>
      fc.record({ tokens: fc.constant(Int32Array.from(tokens)), from: fc.integer({ min: 1, max: tokens.length - 1 }) }),
    );

  for (const [name, make] of Object.entries(languageModels))
    test(`${name} scores each of a batch as it would alone: the sum of ln p of its tokens`, async () => {
      const model = make({ seed: 3, dtype: 'float64' });
      const scorer = modelScorer(model, 0);
      assert.equal(scorer.maxLength, model.maxLength);
      await fc.assert(
        fc.asyncProperty(fc.array(continuation, { maxLength: 4 }), async (batch) => {
          const found = await scorer.score(batch);
          assert.equal(found.length, batch.length);
          for (const [i, { tokens, from }] of batch.entries()) {
            const logs = noGrad(() => logSoftmax(model.call(tokensOf([[...tokens]])))).toArray() as number[][][];
            let sum = 0;
            for (let at = from; at < tokens.length; at++) sum += logs[0][at - 1][tokens[at]];
            assert.ok(Math.abs(found[i] - sum) <= 1e-10 * Math.max(1, Math.abs(sum)), `${found[i]}, ${sum}`);
          }
        }),
        { numRuns: 15 },
      );
    });
});
