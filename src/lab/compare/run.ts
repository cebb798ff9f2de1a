import '../../tensor/simd/install.ts';
import { crossEntropy } from '../../autograd/ops/crossEntropy.ts';
import { argmax } from '../../autograd/ops/reduce.ts';
import { svdvals } from '../../autograd/ops/svd.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { fit, type TrainEvent } from '../../nn/fit.ts';
import { Linear } from '../../nn/linear.ts';
import type { Module } from '../../nn/module.ts';
import { adam } from '../../nn/optim/adam.ts';
import { accounting } from '../../sst/accounting.ts';
import { convert } from '../../sst/convert.ts';
import type { MethodEvent } from '../../sst/events.ts';
import { tensor } from '../../tensor/create.ts';
import { cpu, type Device } from '../../tensor/device.ts';
import { Rng } from '../../tensor/rng.ts';
import { scope } from '../../tensor/scope.ts';
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

/** The two parts of a data set, and where a model meets them: the host by default. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly device?: Device;
}

/** Train one model with one method from one seed, then test and merge it. */
export async function trainOnce(
  name: MethodName,
  seed: number,
  settings: CompareSettings,
  data: Split,
  observe: (event: RunEvent) => void,
  signal?: AbortSignal,
): Promise<Run> {
  const rng = new Rng(seed);
  const { device = cpu, train, test } = data;
  const model = new Mlp([train.features, ...settings.hidden, train.classes], rng.fork('weights'));
  const before = spectraOf(model);
  const plan = convert(model, methodChoice(name, settings, rng.fork('method')));
  model.to(device);
  const optimizer = adam(plan.groups(), { lr: settings.learningRates[name] });
  const training = fit({
    ...{ model, optimizer, steps: settings.steps, hooks: [plan.hook(optimizer)] },
    batches: batches(train.count, settings.batchSize, rng.fork('batches')),
    loss: (indices) => batchLoss(model, train, indices, device),
    ...(signal && { signal }),
  });
  const watched = await watch(training, observe, settings.evaluateAt, async () =>
    accuracyOf(await predict(model, test, device), test),
  );
  const { trainable, frozen, weightBytes, optimizerBytes } = accounting(model, optimizer);
  const logits = await predict(model, test, device);
  await model.cpu();
  plan.merge();
  return {
    ...watched,
    accuracy: accuracyOf(logits, test),
    trainable,
    total: trainable + frozen,
    weightBytes,
    optimizerBytes,
    mergeError: mergingMethods.includes(name) ? largestDifference(logits, await predict(model, test, cpu)) : null,
    spectra: spectraOf(model).map(({ layer, values }, i) => ({ layer, before: before[i].values, after: values })),
  };
}

/** Methods whose layers are something else than a dense weight. */
const mergingMethods: readonly MethodName[] = ['sst', 'lora', 'relora'];

type Watched = Pick<Run, 'losses' | 'accuracyAt' | 'msPerStep' | 'stepsDone'>;

/** Follow a run to its end, or until it diverges: its losses, its mean time per step (hooks included, tests not), accuracies on the way. */
async function watch(
  training: AsyncIterable<RunEvent>,
  observe: (event: RunEvent) => void,
  evaluateAt: readonly number[],
  test: () => Promise<number>,
): Promise<Watched> {
  const losses: number[] = [];
  const accuracyAt: Record<number, number> = {};
  const start = performance.now();
  let testing = 0;
  for await (const event of training) {
    observe(event);
    if (event.type !== 'step') continue;
    losses.push(event.loss);
    if (!Number.isFinite(event.loss)) break;
    if (!evaluateAt.includes(losses.length)) continue;
    const paused = performance.now();
    accuracyAt[losses.length] = await test();
    testing += performance.now() - paused;
  }
  const msPerStep = (performance.now() - start - testing) / Math.max(1, losses.length);
  return { losses, accuracyAt, msPerStep, stepsDone: losses.length };
}

function batchLoss(model: Module, { images, labels, features }: Dataset, indices: Int32Array, device: Device): Tensor {
  const x = tensor(takeRows(images, features, indices), { shape: [indices.length, features], device });
  return crossEntropy(model.call(x), tensor(takeRows(labels, 1, indices), { device }));
}

/** The logits of every image, on the host. */
function predict(model: Module, { images, count, features }: Dataset, device: Device): Promise<Tensor> {
  return scope(() => noGrad(() => model.call(tensor(images, { shape: [count, features], device })))).cpu();
}

function accuracyOf(logits: Tensor, { labels }: Dataset): number {
  const guesses = argmax(logits).data;
  return labels.reduce((right, label, i) => right + Number(guesses[i] === label), 0) / labels.length;
}

function largestDifference(a: Tensor, b: Tensor): number {
  let most = 0;
  for (let i = 0; i < a.data.length; i++) most = Math.max(most, Math.abs(a.data[i] - b.data[i]));
  return most;
}

/** Singular values of every dense hidden layer; none where its weight is not finite any more. */
function spectraOf(model: Mlp): { readonly layer: string; readonly values: readonly number[] }[] {
  return model.hidden.flatMap((layer, i) => {
    if (!(layer instanceof Linear)) return [];
    const finite = layer.weight.data.every((v: number) => Number.isFinite(v));
    return [{ layer: `hidden.${i}`, values: finite ? Array.from(svdvals(layer.weight.detach()).data) : [] }];
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
