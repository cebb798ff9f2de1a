import '../../tensor/simd/lay/steps.ts';
import { adamKernel, adamStepKernel, emaKernel } from '../../tensor/cpu/optimizer.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Manifold } from '../manifold.ts';
import { decayed, decayOf } from './decay.ts';
import { Optimizer, type Trainable } from './optimizer.ts';
import type { Hyper, Rule, RuleState } from './rule.ts';
import { settled } from './settled.ts';

/** Settings of Adam. */
export interface AdamHyper extends Hyper {
  /** Decay of the first and second moment. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Keeps the division finite. Default 1e-8. */
  readonly eps?: number;
}

const zerosLike = (x: Tensor): Tensor => zeros(x.shape, { dtype: x.dtype, device: x.device });

const firstMoment = (state: RuleState, like: Tensor): Tensor => (state.m as Tensor | undefined) ?? zerosLike(like);
const secondMoment = (state: RuleState, like: Tensor): Tensor => (state.v as Tensor | undefined) ?? zerosLike(like);

/** The settings of the coming step, bias corrections included. */
function settings({ lr, betas: [beta1, beta2] = [0.9, 0.999], eps = 1e-8 }: AdamHyper, state: RuleState) {
  const step = ((state.step as number | undefined) ?? 0) + 1;
  return { lr, eps, beta1, beta2, bias1: 1 - beta1 ** step, bias2: 1 - beta2 ** step, step };
}

/** Moments after the gradient g, and the tangent −lr·m̂/(√v̂ + eps) they give. */
function moments(x: Tensor, g: Tensor, state: RuleState, hyper: AdamHyper, manifold: Manifold): [Tensor, RuleState] {
  const { beta1, beta2, step, ...numbers } = settings(hyper, state);
  const squares = manifold.componentInner(x, g);
  const m = emaKernel([firstMoment(state, g), g], beta1);
  const v = emaKernel([secondMoment(state, squares), squares], beta2);
  return [adamStepKernel([m, v], numbers), { m, v, step }];
}

/** The same step in ordinary space, where one kernel does all of it; the decays are those of Adam and of AdamW. */
function flatStep(
  x: Tensor,
  g: Tensor,
  state: RuleState,
  hyper: AdamHyper,
  decay: number,
  shrink: number,
): ReturnType<Rule> {
  const { step, ...numbers } = settings(hyper, state);
  const operands = [x, g, firstMoment(state, x), secondMoment(state, x)] as const;
  const [y, m, v] = adamKernel(operands, { ...numbers, decay, shrink });
  return { x: y, state: { m, v, step } };
}

/**
 * Adam: m ← β1·m + (1 − β1)·g, v ← β2·v + (1 − β2)·<g, g>, x ← retract(x, −lr·m̂/(√v̂ + eps)) with m̂ = m/(1 − β1ᵗ),
 * v̂ = v/(1 − β2ᵗ); m is transported to the new point. Weight decay adds weightDecay·x to g.
 * @source Kingma & Ba, "Adam", arXiv 1412.6980, Algorithm 1; Bécigneul & Ganea, arXiv 1810.00760, for manifolds
 */
export const adamRule: Rule<AdamHyper> = (x, g, state, hyper, manifold) => {
  if (manifold.flat) return flatStep(x, g, state, hyper, decayOf(hyper, manifold), 0);
  const gradient = manifold.toRiemannian(x, decayed(x, g, hyper, manifold));
  const [u, next] = moments(x, gradient, state, hyper, manifold);
  const y = manifold.retract(x, u);
  return settled(x, y, next, ['m'], hyper, manifold);
};

/**
 * AdamW: Adam whose weight decay acts on the point instead of the gradient, x ← retract(x, u − lr·weightDecay·x).
 * @source Loshchilov & Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101, Algorithm 2
 */
export const adamWRule: Rule<AdamHyper> = (x, g, state, hyper, manifold) => {
  if (manifold.flat) return flatStep(x, g, state, hyper, 0, decayOf(hyper, manifold));
  const [u, next] = moments(x, manifold.toRiemannian(x, g), state, hyper, manifold);
  const y = manifold.retract(x, decayed(x, u, hyper, manifold, -hyper.lr));
  return settled(x, y, next, ['m'], hyper, manifold);
};

function checkAdam(op: string, { betas = [0.9, 0.999], eps = 1e-8 }: AdamHyper): void {
  if (betas.some((b) => !(b >= 0 && b < 1))) throw new DomainError(op, `betas are in [0, 1), got ${betas}`);
  if (!(eps >= 0)) throw new DomainError(op, `eps is >= 0, got ${eps}`);
}

/** Adam over parameters (`adamRule`). @throws DomainError when a setting is out of range */
export function adam(parameters: Trainable, hyper: AdamHyper): Optimizer {
  checkAdam('adam', hyper);
  return new Optimizer(parameters, adamRule as Rule, hyper);
}

/** AdamW over parameters (`adamWRule`); weight decay 0.01 by default. @throws DomainError when a setting is out of range */
export function adamW(parameters: Trainable, hyper: AdamHyper): Optimizer {
  checkAdam('adamW', hyper);
  return new Optimizer(parameters, adamWRule as Rule, { weightDecay: 0.01, ...hyper });
}
