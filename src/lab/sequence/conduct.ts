import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Module } from '../../nn/module.ts';
import type { Device } from '../../tensor/device.ts';
import { setThreads } from '../../tensor/simd/crew.ts';
import { withDevice } from '../device.ts';
import { announce, interruptible, type Metrics, metricsFile, openFolder, provenance } from '../output.ts';
import { lossSeries } from '../report/summary.ts';
import { slotsOf } from '../report/theme.ts';
import { renderChart } from '../terminal/chart.ts';
import { wantsColour } from '../terminal/colour.ts';
import { formatCount, formatNumber } from '../terminal/format.ts';
import { progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { threadsOf } from './options.ts';
import { renderSequenceReport, type TaskView } from './report.ts';
import type { SequenceResult, SequenceRun } from './results.ts';
import { type Invocation, runsFolder } from './resume.ts';
import { readRun, runFiles } from './runFiles.ts';
import { type RunKey, runLabel, runName, runsOf, type SequenceSettings } from './settings.ts';
import { firstOf, methodsOf, sequenceTable, troubles } from './summary.ts';
import type { SequenceBatch, SequenceTask } from './task.ts';
import { trainSequence } from './train.ts';

/** A command's experiment. */
export interface SequenceExperiment<M extends Module, B extends SequenceBatch, T> {
  /** Its name on the command line. */
  readonly command: string;
  readonly title: string;
  readonly task: SequenceTask<M, B, T>;
  readonly settings: SequenceSettings;
  readonly view: TaskView<T>;
  /** Write what belongs to all runs, such as a vocabulary, into the folder; names and paths are shown at the end. */
  files(folder: string): Readonly<Record<string, string>>;
  /** Where in the folder the plain weights of a run are kept. Default: beside its record. */
  weights?(key: RunKey, folder: string): string;
}

/** All runs of an experiment, and where each thing that was written lies. */
export interface Conducted<T> {
  readonly result: SequenceResult<T>;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Make all runs of an experiment: progress on standard error, the table and the curves on standard output, report, metrics and runs in a
 * folder.
 * @returns the exit code: 0, or 130 when the runs were interrupted
 * @throws UsageError when the folder cannot be written, or holds runs that are not finished
 */
export async function conductSequence<M extends Module, B extends SequenceBatch, T, K extends string>(
  experiment: SequenceExperiment<M, B, T>,
  invocation: Invocation<K>,
): Promise<number> {
  const { result, files } = await makeRuns(experiment, invocation);
  announce(invocation.given.json === true, result, () => words(result, experiment.view), files);
  return result.interrupted ? 130 : 0;
}

/**
 * The same, but for what is shown on standard output.
 * @throws UsageError when the folder cannot be written, or holds runs that are not finished
 */
export async function makeRuns<M extends Module, B extends SequenceBatch, T, K extends string>(
  experiment: SequenceExperiment<M, B, T>,
  invocation: Invocation<K>,
): Promise<Conducted<T>> {
  const { command, title, task, settings, view } = experiment;
  const { given, out, resumed, args } = invocation;
  const folder = openFolder(out);
  const runs = runsFolder(command, folder, invocation);
  const metrics = metricsFile(folder, { ...settings }, resumed ? 'on' : 'anew');
  const made = provenance([`npm run spectragrad -- ${command}`, ...args]);
  const extra = experiment.files(folder);
  let interrupted = false;
  const finished = await withDevice(settings.device, (device) =>
    withThreads(threadsOf(given), () =>
      interruptible(async (signal) => {
        const done = await everyRun(experiment, { device, folder, runs, metrics, made: { ...made }, signal });
        interrupted = signal.aborted;
        return done;
      }),
    ),
  );
  const { steps, seeds } = settings;
  const result: SequenceResult<T> = {
    title,
    ...made,
    data: task.data,
    model: task.modelText,
    steps,
    seeds,
    interrupted,
    runs: finished,
  };
  const page = join(folder, 'index.html');
  writeFileSync(page, renderSequenceReport(result, view));
  metrics({ type: 'result', interrupted, runs: finished.map(runName) });
  return { result, files: { Report: page, Metrics: join(folder, 'metrics.jsonl'), Runs: runs, ...extra } };
}

/** What all runs share. */
interface Surroundings {
  readonly device: Device;
  readonly folder: string;
  readonly runs: string;
  readonly metrics: Metrics;
  readonly made: SequenceRun<unknown>['made'];
  readonly signal: AbortSignal;
}

/** Make the runs that are not finished yet. @returns all that have begun */
async function everyRun<M extends Module, B extends SequenceBatch, T>(
  { task, settings, view: { headline }, weights }: SequenceExperiment<M, B, T>,
  { folder, runs, metrics, ...around }: Surroundings,
): Promise<SequenceRun<T>[]> {
  const keys = runsOf(settings);
  const found: SequenceRun<T>[] = [];
  process.stderr.write(`${keys.length} runs of ${settings.steps} steps\n`);
  for (const key of keys) {
    const files = runFiles(key, runs, weights && { weights: weights(key, folder) });
    const before = readRun<T>(files);
    if (before !== null) found.push(before);
    if (before !== null || around.signal.aborted) continue;
    const bar = progress({
      label: runLabel(key, settings),
      total: settings.steps,
      stream: process.stderr,
      slot: slotsOf([key.method])[0],
    });
    const run = await trainSequence({
      task,
      key,
      settings,
      files,
      ...around,
      observe(event) {
        metrics({ run: runName(key), ...event });
        if (event.type === 'step') bar.update(event.step, event.loss, `${formatCount(event.tokensPerSecond)} tokens/s`);
      },
    });
    metrics({ type: 'run', run: runName(key), test: run.test, measured: run.measured, diverged: run.diverged });
    const value = headline.value(run);
    bar.done(
      run.diverged ? 'diverged' : value === null ? 'interrupted' : `${headline.title} ${formatNumber(value, 4)}`,
    );
    if (run.stepsDone > 0) found.push(run);
  }
  return found;
}

/** Run while so many threads compute. */
export async function withThreads<T>(threads: number, run: () => Promise<T>): Promise<T> {
  await setThreads(threads);
  try {
    return await run();
  } finally {
    await setThreads(1);
  }
}

/** The table and the loss curves, as a terminal shows them. */
function words<T>({ model, data, runs, interrupted }: SequenceResult<T>, { fields, caption }: TaskView<T>): string {
  const { columns = 80 } = process.stdout;
  const methods = methodsOf(runs);
  const curves = methods.map((method) => ({ ...firstOf(method), method: method.method, label: method.label }));
  const chart = renderChart(lossSeries(curves), {
    title: 'Training loss',
    xLabel: 'step',
    width: Math.min(100, columns),
    colour: wantsColour(process.stdout, process.env),
  });
  const trouble = troubles(methods, interrupted);
  const notes = [caption(runs), ...(trouble === null ? [] : [trouble])].filter((line) => line !== '').join('\n');
  return `\n${model}\n${data}\n\n${renderTable(sequenceTable(methods, fields, 'short'))}\n${notes}\n\n${chart}\n`;
}
