/** Finished runs as Markdown. */
import { methodLabels } from '../../src/lab/compare/settings.ts';
import { spread } from '../../src/lab/graph/experiment.ts';
import { modelLabels } from '../../src/lab/graph/settings.ts';
import { metricLabels } from '../../src/lab/graph/summary.ts';
import { type Column, renderMarkdown } from '../../src/lab/terminal/table.ts';
import { type Cell, cells, columns, networks, rows } from './sweep.ts';

/** What a file of the sweep holds. */
export interface Finished {
  readonly test: Readonly<Record<string, number>>;
  readonly bestEpoch: number;
  readonly trainable: number;
}

/** A run that is kept, or null. */
export type Find = (cell: Cell) => Finished | null;

const titles: Readonly<Record<string, string>> = {
  'disease_lp lp': 'Disease, lp',
  'cora lp': 'Cora, lp',
  'cora nc': 'Cora, nc',
  'airports lp': 'US airports, lp',
};

/** The finished runs of all seeds that fit. */
const finished = (find: Find, fits: (cell: Cell) => boolean): Finished[] =>
  cells.filter(fits).flatMap((cell) => find(cell) ?? []);

/** Mean ± standard deviation, and how many where there are fewer than wanted. */
function text(runs: readonly Finished[], value: (run: Finished) => number, digits: number): string {
  if (runs.length === 0) return '–';
  const { mean, std } = spread(runs.map(value));
  const few = runs.length < 3 ? ` (${runs.length})` : '';
  return std === null || std === 0
    ? `${mean.toFixed(digits)}${few}`
    : `${mean.toFixed(digits)} ± ${std.toFixed(digits)}${few}`;
}

const label = ({ method, rank }: Pick<Cell, 'method' | 'rank'>): string =>
  method === 'full' ? methodLabels.full : `${methodLabels[method]} r=${rank}`;

/** A row for each method and rank, a column for each graph and task: one number of the runs. */
function grid(
  find: Find,
  heading: string,
  value: (run: Finished, task: Cell['task']) => number,
  digits: number,
): string {
  const head: Column[] = [
    { title: heading, align: 'left' },
    ...columns.map(({ set, task }) => ({ title: titles[`${set} ${task}`] ?? set })),
  ];
  const body = rows.map((row) => [
    label(row),
    ...columns.map(({ set, task }) => {
      const runs = finished(
        find,
        (cell) =>
          cell.model === 'hybonet' &&
          cell.set === set &&
          cell.task === task &&
          cell.method === row.method &&
          cell.rank === row.rank,
      );
      return text(runs, (run) => value(run, task), digits);
    }),
  ]);
  return renderMarkdown({ columns: head, rows: body });
}

/** Networks on the generated tree. */
function networkTable(find: Find): string {
  const of = (name: string) => (run: Finished) => 100 * run.test[name];
  const columnsOf = ['f1', 'accuracy'].map((name) => ({
    title: `${metricLabels[name]}, %`,
    value: of(name),
    digits: 2,
  }));
  const all = [
    ...columnsOf,
    { title: 'Best epoch', value: (run: Finished) => run.bestEpoch, digits: 0 },
    { title: 'Trainable', value: (run: Finished) => run.trainable, digits: 0 },
  ];
  return renderMarkdown({
    columns: [{ title: 'Disease (generated), nc', align: 'left' }, ...all],
    rows: networks.map((model) => {
      const runs = finished(find, (cell) => cell.set === 'disease' && cell.model === model);
      return [modelLabels[model], ...all.map(({ value, digits }) => text(runs, value, digits))];
    }),
  });
}

/** All tables of docs/graphs.md. */
export function tables(find: Find): string {
  const first = (run: Finished, task: Cell['task']): number => 100 * (task === 'lp' ? run.test.auc : run.test.accuracy);
  return [
    'Test metrics, mean ± standard deviation over seeds 1234, 1 and 2; (n) where only n runs are there.',
    grid(find, 'ROC-AUC (lp), accuracy (nc), %', first, 2),
    grid(
      find,
      'Average precision (lp), F1 (nc), %',
      (run, task) => 100 * (task === 'lp' ? run.test.ap : run.test.f1),
      2,
    ),
    grid(find, 'Best epoch', (run) => run.bestEpoch, 0),
    grid(find, 'Trainable parameters', (run) => run.trainable, 0),
    networkTable(find),
  ].join('\n\n');
}
