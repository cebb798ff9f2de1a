/** Runs of sequence models that a bench keeps: what its command line says, and one file for each run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { count } from '../src/lab/arguments.ts';
import { interruptible } from '../src/lab/output.ts';
import type { SequenceRun } from '../src/lab/sequence/results.ts';
import { type RunFiles, readRun } from '../src/lab/sequence/runFiles.ts';
import { type RunKey, runName, runsOf, type SequenceSettings } from '../src/lab/sequence/settings.ts';
import type { SequenceBatch, SequenceTask } from '../src/lab/sequence/task.ts';
import { trainSequence } from '../src/lab/sequence/train.ts';
import { progress } from '../src/lab/terminal/progress.ts';
import type { Module } from '../src/nn/module.ts';
import { cpu } from '../src/tensor/device.ts';
import { machine } from './measure.ts';

/** The text given as `--name=text`. */
export const given = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

/** The folder of a bench's runs, or the one within it for runs at another learning rate than usual. */
export const folderAt = (folder: string): string => {
  const lr = given('lr');
  return lr === undefined ? folder : join(folder, `lr-${lr}`);
};

/** The runs in their order, all of the first rank first; of them the share that `--part=k/n` names: the k-th, the one n after it, … */
export function chosenRuns(settings: SequenceSettings): RunKey[] {
  const [which, of] = (given('part') ?? '1/1').split('/').map((n) => count('--part', n, 1));
  const runs = runsOf(settings).sort((a, b) => (b.rank ?? Infinity) - (a.rank ?? Infinity));
  return runs.filter((_, i) => i % of === which - 1);
}

/** What a bench trains, and where it keeps it. */
export interface KeptRuns<M extends Module, B extends SequenceBatch, T> {
  readonly task: SequenceTask<M, B, T>;
  readonly settings: SequenceSettings;
  /** Folders that have to be there. */
  readonly folders: readonly string[];
  filesOf(key: RunKey): RunFiles;
  /** What a finished run reached, in words. */
  note(run: SequenceRun<T>): string;
}

/** Make the runs that are not there; a run that was stopped goes on. @returns the finished ones, and those that were there */
export async function keepRuns<M extends Module, B extends SequenceBatch, T>({
  task,
  settings,
  folders,
  filesOf,
  note,
}: KeptRuns<M, B, T>): Promise<SequenceRun<T>[]> {
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  process.stderr.write(`${task.data}\n${task.modelText}\n`);
  const { checkpointEvery, watchEvery, device, methods, ranks, seeds, ...kept } = settings;
  const made = { ...machine(), settings: kept };
  const runs: SequenceRun<T>[] = [];
  await interruptible(async (signal) => {
    for (const key of chosenRuns(settings)) {
      const files = filesOf(key);
      const found = readRun<T>(files);
      if (found !== null && found.steps !== settings.steps)
        throw new Error(`${files.record} has ${found.steps} steps: delete it, or ask for --steps=${found.steps}`);
      if (found !== null) runs.push(found);
      if (signal.aborted || found !== null) continue;
      const bar = progress({ label: runName(key), total: settings.steps, stream: process.stderr, every: 60_000 });
      const observe = (event: { readonly type: string; readonly step?: number; readonly loss?: number }): void => {
        if (event.type === 'step') bar.update(event.step ?? 0, event.loss);
      };
      const run = await trainSequence({ task, key, settings, device: cpu, files, made, observe, signal });
      if (run.finished) runs.push(run);
      bar.done(`${note(run)}, ${run.msPerStep.toFixed(0)} ms/step`);
    }
  });
  return runs;
}
