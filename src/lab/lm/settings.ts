import { type LanguageModelName, llamaConfigurations, optConfigurations } from '../../nn/models/configurations.ts';
import type { SequenceSettings } from '../sequence/settings.ts';
import type { FamilyName, LmConfiguration } from './configuration.ts';

/** Everything that determines a comparison of methods on a language model. */
export interface LmSettings extends SequenceSettings {
  /** What `--data` names: `brown`, a folder, or files. */
  readonly data: readonly string[];
  /** The most tokens of the vocabulary. */
  readonly vocabulary: number;
  readonly model: LmModelName;
  /** t: tokens of a block, and the positions that the model has. */
  readonly length: number;
  /** b: blocks of a batch. */
  readonly batchSize: number;
}

/** Models of the size of the defaults. */
const own = { vocabulary: 4000, embedDim: 256, layers: 4, heads: 4, maxLength: 128 } as const;

/** The name of a model on the command line: a kind in a size of ours, or a published size. */
export type LmModelName = FamilyName | LanguageModelName;

const configured = <N extends string>(
  family: FamilyName,
  sizes: Readonly<Record<N, Omit<LmConfiguration, 'family'>>>,
): Record<N, LmConfiguration> =>
  Object.fromEntries(
    Object.entries<Omit<LmConfiguration, 'family'>>(sizes).map(([name, size]) => [name, { family, ...size }]),
  ) as Record<N, LmConfiguration>;

/** Kinds and sizes by name. */
export const lmModels: Readonly<Record<LmModelName, LmConfiguration>> = {
  opt: { family: 'opt', ...own, feedForward: 1024 },
  llama: { family: 'llama', ...own, feedForward: 688 },
  ...configured('opt', optConfigurations),
  ...configured('llama', llamaConfigurations),
};

/** Names of models. */
export const lmModelNames: readonly LmModelName[] = Object.keys(lmModels) as LmModelName[];

/** Rates of the low-rank methods: three times the dense rate for what has low rank, as for translation. */
const low = { dense: 1e-3, own: 3e-3 } as const;

/** Five methods on the Brown corpus at rank 16. */
export const defaults: LmSettings = {
  data: ['brown'],
  vocabulary: own.vocabulary,
  model: 'opt',
  length: own.maxLength,
  batchSize: 8,
  methods: ['full', 'sst', 'lora', 'relora', 'galore'],
  ranks: [16],
  seeds: [1],
  dim: own.embedDim,
  layers: own.layers,
  heads: own.heads,
  feedForward: lmModels.opt.feedForward,
  dropout: 0,
  attentionDropout: 0,
  labelSmoothing: 0,
  steps: 300,
  accumulate: 1,
  optimizer: 'adamW',
  weightDecay: 0.01,
  rates: { full: { dense: 1e-3, own: 1e-3 }, sst: low, lora: low, relora: low, galore: low },
  schedule: 'cosine',
  rise: 100,
  clip: 1,
  iterationSteps: 50,
  warmup: 5,
  evaluateEvery: 60,
  watchEvery: 5,
  checkpointEvery: 100,
  keep: 'last',
  device: 'cpu',
};

/** `--quick`: a small model and few steps, enough to see every part work. */
export const quick: Partial<LmSettings> = {
  model: 'opt-tiny',
  vocabulary: 400,
  length: 32,
  batchSize: 4,
  ranks: [4],
  dim: 32,
  layers: 1,
  heads: 2,
  feedForward: 64,
  steps: 30,
  evaluateEvery: 15,
  iterationSteps: 10,
  warmup: 2,
};
