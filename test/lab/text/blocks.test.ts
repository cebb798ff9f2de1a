/** Running text in blocks: every token is foretold once, and training can be taken up again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blockBatches, everyBlock, type RunningText, runningText } from '../../../src/lab/text/blocks.ts';
import type { BlockBatch } from '../../../src/lab/text/text.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { numberTokenizers } from './sentences.ts';

const tokenizer = numberTokenizers.source;
const { end } = tokenizer.special;

/** n tokens after the first, all different. */
const textOf = (n: number): RunningText => ({
  tokens: Int32Array.from({ length: n + 1 }, (_, i) => 100 + i),
  bytes: n,
});

const size = fc.integer({ min: 1, max: 7 });

/** Inputs and targets of the places that count. */
const seen = ({ input, target }: BlockBatch): [number, number][] =>
  Array.from(target.data as Int32Array, (to, i): [number, number] => [input.data[i], to]).filter(
    ([, to]) => to !== -100,
  );

test('documents stand between ends, and their bytes are counted', () => {
  assert.deepEqual(runningText(['100 101', '', '102'], tokenizer), {
    tokens: Int32Array.of(end, 100, 101, end, end, 102, end),
    bytes: 10,
  });
  assert.deepEqual(runningText([], tokenizer), { tokens: Int32Array.of(end), bytes: 0 });
  assert.equal(runningText(['ä😀'], { ...tokenizer, encode: () => new Int32Array(1) }).bytes, 6);
});

test('measuring meets each token but the first once, after the one before it, in batches of one form', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), size, size, (n, length, rows) => {
      const { tokens } = textOf(n);
      const batches = [...everyBlock(textOf(n), { length, rows })];
      assert.deepEqual(
        batches.flatMap(seen),
        Array.from({ length: n }, (_, i) => [tokens[i], tokens[i + 1]]),
      );
      for (const [i, batch] of batches.entries()) {
        assert.equal(batch.tokens, seen(batch).length);
        assert.equal(batch.input.shape[1], length);
        assert.ok(batch.input.shape[0] === rows || (i === batches.length - 1 && batch.input.shape[0] < rows));
      }
    }),
  );
});

test('an epoch of training has whole blocks only, each at most once, all but those that fill no batch', () => {
  fc.assert(
    fc.property(size, size, fc.integer({ min: 0, max: 50 }), fc.nat(), (length, rows, more, seed) => {
      const text = textOf(rows * length + more);
      const source = blockBatches(text, { length, rows }, new Rng(seed));
      const blocks = Math.floor((text.tokens.length - 1) / length);
      assert.equal(source.perEpoch, Math.floor(blocks / rows));
      const starts: number[] = [];
      for (let i = 0; i < source.perEpoch; i++) {
        const { input, target, tokens } = source.next();
        assert.deepEqual([input.shape, target.shape, tokens], [[rows, length], [rows, length], rows * length]);
        for (const [at, token] of input.data.entries()) {
          assert.equal(target.data[at], token + 1);
          if (at % length === 0) starts.push(token - 100);
          else assert.equal(token, input.data[at - 1] + 1);
        }
      }
      assert.equal(new Set(starts).size, source.perEpoch * rows);
      assert.ok(starts.every((start) => start % length === 0));
    }),
  );
});

test('from a kept state the same batches follow; epochs differ', () => {
  const make = () => blockBatches(textOf(200), { length: 4, rows: 3 }, new Rng(5));
  const all = make();
  const first = Array.from({ length: 2 * all.perEpoch }, () => all.next().input.data);
  assert.notDeepEqual(first.slice(0, all.perEpoch), first.slice(all.perEpoch));
  for (const at of [0, 1, all.perEpoch - 1, all.perEpoch, all.perEpoch + 3]) {
    const again = make();
    again.state = { epoch: Math.floor(at / all.perEpoch), taken: at % all.perEpoch };
    assert.deepEqual(again.next().input.data, first[at]);
  }
});

test('a text that does not fill a batch, and sizes that are none, are refused', () => {
  assert.throws(() => blockBatches(textOf(11), { length: 4, rows: 3 }, new Rng(1)), /3 blocks of 4 tokens .* of 11/);
  for (const wrong of [
    { length: 0, rows: 1 },
    { length: 1, rows: 0 },
    { length: 1.5, rows: 1 },
  ]) {
    assert.throws(() => blockBatches(textOf(9), wrong, new Rng(1)), DomainError);
    assert.throws(() => everyBlock(textOf(9), wrong), DomainError);
  }
});
