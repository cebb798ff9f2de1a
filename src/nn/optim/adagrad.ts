import { add, div, mul } from '../../autograd/ops/arithmetic.ts';
import { sqrt } from '../../autograd/ops/exponential.ts';
import { full } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { decayed } from './decay.ts';
import { Optimizer, type Trainable } from './optimizer.ts';
import type { Hyper, Rule } from './rule.ts';
import { settled } from './settled.ts';

/** Settings of Adagrad. */
export interface AdagradHyper extends Hyper {
  /** Keeps the division finite. Default 1e-10. */
  readonly eps?: number;
  /** The learning rate of step t, counted from 0, is lr/(1 + t·lrDecay). Default 0. */
  readonly lrDecay?: number;
  /** What the sum of squares starts from. Default 0. */
  readonly initialAccumulator?: number;
}

/**
 * Adagrad: v ← v + <g, g>, x ← retract(x, −lr·g/(√v + eps)). Weight decay adds weightDecay·x to g.
 * @source Duchi, Hazan & Singer, "Adaptive subgradient methods", JMLR 12 (2011), Eq. 1; Bécigneul & Ganea, arXiv 1810.00760,
 * for manifolds
 */
export const adagradRule: Rule<AdagradHyper> = (x, g, state, hyper, manifold) => {
  const { lr, eps = 1e-10, lrDecay = 0, initialAccumulator = 0 } = hyper;
  const step = (state.step as number | undefined) ?? 0;
  const gradient = manifold.toRiemannian(x, decayed(x, g, hyper, manifold));
  const squares = manifold.componentInner(x, gradient);
  const { shape, dtype, device } = squares;
  const v = add((state.v as Tensor | undefined) ?? full(shape, initialAccumulator, { dtype, device }), squares);
  const scaled = div(gradient, add(sqrt(v), eps));
  const y = manifold.retract(x, mul(scaled, -lr / (1 + step * lrDecay)));
  return settled(x, y, { v, step: step + 1 }, [], hyper, manifold);
};

/** Adagrad over parameters (`adagradRule`). @throws DomainError when a setting is out of range */
export function adagrad(parameters: Trainable, hyper: AdagradHyper): Optimizer {
  const { eps = 1e-10, lrDecay = 0, initialAccumulator = 0 } = hyper;
  for (const [name, value] of Object.entries({ eps, lrDecay, initialAccumulator }))
    if (!(value >= 0)) throw new DomainError('adagrad', `${name} is >= 0, got ${value}`);
  return new Optimizer(parameters, adagradRule as Rule, hyper);
}
