/** Finished runs of sequence models as Markdown. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { methodNames } from '../src/lab/compare/settings.ts';
import { gradientCorrelation } from '../src/lab/sequence/gradients.ts';
import type { SequenceRun } from '../src/lab/sequence/results.ts';
import { readRun } from '../src/lab/sequence/runFiles.ts';
import { type Field, firstOf, meanField, methodsOf, trainingBytes } from '../src/lab/sequence/summary.ts';
import { formatBytes, formatCount, formatNumber, MISSING } from '../src/lab/terminal/format.ts';
import { renderMarkdown } from '../src/lab/terminal/table.ts';

/** The finished runs of a folder: full training, then rank by rank from the largest. */
export function keptRuns<T>(folder: string): SequenceRun<T>[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const records = names.filter((name) => methodNames.some((method) => name.startsWith(`${method}-`)));
  return records
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => readRun<T>({ record: join(folder, name) }) ?? [])
    .sort(
      (a, b) =>
        (b.rank ?? Number.POSITIVE_INFINITY) - (a.rank ?? Number.POSITIVE_INFINITY) ||
        methodNames.indexOf(a.method) - methodNames.indexOf(b.method) ||
        a.seed - b.seed,
    );
}

/** A row for each method and rank. */
export function runTable<T>(runs: readonly SequenceRun<T>[], fields: readonly Field<T>[]): string {
  const all: Field<T>[] = [{ title: 'Method', align: 'left', text: ({ label }) => label }, ...fields];
  return renderMarkdown({
    columns: all,
    rows: methodsOf(runs).map((method) => all.map((field) => field.text(method))),
  });
}

/** The lowest loss in validation, by token. */
export const validationField = <T>(): Field<T> =>
  meanField(
    'Loss in validation',
    ({ validation }) => Math.min(...validation.map(({ loss }) => loss)),
    (x) => x.toFixed(3),
  );

/** Bytes, and their share of what full training has. */
const shareField = <T>(
  title: string,
  runs: readonly SequenceRun<T>[],
  bytes: (run: SequenceRun<T>) => number,
): Field<T> => {
  const full = runs.find(({ method }) => method === 'full');
  return {
    title,
    text(method) {
      const own = bytes(firstOf(method));
      return full === undefined ? formatBytes(own) : `${formatBytes(own)} (${(own / bytes(full)).toFixed(2)})`;
    },
  };
};

/** What the runs cost. Shares are of full training. */
export function costFields<T>(runs: readonly SequenceRun<T>[]): Field<T>[] {
  return [
    { title: 'Trainable', text: (method) => formatCount(firstOf(method).trainable) },
    shareField('Weights', runs, (run) => run.weightBytes),
    shareField('Gradients', runs, (run) => run.gradientBytes),
    shareField('Optimizer', runs, (run) => run.optimizerBytes),
    shareField('These three', runs, trainingBytes),
    shareField('Peak of the process', runs, (run) => run.peakRss),
    meanField('ms/step', (run) => run.msPerStep, formatNumber),
    meanField('tokens/s', (run) => run.tokensPerSecond, formatCount),
  ];
}

/** Pearson's correlation of a method's gradient norms with those of full training from the same seed, over the steps up to `last`. */
export function correlationField<T>(runs: readonly SequenceRun<T>[], last: number): Field<T> {
  const early = ({ gradientNorms }: SequenceRun<T>) => gradientNorms.filter(({ step }) => step <= last);
  const correlated = (run: SequenceRun<T>): number => {
    const full = runs.find(({ method, seed }) => method === 'full' && seed === run.seed);
    return full === undefined ? Number.NaN : gradientCorrelation(early(run), early(full));
  };
  return meanField('r(|g|, full)', correlated, (x) => (Number.isFinite(x) ? x.toFixed(2) : MISSING));
}
