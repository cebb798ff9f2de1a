/** The runs of the translation bench as Markdown: the tables of docs/translation.md. */
import type { Translated } from '../../src/lab/translate/task.ts';
import { translateView } from '../../src/lab/translate/view.ts';
import { correlationField, costFields, keptRuns, runTable, validationField } from '../sequenceTables.ts';

/** @param folder of the runs @returns what they reached, and what it cost */
export function tables(folder: string): string {
  const runs = keptRuns<Translated>(folder);
  return [
    runTable(runs, [...translateView.fields, validationField(), correlationField(runs, 2000)]),
    runTable(runs, costFields(runs)),
  ].join('\n\n');
}
