import '../../tensor/simd/lay/steps.ts';
import { relu } from '../../autograd/ops/activation.ts';
import { add, div, mul, sub } from '../../autograd/ops/arithmetic.ts';
import { sqrt } from '../../autograd/ops/exponential.ts';
import { emaKernel } from '../../tensor/cpu/optimizer.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { decayed } from './decay.ts';
import { Optimizer, type Trainable } from './optimizer.ts';
import type { Hyper, Rule, RuleState } from './rule.ts';
import { settled } from './settled.ts';

/** Settings of RMSprop. */
export interface RMSpropHyper extends Hyper {
  /** α, the decay of the mean square. Default 0.99. */
  readonly alpha?: number;
  /** Keeps the division finite. Default 1e-8. */
  readonly eps?: number;
  /** μ. Default 0: none. */
  readonly momentum?: number;
  /** Divide by the standard deviation of the gradient instead of its root mean square. Default false. */
  readonly centered?: boolean;
}

const zerosLike = (x: Tensor): Tensor => zeros(x.shape, { dtype: x.dtype, device: x.device });
const before = (state: RuleState, name: string, like: Tensor): Tensor =>
  (state[name] as Tensor | undefined) ?? zerosLike(like);

/**
 * RMSprop: v ← α·v + (1 − α)·<g, g>, x ← retract(x, −lr·b) with b = g/(√v + eps), or b ← μ·b + g/(√v + eps) with momentum.
 * Centered, v is lessened by <ḡ, ḡ>, ḡ ← α·ḡ + (1 − α)·g. What is kept is transported to the new point. Weight decay adds
 * weightDecay·x to g.
 * @source Tieleman & Hinton, "Lecture 6.5: rmsprop", 2012; Graves, arXiv 1308.0850, Eq. 38–45, for the centered form
 */
export const rmspropRule: Rule<RMSpropHyper> = (x, g, state, hyper, manifold) => {
  const { lr, alpha = 0.99, eps = 1e-8, momentum = 0, centered = false } = hyper;
  const gradient = manifold.toRiemannian(x, decayed(x, g, hyper, manifold));
  const squares = manifold.componentInner(x, gradient);
  const v = emaKernel([before(state, 'v', squares), squares], alpha);
  const average = centered ? emaKernel([before(state, 'average', gradient), gradient], alpha) : null;
  // A variance is not negative, but rounding may make it so: the root of that would be NaN for good.
  const spread = average === null ? v : relu(sub(v, manifold.componentInner(x, average)));
  const scaled = div(gradient, add(sqrt(spread), eps));
  const b = momentum === 0 ? scaled : add(mul(before(state, 'momentum', scaled), momentum), scaled);
  const y = manifold.retract(x, mul(b, -lr));
  const tangents = { ...(average === null ? {} : { average }), ...(momentum === 0 ? {} : { momentum: b }) };
  return settled(x, y, { v, ...tangents }, Object.keys(tangents), hyper, manifold);
};

/** RMSprop over parameters (`rmspropRule`). @throws DomainError when a setting is out of range */
export function rmsprop(parameters: Trainable, hyper: RMSpropHyper): Optimizer {
  const { alpha = 0.99, eps = 1e-8, momentum = 0 } = hyper;
  if (!(alpha >= 0 && alpha < 1)) throw new DomainError('rmsprop', `alpha is in [0, 1), got ${alpha}`);
  if (!(eps >= 0 && momentum >= 0))
    throw new DomainError('rmsprop', `eps and momentum are >= 0, got ${eps} and ${momentum}`);
  return new Optimizer(parameters, rmspropRule as Rule, hyper);
}
