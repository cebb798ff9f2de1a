/** Accuracy and F1, against hand values and definitions by precision and recall. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { accuracy } from '../../../src/lab/metrics/accuracy.ts';
import { type F1Average, f1 } from '../../../src/lab/metrics/f1.ts';
import { DomainError } from '../../../src/tensor/errors.ts';

const averages = ['binary', 'micro', 'macro'] as const satisfies readonly F1Average[];
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);

/** Predictions and truths of up to four classes. */
const examples = fc.integer({ min: 1, max: 4 }).chain((classes) => {
  const label = fc.integer({ min: 0, max: classes - 1 });
  return fc.tuple(fc.constant(classes), fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 12 }));
});

/** The harmonic mean of precision and recall of one class, 0 where it is not told once. */
function harmonic(pairs: readonly (readonly [guess: number, truth: number])[], label: number): number {
  const right = pairs.filter(([guess, truth]) => guess === label && truth === label).length;
  if (right === 0) return 0;
  const precision = right / pairs.filter(([guess]) => guess === label).length;
  const recall = right / pairs.filter(([, truth]) => truth === label).length;
  return 2 / (1 / precision + 1 / recall);
}

describe('hand values', () => {
  const guesses = [0, 2, 1, 0, 0, 1];
  const truths = [0, 1, 2, 0, 1, 2];

  test('of three classes', () => {
    near(accuracy(guesses, truths), 2 / 6);
    near(f1(guesses, truths, 3), 2 / 6);
    near(f1(guesses, truths, 3, 'micro'), 2 / 6);
    // Class 0: two of three guesses right, none missed; the others are never told.
    near(f1(guesses, truths, 3, 'macro'), 0.8 / 3);
    near(f1(guesses, truths, 7, 'macro'), 0.8 / 3);
  });

  test('of two classes, where F1 is that of class 1', () => {
    near(f1([1, 1, 0, 0], [1, 0, 1, 0], 2), 0.5);
    near(f1([1, 1, 1, 0], [1, 1, 0, 0], 2), 0.8);
    near(f1([1, 1, 1, 0], [1, 1, 0, 0], 2, 'macro'), (0.8 + 2 / 3) / 2);
    near(f1([0, 0], [0, 0], 2), 0);
    near(f1([0, 0], [0, 0], 2, 'macro'), 1);
    near(f1(Int32Array.of(1), Int32Array.of(1), 2), 1);
  });
});

test('F1 is the harmonic mean of precision and recall; micro is accuracy', () => {
  fc.assert(
    fc.property(examples, ([classes, pairs]) => {
      const guesses = pairs.map(([guess]) => guess);
      const truths = pairs.map(([, truth]) => truth);
      near(f1(guesses, truths, classes, 'micro'), accuracy(guesses, truths));
      const present = [...new Set(pairs.flat())];
      const mean = present.reduce((sum, label) => sum + harmonic(pairs, label), 0) / present.length;
      near(f1(guesses, truths, classes, 'macro'), mean);
      if (classes === 2) near(f1(guesses, truths, 2), harmonic(pairs, 1));
    }),
  );
});

test('right answers score 1', () => {
  fc.assert(
    fc.property(examples, ([classes, pairs]) => {
      const truths = pairs.map(([, truth]) => truth);
      assert.equal(accuracy(truths, truths), 1);
      assert.equal(f1(truths, truths, classes, 'macro'), 1);
    }),
  );
});

test('no examples, lists of two lengths, and classes outside are refused', () => {
  for (const [guesses, truths] of [
    [[], []],
    [[0], [0, 1]],
    [
      [0, 1, 1],
      [0, 1],
    ],
  ]) {
    assert.throws(() => accuracy(guesses, truths), DomainError);
    for (const average of averages) assert.throws(() => f1(guesses, truths, 2, average), DomainError);
  }
  for (const [guess, truth] of [
    [2, 0],
    [0, -1],
    [0.5, 0],
    [Number.NaN, 0],
  ])
    assert.throws(() => f1([guess], [truth], 2), DomainError);
  assert.throws(() => f1([0], [0], 3, 'binary'), DomainError);
});
