import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import type { Linear } from '../../nn/linear.ts';
import { euclidean } from '../../nn/manifold.ts';
import { decayed } from '../../nn/optim/decay.ts';
import type { Rule } from '../../nn/optim/rule.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { windowKernel } from '../../tensor/cpu/layout.ts';
import { svdKernel, truncatedSvdKernel } from '../../tensor/cpu/svd.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import { Rng } from '../../tensor/rng.ts';
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
  /**
   * How the singular vectors are found: all of them, of which r are kept, or only these, nearly, by a randomised range finder (10 more
   * directions, 2 iterations), which is an order of magnitude faster at r ≪ min(m, n). Default 'exact'.
   */
  readonly projection?: 'exact' | 'randomised';
  /** Where the randomised projection takes its seed from, drawn once; every refresh derives its own from that and its step. */
  readonly rng?: Rng;
}

/**
 * P [r, m] (or [r, n]): the leading singular vectors of the gradient, as rows, on its shorter side; by a randomised search when there
 * is a seed. A copy, because a view would keep all k of them in memory.
 */
function projector(g: Tensor, rank: number, seed: number | null): Tensor {
  const [ut, , vt] =
    seed === null
      ? svdKernel([g], undefined)
      : truncatedSvdKernel([g], { rank, oversampling: 10, iterations: 2, seed });
  const found = g.shape[0] <= g.shape[1] ? ut : vt;
  return seed === null ? windowKernel([found], { start: [0, 0], shape: [rank, found.shape[1]] }) : found;
}

/** The seed of a randomised projection, at least 1; null for an exact one. */
function seedOf({ projection = 'exact', rng }: GaloreOptions): number | null {
  if (projection !== 'exact' && projection !== 'randomised')
    throw new DomainError('galore', `projection is 'exact' or 'randomised', got ${String(projection)}`);
  if (projection === 'exact') return null;
  if (!(rng instanceof Rng)) throw new DomainError('galore', 'a randomised projection takes rng: new Rng(seed)');
  return rng.bits() + 1;
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
export function galore(options: GaloreOptions): Method<Linear> {
  const { rank, refreshInterval = 200, scale = 1 } = options;
  checkCount('galore', 'rank', rank, 1);
  checkCount('galore', 'refreshInterval', refreshInterval, 1);
  if (!Number.isFinite(scale)) throw new DomainError('galore', `scale is finite, got ${scale}`);
  const seed = seedOf(options);
  const wrapRule =
    (rule: Rule): Rule =>
    (x, g, state, hyper, manifold) => {
      const { projector: kept, age = 0, ...inner } = state;
      const due = kept === undefined || (age as number) % refreshInterval === 0;
      const p = due ? projector(g, Math.min(rank, ...g.shape), seed && seed + (age as number)) : (kept as Tensor);
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
