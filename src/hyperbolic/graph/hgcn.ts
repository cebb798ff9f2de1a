import { Module } from '../../nn/module.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Geometry } from '../geometry.ts';
import { geometryAt, type LayerCurvature, type Space } from '../layers/curvature.ts';
import { glorotLinear, MobiusLinear, type MobiusOptions } from '../layers/mobius.ts';
import { type ActivationChoice, activationOf } from '../layers/tangent.ts';
import { aggregateTangents, NeighbourAttention } from '../layers/tangentAggregation.ts';
import { poincare } from '../poincare.ts';
import type { EncoderOptions } from './mlp.ts';
import type { GraphContext, GraphEncoder } from './model.ts';

/** Options of a hyperbolic graph convolution. */
export interface HyperbolicConvolutionOptions extends MobiusOptions {
  /** c of the points that go out. Default: that of those that come in. */
  readonly curvatureOut?: LayerCurvature;
  /** Default `relu`. */
  readonly activation?: ActivationChoice;
  /** Weights for the neighbours, of tangents of the width that goes out. Default: none. */
  readonly attention?: NeighbourAttention | null;
}

/**
 * A hyperbolic graph convolution y = exp₀(f(A·log₀(Wx ⊕ b))), on the ball or the hyperboloid: a Möbius linear layer, the mean of the
 * neighbours' tangents at the origin, and the activation, after which exp is that of the curvature of the next layer.
 * @source Chami et al., "Hyperbolic Graph Convolutional Neural Networks", arXiv 1910.12933, Section 4
 */
export class HyperbolicGraphConvolution extends Module {
  linear: MobiusLinear;
  readonly attention: NeighbourAttention | null;
  readonly activation: (x: Tensor) => Tensor;
  curvatureOut: LayerCurvature;

  /** @throws DomainError when there is no such activation, or dropout is no chance */
  constructor(linear: MobiusLinear['linear'], options: HyperbolicConvolutionOptions = {}) {
    super();
    const { activation = 'relu', attention = null, curvature = 1, curvatureOut = curvature } = options;
    this.linear = new MobiusLinear(linear, options);
    this.attention = attention;
    this.activation = activationOf('HyperbolicGraphConvolution', activation);
    this.curvatureOut = curvatureOut;
  }

  /** Points [nodes, n] to points [nodes, m]. */
  call(x: Tensor, context: GraphContext): Tensor {
    const { space, curvature } = this.linear;
    return this.fromTangent(geometryAt(space, curvature).logOrigin(x), context);
  }

  /** The same of the points exp₀(u), given by their tangents u [nodes, d]. */
  fromTangent(u: Tensor, context: GraphContext): Tensor {
    const { space, curvature } = this.linear;
    const moved = geometryAt(space, curvature).logOrigin(this.linear.fromTangent(u, context));
    // log₀ of exp₀ of the mean is left out: a mean of tangents within the clamp is within it.
    const mean = aggregateTangents(context.adjacency, moved, this.attention);
    return geometryAt(space, this.curvatureOut).expOrigin(this.activation(mean));
  }
}

/** Options of a hyperbolic graph convolutional network. */
export interface HgcnOptions extends EncoderOptions {
  /** `poincare` (default) or `lorentz`. */
  readonly space?: Space;
  /** c before the first layer, and after each: one more than there are layers. Default: 1 everywhere. */
  readonly curvatures?: readonly LayerCurvature[];
  /** Whether neighbours are weighted. Default false. */
  readonly attention?: boolean;
}

/**
 * A hyperbolic graph convolutional network: the features of the nodes are tangents at the origin of the first space.
 * @source Chami et al., arXiv 1910.12933, Section 4
 */
export class Hgcn extends Module implements GraphEncoder {
  readonly layers: HyperbolicGraphConvolution[];
  readonly space: Space;
  curvatures: LayerCurvature[];

  /**
   * @param dims features of the nodes, then the width of each layer
   * @throws DomainError when a width is not a whole number >= 1, there are no layers, the curvatures are not one more than the
   * layers, or there is no such activation
   */
  constructor(dims: readonly number[], options: HgcnOptions) {
    super();
    const { space = poincare, curvatures = dims.map(() => 1), attention = false } = options;
    if (dims.length < 2) throw new DomainError('Hgcn', 'needs a layer: two widths or more');
    if (curvatures.length !== dims.length)
      throw new DomainError(
        'Hgcn',
        `needs ${dims.length} curvatures for ${dims.length - 1} layers, got ${curvatures.length}`,
      );
    this.layers = dims.slice(1).map(
      (m, i) =>
        new HyperbolicGraphConvolution(glorotLinear(dims[i], m, options), {
          ...options,
          space,
          curvature: curvatures[i],
          curvatureOut: curvatures[i + 1],
          attention: attention ? new NeighbourAttention(m, { ...options, bias: true }) : null,
        }),
    );
    this.space = space;
    this.curvatures = [...curvatures];
  }

  get geometry(): Geometry {
    return geometryAt(this.space, this.curvatures[this.curvatures.length - 1]);
  }

  call(x: Tensor, context: GraphContext): Tensor {
    const [first, ...rest] = this.layers;
    return rest.reduce((y, layer) => layer.call(y, context), first.fromTangent(x, context));
  }
}
