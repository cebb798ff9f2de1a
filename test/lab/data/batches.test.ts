import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batches, takeRows } from '../../../src/lab/data/batches.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';

const sizes = fc
  .integer({ min: 1, max: 60 })
  .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count })));

/** The first `n` batches. */
function first(n: number, count: number, size: number, seed: number): Int32Array[] {
  const source = batches(count, size, new Rng(seed));
  return Array.from({ length: n }, () => source.next().value);
}

test('every epoch has whole batches of different examples, as many as fit', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), ([count, size], seed) => {
      const perEpoch = Math.floor(count / size);
      const found = first(3 * perEpoch, count, size, seed);
      for (const batch of found) assert.equal(batch.length, size);
      for (let epoch = 0; epoch < 3; epoch++) {
        const seen = found.slice(epoch * perEpoch, (epoch + 1) * perEpoch).flatMap((batch) => [...batch]);
        assert.equal(new Set(seen).size, perEpoch * size);
        assert.ok(seen.every((index) => index >= 0 && index < count));
      }
    }),
  );
});

test('the same seed gives the same batches; epochs differ; a caller may write into a batch', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), ([count, size], seed) => {
      const source = batches(count, size, new Rng(seed));
      for (const batch of first(5, count, size, seed)) {
        const mine = source.next().value;
        assert.deepEqual(mine, batch);
        mine.fill(-1);
      }
    }),
  );
  const [one, two] = first(2, 50, 50, 1);
  assert.notDeepEqual(one, two);
});

test('a batch larger than the data, or no number, is refused at once', () => {
  for (const [count, size] of [
    [5, 6],
    [5, 0],
    [0, 1],
    [5, 1.5],
    [Number.NaN, 1],
  ] as const)
    assert.throws(() => batches(count, size, new Rng(1)), DomainError);
});

test('rows are copied in the order of the indices, into a new array or a given one', () => {
  const input = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }))
    .chain(([features, count]) =>
      fc.record({ features: fc.constant(features), count: fc.constant(count), indices: fc.array(fc.nat(count - 1)) }),
    );
  fc.assert(
    fc.property(input, ({ features, count, indices }) => {
      const rows = Float32Array.from({ length: count * features }, (_, i) => i);
      const wanted = indices.flatMap((row) => Array.from({ length: features }, (_, f) => row * features + f));
      const at = Int32Array.from(indices);
      assert.deepEqual([...takeRows(rows, features, at)], wanted);
      const out = new Float32Array(wanted.length);
      assert.equal(takeRows(rows, features, at, out), out);
      assert.deepEqual([...out], wanted);
      const labels = Int32Array.from({ length: count }, (_, i) => -i);
      assert.deepEqual(
        takeRows(labels, 1, at),
        Int32Array.from(indices, (row) => -row),
      );
    }),
  );
});

test('an index that is no row, and an array of another size, are refused', () => {
  const rows = new Float32Array(6);
  for (const index of [-1, 3, 2 ** 31 - 1])
    assert.throws(() => takeRows(rows, 2, Int32Array.of(0, index)), DomainError);
  assert.throws(() => takeRows(rows, 2, Int32Array.of(0), new Float32Array(3)), DomainError);
});
