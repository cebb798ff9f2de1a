import type { Tensor } from '../../tensor/tensor.ts';
import type { Manifold } from '../manifold.ts';

/** What a rule remembers of one parameter between steps; empty before the first. */
export type RuleState = Readonly<Record<string, Tensor | number>>;

/** Settings that every rule knows. */
export interface Hyper {
  /** Learning rate of this step, schedules included. */
  readonly lr: number;
  /** Strength of weight decay; what it means is said by the rule. Default 0. */
  readonly weightDecay?: number;
  /** Every how many steps points and what is tangent at them are projected back to their manifold; 0: never. Default 0. */
  readonly stabilize?: number;
  /** Whether the coming step is one of those: set by the optimizer. */
  readonly settles?: boolean;
}

/**
 * One optimizer step for one parameter, as a pure function: the point x, its Euclidean gradient g and the state before give
 * the point and the state after. Nothing is written in place and nothing is recorded.
 */
export type Rule<H extends Hyper = Hyper> = (
  x: Tensor,
  g: Tensor,
  state: RuleState,
  hyper: H,
  manifold: Manifold,
) => { readonly x: Tensor; readonly state: RuleState };
