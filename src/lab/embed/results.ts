import type { LossPoint, Provenance } from '../results.ts';

/** How well the distances of an embedding give back the relation, after so many epochs. */
export interface Quality {
  readonly epoch: number;
  /** Mean average precision, in 0..1. */
  readonly map: number;
  readonly meanRank: number;
}

/** What training an embedding reached. */
export interface EmbedRun {
  /** Mean loss of each epoch; `step` is the epoch, from 1. */
  readonly curve: readonly LossPoint[];
  /** In rising order of the epochs, the last one included. */
  readonly quality: readonly Quality[];
  readonly epochsDone: number;
  /** Seconds of training; measuring the quality is not counted. */
  readonly seconds: number;
}

/** A whole embedding: how it was made, and what it reached. */
export interface EmbedResult extends Provenance, EmbedRun {
  readonly title: string;
  /** The space and the optimizer in words. */
  readonly model: string;
  /** The data set in words. */
  readonly data: string;
  readonly seed: number;
  readonly dim: number;
  /** Epochs asked for. */
  readonly epochs: number;
  readonly parameters: number;
  /** Distances from the root, by depth in the tree: mean, and standard deviation where there are several nodes. */
  readonly depths: readonly {
    readonly depth: number;
    readonly nodes: number;
    readonly mean: number;
    readonly std: number | null;
  }[];
  readonly interrupted: boolean;
}
