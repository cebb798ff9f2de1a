import { sigmoid } from '../../autograd/ops/activation.ts';
import { add, div, neg, sub } from '../../autograd/ops/arithmetic.ts';
import { mean } from '../../autograd/ops/reduce.ts';
import { softplus } from '../../autograd/ops/softplus.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** The two constants of the Fermi-Dirac distribution. */
export interface FermiDiracOptions {
  /** The squared distance at which an edge is as likely as not. Default 2. */
  readonly r?: number;
  /** How slowly the probability falls around it, > 0. Default 1. */
  readonly t?: number;
}

/**
 * (r − d²)/t: the logit of the probability that two nodes at squared distance d² are linked. It orders pairs as the probability does,
 * and keeps its digits where that is 0 or 1.
 * @throws DomainError unless r is finite and t > 0 is
 */
export function fermiDiracLogit(squaredDistance: Tensor, { r = 2, t = 1 }: FermiDiracOptions = {}): Tensor {
  if (!Number.isFinite(r) || !(t > 0 && t < Infinity))
    throw new DomainError('fermiDirac', `r is finite, and t > 0, got ${r} and ${t}`);
  return div(sub(r, squaredDistance), t);
}

/**
 * 1/(e^((d² − r)/t) + 1): the probability that two nodes at squared distance d² are linked.
 * @throws DomainError unless r is finite and t > 0 is
 * @source Krioukov et al., "Hyperbolic geometry of complex networks", 2010; Nickel & Kiela, arXiv 1705.08039, Eq. 6
 */
export const fermiDirac = (squaredDistance: Tensor, options: FermiDiracOptions = {}): Tensor =>
  sigmoid(fermiDiracLogit(squaredDistance, options));

/**
 * Binary cross-entropy of logits of edges and of other pairs, the mean of each side: mean ln(1 + e^−edges) + mean ln(1 + e^others).
 * @throws DTypeError unless both are of one floating dtype
 */
export const edgeCrossEntropy = (edges: Tensor, others: Tensor): Tensor =>
  add(mean(softplus(neg(edges), exact)), mean(softplus(others, exact)));

const exact = { threshold: Infinity };
