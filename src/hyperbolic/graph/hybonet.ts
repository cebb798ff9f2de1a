import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import type { TensorOptions } from '../../tensor/create.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Curvature, Geometry } from '../geometry.ts';
import { LorentzAggregation, LorentzNeighbourAttention } from '../layers/lorentzAggregation.ts';
import { type LorentzForm, type LorentzLinear, lorentzDense } from '../layers/lorentzLinear.ts';
import { LorentzLogits } from '../layers/lorentzLogits.ts';
import { lorentzPairs } from '../layers/lorentzPairs.op.ts';
import type { ActivationChoice } from '../layers/tangent.ts';
import { lorentz } from '../lorentz.ts';
import { checkMargin, classMargin, pairMargin } from './hybonetLoss.ts';
import {
  type GraphContext,
  type GraphEncoder,
  GraphNetwork,
  type LinkPredictor,
  type NodeClassifier,
} from './model.ts';
import { OriginPoints } from './originPoints.ts';

/** Options of a graph convolution between hyperboloids. */
export interface LorentzConvolutionOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Curvature −c. Default 1. */
  readonly c?: Curvature;
  /** Of the input. Default `none`. */
  readonly activation?: ActivationChoice;
  /** The chance of a coordinate of the input to be dropped in training. Default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Whether neighbours are weighed by their distance. Default false. */
  readonly attention?: boolean;
  /** Default `code`. */
  readonly form?: LorentzForm;
  /** Where the initial values come from. */
  readonly rng: Rng;
}

/**
 * A graph convolution between hyperboloids: a Lorentz linear layer, and the centroid of what it gives to the neighbours. Points
 * [nodes, n] → [nodes, m].
 * @source Chen et al., arXiv 2105.14686, the graph network in the code published with it
 */
export class LorentzConvolution extends Module {
  readonly linear: LorentzLinear;
  readonly aggregation: LorentzAggregation;

  /** @throws DomainError when a size is out of range, or an option is not one */
  constructor(n: number, m: number, options: LorentzConvolutionOptions) {
    super();
    const { c = 1, attention = false } = options;
    checkCount('LorentzConvolution', 'm', m, 2);
    this.linear = lorentzDense(n, m, options);
    this.aggregation = new LorentzAggregation(c, attention ? new LorentzNeighbourAttention(m, options) : null);
  }

  call(x: Tensor, context: GraphContext): Tensor {
    return this.aggregation.call(this.linear.call(x, context), context);
  }
}

/** Options of HyboNet's graph network. */
export interface HyboNetOptions extends LorentzConvolutionOptions {
  /** Numbers that a node is described by. */
  readonly features: number;
  /** Numbers in a point, its time included: the space has one dimension less. Default 16. */
  readonly dim?: number;
  /** Default 2. A classifier counts its points of classes as the last. */
  readonly layers?: number;
}

/**
 * HyboNet's graph network: the features of the nodes are tangents at the origin, exp makes points of them, and convolutions follow. The
 * activation comes before every layer but the first.
 * @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the graph network in the code published with it
 */
export class HyboNet extends Module implements GraphEncoder {
  readonly layers: LorentzConvolution[];
  readonly c: Curvature;
  readonly #inputs = new OriginPoints();

  /** @throws DomainError when a size is out of range, or an option is not one */
  constructor(options: HyboNetOptions) {
    super();
    const { features, dim = 16, layers = 2, activation = 'none', c = 1 } = options;
    checkCount('HyboNet', 'features', features, 1);
    checkCount('HyboNet', 'dim', dim, 2);
    checkCount('HyboNet', 'layers', layers, 1);
    this.layers = Array.from(
      { length: layers },
      (_, i) =>
        new LorentzConvolution(i === 0 ? features + 1 : dim, dim, {
          ...options,
          activation: i === 0 ? 'none' : activation,
        }),
    );
    this.c = c;
  }

  get geometry(): Geometry {
    return lorentz(this.c);
  }

  /** Features [nodes, features] → points [nodes, dim]. */
  call(x: Tensor, context: GraphContext): Tensor {
    return this.layers.reduce(
      (points, layer) => layer.call(points, context),
      this.#inputs.of(x, this.geometry, this.c),
    );
  }
}

/** Options of HyboNet as a classifier of nodes. */
export interface HyboNetClassifierOptions extends HyboNetOptions {
  readonly classes: number;
  /** Of the loss (`classMargin`). Default 2. */
  readonly margin?: number;
}

/** HyboNet with a point for each class: the scores are those of `LorentzLogits`, the loss is `classMargin`. */
export class HyboNetClassifier extends GraphNetwork<HyboNet> implements NodeClassifier {
  readonly head: LorentzLogits;
  readonly margin: number;

  /** @throws DomainError when there are fewer than two layers, a size is out of range, or an option is not one */
  constructor(options: HyboNetClassifierOptions) {
    const { classes, margin = 2, layers = 2, dim = 16 } = options;
    checkCount('HyboNetClassifier', 'layers', layers, 2);
    checkMargin('HyboNetClassifier', margin);
    super(new HyboNet({ ...options, layers: layers - 1 }));
    this.head = new LorentzLogits(dim, classes, options);
    this.margin = margin;
  }

  logits(points: Tensor): Tensor {
    return this.head.call(points);
  }

  loss(logits: Tensor, labels: Tensor): Tensor {
    return classMargin(logits, labels, this.margin);
  }
}

/** Options of HyboNet as a predictor of links. */
export interface HyboNetPredictorOptions extends HyboNetOptions {
  /** Of the loss (`pairMargin`). Default 2. */
  readonly margin?: number;
}

/** HyboNet with the score 2 + 2c·<x, y> of a pair, −c times its squared Lorentzian distance; the loss is `pairMargin`. */
export class HyboNetPredictor extends GraphNetwork<HyboNet> implements LinkPredictor {
  readonly margin: number;

  /** @throws DomainError when a size is out of range, or an option is not one */
  constructor(options: HyboNetPredictorOptions) {
    const { margin = 2 } = options;
    checkMargin('HyboNetPredictor', margin);
    super(new HyboNet(options));
    this.margin = margin;
  }

  /** @throws ShapeError, DTypeError or DomainError when pairs are not [e, 2] int32 of nodes */
  scores(points: Tensor, pairs: Tensor): Tensor {
    return add(mul(mul(lorentzPairs(points, pairs), this.encoder.c), 2), 2);
  }

  loss(edges: Tensor, others: Tensor): Tensor {
    return pairMargin(edges, others, this.margin);
  }
}
