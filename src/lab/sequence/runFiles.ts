import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from '../../nn/checkpoint.ts';
import type { Module } from '../../nn/module.ts';
import { DeviceError, DomainError } from '../../tensor/errors.ts';
import { readFile, saveFile } from '../../tensor/io/files.ts';
import { isObject } from '../../tensor/io/json.ts';
import { DamagedFile } from '../data/damaged.ts';
import type { LossPoint } from '../results.ts';
import type { BatchState } from '../text/text.ts';
import { ReportedError } from '../usage.ts';
import type { GradientPoint, SequenceRun } from './results.ts';
import { type RunKey, runName, type SequenceSettings } from './settings.ts';
import type { Trainer } from './trainer.ts';

/** Where a run keeps what. */
export interface RunFiles {
  /** Its result as JSON, once it is finished. */
  readonly record: string;
  /** Where it stands, until then. */
  readonly checkpoint: string;
  /** The weights that were best in validation so far. */
  readonly best: string;
  /** Plain weights at its end; null where they are not kept. */
  readonly weights: string | null;
}

/** What a run has seen of itself; JSON. */
export interface RunLog {
  readonly losses: number[];
  readonly validation: LossPoint[];
  readonly gradientNorms: GradientPoint[];
  /** Where the batches of the next step begin. */
  batches: BatchState;
  /** Time of all steps. */
  ms: number;
  tokens: number;
  peakRss: number;
}

/** The log of a run that has not begun. */
export const emptyLog = ({ batches }: Pick<Trainer<Module, unknown>, 'batches'>): RunLog => ({
  losses: [],
  validation: [],
  gradientNorms: [],
  batches: batches.state,
  ms: 0,
  tokens: 0,
  peakRss: 0,
});

/** The files of a run in a folder; what goes when it is finished may lie in another one, and so may the weights. */
export function runFiles(
  key: RunKey,
  folder: string,
  { passing = folder, weights = true }: { readonly passing?: string; readonly weights?: boolean | string } = {},
): RunFiles {
  const name = runName(key);
  const kept = weights === true ? join(folder, `${name}.safetensors`) : null;
  return {
    record: join(folder, `${name}.json`),
    checkpoint: join(passing, `${name}.checkpoint`),
    best: join(passing, `${name}.best`),
    weights: typeof weights === 'string' ? weights : kept,
  };
}

/** A run that is finished, or null. @throws DamagedFile when its file is none */
export function readRun<T>({ record }: Pick<RunFiles, 'record'>): SequenceRun<T> | null {
  if (!existsSync(record)) return null;
  let run: unknown;
  try {
    run = JSON.parse(readFileSync(record, 'utf8'));
  } catch {
    throw new DamagedFile(record, null, 'is no JSON: delete it to repeat the run');
  }
  if (!isObject(run) || !Array.isArray(run.curve)) throw new DamagedFile(record, null, 'is no run: delete it');
  // JSON has no NaN.
  const curve = (run.curve as { step: number; loss: number | null }[]).map(({ step, loss }) => ({
    step,
    loss: loss ?? Number.NaN,
  }));
  return { ...(run as unknown as SequenceRun<T>), curve };
}

/** Keep a finished run, and let go of what it needed to go on. */
export function writeRun<T>({ record, checkpoint, best }: RunFiles, run: SequenceRun<T>): void {
  saveFile(record, new TextEncoder().encode(`${JSON.stringify(run)}\n`));
  for (const path of [checkpoint, best]) rmSync(path, { force: true });
}

/** The settings that must be the same when a run goes on: all but where it is computed, and which other runs there are. */
function identity({ device, methods, ranks, seeds, ...settings }: SequenceSettings): string {
  return JSON.stringify(settings);
}

/** Keep where a run stands. The trainer is on the host. */
export function saveState<M extends Module, B>(
  path: string,
  { model, optimizer, plan: { method }, rng }: Trainer<M, B>,
  log: RunLog,
  settings: SequenceSettings,
): void {
  const extra = { log, settings: identity(settings) };
  saveFile(path, writeCheckpoint({ model, optimizer, method, rngs: { dropout: rng }, extra }));
}

/**
 * Let a new trainer, on the host, go on where a run stood.
 * @returns its log; null when there is nothing to go on from, and then nothing is changed
 * @throws DamagedFile when the file is no checkpoint, or of another model; ReportedError when it was made with other settings
 */
export function loadState<M extends Module, B>(
  path: string,
  { model, optimizer, plan: { method }, batches, rng }: Trainer<M, B>,
  settings: SequenceSettings,
): RunLog | null {
  if (!existsSync(path)) return null;
  const { extra } = reading(path, (bytes) =>
    readCheckpoint(bytes, { model, optimizer, method, rngs: { dropout: rng } }),
  );
  const { log, settings: then } = extra as { log: RunLog; settings: string };
  if (then !== identity(settings))
    throw new ReportedError(`${path}: was made with other settings; delete it to begin the run anew`);
  batches.state = log.batches;
  return log;
}

/** Make something of a file of this program. @throws DamagedFile when it cannot be read, or is not what it should be */
export function reading<T>(path: string, make: (bytes: Uint8Array) => T): T {
  try {
    return make(readFile(path));
  } catch (error) {
    if (!(error instanceof DomainError || error instanceof DeviceError)) throw error;
    throw new DamagedFile(path, null, `cannot be gone on from (${error.message}); delete it to begin the run anew`);
  }
}
