import { type CallContext, Module } from '../../nn/module.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Geometry } from '../geometry.ts';
import { geometryAt, type LayerCurvature, type Space } from '../layers/curvature.ts';
import { glorotLinear, MobiusLayer, type MobiusOptions } from '../layers/mobius.ts';
import { poincare } from '../poincare.ts';
import type { EncoderOptions } from './mlp.ts';
import type { GraphEncoder } from './model.ts';

/** Options of a hyperbolic network without edges. */
export type HnnOptions = EncoderOptions & Omit<MobiusOptions, 'bias' | 'dropout'>;

/**
 * A hyperbolic neural network: Möbius layers on the features of a node alone, which are taken as tangents at the origin. All layers
 * share one curvature.
 * @source Ganea et al., arXiv 1805.09112, Section 3.2
 */
export class Hnn extends Module implements GraphEncoder {
  readonly layers: MobiusLayer[];
  readonly space: Space;
  curvature: LayerCurvature;

  /**
   * @param dims features of the nodes, then the width of each layer
   * @throws DomainError when a width is not a whole number >= 1, there are no layers, or there is no such activation
   */
  constructor(dims: readonly number[], options: HnnOptions) {
    super();
    const { space = poincare, curvature = 1, activation = 'relu' } = options;
    if (dims.length < 2) throw new DomainError('Hnn', 'needs a layer: two widths or more');
    this.layers = dims
      .slice(1)
      .map((m, i) => new MobiusLayer(glorotLinear(dims[i], m, options), { ...options, activation }));
    this.space = space;
    this.curvature = curvature;
  }

  get geometry(): Geometry {
    return geometryAt(this.space, this.curvature);
  }

  call(x: Tensor, context: CallContext = {}): Tensor {
    const [first, ...rest] = this.layers;
    return rest.reduce((y, layer) => layer.call(y, context), first.fromTangent(x, context));
  }
}
