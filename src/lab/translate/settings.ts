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
 * The best of {2.5e-3, 5e-3, 1e-2} for every method, by the lowest loss in validation with seed 1 at 800 steps: `npm run bench -- rates` (results in
 * bench/results/translation-rates).
 */
const rate = { dense: 5e-3, own: 5e-3 } as const;

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
  steps: 600,
  accumulate: 1,
  optimizer: 'adam',
  weightDecay: 0,
  rates: { full: rate, sst: rate, lora: rate, relora: rate, galore: rate },
  schedule: 'cosine',
  rise: 60,
  clip: null,
  iterationSteps: 50,
  warmup: 10,
  evaluateEvery: 75,
  watchEvery: 6,
  checkpointEvery: 75,
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
  beam: 2,
};
