import type { Tensor } from '../../tensor/tensor.ts';
import { checkName } from '../options.ts';
import { mul } from './arithmetic.ts';
import { mean, sum } from './reduce.ts';

/** How losses of single examples are combined. */
export type Reduction = 'mean' | 'sum' | 'none';

/** How a loss is reduced. */
export interface LossAttrs {
  /** `mean` (default), `sum`, or `none`: one loss for each example. */
  readonly reduction?: Reduction;
}

/** @throws DomainError unless it is the name of a reduction */
export const checkReduction = (op: string, reduction: unknown = 'mean'): void =>
  checkName(op, 'reduction', reduction, ['mean', 'sum', 'none']);

/** Losses of single examples combined. */
export const reduced = (losses: Tensor, reduction: Reduction = 'mean'): Tensor =>
  reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);

/** The gradient that reaches each of `size` losses that `reduced` combined: one number for all, or one for each. */
export const shareOf = (dy: Tensor, size: number, reduction: Reduction = 'mean'): Tensor =>
  reduction === 'mean' ? mul(dy, 1 / size) : dy;
