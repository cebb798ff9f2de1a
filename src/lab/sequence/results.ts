import type { Perplexity } from '../metrics/perplexity.ts';
import type { LossPoint, Provenance, Spectrum } from '../results.ts';
import type { Rates, RunKey } from './settings.ts';

/** One finished, or interrupted, run: what it reached, and what it cost. One JSON file each. */
export interface SequenceRun<T> extends RunKey {
  /** Name for readers, such as `SST`. */
  readonly label: string;
  readonly rates: Rates;
  readonly steps: number;
  readonly stepsDone: number;
  /** Whether it did all its steps, or diverged. */
  readonly finished: boolean;
  /** Whether a loss was NaN or infinite: the run ended there, and nothing is measured. */
  readonly diverged: boolean;
  /** Smoothed training loss, label smoothing included. */
  readonly curve: readonly LossPoint[];
  /** Mean −ln p of a token of the validation part. */
  readonly validation: readonly LossPoint[];
  /** Mean over layers of the Frobenius norm of the gradient of SST's active U, LoRA's A, or a dense weight. */
  readonly gradientNorms: readonly GradientPoint[];
  /** Of the watched layers' plain weights. */
  readonly spectra: readonly Spectrum[];
  /** Trainable parameters, and all. */
  readonly trainable: number;
  readonly total: number;
  readonly weightBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** The most memory that the process held during the run, in bytes; what runs before it left behind counts. */
  readonly peakRss: number;
  /** Mean wall time of a step, hooks included, validation not. */
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  /** max |merged − factored| over the logits of a validation batch; null where nothing is merged, or nothing measured. */
  readonly mergeError: number | null;
  /** On the test part, of the weights that are kept; null when it was not measured. */
  readonly test: Perplexity | null;
  /** What the task is judged by; null when it was not measured. */
  readonly measured: T | null;
  /** How it was made: the command, versions, the machine where it matters. */
  readonly made: Readonly<Record<string, unknown>>;
}

/** A gradient norm after a step. */
export interface GradientPoint {
  readonly step: number;
  readonly norm: number;
}

/** A whole comparison. */
export interface SequenceResult<T> extends Provenance {
  readonly title: string;
  readonly data: string;
  readonly model: string;
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly interrupted: boolean;
  readonly runs: readonly SequenceRun<T>[];
}
