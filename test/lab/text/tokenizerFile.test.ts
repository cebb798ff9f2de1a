/** `tokenizer.json`: another program reads the same ids out of it, and damage is refused with the name of the file. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { bytePairTokenizer } from '../../../src/lab/text/bytePair.ts';
import { readTokenizer, tokenizerJson, writeTokenizer } from '../../../src/lab/text/tokenizerFile.ts';
import { trainVocabulary } from '../../../src/lab/text/trainVocabulary.ts';
import { specialNames } from '../../../src/lab/text/vocabulary.ts';
import { ReportedError } from '../../../src/lab/usage.ts';
import { inFolder } from '../program.ts';
import { anyText, languages } from './corpus.ts';

const ours = bytePairTokenizer(trainVocabulary(languages, { size: 400 }));
const theirs = new Tokenizer(JSON.parse(tokenizerJson(ours)), {});

function assertSameIds(text: string): void {
  const { ids } = theirs.encode(text, { add_special_tokens: false });
  assert.deepEqual([...ours.encode(text)], ids, JSON.stringify(text));
  // It decodes no empty list.
  if (text === '') return;
  assert.equal(theirs.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false }), text);
}

describe('the same file in @huggingface/tokenizers', () => {
  test('gives the same ids in every language, and the same special tokens', () => {
    for (const text of [...languages, 'Äpfel\tund  Öl \n', ' a', 'a ', '   ', '\n\n', '😀'.repeat(9)])
      assertSameIds(text);
    for (const [name, token] of Object.entries(specialNames))
      assert.equal(theirs.token_to_id(token), ours.special[name as keyof typeof specialNames]);
  });

  test('gives the same ids for any text that does not spell a special token, for there these are found in texts', () => {
    const spelled = new RegExp(Object.values(specialNames).join('|'));
    fc.assert(
      fc.property(
        anyText.filter((text) => text !== '' && !spelled.test(text)),
        assertSameIds,
      ),
    );
    assert.deepEqual(theirs.encode('<s>', { add_special_tokens: false }).ids, [ours.special.start]);
    assert.notDeepEqual([...ours.encode('<s>')], [ours.special.start]);
  });
});

test('what is written is read again', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'tokenizer.json');
    writeTokenizer(path, ours);
    const again = readTokenizer(path);
    assert.deepEqual(again.vocabulary, ours.vocabulary);
    assert.deepEqual(again.special, ours.special);
    assert.equal(tokenizerJson(again), readFileSync(path, 'utf8'));
  }));

type File = Record<string, unknown> & {
  model: Record<string, unknown> & { vocab: Record<string, unknown>; merges: unknown[] };
  added_tokens: Record<string, unknown>[];
  pre_tokenizer: Record<string, unknown>;
};

/** The file of our tokenizer, changed. */
function changed(change: (file: File) => void): string {
  const file = JSON.parse(tokenizerJson(ours)) as File;
  change(file);
  return JSON.stringify(file);
}

test('a file of other make that means the same is read: newer merges, fewer members, special tokens not in the vocabulary', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'tokenizer.json');
    const other = changed((file) => {
      file.model.merges = file.model.merges.map((merge) => (merge as string).split(' '));
      file.post_processor = { type: 'ByteLevel' };
      for (const name of ['type', 'dropout', 'byte_fallback', 'ignore_merges']) delete file.model[name];
      for (const name of Object.values(specialNames)) delete file.model.vocab[name];
    });
    writeFileSync(path, `\ufeff${other}`);
    assert.deepEqual(readTokenizer(path).vocabulary, ours.vocabulary);
  }));

const damages: readonly (readonly [change: (file: File) => void, why: RegExp])[] = [
  [(file) => Object.assign(file, { normalizer: { type: 'NFC' } }), /normalizer is null, got \{"type":"NFC"\}/],
  [(file) => Object.assign(file, { pre_tokenizer: null }), /pre_tokenizer\.type is "ByteLevel", got nothing/],
  [(file) => Object.assign(file.pre_tokenizer, { add_prefix_space: true }), /add_prefix_space is false, got true/],
  [(file) => Object.assign(file, { decoder: { type: 'BPE' } }), /decoder\.type is "ByteLevel"/],
  [(file) => Object.assign(file.model, { type: 'WordPiece' }), /model\.type is "BPE", got "WordPiece"/],
  [(file) => Object.assign(file.model, { ignore_merges: true }), /ignore_merges is false, got true/],
  [(file) => Object.assign(file.model, { dropout: 0.1 }), /dropout is null or 0, got 0\.1/],
  [(file) => Object.assign(file.model, { vocab: [] }), /vocab is an object/],
  [(file) => Object.assign(file.model.vocab, { A: 41 }), /are both 41/],
  [(file) => Object.assign(file.model.vocab, { A: 1e9 }), /ids of \d+ tokens are 0\.\.\d+, got 1000000000 for 'A'/],
  [(file) => Object.assign(file.model.vocab, { A: 'x' }), /got "x" for 'A'/],
  [(file) => Object.assign(file, { added_tokens: {} }), /added_tokens is a list/],
  [(file) => Object.assign(file.added_tokens[0], { content: '<mask>' }), /added_tokens are <pad>, .*got \{"id":0/],
  [(file) => Object.assign(file.added_tokens[0], { id: 7 }), /'<pad>' is 7 and 0/],
  [(file) => Object.assign(file.model, { merges: {} }), /merges is a list/],
  [(file) => file.model.merges.push('a'), /merges names two tokens, got "a"/],
  [(file) => file.model.merges.push(['a', 'nowhere']), /merges names two tokens/],
  [(file) => file.model.merges.push(7), /merges names two tokens, got 7/],
  [(file) => file.model.merges.push('ÿ ÿ'), /the merge of 'ÿ' and 'ÿ', 'ÿÿ', is missing/],
];

test('every damage, and what this tokenizer does not do, is refused in one line', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'tokenizer.json');
    const refused = (text: string, why: RegExp): void => {
      writeFileSync(path, text);
      assert.throws(
        () => readTokenizer(path),
        (error) =>
          error instanceof ReportedError &&
          error.message.startsWith(path) &&
          !error.message.includes('\n') &&
          why.test(error.message),
        `${why}`,
      );
    };
    for (const [change, why] of damages) refused(changed(change), why);
    refused('{', /:1: is not JSON/);
    refused('[]', /pre_tokenizer\.type/);
    assert.throws(() => readTokenizer(join(folder, 'none.json')), /cannot be read/);
  }));
