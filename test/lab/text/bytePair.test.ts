/** Byte-pair vocabularies: as in Hugging Face's trainer, as the definition says, and whether texts come back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { byteLetters, letterBytes } from '../../../src/lab/text/byteLetters.ts';
import { type BytePairTokenizer, bytePairTokenizer } from '../../../src/lab/text/bytePair.ts';
import { trainVocabulary } from '../../../src/lab/text/trainVocabulary.ts';
import { firstTokens, specialNames } from '../../../src/lab/text/vocabulary.ts';
import { wordsOf } from '../../../src/lab/text/words.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { anyText, languages, someTexts, trained } from './corpus.ts';

const tokenizer = bytePairTokenizer(trainVocabulary(languages, { size: 500 }));
const lettersOf = (word: string): string[] => Array.from(Buffer.from(word), (byte) => byteLetters[byte]);

/** One pair of a list of tokens put together wherever it stands, from left to right. */
function joinPair(tokens: readonly string[], [left, right]: readonly [string, string]): string[] {
  const result: string[] = [];
  for (let i = 0; i < tokens.length; i++)
    if (tokens[i] === left && tokens[i + 1] === right) result.push(left + tokens[++i]);
    else result.push(tokens[i]);
  return result;
}

/** The definition: count all pairs of all words anew for each merge. */
function naiveMerges(texts: readonly string[], size: number, leastCount: number): [string, string][] {
  const tokens = [...firstTokens];
  let words = texts.flatMap(wordsOf).map(lettersOf);
  const merges: [string, string][] = [];
  while (tokens.length < size) {
    const counts = new Map<string, number>();
    for (const word of words)
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    const place = ([pair]: readonly [string, number]): number[] => pair.split(' ').map((one) => tokens.indexOf(one));
    const [best] = [...counts].sort((a, b) => {
      const [[l, r], [left, right]] = [place(a), place(b)];
      return b[1] - a[1] || l - left || r - right;
    });
    if (best === undefined || best[1] < leastCount) break;
    const pair = best[0].split(' ') as [string, string];
    merges.push(pair);
    if (!tokens.includes(pair.join(''))) tokens.push(pair.join(''));
    words = words.map((word) => joinPair(word, pair));
  }
  return merges;
}

const namedMerges = ({ vocabulary: { tokens, merges } }: BytePairTokenizer): string[] =>
  merges.map((merge) => merge.map((id) => tokens[id]).join(' '));

describe('as in Hugging Face tokenizers', () => {
  for (const { size, leastCount, texts, tokens, merges, ids } of trained)
    test(`${size} tokens, pairs seen ${leastCount} times`, () => {
      const ours = bytePairTokenizer(trainVocabulary(texts, { size, leastCount }));
      assert.deepEqual(ours.vocabulary.tokens.slice(firstTokens.length), tokens);
      assert.deepEqual(namedMerges(ours), merges);
      assert.deepEqual(
        texts.map((text) => [...ours.encode(text)]),
        ids,
      );
    });
});

test('training is what the definition says, ties included, in whatever order the texts come', () => {
  fc.assert(
    fc.property(someTexts, fc.integer({ min: 260, max: 290 }), fc.integer({ min: 1, max: 3 }), (texts, size, least) => {
      const options = { size, leastCount: least };
      const ours = bytePairTokenizer(trainVocabulary(texts, options));
      assert.deepEqual(
        namedMerges(ours),
        naiveMerges(texts, size, least).map((pair) => pair.join(' ')),
      );
      assert.ok(ours.size <= size);
      assert.deepEqual(trainVocabulary(texts.toReversed(), options), ours.vocabulary);
    }),
  );
});

test('encoding merges the most urgent pair, then the next', () => {
  fc.assert(
    fc.property(someTexts, anyText, (texts, text) => {
      const ours = bytePairTokenizer(trainVocabulary(texts, { size: 290, leastCount: 1 }));
      const { tokens, merges } = ours.vocabulary;
      const expected = wordsOf(text).flatMap((word) =>
        merges.reduce<string[]>(
          (list, [left, right]) => joinPair(list, [tokens[left], tokens[right]]),
          lettersOf(word),
        ),
      );
      assert.deepEqual(Array.from(ours.encode(text), ours.token), expected);
    }),
  );
});

test('every text comes back, and holds no special token, whatever it spells', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const ids = tokenizer.encode(text);
      assert.equal(tokenizer.decode(ids), text);
      assert.equal(wordsOf(text).join(''), text);
      assert.ok(ids.every((id) => id >= Object.keys(specialNames).length && id < tokenizer.size));
      const { start, end, pad, unknown } = tokenizer.special;
      assert.equal(tokenizer.decode([start, ...ids, end, pad, unknown]), text);
      // What is remembered of a word changes nothing.
      assert.deepEqual(tokenizer.encode(text), ids);
    }),
  );
  assert.deepEqual([...tokenizer.encode('')], []);
  assert.equal(tokenizer.decode([]), '');
  for (const text of languages) assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
});

test('what is not well formed becomes U+FFFD', () => {
  assert.equal(tokenizer.decode(tokenizer.encode('a\ud800b')), 'a\ufffdb');
  const [first] = tokenizer.encode('\u{10ffff}');
  assert.equal(tokenizer.decode([first]), '\ufffd');
});

test('each byte has a letter of its own', () => {
  assert.equal(new Set(byteLetters).size, 256);
  assert.deepEqual([byteLetters[0x20], byteLetters[0x0a], byteLetters[0x41], byteLetters[0xad]], ['Ġ', 'Ċ', 'A', 'Ń']);
  byteLetters.forEach((letter, byte) => {
    assert.equal(letterBytes.get(letter), byte);
    assert.match(letter, /^[^\s\p{Cc}]$/u);
  });
});

test('a word without spaces does not take the square of its length', () => {
  const ours = bytePairTokenizer(trainVocabulary(['aaaaaaaa'.repeat(10)], { size: 270, leastCount: 1 }));
  const long = 'a'.repeat(50_000);
  assert.equal(ours.decode(ours.encode(long)), long);
});

test('no texts give the bytes alone', () => {
  for (const texts of [[], [''], ['a']])
    assert.deepEqual(trainVocabulary(texts), { tokens: [...firstTokens], merges: [] });
});

test('options and ids that cannot be, and vocabularies that lack something, are refused', () => {
  for (const size of [259, 2 ** 20 + 1, 300.5, Number.NaN])
    assert.throws(() => trainVocabulary([], { size }), /trainVocabulary.*260\.\.2\^20/);
  for (const leastCount of [0, 1.5]) assert.throws(() => trainVocabulary([], { leastCount }), DomainError);
  for (const id of [-1, tokenizer.size, 0.5]) {
    assert.throws(() => tokenizer.decode([id]), DomainError);
    assert.throws(() => tokenizer.token(id), DomainError);
  }
  const tokens = [...firstTokens];
  const without = (token: string): string[] => tokens.filter((one) => one !== token);
  for (const [wrong, why] of [
    [{ tokens: without('<pad>'), merges: [] }, /special token, '<pad>', is missing/],
    [{ tokens: without('Ġ'), merges: [] }, /byte 32, 'Ġ', is missing/],
    [{ tokens: [...tokens, 'a'], merges: [] }, /'a' is there twice/],
    [{ tokens: [...tokens, 'a b'], merges: [] }, /not written in letters of bytes/],
    [{ tokens, merges: [[100, 101]] }, /the merge of .* is missing/],
  ] as const)
    assert.throws(
      () => bytePairTokenizer(wrong),
      (error) => error instanceof DomainError && why.test(error.message),
    );
});
