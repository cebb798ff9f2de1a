import type { Linear, LinearMap } from '../nn/linear.ts';
import type { Optimizer } from '../nn/optim/optimizer.ts';
import type { Rule } from '../nn/optim/rule.ts';
import type { Parameter } from '../nn/parameter.ts';
import type { MethodEvent } from './events.ts';

/** What a method keeps besides tensors, as JSON values: for a checkpoint. */
export type MethodState = Readonly<Record<string, unknown>>;

/**
 * A way to train the linear maps of a model. The five of this package, and any other, differ only in what is here; models,
 * optimizers and training loops know none of it.
 */
export interface Method<L extends LinearMap = LinearMap> {
  readonly name: string;
  /** The layer to train in the place of `linear`. It computes the same function; the bias is shared. */
  attach(linear: Linear): L;
  /** Which of the layer's parameters the method trains in its own way: all but the bias. */
  ownParameters(layer: L): readonly Parameter[];
  /** Another rule for those parameters. */
  wrapRule?(rule: Rule): Rule;
  /** Factor on their learning rate, by step. */
  schedule?(step: number): number;
  /**
   * What is due before step number `step` is computed: sampling, merging, decomposing, forgetting optimizer state. A promise where values
   * must come from a device first.
   */
  onStep?(
    step: number,
    layers: readonly L[],
    optimizer: Optimizer,
  ): readonly MethodEvent[] | Promise<readonly MethodEvent[]>;
  /** A dense layer that computes what `layer` computes. */
  merge(layer: L): Linear;
  /** What must be kept, besides parameters, buffers and optimizer state, to go on later as if nothing had happened. */
  state?(): MethodState;
  /** Go on from such a state. @throws DomainError when it is not one */
  loadState?(state: MethodState): void;
  /** How many values it trains of an m×n weight, the bias not counted. */
  trainableCount(m: number, n: number): number;
}
