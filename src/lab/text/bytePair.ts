import { DomainError } from '../../tensor/errors.ts';
import { byteLetters, bytesOf } from './byteLetters.ts';
import { heapOf } from './heap.ts';
import type { SpecialIds, Tokenizer } from './text.ts';
import { pairKey, specialNames, type Vocabulary } from './vocabulary.ts';
import { wordsOf } from './words.ts';

/** A tokenizer whose vocabulary can be written to a file. */
export interface BytePairTokenizer extends Tokenizer {
  readonly vocabulary: Vocabulary;
}

/** How urgent a merge is, 0 first, and the token that comes of it. */
interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** Merges by pair. */
type Merges = ReadonlyMap<number, Merge>;

/** Words that are remembered, and the longest of them: bounds of memory, far above what a language has. */
const remembered = { words: 2 ** 17, letters: 64 };

/**
 * The tokenizer of a vocabulary. A text is cut into words (`wordsOf`) and each word into its UTF-8 bytes; then the most urgent pair is merged,
 * the leftmost first, until no pair of the vocabulary is left. `decode(encode(text))` is the text, if it is well formed: half of a surrogate pair
 * becomes U+FFFD.
 * @throws DomainError when a byte or a special token is missing, a token is there twice or is none, or a merge makes no token
 */
export function bytePairTokenizer(vocabulary: Vocabulary): BytePairTokenizer {
  const { tokens } = vocabulary;
  const ids = idsOf(tokens);
  const special = specialOf(ids);
  const bytes = tokens.map((token, id) => tokenBytes(special, token, id));
  const byteIds = byteLetters.map((letter, byte) => idOf(ids, letter, `byte ${byte}`));
  const merges = mergesOf(vocabulary, ids);
  const known = new Map<string, readonly number[]>();
  const encoder = new TextEncoder();
  const encodeWord = (word: string): readonly number[] => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const tokens = mergeAll(
      Array.from(encoder.encode(word), (byte) => byteIds[byte]),
      merges,
    );
    if (known.size >= remembered.words) known.clear();
    if (word.length <= remembered.letters) known.set(word, tokens);
    return tokens;
  };
  const bytesAt = (id: number): Uint8Array => {
    if (bytes[id] === undefined) throw new DomainError('decode', `ids are 0..${tokens.length - 1}, got ${id}`);
    return bytes[id];
  };
  return {
    vocabulary,
    size: tokens.length,
    special,
    encode: (text) => Int32Array.from(wordsOf(text).flatMap(encodeWord)),
    decode: (list) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(joined(Array.from(list, bytesAt))),
    token(id) {
      bytesAt(id);
      return tokens[id];
    },
  };
}

/** What a token stands for: nothing if it is special. */
function tokenBytes(special: SpecialIds, token: string, id: number): Uint8Array {
  const bytes = Object.values(special).includes(id) ? new Uint8Array() : bytesOf(token);
  if (bytes === null)
    throw new DomainError('bytePairTokenizer', `token ${id}, '${token}', is not written in letters of bytes`);
  return bytes;
}

function idsOf(tokens: readonly string[]): ReadonlyMap<string, number> {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const twice = tokens.findIndex((token, id) => ids.get(token) !== id);
  if (twice >= 0) throw new DomainError('bytePairTokenizer', `'${tokens[twice]}' is there twice`);
  return ids;
}

function idOf(ids: ReadonlyMap<string, number>, token: string, what: string): number {
  const id = ids.get(token);
  if (id === undefined) throw new DomainError('bytePairTokenizer', `${what}, '${token}', is missing`);
  return id;
}

function specialOf(ids: ReadonlyMap<string, number>): SpecialIds {
  const { pad, start, end, unknown } = specialNames;
  const of = (name: string): number => idOf(ids, name, 'a special token');
  return { pad: of(pad), start: of(start), end: of(end), unknown: of(unknown) };
}

function mergesOf({ tokens, merges }: Vocabulary, ids: ReadonlyMap<string, number>): Merges {
  return new Map(
    merges.map(([left, right], rank) => {
      const what = `the merge of '${tokens[left]}' and '${tokens[right]}'`;
      return [pairKey(left, right), { rank, id: idOf(ids, `${tokens[left]}${tokens[right]}`, what) }];
    }),
  );
}

/**
 * The tokens that remain of a word. Neighbours are linked, and pairs wait in a queue by rank, then place, as one number; a pair of which a part is
 * merged meanwhile is passed over. n log n for n bytes, so that a text without spaces is no trap.
 */
function mergeAll(tokens: number[], merges: Merges): readonly number[] {
  const gone = -1;
  const next = tokens.map((_, i) => i + 1);
  const previous = tokens.map((_, i) => i - 1);
  const queue = heapOf<number>((a, b) => a < b);
  const mergeAt = (i: number): Merge | undefined =>
    i >= 0 && next[i] < tokens.length ? merges.get(pairKey(tokens[i], tokens[next[i]])) : undefined;
  const offer = (i: number): void => {
    const found = mergeAt(i);
    if (found !== undefined) queue.push(found.rank * 2 ** 32 + i);
  };
  for (let i = 0; i + 1 < tokens.length; i++) offer(i);
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const i = top % 2 ** 32;
    const found = mergeAt(i);
    if (found?.rank !== Math.floor(top / 2 ** 32)) continue;
    const swallowed = next[i];
    tokens[i] = found.id;
    tokens[swallowed] = gone;
    next[i] = next[swallowed];
    if (next[i] < tokens.length) previous[next[i]] = i;
    offer(previous[i]);
    offer(i);
  }
  return tokens.filter((token) => token !== gone);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}
