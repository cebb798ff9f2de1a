import { methodLabels } from '../compare/settings.ts';
import { spread } from '../graph/experiment.ts';
import { formatBytes, formatCount, formatNumber, MISSING } from '../terminal/format.ts';
import type { Column, Table } from '../terminal/table.ts';
import type { SequenceRun } from './results.ts';

/** The runs of one method at one rank, which differ in their seed. */
export interface MethodRuns<T> {
  /** `sst`, or `sst-16` where there are several ranks. */
  readonly method: string;
  readonly label: string;
  readonly runs: readonly SequenceRun<T>[];
}

/** A column of the table of results. */
export interface Field<T> extends Column {
  text(method: MethodRuns<T>): string;
}

/** Runs by method and rank, in the order in which they are. */
export function methodsOf<T>(runs: readonly SequenceRun<T>[]): MethodRuns<T>[] {
  const several = new Set(runs.flatMap(({ rank }) => rank ?? [])).size > 1;
  const found = new Map<string, SequenceRun<T>[]>();
  for (const run of runs) {
    const id = several && run.rank !== null ? `${run.method}-${run.rank}` : run.method;
    found.set(id, [...(found.get(id) ?? []), run]);
  }
  return Array.from(found, ([method, own]) => {
    const [{ method: name, rank }] = own;
    return { method, label: `${methodLabels[name]}${several && rank !== null ? ` r=${rank}` : ''}`, runs: own };
  });
}

/** Mean over the runs, and ± their standard deviation where there are several; – where one has no such number. */
export function meanText<T>(
  { runs }: MethodRuns<T>,
  value: (run: SequenceRun<T>) => number | null,
  text: (value: number) => string,
): string {
  const values = runs.map((run) => value(run) ?? Number.NaN);
  const { mean, std } = spread(values);
  return !Number.isFinite(mean) || std === null ? text(mean) : `${text(mean)} ± ${text(std)}`;
}

/** The first run, whose curves are drawn. */
export const firstOf = <T>({ runs }: MethodRuns<T>): SequenceRun<T> => runs[0];

/** A field of numbers that are averaged. */
export const meanField = <T>(
  title: string,
  value: (run: SequenceRun<T>) => number | null,
  text: (value: number) => string,
): Field<T> => ({ title, text: (method) => meanText(method, value, text) });

/** A field of what all runs of a method have in common. */
const sameField = <T>(
  title: string,
  value: (run: SequenceRun<T>) => number | null,
  text: (value: number) => string,
): Field<T> => ({ title, text: (method) => text(value(firstOf(method)) ?? Number.NaN) });

/** Perplexity of the test part by token. */
export const perplexityField = <T>(): Field<T> =>
  meanField(
    'Perplexity',
    ({ test }) => test?.perToken ?? null,
    (x) => formatNumber(x, 4),
  );

/** The loss at the end of training. */
export const lastLoss = <T>({ curve }: SequenceRun<T>): number => curve.at(-1)?.loss ?? Number.NaN;

/** Weights, gradients and optimizer state, in bytes. */
export const trainingBytes = <T>({ weightBytes, gradientBytes, optimizerBytes }: SequenceRun<T>): number =>
  weightBytes + gradientBytes + optimizerBytes;

const rateText = (x: number): string => (Number.isFinite(x) ? String(x) : MISSING);

/**
 * The table of results, a row for each method: `short` fits a terminal, `long` is for documents.
 * @param own columns of the task, which come after the rank
 */
export function sequenceTable<T>(
  methods: readonly MethodRuns<T>[],
  own: readonly Field<T>[],
  extent: 'short' | 'long',
): Table {
  const left: Field<T>[] = [
    { title: 'Method', align: 'left', text: ({ label }) => label },
    { title: 'Rank', text: (method) => formatCount(firstOf(method).rank ?? Number.NaN) },
    ...own,
  ];
  const trainable = sameField<T>('Trainable', (run) => run.trainable, formatCount);
  const speed = meanField<T>('tokens/s', (run) => run.tokensPerSecond, formatCount);
  const fields: Field<T>[] =
    extent === 'short'
      ? [...left, trainable, sameField('Optimizer', (run) => run.optimizerBytes, formatBytes), speed]
      : [
          ...left,
          meanField('Training loss', lastLoss, formatNumber),
          sameField('Learning rate', ({ rates }) => rates.dense, rateText),
          sameField('… of low rank', ({ rates, rank }) => (rank === null ? null : rates.own), rateText),
          trainable,
          sameField('All parameters', (run) => run.total, formatCount),
          sameField('Weights', (run) => run.weightBytes, formatBytes),
          sameField('Gradients', (run) => run.gradientBytes, formatBytes),
          sameField('Optimizer state', (run) => run.optimizerBytes, formatBytes),
          {
            title: 'Peak of the process',
            text: ({ runs }) => formatBytes(Math.max(...runs.map((run) => run.peakRss))),
          },
          meanField('ms/step', (run) => run.msPerStep, formatNumber),
          speed,
          sameField(
            'Merge error',
            (run) => run.mergeError,
            (x) => formatNumber(x, 2),
          ),
        ];
  return { columns: fields, rows: methods.map((method) => fields.map((field) => field.text(method))) };
}

/** Which runs were cut short or diverged, in one sentence; null when all went well. */
export function troubles<T>(methods: readonly MethodRuns<T>[], interrupted: boolean): string | null {
  const named = methods.flatMap(({ label, runs }) => runs.map((run) => ({ ...run, name: `${label} #${run.seed}` })));
  const at = (list: typeof named): string =>
    list
      .map(({ name, stepsDone, steps }) => `${name} at step ${formatCount(stepsDone)} of ${formatCount(steps)}`)
      .join(', ');
  const [cut, lost] = [named.filter((run) => !run.finished), named.filter((run) => run.diverged)];
  const said = [
    interrupted ? `Interrupted${cut.length === 0 ? '' : `: ${at(cut)}`}; --resume goes on.` : '',
    lost.length === 0 ? '' : `The loss was not finite any more: ${at(lost)}.`,
  ].filter((sentence) => sentence !== '');
  return said.length === 0 ? null : said.join(' ');
}
