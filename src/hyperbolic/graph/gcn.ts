import { spmm } from '../../autograd/ops/sparse.ts';
import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { euclidean } from '../euclidean.ts';
import type { Geometry } from '../geometry.ts';
import { dropTangent } from '../layers/tangent.ts';
import { DenseLayer, type EncoderOptions } from './mlp.ts';
import type { GraphContext, GraphEncoder } from './model.ts';

/**
 * A graph convolution y = f(A·dropout(xWᵀ + b)), A the row-normalised adjacency. It takes any linear map.
 * @source Kipf & Welling, "Semi-supervised classification with graph convolutional networks", arXiv 1609.02907, Eq. 2
 */
export class GraphConvolution extends DenseLayer {
  protected override get op(): string {
    return 'GraphConvolution';
  }

  /** [nodes, n] to [nodes, m]. @throws DomainError when dropout is due and there is no `rng` */
  override call(x: Tensor, context: GraphContext): Tensor {
    return this.activation(spmm(context.adjacency, this.dropped(x, context)));
  }
}

/** Options of a graph convolutional network. */
export interface GcnOptions extends EncoderOptions {
  /**
   * Whether a mean over the neighbours, after dropout, ends it: what a convolution to the classes, as a head, would begin with.
   * The rows of A sum to 1, so A(hWᵀ + b) = (Ah)Wᵀ + b. Default false.
   */
  readonly aggregateLast?: boolean;
}

/**
 * A graph convolutional network in ordinary space.
 * @source Kipf & Welling, arXiv 1609.02907
 */
export class Gcn extends Module implements GraphEncoder {
  readonly layers: GraphConvolution[];
  readonly dropout: number;
  readonly aggregateLast: boolean;

  /**
   * @param dims features of the nodes, then the width of each layer
   * @throws DomainError when a width is not a whole number >= 1, or there is no such activation
   */
  constructor(dims: readonly number[], options: GcnOptions) {
    super();
    const { dropout = 0, aggregateLast = false } = options;
    this.layers = dims.slice(1).map((m, i) => new GraphConvolution(new Linear(dims[i], m, options), options));
    this.dropout = dropout;
    this.aggregateLast = aggregateLast;
  }

  get geometry(): Geometry {
    return euclidean;
  }

  call(x: Tensor, context: GraphContext): Tensor {
    const y = this.layers.reduce((h, layer) => layer.call(h, context), x);
    if (!this.aggregateLast) return y;
    return spmm(context.adjacency, dropTangent('Gcn', y, this.dropout, context));
  }
}
