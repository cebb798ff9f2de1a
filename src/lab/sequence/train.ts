import '../../tensor/simd/install.ts';
import { type FitOptions, fit, type TrainEvent } from '../../nn/fit.ts';
import type { Module } from '../../nn/module.ts';
import { loadStateDict, stateDict } from '../../nn/state.ts';
import { accounting } from '../../sst/accounting.ts';
import type { MethodEvent } from '../../sst/events.ts';
import type { Device } from '../../tensor/device.ts';
import { DomainError } from '../../tensor/errors.ts';
import { saveFile } from '../../tensor/io/files.ts';
import { readSafetensors, writeSafetensors } from '../../tensor/io/safetensors.ts';
import { pin, unpin } from '../../tensor/scope.ts';
import { smooth } from '../compare/run.ts';
import { methodLabels } from '../compare/settings.ts';
import { perplexity } from '../metrics/perplexity.ts';
import { gradientNorm, isFinite, largestDifference, likelihood, logitsOf, meanLoss, spectraOf } from './measure.ts';
import type { SequenceRun } from './results.ts';
import { emptyLog, loadState, type RunFiles, type RunLog, reading, saveState, writeRun } from './runFiles.ts';
import type { RunKey, SequenceSettings } from './settings.ts';
import type { SequenceBatch, SequenceTask } from './task.ts';
import { makeTrainer, moveTrainer, onHost, type Trainer } from './trainer.ts';

/** What a run reports while it trains. */
export type SequenceEvent =
  | MethodEvent
  | Exclude<TrainEvent, { readonly type: 'step' }>
  | {
      readonly type: 'step';
      /** Steps done, from 1. */
      readonly step: number;
      readonly loss: number;
      readonly lr: number;
      readonly ms: number;
      /** Mean of the run so far. */
      readonly tokensPerSecond: number;
    }
  | { readonly type: 'validation'; readonly step: number; readonly loss: number }
  | { readonly type: 'gradient'; readonly step: number; readonly norm: number };

