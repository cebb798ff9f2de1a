/** Batches of sentence pairs: what they hold, that nothing is lost, and that they can be taken up again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodePairs } from '../../../src/lab/text/pairTokenizers.ts';
import { everyPair, type SentenceBatches, sentenceBatches } from '../../../src/lab/text/sentenceBatches.ts';
import type { TranslationBatch } from '../../../src/lab/text/text.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { numberTokenizers, sentencesOf, someLengths } from './sentences.ts';

const options = fc
  .record({
    maxLength: fc.integer({ min: 10, max: 12 }),
    more: fc.integer({ min: 0, max: 40 }),
    sentences: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ maxLength, more, sentences }) => ({ tokens: maxLength + more, sentences, maxLength }));

/** The next epoch of a source. */
const epochOf = (source: SentenceBatches): TranslationBatch[] =>
  Array.from({ length: source.perEpoch }, () => source.next());

const pairsIn = (batches: Iterable<TranslationBatch>): number[] =>
  Array.from(batches).flatMap(({ pairs }) => [...pairs]);

const rising = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

test('each epoch has each pair once, in batches within the bounds', () => {
  fc.assert(
    fc.property(someLengths, options, fc.nat(), (lengths, limits, seed) => {
      const source = sentenceBatches(sentencesOf(lengths), limits, new Rng(seed));
      assert.equal(source.dropped, 0);
      for (let epoch = 0; epoch < 2; epoch++) {
        assert.deepEqual(source.state, { epoch, taken: 0 });
        const batches = epochOf(source);
        assert.deepEqual(rising(pairsIn(batches)), [...lengths.keys()]);
        for (const { pairs, source: from, target } of batches) {
          assert.ok(pairs.length >= 1 && pairs.length <= limits.sentences);
          assert.ok(pairs.length * Math.max(from.shape[1], target.shape[1]) <= limits.tokens);
        }
      }
    }),
  );
});

test('a batch holds its pairs: special tokens where they belong, padding after them, −100 where nothing is to be said', () => {
  fc.assert(
    fc.property(someLengths, (lengths) => {
      for (const batch of everyPair(sentencesOf(lengths), { tokens: 40 })) {
        const rows = Array.from(batch.pairs, (pair) => ({ pair, lengths: lengths[pair] }));
        const filled = (values: readonly number[], width: number, fill: number): number[] => [
          ...values,
          ...new Array<number>(width - values.length).fill(fill),
        ];
        const [s, t] = [0, 1].map((side) => Math.max(...rows.map((row) => row.lengths[side])) + 1);
        const repeated = (n: number, value: number): number[] => new Array<number>(n).fill(value);
        assert.deepEqual(
          batch.source.toArray(),
          rows.map(({ pair, lengths: [n] }) => filled([...repeated(n, 100 + pair), 2], s, 0)),
        );
        assert.deepEqual(
          batch.input.toArray(),
          rows.map(({ pair, lengths: [, n] }) => filled([11, ...repeated(n, 200 + pair)], t, 10)),
        );
        assert.deepEqual(
          batch.target.toArray(),
          rows.map(({ pair, lengths: [, n] }) => filled([...repeated(n, 200 + pair), 12], t, -100)),
        );
        const mask = (side: 0 | 1, width: number): boolean[][] =>
          rows.map((row) => Array.from({ length: width }, (_, i) => i <= row.lengths[side]));
        assert.deepEqual(batch.sourceMask.toArray(), mask(0, s));
        assert.deepEqual(batch.inputMask.toArray(), mask(1, t));
        assert.deepEqual([batch.source.dtype, batch.sourceMask.dtype], ['int32', 'bool']);
        assert.deepEqual(
          [[...batch.sourceLengths], [...batch.targetLengths]],
          [0, 1].map((side) => rows.map((row) => row.lengths[side] + 1)),
        );
        assert.equal(
          batch.tokens,
          rows.reduce((sum, row) => sum + row.lengths[0] + row.lengths[1] + 2, 0),
        );
      }
    }),
  );
});

test('from a state that was kept as JSON the same batches follow, in this process or another', () => {
  fc.assert(
    fc.property(someLengths, options, fc.nat(), fc.nat(20), (lengths, limits, seed, steps) => {
      const make = (): SentenceBatches => sentenceBatches(sentencesOf(lengths), limits, new Rng(seed));
      const first = make();
      for (let i = 0; i < steps; i++) first.next();
      const kept = JSON.parse(JSON.stringify(first.state));
      const following = Array.from({ length: 5 }, () => first.next());
      for (const again of [make(), first]) {
        again.state = kept;
        for (const batch of following) {
          const { pairs, source, target } = again.next();
          assert.deepEqual([pairs, source.data, target.data], [batch.pairs, batch.source.data, batch.target.data]);
        }
      }
    }),
  );
});

