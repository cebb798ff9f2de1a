/** The runs of the lm bench as Markdown: the tables of docs/language-models.md. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LmMeasured } from '../../src/lab/lm/task.ts';
import { lmView } from '../../src/lab/lm/view.ts';
import type { PrunePoint } from '../../src/lab/prune/curve.ts';
import { type RunKey, runName } from '../../src/lab/sequence/settings.ts';
import { methodsOf } from '../../src/lab/sequence/summary.ts';
import { formatNumber } from '../../src/lab/terminal/format.ts';
import { renderMarkdown } from '../../src/lab/terminal/table.ts';
import { correlationField, costFields, keptRuns, runTable, validationField } from '../sequenceTables.ts';

/** The file of a run's pruning. */
export const pruningFile = (folder: string, key: RunKey): string => join(folder, `prune-${runName(key)}.json`);

/** What is left of a run's model when it is pruned; null where that was not measured. */
export function readPruning(folder: string, key: RunKey): readonly PrunePoint[] | null {
  const path = pruningFile(folder, key);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).points : null;
}

/** @param folder of the runs @returns what they reached, what it cost, and what pruning leaves of them */
export function tables(folder: string): string {
  const runs = keptRuns<LmMeasured>(folder);
  return [
    runTable(runs, [...lmView.fields, validationField(), correlationField(runs, 2000)]),
    runTable(runs, costFields(runs)),
    pruningTable(folder),
  ].join('\n\n');
}

/** A row for each share of the sum of singular values that stays: perplexity, and the share of singular values that is gone. */
function pruningTable(folder: string): string {
  const curves = methodsOf(keptRuns<LmMeasured>(folder)).flatMap(({ label, runs: [run] }) => {
    const points = readPruning(folder, run);
    return points === null ? [] : [{ label, points }];
  });
  const [first] = curves;
  if (first === undefined) return 'Nothing is pruned yet.';
  const cell = ({ removed, test }: PrunePoint): string => `${formatNumber(test.perToken, 4)} (${removed.toFixed(2)})`;
  return renderMarkdown({
    columns: [{ title: 'Kept' }, ...curves.map(({ label }) => ({ title: label }))],
    rows: first.points.map(({ keep }, i) => [
      `${Math.round(100 * keep)} %`,
      ...curves.map(({ points }) => cell(points[i])),
    ]),
  });
}
