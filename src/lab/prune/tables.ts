import type { Series } from '../report/strokes.ts';
import { slotsOf } from '../report/theme.ts';
import { formatCount, formatNumber, formatPercent } from '../terminal/format.ts';
import type { Column, Table } from '../terminal/table.ts';
import type { PrunePoint } from './curve.ts';
import type { PrunedRun } from './results.ts';

interface Field extends Column {
  text(point: PrunePoint, run: PrunedRun): string;
}

const fields: readonly Field[] = [
  { title: 'Method', align: 'left', text: (_, { label }) => label },
  { title: 'Sum kept', text: ({ keep }) => formatPercent(keep, 0) },
  { title: 'Values removed', text: ({ removed }) => formatPercent(removed) },
  { title: 'Parameters', text: ({ parameters }) => formatCount(parameters) },
  { title: 'of all', text: ({ parameters }, { points }) => formatPercent(parameters / points[0].parameters) },
  { title: 'Perplexity', text: ({ test }) => formatNumber(test.perToken, 4) },
  { title: 'bits/byte', text: ({ test }) => formatNumber(test.bitsPerByte, 4) },
];

/** A row for each model and share. */
export const pruneTable = (runs: readonly PrunedRun[]): Table => ({
  columns: fields,
  rows: runs.flatMap((run) => run.points.map((point) => fields.map(({ text }) => text(point, run)))),
});

/** Perplexity against the share of singular values that is left out. */
export function pruneSeries(runs: readonly PrunedRun[]): Series[] {
  const slots = slotsOf(runs.map(({ method }) => method));
  return runs.map(({ label, points }, i) => ({
    label,
    slot: slots[i],
    points: points.map(({ removed, test }) => ({ x: removed, y: test.perToken })),
  }));
}
