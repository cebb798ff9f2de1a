import { add, square } from '../autograd/ops/arithmetic.ts';
import type { Manifold } from '../nn/manifold.ts';
import { clampSigmaKernel, normaliseRowsKernel } from './kernels.ts';

/** What both sets below share: the paper's steps are the optimizer's own, and only where they land is corrected. */
const landing: Omit<Manifold, 'name' | 'retract'> = {
  decays: false,
  toRiemannian: (_x, g) => g,
  componentInner: (_x, g) => square(g),
  transport: (_x, _y, v) => v,
};

/**
 * Numbers >= 0: after its step a singular value is clamped, σ ← max(σ + u, 0).
 * @source arXiv 2405.15481, Eq. 4
 */
export const nonNegative: Manifold = {
  ...landing,
  name: 'nonNegative',
  retract: (x, u) => clampSigmaKernel([add(x, u)], undefined),
};

/** The same numbers, which weight decay pulls towards 0 besides. */
export const decayingNonNegative: Manifold = { ...nonNegative, name: 'decayingNonNegative', decays: true };

/** Rows of any length: singular vectors whose normalisation is left out, as an ablation. Weight decay leaves them alone. */
export const freeRows: Manifold = { ...landing, name: 'freeRows', retract: (x, u) => add(x, u) };

/**
 * Rows of length 1: after its step a singular vector is normalised, u_i ← (u_i + step)/‖u_i + step‖. A row that the step
 * would make vanish stays where it was.
 * @source arXiv 2405.15481, Eq. 7
 */
export const unitRows: Manifold = {
  ...landing,
  name: 'unitRows',
  retract: (x, u) => normaliseRowsKernel([add(x, u), x], undefined),
};
