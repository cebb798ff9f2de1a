import { mul, sub } from '../../autograd/ops/arithmetic.ts';
import { sqrt } from '../../autograd/ops/exponential.ts';
import { reshape, transpose } from '../../autograd/ops/layout.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { windowKernel } from '../../tensor/cpu/layout.ts';
import { svdKernel } from '../../tensor/cpu/svd.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Method } from '../method.ts';
import { type AdapterStart, adapterMethod, type LoraLinear } from './lora.ts';

/** Settings of PiSSA. */
export interface PissaOptions {
  /** r: leading singular vectors that are trained, at most min(m, n). */
  readonly rank: number;
}

/**
 * The leading part of a weight as an adapter, and the rest: with W = U·diag(σ)·Vᵀ, B = U_r·√Σ_r [m, r], A = √Σ_r·V_rᵀ [r, n] and
 * W − B·A.
 */
function principal(weight: Tensor, r: number): AdapterStart {
  const [ut, sigma, vt] = svdKernel([weight], undefined);
  const leading = (rows: Tensor): Tensor => windowKernel([rows], { start: [0, 0], shape: [r, rows.shape[1]] });
  const roots = reshape(sqrt(windowKernel([sigma], { start: [0], shape: [r] })), [r, 1]);
  const a = mul(leading(vt), roots);
  const b = transpose(mul(leading(ut), roots));
  return { a, b, rest: sub(weight, matmul(b, a)) };
}

/**
 * Principal singular values and vectors adaptation: LoRA whose B·A starts as the best approximation of W of rank r, what is left being
 * frozen. The r directions are chosen once. The layer starts as the one it replaces.
 * @throws DomainError when the rank is not a whole number >= 1
 * @source Meng et al., "PiSSA", arXiv 2404.02948, Eq. 2 to 4
 */
export const pissa = ({ rank }: PissaOptions): Method<LoraLinear> =>
  adapterMethod('pissa', { rank, start: (weight, r) => noGrad(() => principal(weight, r)) });
