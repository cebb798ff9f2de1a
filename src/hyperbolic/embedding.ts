import { mul, neg, sub } from '../autograd/ops/arithmetic.ts';
import { crossEntropy } from '../autograd/ops/crossEntropy.ts';
import { embedding } from '../autograd/ops/embedding.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { Module } from '../nn/module.ts';
import { Parameter } from '../nn/parameter.ts';
import { rand, type TensorOptions, zeros } from '../tensor/create.ts';
import { DomainError, ShapeError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Geometry } from './geometry.ts';

/** How an embedding begins. */
export interface PointEmbeddingOptions extends TensorOptions {
  readonly rng: Rng;
  /** Points begin where `expOrigin` takes tangents whose coordinates are uniform in ±spread. Default 1e-3. */
  readonly spread?: number;
}

/**
 * One trainable point of a space for each of `count` things: `weight` [count, n], a parameter on the manifold, so that an optimizer
 * moves its points along the space. `call` looks points up by number.
 *
 * @throws DomainError when a size or the spread is not positive
 * @source Nickel & Kiela, "Poincaré embeddings for learning hierarchical representations", arXiv 1705.08039, section 3;
 * "Learning continuous hierarchies in the Lorentz model of hyperbolic geometry", arXiv 1806.03417, section 3
 */
export class PointEmbedding extends Module {
  readonly geometry: Geometry;
  readonly weight: Parameter;

  constructor(count: number, dim: number, geometry: Geometry, options: PointEmbeddingOptions) {
    super();
    const { rng, spread = 1e-3, ...rest } = options;
    for (const [name, n] of Object.entries({ count, dim }))
      if (!Number.isSafeInteger(n) || n < 1)
        throw new DomainError('PointEmbedding', `${name} is a whole number >= 1, got ${n}`);
    if (!(spread > 0 && Number.isFinite(spread)))
      throw new DomainError('PointEmbedding', `spread is a number > 0, got ${spread}`);
    const tangents = mul(sub(rand([count, dim], rng, rest), 0.5), 2 * spread);
    this.geometry = geometry;
    this.weight = new Parameter(geometry.expOrigin(tangents), { manifold: geometry });
  }

  /** The points of these numbers: indices […] int32 in 0..count−1 → […, n]. */
  call(indices: Tensor): Tensor {
    return embedding(this.weight, indices);
  }
}

/**
 * How far the first candidate of each anchor is from being its nearest: the mean over b of −log(e^{−d(u, v₀)}/Σ_k e^{−d(u, v_k)}).
 *
 * @param anchors u [b, n]
 * @param candidates v [b, k, n], k >= 1; the related point first, then points that are not related to u
 * @throws ShapeError when the operands do not fit, or an anchor has no candidate
 * @source arXiv 1705.08039, Eq. 6
 */
export function rankingLoss(geometry: Geometry, anchors: Tensor, candidates: Tensor): Tensor {
  const [b, n] = anchors.shape;
  if (anchors.rank !== 2 || candidates.rank !== 3 || candidates.shape[0] !== b || candidates.shape[2] !== n)
    throw new ShapeError('rankingLoss', 'anchors are [b, n] and candidates [b, k, n]', [
      anchors.shape,
      candidates.shape,
    ]);
  if (candidates.shape[1] === 0)
    throw new ShapeError('rankingLoss', 'an anchor has at least one candidate', [anchors.shape, candidates.shape]);
  const distances = geometry.distance(unsqueeze(anchors, 1), candidates);
  return crossEntropy(neg(distances), zeros([b], { dtype: 'int32', device: anchors.device }));
}
