import { blockLayers } from '../../nn/models/parts.ts';
import type { Module } from '../../nn/module.ts';
import { adam, adamW } from '../../nn/optim/adam.ts';
import type { Optimizer } from '../../nn/optim/optimizer.ts';
import { convert, type Plan } from '../../sst/convert.ts';
import { cpu, type Device } from '../../tensor/device.ts';
import { Rng } from '../../tensor/rng.ts';
import { moveTo, moveToHost } from '../../tensor/transfer.ts';
import { methodChoice } from '../compare/settings.ts';
import type { BatchSource } from '../text/text.ts';
import { spectraOf } from './measure.ts';
import { type RunKey, type SequenceSettings, schedules } from './settings.ts';
import type { SequenceBatch, SequenceTask } from './task.ts';

/** What trains in one run. */
export interface Trainer<M extends Module, B> {
  readonly model: M;
  readonly plan: Plan;
  readonly optimizer: Optimizer;
  readonly batches: BatchSource<B>;
  /** Randomness of the forward passes. */
  readonly rng: Rng;
  /** Spectra of the watched layers before training. */
  readonly before: readonly { readonly layer: string; readonly values: readonly number[] }[];
}

/**
 * Everything for one run, on the host, from its seed: the same model for every method and rank. The linear maps of the blocks are
 * converted; embeddings and head stay dense.
 * @throws what `convert` throws
 */
export function makeTrainer<M extends Module, B extends SequenceBatch>(
  task: SequenceTask<M, B, unknown>,
  { method, rank, seed }: RunKey,
  settings: SequenceSettings,
): Trainer<M, B> {
  const { iterationSteps, warmup, rates, optimizer: rule, weightDecay, schedule } = settings;
  const rng = new Rng(seed);
  const model = task.model(rng.fork('weights'));
  const before = spectraOf(model, task.watched);
  const clock = { rank: rank ?? 1, iterationSteps, warmup, refreshInterval: iterationSteps, sst: {} };
  const plan = convert(model, { ...methodChoice(method, clock, rng.fork('method')), ...blockLayers });
  const { dense: lr, own } = rates[method];
  const optimizer = { adam, adamW }[rule](plan.groups({ lr: own }), { lr, weightDecay });
  optimizer.schedule = schedules[schedule](settings);
  return { model, plan, optimizer, batches: task.batches(rng.fork('batches')), rng: rng.fork('dropout'), before };
}

/** Move a model and its optimizer's state to a device. */
export function moveTrainer(
  { model, optimizer }: Pick<Trainer<Module, unknown>, 'model' | 'optimizer'>,
  to: Device,
): void {
  model.to(to);
  for (const t of optimizer.stateTensors()) moveTo(t, to);
}

/** Do something with a trainer while all of it is on the host. */
export async function onHost<T>(
  trainer: Pick<Trainer<Module, unknown>, 'model' | 'optimizer'>,
  device: Device,
  run: () => T,
): Promise<T> {
  if (device === cpu) return run();
  await trainer.model.cpu();
  for (const t of trainer.optimizer.stateTensors()) await moveToHost(t);
  try {
    return run();
  } finally {
    moveTrainer(trainer, device);
  }
}
