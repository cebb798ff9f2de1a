/** Tables of measured numbers in documents are those of the runs that are kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tables as languageModelTables } from '../../bench/lm/tables.ts';
import { tables as translationTables } from '../../bench/translation/tables.ts';
import { read, root } from './tree.ts';

const kept: readonly (readonly [document: string, tables: (folder: string) => string, folder: string])[] = [
  ['docs/translation.md', translationTables, 'bench/results/translation'],
  ['docs/translation.md', translationTables, 'bench/results/translation/hyperbolic-64'],
  ['docs/language-models.md', languageModelTables, 'bench/results/lm'],
];

for (const [document, tables, folder] of kept)
  test(`${document} shows the runs of ${folder}`, () => {
    const lines = tables(root + folder).split('\n');
    assert.ok(lines.length > 8, 'there are runs');
    const shown = new Set(read(document).split('\n'));
    for (const line of lines) if (line !== '') assert.ok(shown.has(line), line);
  });
