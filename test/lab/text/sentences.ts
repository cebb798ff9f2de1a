/** Sentence pairs without text, as lists of numbers, for tests of batches. */
import fc from 'fast-check';
import type { PairTokenizers, SentencePairs } from '../../../src/lab/text/pairTokenizers.ts';
import type { Tokenizer } from '../../../src/lab/text/text.ts';

/** A tokenizer whose special ids are `first` and on; it reads numbers. */
const numbersFrom = (first: number): Tokenizer => ({
  size: 1000,
  special: { pad: first, start: first + 1, end: first + 2, unknown: first + 3 },
  encode: (text) => Int32Array.from(text.split(' ').filter(Boolean), Number),
  decode: (ids) => Array.from(ids).join(' '),
  token: String,
});

/** Different special ids on both sides, so that mistaking one for the other shows. */
export const numberTokenizers: PairTokenizers = { source: numbersFrom(0), target: numbersFrom(10) };

/** Sentences of given lengths whose tokens name their pair: 100 + i in the source, 200 + i in the target. */
export const sentencesOf = (lengths: readonly (readonly [source: number, target: number])[]): SentencePairs => ({
  source: lengths.map(([length], i) => new Int32Array(length).fill(100 + i)),
  target: lengths.map(([, length], i) => new Int32Array(length).fill(200 + i)),
  tokenizers: numberTokenizers,
});

const length = fc.integer({ min: 0, max: 9 });

/** Lengths of both sides of up to 30 pairs. */
export const someLengths: fc.Arbitrary<[number, number][]> = fc.array(fc.tuple(length, length), {
  minLength: 1,
  maxLength: 30,
});
