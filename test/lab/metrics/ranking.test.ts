/** ROC-AUC and average precision, against hand values and their naive definitions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { averagePrecision } from '../../../src/lab/metrics/averagePrecision.ts';
import { rocAuc } from '../../../src/lab/metrics/rocAuc.ts';
import { DomainError } from '../../../src/tensor/errors.ts';

/** Few different scores, so that ties are common; infinities and both zeros among them. */
const score = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.constantFrom(-0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
);
const some = fc.array(score, { minLength: 1, maxLength: 12 });
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);

/** Every pair of a positive and a negative, one by one. */
const wonPairs = (ours: readonly number[], others: readonly number[]): number =>
  ours.flatMap((p) => others.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0))).reduce((a, b) => a + b, 0) /
  (ours.length * others.length);

/** The sum over thresholds, each looked at anew. */
function naivePrecision(ours: readonly number[], others: readonly number[]): number {
  const thresholds = [...new Set([...ours, ...others])].sort((a, b) => b - a);
  let before = 0;
  let sum = 0;
  for (const t of thresholds) {
    const found = ours.filter((s) => s >= t).length;
    const wrong = others.filter((s) => s >= t).length;
    sum += ((found - before) / ours.length) * (found / (found + wrong));
    before = found;
  }
  return sum;
}

describe('ROC-AUC', () => {
  test('of hand values, ties counting half', () => {
    near(rocAuc([0.35, 0.8], [0.1, 0.4]), 0.75);
    near(rocAuc([1], [1]), 0.5);
    near(rocAuc([2, 1], [1, 0]), 0.875);
    near(rocAuc(Float32Array.of(3, 4), Int32Array.of(1, 2, 0)), 1);
    near(rocAuc([0], [1, 2]), 0);
  });

  test('is the share of pairs in the right order', () => {
    fc.assert(fc.property(some, some, (ours, others) => near(rocAuc(ours, others), wonPairs(ours, others))));
  });

  test('of exchanged lists adds up to 1, and rising functions of the scores change nothing', () => {
    fc.assert(
      fc.property(some, some, (ours, others) => {
        near(rocAuc(ours, others) + rocAuc(others, ours), 1);
        const rising = (s: number): number => Math.atan(s) + 5;
        near(rocAuc(ours.map(rising), others.map(rising)), rocAuc(ours, others));
      }),
    );
  });
});

describe('average precision', () => {
  test('of hand values, ties passing together', () => {
    near(averagePrecision([0.35, 0.8], [0.1, 0.4]), (1 + 2 / 3) / 2);
    near(averagePrecision([1, 1], [1, 1, 1]), 2 / 5);
    near(averagePrecision([3, 1], [1, 0]), (1 + 2 / 3) / 2);
    near(averagePrecision([0], [1, 2, 3]), 1 / 4);
    near(averagePrecision([0, 5], []), 1);
  });

  test('is the sum over thresholds', () => {
    fc.assert(
      fc.property(some, fc.array(score, { maxLength: 12 }), (ours, others) =>
        near(averagePrecision(ours, others), naivePrecision(ours, others)),
      ),
    );
  });

  test('is 1 where every positive comes first, and at least the share of positives where all are tied', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 9 }), (ours, others) => {
        near(averagePrecision(Array(ours).fill(1), Array(others).fill(0)), 1);
        near(averagePrecision(Array(ours).fill(1), Array(others).fill(1)), ours / (ours + others));
      }),
    );
  });
});

test('the order of examples plays no part, and lists stay as they are', () => {
  fc.assert(
    fc.property(some, some, (ours, others) => {
      const [p, n] = [Float64Array.from(ours), Float64Array.from(others)];
      assert.equal(rocAuc(p.toReversed(), n.toReversed()), rocAuc(p, n));
      assert.equal(averagePrecision(p.toReversed(), n.toReversed()), averagePrecision(p, n));
      assert.deepEqual([[...p], [...n]], [ours, others]);
    }),
  );
});

test('no examples and no numbers are refused', () => {
  for (const [ours, others] of [
    [[], [1]],
    [[Number.NaN], [1]],
    [[1], [0, Number.NaN, 2]],
  ]) {
    assert.throws(() => rocAuc(ours, others), DomainError);
    assert.throws(() => averagePrecision(ours, others), DomainError);
  }
  assert.throws(() => rocAuc([1], []), DomainError);
});
