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
import { embeddingDistance } from './embedding.op.ts';
import type { Curvature, Geometry } from './geometry.ts';

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

  /**
   * Distances of point anchors[i] to points candidates[i, j]: [b] and [b, k] int32 → [b, k]. In the Poincaré ball and the Lorentz
   * model by `embeddingDistance`, which differentiates once; in other spaces by the distance of the geometry.
   */
  distances(anchors: Tensor, candidates: Tensor): Tensor {
    const { geometry, weight } = this;
    if (isHyperbolic(geometry))
      return embeddingDistance(weight, anchors, candidates, geometry.c, { model: geometry.name });
    return geometry.distance(unsqueeze(this.call(anchors), 1), this.call(candidates));
  }
}

const isHyperbolic = (
  geometry: Geometry,
): geometry is Geometry & { readonly name: 'poincare' | 'lorentz'; readonly c: Curvature } =>
  (geometry.name === 'poincare' || geometry.name === 'lorentz') && 'c' in geometry;

/**
 * How far the first candidate of each row is from being the nearest: the mean over b of −log(e^{−d₀}/Σ_j e^{−d_j}).
 *
 * @param distances d [b, k], k >= 1, such as `PointEmbedding.distances` gives: to a related point first, then to points that are not
 * @throws ShapeError unless there are rows of at least one distance
 * @source arXiv 1705.08039, Eq. 6
 */
export function rankingLoss(distances: Tensor): Tensor {
  if (distances.rank !== 2 || distances.shape[1] === 0)
    throw new ShapeError('rankingLoss', 'distances are [b, k] with k >= 1', [distances.shape]);
  return crossEntropy(neg(distances), zeros([distances.shape[0]], { dtype: 'int32', device: distances.device }));
}
