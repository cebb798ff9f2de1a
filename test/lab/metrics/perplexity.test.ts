/** Perplexity by token and by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { perplexity } from '../../../src/lab/metrics/perplexity.ts';
import { DomainError } from '../../../src/tensor/errors.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) <= 1e-12 * Math.abs(b), `${a}, ${b}`);

test('n tokens that are equally likely are as perplexing as n, whatever they are of bytes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 1, max: 9 }),
      (n, tokens, each) => {
        const { perToken, perByte, bitsPerByte } = perplexity({
          nll: tokens * Math.log(n),
          tokens,
          bytes: tokens * each,
        });
        near(perToken, n);
        near(perByte, n ** (1 / each));
        near(bitsPerByte, Math.log2(n) / each);
      },
    ),
  );
});

test('by hand: 2 bits a byte are 4 a byte; nothing to learn is 1', () => {
  const four = perplexity({ nll: 20 * Math.LN2, tokens: 4, bytes: 10 });
  near(four.perToken, 32);
  near(four.perByte, 4);
  near(four.bitsPerByte, 2);
  assert.deepEqual(perplexity({ nll: 0, tokens: 1, bytes: 1 }), { perToken: 1, perByte: 1, bitsPerByte: 0 });
});

test('a model that diverged is shown as it is', () => {
  assert.equal(perplexity({ nll: Number.POSITIVE_INFINITY, tokens: 1, bytes: 1 }).perToken, Number.POSITIVE_INFINITY);
  assert.ok(Number.isNaN(perplexity({ nll: Number.NaN, tokens: 1, bytes: 1 }).bitsPerByte));
});

test('no text, and likelihoods above 1, are refused', () => {
  for (const wrong of [{ nll: -1 }, { tokens: 0 }, { bytes: 0 }, { tokens: 1.5 }])
    assert.throws(() => perplexity({ nll: 1, tokens: 1, bytes: 1, ...wrong }), DomainError);
});
