import type { SequenceSettings } from '../sequence/settings.ts';
import type { Languages } from '../text/parallelText.ts';
import type { Seq2SeqName } from './models.ts';

/** Everything that determines a comparison of methods on translation. */
export interface TranslateSettings extends SequenceSettings {
  /** `typescript`, or a folder. */
  readonly data: string;
  readonly languages: Languages;
  /** The most tokens of the vocabulary that both languages share. */
  readonly vocabulary: number;
  readonly model: Seq2SeqName;
  /** Rows times the longest sentence of a batch, at most. */
  readonly batchTokens: number;
  /** Sequences that the search for a translation follows at once. */
  readonly beam: number;
  /** α of its length penalty. */
  readonly alpha: number;
}

/**
 * The best of {2.5e-3, 5e-3, 1e-2, 2e-2} for every method, by the lowest loss in validation with seed 1: `npm run bench -- rates` (results in
 * bench/results/translation-rates.json).
 */
const dense = { dense: 5e-3, own: 5e-3 } as const;
const low = { dense: 1e-2, own: 1e-2 } as const;

/** A small Transformer on messages of the TypeScript compiler: minutes on two cores. */
export const defaults: TranslateSettings = {
  data: 'typescript',
  languages: { source: 'de', target: 'en' },
  vocabulary: 2000,
  model: 'euclidean',
  batchTokens: 512,
  beam: 4,
  alpha: 0.6,
  methods: ['full', 'lora', 'relora', 'sst'],
  ranks: [8],
  seeds: [1],
  dim: 64,
  layers: 2,
  heads: 4,
  feedForward: 256,
  dropout: 0.1,
  attentionDropout: 0.1,
  labelSmoothing: 0.1,
  steps: 800,
  accumulate: 1,
  optimizer: 'adam',
  weightDecay: 0,
  rates: { full: dense, sst: low, lora: low, relora: low, galore: low },
  schedule: 'cosine',
  rise: 80,
  clip: null,
  iterationSteps: 50,
  warmup: 10,
  evaluateEvery: 100,
  watchEvery: 8,
  checkpointEvery: 100,
  keep: 'best',
  device: 'cpu',
};

/** What differs in a space. @source arXiv 2405.15481, appendix E: IWSLT'14, hyperbolic */
export const modelDefaults: Readonly<Record<Seq2SeqName, Partial<TranslateSettings>>> = {
  euclidean: {},
  hyperbolic: { clip: 0.5 },
};

/** `--quick`: a tiny model and few steps, enough to see every part work. */
export const quick: Partial<TranslateSettings> = {
  dim: 32,
  feedForward: 128,
  layers: 1,
  ranks: [4],
  steps: 40,
  evaluateEvery: 10,
  beam: 2,
};
