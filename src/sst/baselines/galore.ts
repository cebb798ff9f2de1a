import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import type { Linear } from '../../nn/linear.ts';
import { euclidean } from '../../nn/manifold.ts';
import { decayed } from '../../nn/optim/decay.ts';
import type { Rule } from '../../nn/optim/rule.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { windowKernel } from '../../tensor/cpu/layout.ts';
import { svdKernel } from '../../tensor/cpu/svd.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Method } from '../method.ts';

/** Settings of GaLore. */
export interface GaloreOptions {
  /** r: dimensions that the gradient is projected to, at most min(m, n). */
  readonly rank: number;
  /** Steps between two choices of the projection. Default 200. */
  readonly refreshInterval?: number;
  /** α: factor on the step. Default 1. */
  readonly scale?: number;
}

/**
 * P [r, m] (or [r, n]): the leading singular vectors of the gradient, as rows, on its shorter side. A copy, because a view
 * would keep all k of them in memory.
 */
function projector(g: Tensor, rank: number): Tensor {
  const [ut, , vt] = svdKernel([g], undefined);
  const all = g.shape[0] <= g.shape[1] ? ut : vt;
  return windowKernel([all], { start: [0, 0], shape: [rank, all.shape[1]] });
}

/** P·G, or G·Pᵀ where the gradient is tall. */
const project = (p: Tensor, g: Tensor): Tensor =>
  g.shape[0] <= g.shape[1] ? matmul(p, g) : matmul(g, p, { transB: true });

/** Pᵀ·R, or R·P where the gradient is tall. */
const projectBack = (p: Tensor, low: Tensor, g: Tensor): Tensor =>
  g.shape[0] <= g.shape[1] ? matmul(p, low, { transA: true }) : matmul(low, p);

/**
 * Gradient low-rank projection: the dense weight is trained, but the optimizer sees only R = P·G (G·Pᵀ for tall weights), and
 * W ← W + α·Pᵀ·step(R). P holds the r leading singular vectors of the gradient at the last refresh; moments are carried over
 * a refresh. Weight decay acts on W, decoupled.
 * @throws DomainError when a setting is out of range
 * @source Zhao et al., "GaLore", arXiv 2403.03507, Algorithm 2
 */
export function galore({ rank, refreshInterval = 200, scale = 1 }: GaloreOptions): Method<Linear> {
  checkCount('galore', 'rank', rank, 1);
  checkCount('galore', 'refreshInterval', refreshInterval, 1);
  if (!Number.isFinite(scale)) throw new DomainError('galore', `scale is finite, got ${scale}`);
  const wrapRule =
    (rule: Rule): Rule =>
    (x, g, state, hyper, manifold) => {
      const { projector: kept, age = 0, ...inner } = state;
      const due = kept === undefined || (age as number) % refreshInterval === 0;
      const p = due ? projector(g, Math.min(rank, ...g.shape)) : (kept as Tensor);
      const low = project(p, g);
      const origin = zeros(low.shape, { dtype: low.dtype, device: low.device });
      const moved = rule(origin, low, inner, { ...hyper, weightDecay: 0 }, euclidean);
      const step = decayed(x, mul(projectBack(p, moved.x, g), scale), hyper, manifold, -hyper.lr);
      return { x: add(x, step), state: { ...moved.state, projector: p, age: (age as number) + 1 } };
    };
  return {
    name: 'galore',
    attach: (linear) => linear,
    ownParameters: (layer) => [layer.weight],
    wrapRule,
    merge: (layer) => layer,
    trainableCount: (m, n) => m * n,
  };
}
