import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Dataset, loadDigits } from '../../../src/lab/data/digits.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';

/** Loading takes a third of a second: few cases. */
const few = { numRuns: 3 };
const train = fc.integer({ min: 1, max: 9999 });

/** One text per example, its label and the bytes of its image. */
const rows = ({ images, labels, count, features }: Dataset): string[] =>
  Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.from(images.buffer, images.byteOffset + i * features * 4, features * 4);
    return `${labels[i]} ${bytes.toString('latin1')}`;
  });

const histogram = (sets: readonly Dataset[]): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const { labels } of sets) for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
};

test('10,000 different images of 28 × 28 grey values in 0..1, with these many of each digit', () => {
  const { train, test } = loadDigits(new Rng(1));
  assert.deepEqual([train.count, test.count], [8000, 2000]);
  for (const set of [train, test]) {
    assert.deepEqual(
      [set.features, set.classes, set.images.length, set.labels.length],
      [784, 10, set.count * 784, set.count],
    );
    assert.ok(set.images.every((value) => value >= 0 && value <= 1));
    assert.ok(set.images.some((value) => value === 1) && set.images.some((value) => value === 0));
  }
  assert.deepEqual(histogram([train, test]), [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  assert.equal(new Set([...rows(train), ...rows(test)]).size, 10_000);
  // Shuffled: each part holds about its share of each digit.
  for (const count of histogram([test])) assert.ok(count > 130 && count < 270, `${count}`);
});

test('the split has the sizes asked for and no example in both parts; image and label stay together', () => {
  const known = new Set(Object.values(loadDigits(new Rng(1))).flatMap(rows));
  fc.assert(
    fc.property(train, fc.nat(), (count, seed) => {
      const split = loadDigits(new Rng(seed), { train: count });
      assert.deepEqual([split.train.count, split.test.count], [count, 10_000 - count]);
      const all = [...rows(split.train), ...rows(split.test)];
      assert.equal(new Set(all).size, 10_000);
      assert.ok(all.every((row) => known.has(row)));
    }),
    few,
  );
});

test('the same seed gives the same split, another seed another', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const first = loadDigits(new Rng(seed));
      const again = loadDigits(new Rng(seed));
      assert.deepEqual(again.train.labels, first.train.labels);
      assert.equal(Buffer.compare(Buffer.from(again.test.images.buffer), Buffer.from(first.test.images.buffer)), 0);
      assert.notDeepEqual(loadDigits(new Rng(seed + 1)).test.labels, first.test.labels);
    }),
    { numRuns: 1 },
  );
});

test('parts that cannot be are refused', () => {
  for (const train of [0, -1, 10_000, 1.5, Number.NaN])
    assert.throws(
      () => loadDigits(new Rng(1), { train }),
      (error) => error instanceof DomainError && /1\.\.9999/.test(error.message),
    );
});
