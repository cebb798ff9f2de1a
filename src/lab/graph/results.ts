import type { MethodName } from '../compare/settings.ts';
import type { LossPoint, Provenance } from '../results.ts';
import type { Metrics } from './task.ts';

/** One run in short. */
export interface RunSummary {
  readonly seed: number;
  /** Epochs that were run, and the one that was best in validation, counted from 1. */
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly validation: Metrics;
  readonly test: Metrics;
}

/** What one method reached on a graph, and what it cost; means over its runs. */
export interface GraphMethodResult {
  /** Name on the command line, such as `sst`. */
  readonly method: MethodName;
  readonly label: string;
  /** Null for full training. */
  readonly rank: number | null;
  readonly learningRate: number;
  readonly runs: readonly RunSummary[];
  /** Test metrics of the best epochs, in 0..1; `std` over seeds, null with one seed. */
  readonly test: Readonly<Record<string, { readonly mean: number; readonly std: number | null }>>;
  readonly trainable: number;
  readonly total: number;
  readonly optimizerBytes: number;
  readonly msPerEpoch: number;
  /** The largest distance that merging moves a point; null where nothing is merged. */
  readonly mergeError: number | null;
  /** Of the first seed: smoothed training loss, */
  readonly curve: readonly LossPoint[];
  /** and the validation metric that chose the best epoch. */
  readonly watched: readonly { readonly epoch: number; readonly value: number }[];
}

/** A comparison of methods on a graph. */
export interface GraphResult extends Provenance {
  readonly title: string;
  /** The graph in words. */
  readonly data: string;
  /** The model in words. */
  readonly model: string;
  readonly seeds: readonly number[];
  /** Epochs at most. */
  readonly epochs: number;
  readonly interrupted: boolean;
  /** The metric that is shown first, and what chose the best epoch, in words. */
  readonly shown: string;
  readonly watchedBy: string;
  readonly methods: readonly GraphMethodResult[];
}
