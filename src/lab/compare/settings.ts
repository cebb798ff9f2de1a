import type { MethodChoice } from '../../sst/convert.ts';
import type { SstOptions } from '../../sst/sst.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { DeviceName } from '../device.ts';

/** Methods of the comparison, in the order they run and are shown. */
export const methodNames = ['full', 'sst', 'lora', 'relora', 'galore'] as const;

/** The name of a training method on the command line. */
export type MethodName = (typeof methodNames)[number];

/** Names for readers. */
export const methodLabels: Readonly<Record<MethodName, string>> = {
  full: 'Full',
  sst: 'SST',
  lora: 'LoRA',
  relora: 'ReLoRA*',
  galore: 'GaLore',
};

/** Everything that determines a comparison on the digits. */
export interface CompareSettings {
  readonly methods: readonly MethodName[];
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly rank: number;
  /** Optimizer steps per run. */
  readonly steps: number;
  readonly batchSize: number;
  /** Where it is trained. */
  readonly device: DeviceName;
  /** The first seed; run i of a method has seed + i. */
  readonly seed: number;
  /** Runs per method. */
  readonly seeds: number;
  /** SST's T3, and the steps between two merges of ReLoRA*. */
  readonly iterationSteps: number;
  /** Steps of learning-rate warm-up after each of these. */
  readonly warmup: number;
  /** Steps between two projections of GaLore. */
  readonly refreshInterval: number;
  /** Steps after which the test accuracy is taken, besides the last. */
  readonly evaluateAt: readonly number[];
  /** Switches of SST that differ from its defaults. */
  readonly sst: Partial<Omit<SstOptions, 'rank' | 'rng'>>;
  /** Adam's learning rate, by method. */
  readonly learningRates: Readonly<Record<MethodName, number>>;
}

/**
 * The best of {1e-3, 3e-3, 1e-2} for each method, by test accuracy with seed 1 at 1,250 steps of the default model:
 * `npm run bench -- sweep` (results in bench/results/digits-sweep.json).
 */
const learningRates: CompareSettings['learningRates'] = {
  full: 1e-3,
  sst: 3e-3,
  lora: 3e-3,
  relora: 3e-3,
  galore: 1e-2,
};

/** The paper's MLP, 784-512-512-512-10 at r = 16, for as long as a minute on two cores allows. @source arXiv 2405.15481, Table 24 */
export const defaults: CompareSettings = {
  methods: methodNames,
  hidden: [512, 512, 512],
  rank: 16,
  steps: 375,
  batchSize: 64,
  device: 'cpu',
  seed: 1,
  seeds: 1,
  iterationSteps: 50,
  warmup: 10,
  refreshInterval: 200,
  evaluateAt: [],
  sst: {},
  learningRates,
};

/** `--quick`: a small model and few steps, enough to see every part work. */
export const quick: Partial<CompareSettings> = { hidden: [128, 128], rank: 8, steps: 60 };

/**
 * `--preset paper`: an epoch (125 steps) to an iteration, 100 epochs.
 * @source arXiv 2405.15481, Table 24
 */
export const paper: Partial<CompareSettings> = {
  iterationSteps: 125,
  warmup: 20,
  steps: 12_500,
};

/** What a method with a rank is told. */
export type MethodSettings = Pick<CompareSettings, 'rank' | 'iterationSteps' | 'warmup' | 'refreshInterval' | 'sst'>;

/** A method with these settings, as `convert` takes it. */
export function methodChoice(name: MethodName, settings: MethodSettings, rng: Rng): MethodChoice {
  const { rank, iterationSteps, warmup, refreshInterval } = settings;
  switch (name) {
    case 'full':
      return { method: 'full' };
    case 'sst':
      return { method: 'sst', rank, rng, stepsPerIteration: iterationSteps, warmup, ...settings.sst };
    case 'lora':
      return { method: 'lora', rank, rng };
    case 'relora':
      return { method: 'relora', rank, rng, mergeInterval: iterationSteps, warmup };
    case 'galore':
      return { method: 'galore', rank, refreshInterval };
  }
}
