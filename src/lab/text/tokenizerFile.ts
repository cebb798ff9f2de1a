import { writeFileSync } from 'node:fs';
import { DomainError } from '../../tensor/errors.ts';
import { isObject } from '../../tensor/io/json.ts';
import { checkMeanings, DamagedFile, type Meaning, shown } from '../data/damaged.ts';
import { jsonOf, openFile } from '../data/textFile.ts';
import { type BytePairTokenizer, bytePairTokenizer } from './bytePair.ts';
import { mostTokens, specialNames, type Vocabulary } from './vocabulary.ts';

type Members = Readonly<Record<string, unknown>>;

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true } as const;

/** What these members must be to mean what this tokenizer does. */
const meanings: readonly Meaning[] = [
  ['normalizer', [null, undefined]],
  ['pre_tokenizer.type', ['ByteLevel']],
  ['pre_tokenizer.add_prefix_space', [false]],
  ['pre_tokenizer.use_regex', [true, undefined]],
  ['decoder.type', ['ByteLevel']],
  ['model.type', ['BPE', undefined]],
  ['model.dropout', [null, 0, undefined]],
  ['model.continuing_subword_prefix', [null, '', undefined]],
  ['model.end_of_word_suffix', [null, '', undefined]],
  ['model.byte_fallback', [false, undefined]],
  ['model.ignore_merges', [false, undefined]],
];

/**
 * A tokenizer as the text of a Hugging Face `tokenizer.json`: the model BPE with its merges, byte-level words before and after it, the special
 * tokens. What reads it gives the same ids, except that Hugging Face's tokenizers also find the names of special tokens in a text.
 */
export function tokenizerJson({ vocabulary, special }: BytePairTokenizer): string {
  const { tokens, merges } = vocabulary;
  const added = Object.values(special)
    .sort((a, b) => a - b)
    .map((id) => ({
      id,
      content: tokens[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }));
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    // No letter of a byte is a space.
    merges: merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`),
  };
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model,
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** Write a tokenizer to a file, `tokenizer.json` by custom. */
export function writeTokenizer(path: string, tokenizer: BytePairTokenizer): void {
  writeFileSync(path, tokenizerJson(tokenizer));
}

/**
 * The byte-level BPE tokenizer of a Hugging Face `tokenizer.json`, written here or elsewhere, whose special tokens are `<pad>`, `<s>`, `</s>` and
 * `<unk>`. Its post-processor, which would add special tokens, is not applied.
 * @throws DamagedFile when the file is none, or asks for what this tokenizer does not do; ReportedError when it cannot be read
 */
export function readTokenizer(path: string): BytePairTokenizer {
  const file = jsonOf(openFile(path));
  const refuse: Refusal = (why) => {
    throw new DamagedFile(path, null, why);
  };
  checkMeanings(path, file, meanings);
  const { model, added_tokens: added } = file as { model: Members; added_tokens: unknown };
  const tokens = tokensOf(model.vocab, added, refuse);
  try {
    return bytePairTokenizer({ tokens, merges: mergesOf(model.merges, tokens, refuse) });
  } catch (error) {
    if (error instanceof DomainError) refuse(error.message);
    throw error;
  }
}

type Refusal = (why: string) => never;

/** The tokens by id; the special ones may be in the vocabulary, among the added tokens, or in both. */
function tokensOf(vocab: unknown, added: unknown, refuse: Refusal): string[] {
  if (!isObject(vocab)) return refuse(`model.vocab is an object, got ${shown(vocab)}`);
  if (!Array.isArray(added)) return refuse(`added_tokens is a list, got ${shown(added)}`);
  const ids = new Map(Object.entries(vocab));
  const names: readonly string[] = Object.values(specialNames);
  for (const one of added as unknown[]) {
    const { content, id } = isObject(one) ? one : {};
    if (typeof content !== 'string' || !names.includes(content))
      return refuse(`added_tokens are ${names.join(', ')}, got ${shown(one)}`);
    if ((ids.get(content) ?? id) !== id) refuse(`'${content}' is ${shown(id)} and ${shown(ids.get(content))}`);
    ids.set(content, id);
  }
  const tokens = new Array<string>(ids.size);
  for (const [token, id] of ids) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= Math.min(ids.size, mostTokens))
      return refuse(`ids of ${ids.size} tokens are 0..${ids.size - 1}, got ${shown(id)} for '${token}'`);
    if (tokens[id] !== undefined) refuse(`'${tokens[id]}' and '${token}' are both ${id}`);
    tokens[id] = token;
  }
  return tokens;
}

function mergesOf(merges: unknown, tokens: readonly string[], refuse: Refusal): Vocabulary['merges'] {
  if (!Array.isArray(merges)) return refuse(`model.merges is a list, got ${shown(merges)}`);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return merges.map((merge: unknown) => {
    // Older files write 'a b', newer ones ['a', 'b'].
    const parts: readonly unknown[] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
    const [left, right] = parts.map((part) => ids.get(part as string));
    if (parts.length !== 2 || left === undefined || right === undefined)
      return refuse(`model.merges names two tokens, got ${shown(merge)}`);
    return [left, right] as const;
  });
}
