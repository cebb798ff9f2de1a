import type { CsrMatrix } from '../../autograd/csr.ts';
import type { GraphEncoder } from '../../hyperbolic/graph/model.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TaskName } from './settings.ts';

/** Shares of a graph that a model is measured on. */
export type Part = 'val' | 'test';

/** What is measured, by name, each in 0..1. */
export type Metrics = Readonly<Record<string, number>>;

/** What is asked of models of a graph: its inputs, a number to descend on, and measures. */
export interface GraphTask<M extends GraphEncoder> {
  readonly name: TaskName;
  /** [nodes, features] */
  readonly x: Tensor;
  /** [nodes, nodes], of the edges that may be seen in training. */
  readonly adjacency: CsrMatrix;
  /** Linear layers that stay dense under every method: patterns of `convert`. */
  readonly dense: readonly string[];
  /** The metric that is shown first, */
  readonly shown: string;
  /** and, in words, the one that the best epoch is chosen by. */
  readonly watchedBy: string;
  /** What the epochs train on, one after the other. */
  batches(rng: Rng): Iterable<Tensor>;
  loss(model: M, points: Tensor, batch: Tensor): Tensor;
  measure(model: M, points: Tensor, part: Part): Metrics;
  /** What the best epoch has most of. */
  watched(metrics: Metrics): number;
}
