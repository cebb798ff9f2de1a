import { Linear, type LinearMap, type LinearOptions } from '../../nn/linear.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { euclidean } from '../euclidean.ts';
import type { Geometry } from '../geometry.ts';
import { type ActivationChoice, activationOf, dropTangent } from '../layers/tangent.ts';
import type { GraphEncoder } from './model.ts';

/** Options of an encoder of nodes. */
export interface EncoderOptions extends LinearOptions {
  /** After every layer. Default `relu`. */
  readonly activation?: ActivationChoice;
  /** The chance of an element to be dropped in training. Default 0. */
  readonly dropout?: number;
}

/** y = f(dropout(xWᵀ + b)): an ordinary layer, which takes any linear map. */
export class DenseLayer extends Module {
  linear: LinearMap;
  readonly activation: (x: Tensor) => Tensor;
  readonly dropout: number;

  /** @throws DomainError when there is no such activation */
  constructor(linear: LinearMap, { activation = 'relu', dropout = 0 }: Pick<EncoderOptions, 'activation' | 'dropout'>) {
    super();
    this.linear = linear;
    this.activation = activationOf(this.op, activation);
    this.dropout = dropout;
  }

  /** […, n] to […, m]. @throws DomainError when dropout is due and there is no `rng` */
  call(x: Tensor, context: CallContext = {}): Tensor {
    return this.activation(this.dropped(x, context));
  }

  /** What errors call it. */
  protected get op(): string {
    return 'DenseLayer';
  }

  /** dropout(xWᵀ + b) */
  protected dropped(x: Tensor, context: CallContext): Tensor {
    return dropTangent(this.op, this.linear.call(x, context), this.dropout, context);
  }
}

/** A perceptron with several layers, which sees the features of a node alone and no edges: what a graph must add to. */
export class Mlp extends Module implements GraphEncoder {
  readonly layers: DenseLayer[];

  /**
   * @param dims features of the nodes, then the width of each layer
   * @throws DomainError when a width is not a whole number >= 1, or there is no such activation
   */
  constructor(dims: readonly number[], options: EncoderOptions) {
    super();
    this.layers = dims.slice(1).map((m, i) => new DenseLayer(new Linear(dims[i], m, options), options));
  }

  get geometry(): Geometry {
    return euclidean;
  }

  call(x: Tensor, context: CallContext = {}): Tensor {
    return this.layers.reduce((y, layer) => layer.call(y, context), x);
  }
}
