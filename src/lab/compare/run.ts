import { noGrad } from '../../autograd/graph.ts';
import { crossEntropy } from '../../autograd/ops/crossEntropy.ts';
import { argmax } from '../../autograd/ops/reduce.ts';
import { svdvals } from '../../autograd/ops/svd.ts';
import { fit, type TrainEvent } from '../../nn/fit.ts';
import { Linear } from '../../nn/linear.ts';
import type { Module } from '../../nn/module.ts';
import { adam } from '../../nn/optim/adam.ts';
import { accounting } from '../../sst/accounting.ts';
import { convert } from '../../sst/convert.ts';
import type { MethodEvent } from '../../sst/method.ts';
import { tensor } from '../../tensor/create.ts';
import { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { batches, takeRows } from '../data/batches.ts';
import type { Dataset } from '../data/digits.ts';
import type { LossPoint, Spectrum } from '../results.ts';
import { Mlp } from './mlp.ts';
import { type CompareSettings, type MethodName, methodChoice } from './settings.ts';

/** One training run, measured. */
export interface Run {
  readonly losses: readonly number[];
  readonly accuracy: number;
  /** Test accuracy after the steps that `settings.evaluateAt` lists. */
  readonly accuracyAt: Readonly<Record<number, number>>;
  readonly trainable: number;
  readonly total: number;
  readonly weightBytes: number;
  readonly optimizerBytes: number;
  readonly msPerStep: number;
  readonly mergeError: number | null;
  readonly spectra: readonly Spectrum[];
  readonly stepsDone: number;
}

/** What a run reports while it trains. */
export type RunEvent = TrainEvent<MethodEvent>;

/** Train one model with one method from one seed, then test and merge it. */
export async function trainOnce(
  name: MethodName,
  seed: number,
  settings: CompareSettings,
  data: { readonly train: Dataset; readonly test: Dataset },
  observe: (event: RunEvent) => void,
  signal?: AbortSignal,
): Promise<Run> {
  const rng = new Rng(seed);
  const model = new Mlp([data.train.features, ...settings.hidden, data.train.classes], rng.fork('weights'));
  const before = spectraOf(model);
  const plan = convert(model, methodChoice(name, settings, rng.fork('method')));
  const optimizer = adam(plan.groups(), { lr: settings.learningRates[name] });
  const losses: number[] = [];
  const accuracyAt: Record<number, number> = {};
  const start = performance.now();
  const events = fit({
    model,
    optimizer,
    steps: settings.steps,
    hooks: [plan.hook(optimizer)],
    batches: batches(data.train.count, settings.batchSize, rng.fork('batches')),
    loss: (indices) => batchLoss(model, data.train, indices),
    ...(signal && { signal }),
  });
  for await (const event of events) {
    if (event.type === 'step') losses.push(event.loss);
    if (event.type === 'step' && settings.evaluateAt.includes(event.step + 1))
      accuracyAt[event.step + 1] = accuracyOf(predict(model, data.test), data.test.labels);
    observe(event);
  }
  const msPerStep = (performance.now() - start) / Math.max(1, losses.length);
  const { trainable, frozen, weightBytes, optimizerBytes } = accounting(model, optimizer);
  const logits = predict(model, data.test);
  plan.merge();
  const merges = name !== 'full' && name !== 'galore';
  return {
    losses,
    accuracy: accuracyOf(logits, data.test.labels),
    accuracyAt,
    trainable,
    total: trainable + frozen,
    weightBytes,
    optimizerBytes,
    msPerStep,
    mergeError: merges ? largestDifference(logits, predict(model, data.test)) : null,
    spectra: spectraOf(model).map((after, i) => ({ ...before[i], after: after.before })),
    stepsDone: losses.length,
  };
}

function batchLoss(model: Module, { images, labels, features }: Dataset, indices: Int32Array): Tensor {
  const x = tensor(takeRows(images, features, indices), { shape: [indices.length, features] });
  return crossEntropy(model.call(x), tensor(takeRows(labels, 1, indices)));
}

function predict(model: Module, { images, count, features }: Dataset): Tensor {
  return noGrad(() => model.call(tensor(images, { shape: [count, features] })));
}

function accuracyOf(logits: Tensor, labels: Int32Array): number {
  const guesses = argmax(logits).data;
  return labels.reduce((right, label, i) => right + Number(guesses[i] === label), 0) / labels.length;
}

function largestDifference(a: Tensor, b: Tensor): number {
  let most = 0;
  for (let i = 0; i < a.data.length; i++) most = Math.max(most, Math.abs(a.data[i] - b.data[i]));
  return most;
}

/** Singular values of every dense hidden layer; NaN where its weight is not finite any more. */
function spectraOf(model: Mlp): Spectrum[] {
  return model.hidden.flatMap((layer, i) => {
    if (!(layer instanceof Linear)) return [];
    const finite = layer.weight.data.every((v: number) => Number.isFinite(v));
    const values = finite ? Array.from(svdvals(layer.weight.detach()).data) : [];
    return [{ layer: `hidden.${i}`, before: values, after: [] }];
  });
}

/** About `points` means of consecutive losses: what a chart can show of a noisy curve. */
export function smooth(losses: readonly number[], points: number): LossPoint[] {
  const width = Math.max(1, Math.ceil(losses.length / points));
  return Array.from({ length: Math.ceil(losses.length / width) }, (_, i) => {
    const part = losses.slice(i * width, (i + 1) * width);
    return { step: i * width + part.length, loss: part.reduce((sum, l) => sum + l, 0) / part.length };
  });
}
