/** BLEU: hand values, sacreBLEU's (see `test/golden/text.py`), and what holds for all sentences. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Bleu, type BleuOptions, type BleuSmoothing, bleu } from '../../../src/lab/metrics/bleu.ts';
import { bleuTokens } from '../../../src/lab/metrics/bleuTokens.ts';
import { DomainError } from '../../../src/tensor/errors.ts';

interface TokensCase {
  readonly note: string;
  readonly text: string;
  readonly tokens: readonly string[];
}

interface ScoreCase extends Omit<Bleu, 'right' | 'totals'> {
  readonly note: string;
  readonly hypotheses: readonly string[];
  readonly references: readonly (readonly string[])[];
  readonly options: BleuOptions;
}

const golden: readonly (TokensCase | ScoreCase)[] = JSON.parse(
  readFileSync(new URL('../../golden/bleu.json', import.meta.url), 'utf8'),
);

const smoothings = ['none', 'floor', 'add-k', 'exp'] as const satisfies readonly BleuSmoothing[];

const near = (a: number, b: number, what = ''): void =>
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${what}: ${a}, ${b}`);

const sentence = fc
  .array(fc.constantFrom('a', 'b', 'c', 'dog,', '3.5', '(x)', 'Über'), { minLength: 1, maxLength: 9 })
  .map((words) => words.join(' '));
const corpus = fc.array(fc.tuple(sentence, fc.array(sentence, { minLength: 1, maxLength: 3 })), {
  minLength: 1,
  maxLength: 5,
});

describe('as in sacreBLEU', () => {
  for (const one of golden)
    if ('tokens' in one) test(one.note, () => assert.deepEqual(bleuTokens(one.text, '13a'), one.tokens));
    else
      test(one.note, () => {
        const ours = bleu(one.hypotheses, one.references, one.options);
        near(ours.score, one.score, 'score');
        near(ours.brevityPenalty, one.brevityPenalty, 'brevity penalty');
        for (const [i, p] of one.precisions.entries()) near(ours.precisions[i], p, `precision ${i + 1}`);
        assert.deepEqual([ours.length, ours.referenceLength], [one.length, one.referenceLength]);
        assert.equal(ours.signature, `BLEU|${one.signature}|impl:spectragrad`);
      });
});

describe('by hand', () => {
  test('a sentence with one wrong word', () => {
    const { score, precisions, right, totals, brevityPenalty, signature } = bleu(
      ['the cat sat on a mat'],
      [['the cat sat on the mat']],
    );
    assert.deepEqual(
      [right, totals],
      [
        [5, 3, 2, 1],
        [6, 5, 4, 3],
      ],
    );
    for (const [i, p] of [5 / 6, 3 / 5, 2 / 4, 1 / 3].entries()) near(precisions[i], 100 * p);
    near(score, 100 * ((5 / 6) * (3 / 5) * (2 / 4) * (1 / 3)) ** 0.25);
    assert.equal(brevityPenalty, 1);
    assert.equal(signature, 'BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|impl:spectragrad');
  });

  test('no word counts more often than a reference has it', () => {
    const { right } = bleu(['the the the the'], [['the cat the', 'the dog']]);
    assert.deepEqual(right, [2, 0, 0, 0]);
  });

  test('a translation that is too short, and the nearest reference', () => {
    const { brevityPenalty, length, referenceLength } = bleu(['a b c'], [['a b c d e', 'a b c d']]);
    assert.deepEqual([length, referenceLength], [3, 4]);
    near(brevityPenalty, Math.exp(1 - 4 / 3));
    assert.equal(bleu(['a b c'], [['a b', 'a b c d']]).referenceLength, 2);
  });

  test('each smoothing of two missing orders', () => {
    const score = (smoothing: BleuSmoothing, value?: number): number =>
      bleu(['a b x y'], [['a b c d']], { smoothing, ...(value === undefined ? {} : { value }) }).score;
    near(score('none'), 0);
    near(score('exp'), 100 * ((2 / 4) * (1 / 3) * (1 / 2 / 2) * (1 / 4 / 1)) ** 0.25);
    near(score('floor'), 100 * ((2 / 4) * (1 / 3) * (0.1 / 2) * (0.1 / 1)) ** 0.25);
    near(score('floor', 0.5), 100 * ((2 / 4) * (1 / 3) * (0.5 / 2) * (0.5 / 1)) ** 0.25);
    near(score('add-k'), 100 * ((2 / 4) * (2 / 4) * (1 / 3) * (1 / 2)) ** 0.25);
    near(score('add-k', 2), 100 * ((2 / 4) * (3 / 5) * (2 / 4) * (2 / 3)) ** 0.25);
  });
});

test('a translation that is its reference scores 100; one that has nothing of it 0', () => {
  fc.assert(
    fc.property(
      fc.array(sentence, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...smoothings),
      (texts, smoothing) => {
        const same = bleu(
          texts,
          texts.map((text) => ['z', text]),
          { smoothing, effectiveOrder: true },
        );
        near(same.score, 100);
        assert.equal(
          bleu(
            texts,
            texts.map(() => ['nothing here']),
            { smoothing },
          ).score,
          0,
        );
      },
    ),
  );
});

test('the order of sentences and of references does not matter; more references never lower what is right', () => {
  fc.assert(
    fc.property(corpus, (list) => {
      const [ours, theirs] = [list.map(([text]) => text), list.map(([, refs]) => refs)];
      const result = bleu(ours, theirs);
      assert.ok(result.score >= 0 && result.score <= 100 + 1e-9);
      const turned = bleu(
        ours.toReversed(),
        theirs.toReversed().map((refs) => refs.toReversed()),
      );
      assert.deepEqual({ ...turned, score: 0 }, { ...result, score: 0 });
      near(turned.score, result.score);
      const more = bleu(
        ours,
        theirs.map((refs) => [...refs, 'a b c']),
      );
      assert.ok(more.right.every((count, n) => count >= result.right[n]));
      for (const [n, count] of result.right.entries()) assert.ok(count <= result.totals[n]);
    }),
  );
});

test('lists that do not fit, a sentence without reference, and a value that is none are refused', () => {
  assert.throws(() => bleu([], []), DomainError);
  assert.throws(() => bleu(['a', 'b'], [['a']]), /references for each translation, got 1 for 2/);
  assert.throws(() => bleu(['a', 'b'], [['a'], []]), /sentence 1 has no reference/);
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => bleu(['a'], [['a']], { smoothing: 'floor', value }), DomainError);
});
