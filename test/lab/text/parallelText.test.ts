/** Parallel text from files, from folders, and from the TypeScript compiler. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openParallelText, readParallelFiles, readParallelFolder } from '../../../src/lab/text/parallelText.ts';
import { splitPairs } from '../../../src/lab/text/splitPairs.ts';
import type { Pairs, Parts } from '../../../src/lab/text/text.ts';
import { typescriptMessages } from '../../../src/lab/text/typescriptMessages.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { inFolder } from '../program.ts';
import { assertRefused, type Files, folderIn } from './files.ts';

const languages = { source: 'de', target: 'en' };

const sound: Files = {
  'train.de': 'eins\nzwei\n\nÄpfel \n',
  'train.en': 'one\ntwo\n\napples \n',
  'val.de': 'drei\n',
  'val.en': 'three\n',
  'test_2016_flickr.de': 'vier\n',
  'test_2016_flickr.en': 'four\n',
};

describe('a folder of pairs', () => {
  test('is read as it stands, plain or packed, with other line ends and names', () =>
    inFolder(async (root) => {
      const read = readParallelFolder(folderIn(root, 'plain', sound), languages);
      assert.deepEqual(read, {
        name: 'plain, de-en',
        train: { source: ['eins', 'zwei', '', 'Äpfel '], target: ['one', 'two', '', 'apples '] },
        val: { source: ['drei'], target: ['three'] },
        test: { source: ['vier'], target: ['four'] },
      });
      const each = (change: (name: string, text: string) => [string, string | Uint8Array]): Files =>
        Object.fromEntries(Object.entries(sound).map(([name, text]) => change(name, String(text))));
      const variants = [
        each((name, text) => [`${name}.gz`, gzipSync(text)]),
        each((name, text) => [name, `\ufeff${text.replaceAll('\n', '\r\n').trimEnd()}`]),
        each((name, text) => [name.replace('_2016_flickr', '').replace('val', 'dev'), text]),
      ];
      for (const [i, files] of variants.entries()) {
        const { name, ...parts } = readParallelFolder(folderIn(root, `other${i}`, files), languages);
        assert.equal(name, `other${i}, de-en`);
        const trimmed = i === 1 ? 'Äpfel' : 'Äpfel ';
        assert.deepEqual(parts.train.source, ['eins', 'zwei', '', trimmed]);
        assert.deepEqual([parts.val, parts.test], [read.val, read.test]);
      }
      const back = openParallelText(join(root, 'plain'), { source: 'en', target: 'de' }, new Rng(1));
      assert.deepEqual(back.test, { source: ['four'], target: ['vier'] });
    }));

  test('that is damaged is refused with the file and the line', () =>
    inFolder(async (root) => {
      let folders = 0;
      const refused = (changes: Files, why: RegExp, without = ''): void => {
        const { [without]: _, ...files } = { ...sound, ...changes };
        const folder = folderIn(root, `damaged${folders++}`, files);
        assertRefused(() => readParallelFolder(folder, languages), why);
      };
      refused({}, /damaged0: holds no train\.de, plain/, 'train.de');
      refused({}, /train\.en: no such file, nor train\.en\.gz/, 'train.en');
      refused({}, /holds no val\.de nor valid\.de nor dev\.de/, 'val.de');
      refused({}, /holds no test_2016_flickr\.de nor test\.de/, 'test_2016_flickr.de');
      refused({ 'val.de': '' }, /val\.de: is empty$/);
      refused({ 'train.en': 'one\ntwo\n' }, /train\.de:3: has no line beside it: .*train\.en ends after 2$/);
      refused({ 'val.en': 'three\nfour\n' }, /val\.en:2: has no line beside it: .*val\.de ends after 1$/);
      refused({ 'train.de': Buffer.from('eins\nzwei\nd\xfcnn\nvier', 'latin1') }, /train\.de:3: is not UTF-8$/);
      refused({ 'train.de.gz': 'no gzip' }, /train\.de\.gz: cannot be unpacked/, 'train.de');
      refused({ 'train.de.gz': gzipSync(Buffer.of(10, 10, 0xc3)) }, /train\.de\.gz:3: is not UTF-8$/, 'train.de');
    }));
});

test('two files are divided; too few lines are refused', () =>
  inFolder(async (root) => {
    const lines = (word: string, n: number): string => Array.from({ length: n }, (_, i) => `${word} ${i}\n`).join('');
    const folder = folderIn(root, 'two', {
      'a.de': lines('Satz', 30),
      'a.en': lines('sentence', 30),
      b: lines('x', 2),
    });
    const [a, b] = ['a.de', 'a.en'].map((name) => join(folder, name));
    const text = readParallelFiles(a, b, new Rng(1));
    assert.equal(text.name, 'a.de, a.en');
    assert.deepEqual(
      [text.train, text.val, text.test].map(({ source }) => source.length),
      [24, 3, 3],
    );
    for (const { source, target } of [text.train, text.val, text.test])
      assert.deepEqual(
        target,
        source.map((sentence) => sentence.replace('Satz', 'sentence')),
      );
    assertRefused(() => readParallelFiles(join(folder, 'b'), join(folder, 'b'), new Rng(1)), /b: 2 lines cannot be/);
    assertRefused(() => readParallelFiles(a, join(folder, 'none'), new Rng(1)), /none: cannot be read/);
  }));

describe('a random division', () => {
  const words = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
    minLength: 4,
    maxLength: 60,
  });
  const pairsOf = (list: readonly (readonly [number, number])[]): Pairs => ({
    source: list.map(([word]) => `s${word}`),
    target: list.map(([, word]) => `t${word}`),
  });

  test('has no text in two parts, on either side, and keeps pairs together', () => {
    fc.assert(
      fc.property(words, fc.nat(), (list, seed) => {
        const pairs = pairsOf(list);
        let parts: Parts<Pairs>;
        try {
          parts = splitPairs(pairs, new Rng(seed));
        } catch (error) {
          // So many texts are equal that nothing is left.
          assert.ok(error instanceof DomainError, `${error}`);
          return;
        }
        const known = new Set(list.map(([source, target]) => `s${source} t${target}`));
        const all = Object.values(parts);
        for (const { source, target } of all)
          for (const [i, text] of source.entries()) assert.ok(known.has(`${text} ${target[i]}`));
        for (const side of ['source', 'target'] as const) {
          const sets = all.map((part) => new Set(part[side]));
          assert.equal(
            new Set(all.flatMap((part) => part[side])).size,
            sets.reduce((sum, set) => sum + set.size, 0),
          );
        }
      }),
    );
  });

  test('of different texts loses none, holds back a tenth or 1,000 of each kind, and depends on the seed alone', () => {
    const pairs = pairsOf(Array.from({ length: 12_000 }, (_, i) => [i, i] as const));
    const parts = splitPairs(pairs, new Rng(1));
    assert.deepEqual(
      [parts.train, parts.val, parts.test].map(({ source }) => source.length),
      [10_000, 1000, 1000],
    );
    assert.deepEqual(splitPairs(pairs, new Rng(1)), parts);
    assert.notDeepEqual(splitPairs(pairs, new Rng(2)).test, parts.test);
    for (const n of [0, 1, 2]) {
      const few = { source: pairs.source.slice(0, n), target: pairs.target.slice(0, n) };
      assert.throws(() => splitPairs(few, new Rng(1)), /cannot be divided into three parts/);
    }
  });
});

describe('messages of the TypeScript compiler', () => {
  test('are some two thousand pairs in each of its languages', () => {
    const { source, target, name } = typescriptMessages(languages);
    assert.match(name, /^messages of typescript \d+\.\d+\.\d+, de-en$/);
    assert.ok(source.length > 2000, `${source.length}`);
    assert.equal(
      source[target.indexOf("A '{0}' parameter must be the first parameter.")],
      'Ein "{0}"-Parameter muss der erste Parameter sein.',
    );
    assert.ok([...source, ...target].every((text) => text.trim() !== '' && !/[\n\r]/.test(text)));
    const other = typescriptMessages({ source: 'ja', target: 'pt-br' });
    assert.ok(other.source.length > 2000);
  });

  test('are divided by the seed', () => {
    const read = (seed: number) => openParallelText('typescript', languages, new Rng(seed));
    const { train, val, test } = read(1);
    assert.ok(train.source.length > 1600 && val.source.length > 200 && test.source.length > 200);
    assert.deepEqual(read(1).test, test);
  });

  test('come in no other language, nor from one into itself; other data has to be there', () => {
    assertRefused(
      () => typescriptMessages({ source: 'xx', target: 'en' }),
      /the compiler speaks cs, de, en, .*got 'xx'/,
    );
    assertRefused(() => openParallelText('typescript', { source: 'de', target: 'de' }, new Rng(1)), /got 'de' twice/);
    assertRefused(() => openParallelText('nowhere', languages, new Rng(1)), /a folder or typescript, got 'nowhere'/);
  });
});
