/** Tasks from files: the published forms, and that a malformed line is refused with its number. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ChoiceItem } from '../../../src/lab/tasks/choices.ts';
import type { TaskFormatName } from '../../../src/lab/tasks/formats.ts';
import { readTask } from '../../../src/lab/tasks/readTask.ts';
import { inFolder } from '../program.ts';
import { assertRefused, folderIn } from '../text/files.ts';

type Json = Readonly<Record<string, unknown>>;

const plain: Json = { context: 'The sky is', choices: ['blue', 'green'], gold: 0 };

const arc: Json = {
  id: 'Example_1',
  question: {
    stem: 'Which of these melts?',
    choices: [
      { text: 'ice', label: 'A' },
      { text: 'fire', label: 'B' },
      { text: 'air', label: 'C' },
    ],
  },
  answerKey: 'A',
};

const arcOfDataSets: Json = {
  question: 'Which of these melts?',
  choices: { text: ['ice', 'fire', 'air'], label: ['1', '2', '3'] },
  answerKey: '3',
};

const hellaSwag: Json = {
  ind: 1,
  activity_label: 'Baking bread',
  ctx_a: 'A man kneads dough.',
  ctx_b: 'the DOUGH',
  ctx: 'not used',
  endings: ['rises. [substeps] It  is warm.', 'sings [title] Then [step] more', ' flies.', 'reads a book.'],
  label: 2,
};

const melts = 'Question: Which of these melts?\nAnswer:';

/** Lines as they come in, and the item that each is. */
const forms: readonly (readonly [name: string, format: TaskFormatName, line: Json, item: ChoiceItem])[] = [
  ['our own', 'choices', plain, { context: 'The sky is', choices: ['blue', 'green'], gold: 0 }],
  ['ARC', 'arc', arc, { context: melts, choices: ['ice', 'fire', 'air'], gold: 0 }],
  ['ARC in data sets', 'arc', arcOfDataSets, { context: melts, choices: ['ice', 'fire', 'air'], gold: 2 }],
  [
    'HellaSwag',
    'hellaswag',
    hellaSwag,
    {
      context: 'Baking bread: A man kneads dough. The dough',
      choices: ['rises. It is warm.', 'sings. Then more', 'flies.', 'reads a book.'],
      gold: 2,
    },
  ],
  [
    'HellaSwag in one part',
    'hellaswag',
    { activity_label: 'Music', ctx: 'A girl  plays [header]', endings: ['on.', 'off.'], label: '1' },
    { context: 'Music: A girl plays ', choices: ['on.', 'off.'], gold: 1 },
  ],
  [
    'HellaSwag that begins at once',
    'hellaswag',
    { activity_label: 'Music', ctx_a: 'A girl plays.', ctx_b: '', endings: ['on.', 'off.'], label: 0 },
    { context: 'Music: A girl plays.', choices: ['on.', 'off.'], gold: 0 },
  ],
];

describe('each form', () => {
  for (const [name, format, line, item] of forms)
    test(`${name} is read, whether it is named or told by its first line`, () =>
      inFolder(async (root) => {
        const text = `${JSON.stringify(line)}\n\n${JSON.stringify(line)}\r\n`;
        const folder = folderIn(root, 'tasks', { 'some-task.jsonl': text, 'packed.jsonl.gz': gzipSync(text) });
        assert.deepEqual(readTask(join(folder, 'some-task.jsonl')), { name: 'some-task', items: [item, item] });
        assert.deepEqual(readTask(join(folder, 'packed.jsonl.gz'), format), { name: 'packed', items: [item, item] });
      }));
});

/** A line that is wrong, and what is said of it. */
const damages: readonly (readonly [sound: Json, changes: Json, why: RegExp])[] = [
  [plain, { context: 3 }, /'context' is a text, got 3$/],
  [plain, { context: '' }, /'context' is a text, got ""$/],
  [plain, { choices: ['one'] }, /'choices' is a list of texts, two or more, got \["one"\]$/],
  [plain, { choices: ['one', ' '] }, /'choices' is a list of texts/],
  [plain, { choices: 'blue' }, /'choices' is a list of texts/],
  [plain, { gold: 2 }, /'gold' is a whole number in 0\.\.1, got 2$/],
  [plain, { gold: '0' }, /'gold' is a whole number in 0\.\.1, got "0"$/],
  [plain, { gold: 0.5 }, /'gold' is a whole number/],
  [plain, { gold: undefined }, /'gold' is a whole number in 0\.\.1, got nothing$/],
  [arc, { answerKey: 'D' }, /'answerKey' is one of A, B, C, got "D"$/],
  [arc, { answerKey: undefined }, /'answerKey' is a text, got nothing$/],
  [arc, { question: { stem: 'x', choices: [] } }, /'question\.choices' is a list, two or more, got \[\]$/],
  [arc, { question: { choices: [] } }, /'question\.stem' is a text, got nothing$/],
  [
    arc,
    { question: { stem: 'x', choices: [{ text: 'a', label: 'A' }, {}] } },
    /'question\.choices\.1\.text' is a text/,
  ],
  [arcOfDataSets, { question: 7 }, /'question' is a text, got 7$/],
  [arcOfDataSets, { choices: { text: ['a', 'b'], label: ['1', '2', '3'] } }, /2 choices have 3 labels$/],
  [arcOfDataSets, { choices: ['a', 'b'] }, /'choices\.text' is a list of texts/],
  [hellaSwag, { label: '' }, /'label' is a whole number in 0\.\.3, got ""$/],
  [hellaSwag, { label: 4 }, /'label' is a whole number in 0\.\.3, got 4$/],
  [hellaSwag, { ctx_b: 1 }, /'ctx_a' and 'ctx_b' are texts, got "A man kneads dough\." and 1$/],
  [hellaSwag, { ctx_a: undefined, ctx: undefined }, /'ctx' is a text, got nothing$/],
  [hellaSwag, { endings: ['a', '[step]'] }, /ending 1 has nothing but marks$/],
  [hellaSwag, { activity_label: undefined }, /'activity_label' is a text/],
];

test('a line that is wrong is refused with the file, its number, and what is wrong', () =>
  inFolder(async (root) => {
    const refused = (text: string, why: RegExp): void => {
      const path = join(folderIn(root, 'tasks', { 'a.jsonl': text }), 'a.jsonl');
      assertRefused(() => readTask(path), why);
    };
    for (const [sound, changes, why] of damages) {
      const text = `${JSON.stringify(sound)}\n\n${JSON.stringify({ ...sound, ...changes })}\n`;
      refused(text, new RegExp(`a\\.jsonl:3: ${why.source}`));
    }
    refused(`${JSON.stringify(plain)}\n{"context":`, /a\.jsonl:2: is not JSON: /);
    refused(`${JSON.stringify(plain)}\n[1]`, /a\.jsonl:2: is a JSON object, got \[1\]$/);
    refused(
      '{"text":"a"}\n',
      /a\.jsonl:1: is of no known form: it has none of 'gold' \(choices\), 'answerKey' \(arc\)/,
    );
    refused('', /a\.jsonl: is empty$/);
    refused('\n \n', /a\.jsonl: is empty$/);
    assertRefused(() => readTask(join(root, 'none.jsonl')), /none\.jsonl: cannot be read/);
    const other = join(folderIn(root, 'tasks', { 'a.jsonl': JSON.stringify(plain) }), 'a.jsonl');
    assertRefused(() => readTask(other, 'arc'), /a\.jsonl:1: 'question' is a text, got nothing$/);
  }));
