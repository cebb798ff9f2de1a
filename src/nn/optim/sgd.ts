import '../../tensor/simd/lay/steps.ts';
import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { descentKernel, momentumDescentKernel } from '../../tensor/cpu/optimizer.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { decayed, decayOf } from './decay.ts';
import { Optimizer, type Trainable } from './optimizer.ts';
import type { Hyper, Rule } from './rule.ts';
import { settled } from './settled.ts';

/** Settings of gradient descent. */
export interface SGDHyper extends Hyper {
  /** μ. Default 0: none, and no state. */
  readonly momentum?: number;
  /** Share of each new gradient that the momentum does not take. Default 0. */
  readonly dampening?: number;
  /** Look ahead along the momentum. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent with momentum: b ← μ·b + (1 − dampening)·g (b ← g at first), x ← retract(x, −lr·b), or with Nesterov
 * −lr·(g + μ·b). Weight decay adds weightDecay·x to g.
 * @source Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, as PyTorch states it
 */
export const sgdRule: Rule<SGDHyper> = (x, g, state, hyper, manifold) => {
  const { lr, momentum = 0, dampening = 0, nesterov = false } = hyper;
  const before = state.momentum as Tensor | undefined;
  if (manifold.flat) {
    // In ordinary space one kernel does all of it.
    const decay = decayOf(hyper, manifold);
    if (momentum === 0) return { x: descentKernel([x, g], { lr, decay }), state };
    if (before !== undefined) {
      const [y, b] = momentumDescentKernel([x, g, before], { lr, decay, momentum, dampening, nesterov });
      return { x: y, state: { momentum: b } };
    }
  }
  const gradient = manifold.toRiemannian(x, decayed(x, g, hyper, manifold));
  if (momentum === 0) return settled(x, manifold.retract(x, mul(gradient, -lr)), state, [], hyper, manifold);
  const b = before === undefined ? gradient : add(mul(before, momentum), mul(gradient, 1 - dampening));
  const direction = nesterov ? add(gradient, mul(b, momentum)) : b;
  const y = manifold.retract(x, mul(direction, -lr));
  return settled(x, y, { momentum: b }, ['momentum'], hyper, manifold);
};

/**
 * An optimizer that descends along the gradient (`sgdRule`).
 * @throws DomainError when a setting is out of range, or Nesterov is asked for without momentum
 */
export function sgd(parameters: Trainable, hyper: SGDHyper): Optimizer {
  const { momentum = 0, dampening = 0, nesterov = false } = hyper;
  if (!(momentum >= 0)) throw new DomainError('sgd', `momentum is >= 0, got ${momentum}`);
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new DomainError('sgd', 'nesterov needs a momentum and no dampening');
  return new Optimizer(parameters, sgdRule as Rule, hyper);
}
