import { checkCount } from '../../nn/optim/schedule.ts';
import { DomainError } from '../../tensor/errors.ts';
import { byteLetters } from './byteLetters.ts';
import { type Heap, heapOf } from './heap.ts';
import { firstTokens, mostTokens, pairKey, type Vocabulary } from './vocabulary.ts';
import { wordsOf } from './words.ts';

/** How a vocabulary is made. */
export interface VocabularyOptions {
  /** The most tokens, special ones and the 256 bytes included. Default 8000. */
  readonly size?: number;
  /** A pair that is seen less often is not merged, so that a small text gets a smaller vocabulary. Default 2. */
  readonly leastCount?: number;
}

/** A different word of the text. */
interface Word {
  /** Its tokens so far. */
  tokens: readonly number[];
  /** How often it is seen. */
  readonly count: number;
}

/** Two tokens that stand side by side somewhere. */
interface Pair {
  readonly left: number;
  readonly right: number;
  /** How often they do now. */
  count: number;
  /** The words where they did when it was looked at last: at least those where they do now. */
  readonly words: Set<Word>;
}

/** What the queue holds: a pair, and its count when it was put there, which is never less than now. */
interface Candidate {
  readonly pair: Pair;
  readonly count: number;
}

/**
 * A vocabulary by byte-pair encoding: from the single bytes, the pair of tokens that is seen most often becomes a token, again and again. Of
 * pairs that are seen equally often the one with the lower ids does, so the result depends on the words and their numbers alone.
 *
 * Counts follow each merge, in the words that it touches only.
 * @throws DomainError unless size is a whole number in 260..2^20 and leastCount one >= 1
 * @source Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", arXiv 1508.07909; on bytes: Radford et al., 2019
 */
export function trainVocabulary(
  texts: Iterable<string>,
  { size = 8000, leastCount = 2 }: VocabularyOptions = {},
): Vocabulary {
  if (!Number.isInteger(size) || size < firstTokens.length || size > mostTokens)
    throw new DomainError('trainVocabulary', `size is a whole number in ${firstTokens.length}..2^20, got ${size}`);
  checkCount('trainVocabulary', 'leastCount', leastCount, 1);
  const pairs = pairsIn(wordCounts(texts));
  const queue = heapOf<Candidate>(isFirst);
  for (const pair of pairs.values()) queue.push({ pair, count: pair.count });
  const tokens = [...firstTokens];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: [number, number][] = [];
  while (tokens.length < size) {
    const pair = mostFrequent(queue);
    if (pair === null || pair.count < leastCount) break;
    const token = tokens[pair.left] + tokens[pair.right];
    // Two pairs may make the same token, which then has two merges.
    const id = ids.get(token) ?? tokens.push(token) - 1;
    ids.set(token, id);
    merges.push([pair.left, pair.right]);
    for (const grown of merge(pairs, pair, id)) queue.push({ pair: grown, count: grown.count });
  }
  return { tokens, merges };
}

const isFirst = (a: Candidate, b: Candidate): boolean =>
  a.count !== b.count ? a.count > b.count : pairKey(a.pair.left, a.pair.right) < pairKey(b.pair.left, b.pair.right);

/** Counts in the queue may be too high. The first one that is not is the highest of all. */
function mostFrequent(queue: Heap<Candidate>): Pair | null {
  for (;;) {
    const top = queue.pop();
    if (top === undefined) return null;
    const { pair } = top;
    if (pair.count === top.count) return pair;
    if (pair.count > 0) queue.push({ pair, count: pair.count });
  }
}

/** The different words of the texts as tokens, one for each byte. */
function wordCounts(texts: Iterable<string>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const byteTokens = byteLetters.map((letter) => firstTokens.indexOf(letter));
  const encoder = new TextEncoder();
  return Array.from(counts, ([word, count]) => ({
    tokens: Array.from(encoder.encode(word), (byte) => byteTokens[byte]),
    count,
  }));
}

function pairsIn(words: readonly Word[]): Map<number, Pair> {
  const pairs = new Map<number, Pair>();
  for (const word of words)
    for (let i = 1; i < word.tokens.length; i++) {
      const pair = pairOf(pairs, word.tokens[i - 1], word.tokens[i]);
      pair.count += word.count;
      pair.words.add(word);
    }
  return pairs;
}

function pairOf(pairs: Map<number, Pair>, left: number, right: number): Pair {
  const key = pairKey(left, right);
  let pair = pairs.get(key);
  if (pair === undefined) {
    pair = { left, right, count: 0, words: new Set() };
    pairs.set(key, pair);
  }
  return pair;
}

/** Put `id` for a pair in all words. @returns the pairs that are seen more often than before: they contain `id` */
function merge(pairs: Map<number, Pair>, { left, right, words }: Pair, id: number): Set<Pair> {
  const grown = new Set<Pair>();
  for (const word of words) {
    const before = word.tokens;
    const after = merged(before, left, right, id);
    if (after.length === before.length) continue;
    for (let i = 1; i < before.length; i++) pairOf(pairs, before[i - 1], before[i]).count -= word.count;
    for (let i = 1; i < after.length; i++) {
      const pair = pairOf(pairs, after[i - 1], after[i]);
      pair.count += word.count;
      if (after[i - 1] !== id && after[i] !== id) continue;
      pair.words.add(word);
      grown.add(pair);
    }
    word.tokens = after;
  }
  words.clear();
  return grown;
}

/** A list of tokens with `id` for each occurrence of a pair, found from left to right. */
function merged(tokens: readonly number[], left: number, right: number, id: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < tokens.length; i++)
    if (tokens[i] === left && tokens[i + 1] === right) {
      result.push(id);
      i++;
    } else result.push(tokens[i]);
  return result;
}