test('epochs and seeds differ, and pairs of equal length meet others', () => {
  const same = sentencesOf(Array.from({ length: 40 }, () => [3, 3] as const));
  const source = sentenceBatches(same, { tokens: 16 }, new Rng(1));
  const [first, second] = [epochOf(source), epochOf(source)].map(pairsIn);
  assert.notDeepEqual(first, second);
  assert.notDeepEqual(pairsIn(epochOf(sentenceBatches(same, { tokens: 16 }, new Rng(2)))), first);
  const rng = new Rng(1);
  const before = rng.state;
  const again = sentenceBatches(same, { tokens: 16 }, rng);
  assert.deepEqual(rng.state, before);
  rng.bits();
  const taken: TranslationBatch[] = [];
  for (const batch of again) if (taken.push(batch) === 2 * again.perEpoch) break;
  assert.deepEqual(pairsIn(taken), [...first, ...second]);
});

test('batches of short sentences do not all come first', () => {
  const rising = sentencesOf(Array.from({ length: 30 }, (_, i) => [i, i] as const));
  const widths = epochOf(sentenceBatches(rising, { tokens: 60 }, new Rng(1))).map(({ input }) => input.shape[1]);
  assert.notDeepEqual(
    widths,
    widths.toSorted((a, b) => a - b),
  );
});

test('sentences of one length are not padded, and long ones do not stand beside short ones', () => {
  const mixed = sentencesOf(Array.from({ length: 60 }, (_, i) => [i % 2 === 0 ? 1 : 9, 1] as const));
  for (const { sourceLengths } of epochOf(sentenceBatches(mixed, { tokens: 60 }, new Rng(3))))
    assert.equal(new Set(sourceLengths).size, 1);
});

test('pairs that are too long are left out and counted, or refused with their number', () => {
  const pairs = sentencesOf([
    [2, 2],
    [2, 30],
    [1, 0],
    [30, 2],
  ]);
  const source = sentenceBatches(pairs, { maxLength: 20 }, new Rng(1));
  assert.equal(source.dropped, 2);
  assert.deepEqual(rising(pairsIn(epochOf(source))), [0, 2]);
  assert.deepEqual(rising(pairsIn(everyPair(pairs, { maxLength: 20, longer: 'drop' }))), [0, 2]);
  for (const refused of [
    () => everyPair(pairs, { maxLength: 20 }),
    () => sentenceBatches(pairs, { maxLength: 20, longer: 'refuse' }, new Rng(1)),
  ])
    assert.throws(refused, /pair 1 has 31 tokens, maxLength is 20/);
  // The bound counts the special token of a sentence.
  assert.equal(sentenceBatches(sentencesOf([[19, 19]]), { maxLength: 20 }, new Rng(1)).dropped, 0);
  assert.throws(() => sentenceBatches(sentencesOf([[20, 1]]), { maxLength: 20 }, new Rng(1)), /no pair is left/);
});

test('no pairs give nothing to measure, and cannot be trained on', () => {
  assert.deepEqual([...everyPair(sentencesOf([]))], []);
  assert.throws(() => sentenceBatches(sentencesOf([]), {}, new Rng(1)), DomainError);
});

test('pairs are encoded side by side, each by its own tokenizer', () => {
  const { source, target } = encodePairs({ source: ['100 101', ''], target: ['200', '201'] }, numberTokenizers);
  assert.deepEqual(
    [source, target],
    [
      [Int32Array.of(100, 101), new Int32Array()],
      [Int32Array.of(200), Int32Array.of(201)],
    ],
  );
});

test('options and states that cannot be are refused, and change nothing', () => {
  const pairs = sentencesOf([
    [1, 1],
    [2, 2],
  ]);
  for (const wrong of [
    { tokens: 0 },
    { tokens: 1.5 },
    { sentences: 0 },
    { maxLength: Number.NaN },
    { tokens: 8, maxLength: 9 },
  ])
    assert.throws(() => sentenceBatches(pairs, wrong, new Rng(1)), DomainError);
  assert.throws(() => everyPair({ ...pairs, target: [] }), /a target for each source, got 0 for 2/);
  const source = sentenceBatches(pairs, { tokens: 3 }, new Rng(1));
  for (const [epoch, taken] of [
    [-1, 0],
    [0, 2],
    [0, -1],
    [0.5, 0],
    [0, Number.NaN],
  ]) {
    assert.throws(() => {
      source.state = { epoch, taken };
    }, DomainError);
    assert.deepEqual(source.state, { epoch: 0, taken: 0 });
  }
});