/** One run to be made. */
export interface Training<M extends Module, B extends SequenceBatch, T> {
  readonly task: SequenceTask<M, B, T>;
  readonly key: RunKey;
  readonly settings: SequenceSettings;
  readonly device: Device;
  readonly files: RunFiles;
  /** How the run is made, kept beside its result. */
  readonly made: SequenceRun<T>['made'];
  observe(event: SequenceEvent): void;
  /** Ends the run before its next step, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** A run in progress. */
type Running<M extends Module, B extends SequenceBatch, T> = Training<M, B, T> & {
  readonly trainer: Trainer<M, B>;
  readonly log: RunLog;
  /** What the coming step, which may not come, takes. */
  readonly coming: { tokens: number };
};

/** Points of a loss curve that are kept. */
const curvePoints = 240;

/**
 * Train one model with one method and rank from one seed, measure it, and keep the result in `files.record`. Where there is a checkpoint the
 * run goes on from it, with the same bits as if it had never stopped. A run whose loss is not finite ends there: `diverged`.
 * @returns the run; when it was interrupted, what it had reached, and nothing is measured
 * @throws DamagedFile, ReportedError when the checkpoint is none, or not of this run
 */
export async function trainSequence<M extends Module, B extends SequenceBatch, T>(
  training: Training<M, B, T>,
): Promise<SequenceRun<T>> {
  const { task, key, settings, device, files } = training;
  const trainer = makeTrainer(task, key, settings);
  const log = loadState(files.checkpoint, trainer, settings) ?? emptyLog(trainer);
  moveTrainer(trainer, device);
  const running = { ...training, trainer, log, coming: { tokens: 0 } };
  const diverged = await followed(running);
  const stepsDone = log.losses.length;
  const complete = !diverged && stepsDone === settings.steps;
  if (!diverged && !complete) await checkpoint(running);
  const run: SequenceRun<T> = {
    ...key,
    label: methodLabels[key.method],
    rates: settings.rates[key.method],
    steps: settings.steps,
    stepsDone,
    finished: complete || diverged,
    diverged,
    curve: smooth(log.losses, curvePoints),
    validation: log.validation,
    gradientNorms: log.gradientNorms,
    ...sizesOf(trainer),
    peakRss: log.peakRss,
    msPerStep: log.ms / Math.max(1, stepsDone),
    tokensPerSecond: log.ms === 0 ? 0 : (1000 * log.tokens) / log.ms,
    ...(complete ? await measured(running) : { spectra: [], mergeError: null, test: null, measured: null }),
    made: training.made,
  };
  if (run.finished) writeRun(files, run);
  return run;
}

/** Train to the end. @returns whether the run diverged */
async function followed<M extends Module, B extends SequenceBatch, T>(running: Running<M, B, T>): Promise<boolean> {
  const { trainer, log, coming, settings, observe } = running;
  try {
    let began = performance.now();
    for await (const event of training(running)) {
      if (event.type !== 'step') {
        observe(event);
        continue;
      }
      const step = log.losses.push(event.loss);
      log.ms += performance.now() - began;
      log.tokens += coming.tokens;
      log.batches = trainer.batches.state;
      log.peakRss = Math.max(log.peakRss, process.memoryUsage.rss());
      observe({ ...event, step, tokensPerSecond: (1000 * log.tokens) / log.ms });
      if (!Number.isFinite(event.loss) || !(await looked(running, step))) return true;
      if (step % settings.checkpointEvery === 0 && step < settings.steps) await checkpoint(running);
      began = performance.now();
    }
    return false;
  } catch (error) {
    // What looks at the weights between steps refuses those that are not numbers any more.
    if (error instanceof DomainError && !(await isFinite(trainer.model))) return true;
    throw error;
  }
}

/** The steps that are left. */
function training<M extends Module, B extends SequenceBatch, T>(running: Running<M, B, T>) {
  const { task, settings, device, signal, log, trainer } = running;
  const { model, optimizer, plan, rng } = trainer;
  const { steps, labelSmoothing, clip } = settings;
  const options: FitOptions<readonly B[], MethodEvent> = {
    model,
    optimizer,
    steps: steps - log.losses.length,
    hooks: [plan.hook(optimizer)],
    batches: counted(running),
    loss: (batches, context) => meanLoss({ task, model, device }, batches, labelSmoothing, context),
    rng,
    ...(clip !== null && { clipNorm: clip }),
    ...(signal && { signal }),
  };
  return fit(options);
}

/** The batches of each step, and how many tokens they have. */
function* counted<M extends Module, B extends SequenceBatch, T>({
  trainer: { batches },
  settings: { accumulate },
  coming,
}: Running<M, B, T>): Generator<readonly B[], void, void> {
  for (;;) {
    const group = Array.from({ length: accumulate }, () => batches.next());
    coming.tokens = group.reduce((sum, { tokens }) => sum + tokens, 0);
    yield group;
  }
}

/** What is due after a step: the norm of the gradients, the loss in validation. @returns false when that is not finite */
async function looked<M extends Module, B extends SequenceBatch, T>(
  running: Running<M, B, T>,
  step: number,
): Promise<boolean> {
  const { task, key, settings, device, files, trainer, log, observe } = running;
  const { watchEvery, evaluateEvery, steps, keep } = settings;
  if ((step - 1) % watchEvery === 0) {
    const norm = await gradientNorm(trainer.plan, key.method);
    log.gradientNorms.push({ step, norm });
    observe({ type: 'gradient', step, norm });
  }
  if (step % evaluateEvery !== 0 && step !== steps) return true;
  const { nll, tokens } = await likelihood({ task, model: trainer.model, device }, task.val);
  const loss = nll / tokens;
  if (!Number.isFinite(loss)) return false;
  const best = log.validation.every((point) => loss < point.loss);
  log.validation.push({ step, loss });
  observe({ type: 'validation', step, loss });
  if (keep === 'best' && best) await onHost(trainer, device, () => saveWeights(files.best, trainer.model));
  return true;
}

const saveWeights = (path: string, model: Module): void => saveFile(path, writeSafetensors(stateDict(model)));

const checkpoint = <M extends Module, B extends SequenceBatch, T>(running: Running<M, B, T>): Promise<void> => {
  const { trainer, device, files, log, settings } = running;
  return onHost(trainer, device, () => saveState(files.checkpoint, trainer, log, settings));
};

function sizesOf({ model, optimizer }: Trainer<Module, unknown>) {
  const { trainable, frozen, ...bytes } = accounting(model, optimizer);
  return { trainable, total: trainable + frozen, ...bytes };
}

/** Test the weights that are kept, as plain ones, and keep them. */
async function measured<M extends Module, B extends SequenceBatch, T>({
  task,
  settings,
  device,
  files,
  trainer: { model, plan, optimizer, before },
}: Running<M, B, T>): Promise<Pick<SequenceRun<T>, 'spectra' | 'mergeError' | 'test' | 'measured'>> {
  const place = { task, model, device };
  if (settings.keep === 'best')
    await onHost({ model, optimizer }, device, () =>
      reading(files.best, (bytes) => loadStateDict(model, readSafetensors(bytes).tensors)),
    );
  const [first] = task.val.batches();
  const factored = await logitsOf(place, first);
  await model.cpu();
  plan.merge();
  const after = spectraOf(model, task.watched);
  if (files.weights !== null) saveWeights(files.weights, model);
  model.to(device);
  pin(model);
  const merges = !['full', 'galore'].includes(plan.method.name);
  const found = {
    spectra: after.map(({ layer, values }, i) => ({ layer, before: before[i].values, after: values })),
    mergeError: merges ? largestDifference(factored, await logitsOf(place, first)) : null,
    test: perplexity(await likelihood(place, task.test)),
    measured: await task.measure(model, device),
  };
  unpin(model);
  return found;
}
