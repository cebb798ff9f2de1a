import type { CsrMatrix } from '../../autograd/csr.ts';
import { sigmoid } from '../../autograd/ops/activation.ts';
import { add, div, mul } from '../../autograd/ops/arithmetic.ts';
import { sampledMatmul, spmm } from '../../autograd/ops/sparse.ts';
import { Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import { full } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature } from '../curvature.ts';
import type { Curvature } from '../geometry.ts';
import type { GraphContext } from '../graph/model.ts';
import { lorentzNormalise } from '../lorentzNormalise.op.ts';
import { flipTime } from '../rowDot.op.ts';
import { LorentzLinear, type LorentzLinearOptions, type LorentzMapOptions, lorentzMap } from './lorentzLinear.ts';

/**
 * The centroid of the neighbours of each node: s = A·x, led back to the hyperboloid, s/√(−c<s, s>). Of all points it is the one with the
 * least sum of weighted squared Lorentzian distances. A node without neighbours gets the origin.
 *
 * @param adjacency [m, nodes], weights >= 0
 * @param x points [nodes, n]
 * @returns [m, n]
 * @throws ShapeError, DTypeError as `spmm` does
 * @source Law et al., "Lorentzian Distance Learning for Hyperbolic Representations", ICML 2019, the centroid
 */
export const neighbourCentroid = (adjacency: CsrMatrix, x: Tensor, c: Curvature): Tensor =>
  lorentzNormalise(spmm(adjacency, x), c);

/**
 * Weights of neighbours: the entry (i, j) of the adjacency is multiplied by σ((2 + 2c·<qᵢ, kⱼ>)/scale + bias) with queries q and keys k from
 * Lorentz linear layers: the closer, the more. Only pairs that the adjacency has are scored. At first scale is √n and bias 20, so
 * that no neighbour is left out.
 * @source Chen et al., arXiv 2105.14686, the code published with it, with c = 1
 */
export class LorentzNeighbourAttention extends Module {
  readonly query: LorentzLinear;
  readonly key: LorentzLinear;
  readonly scale: Parameter;
  readonly bias: Parameter;

  /** @param n coordinates of a point */
  constructor(n: number, options: LorentzMapOptions & LorentzLinearOptions) {
    super();
    const { dtype = 'float32', device, c = 1 } = options;
    const place = device === undefined ? { dtype } : { dtype, device };
    const linear = (): LorentzLinear => new LorentzLinear(lorentzMap(n, n, options), { c });
    this.query = linear();
    this.key = linear();
    this.scale = new Parameter(full([], Math.sqrt(n), place));
    this.bias = new Parameter(full([], 20, place));
  }

  /** The adjacency [nodes, nodes] with weights for the points x [nodes, n]. */
  weigh(adjacency: CsrMatrix, x: Tensor, context: GraphContext): CsrMatrix {
    const { indptr, indices, values } = adjacency;
    const queries = flipTime(this.query.call(x, context));
    const products = sampledMatmul(indptr, indices, queries, this.key.call(x, context));
    const scores = div(add(mul(mul(products, this.key.c), 2), 2), this.scale);
    return adjacency.withValues(mul(values, sigmoid(add(scores, this.bias))));
  }

  /** The centroids of the weighted neighbours. */
  call(x: Tensor, context: GraphContext): Tensor {
    return neighbourCentroid(this.weigh(context.adjacency, x, context), x, this.key.c);
  }
}

/**
 * The centroid of the neighbours of each node, as the adjacency weighs them, or as `attention` does: points [nodes, n] → [nodes, n].
 * @source Chen et al., arXiv 2105.14686, the graph network in the code published with it
 */
export class LorentzAggregation extends Module {
  readonly c: Curvature;
  readonly attention: LorentzNeighbourAttention | null;

  /** @throws DomainError unless c is positive and finite */
  constructor(c: Curvature = 1, attention: LorentzNeighbourAttention | null = null) {
    super();
    this.c = checkCurvature('LorentzAggregation', c);
    this.attention = attention;
  }

  call(x: Tensor, context: GraphContext): Tensor {
    return this.attention?.call(x, context) ?? neighbourCentroid(context.adjacency, x, this.c);
  }
}
