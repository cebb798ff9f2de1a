import { div } from '../../autograd/ops/arithmetic.ts';
import { crossEntropy } from '../../autograd/ops/crossEntropy.ts';
import { maximum } from '../../autograd/ops/extrema.ts';
import { indexSelect } from '../../autograd/ops/gather.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { slice } from '../../autograd/ops/slice.ts';
import { norm } from '../../autograd/ops/statistics.ts';
import type { LinearMap } from '../../nn/linear.ts';
import type { Module } from '../../nn/module.ts';
import { DTypeError, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { edgeCrossEntropy, type FermiDiracOptions, fermiDiracLogit } from '../layers/fermiDirac.ts';
import { type GraphEncoder, GraphNetwork, type LinkPredictor, type NodeClassifier } from './model.ts';

/**
 * The points at both ends of each pair: points [nodes, n], pairs [e, 2] int32 → two of [e, n].
 * @throws ShapeError unless pairs are [e, 2]; DTypeError unless they are int32; DomainError when one is not a node
 */
export function pairEnds(points: Tensor, pairs: Tensor): readonly [Tensor, Tensor] {
  if (pairs.rank !== 2 || pairs.shape[1] !== 2)
    throw new ShapeError('pairEnds', 'pairs are [e, 2]', [points.shape, pairs.shape]);
  if (pairs.dtype !== 'int32') throw new DTypeError('pairEnds', `pairs are int32, got ${pairs.dtype}`);
  const end = (i: number): Tensor => indexSelect(points, reshape(slice(pairs, [null, [i, i + 1]]), [pairs.shape[0]]));
  return [end(0), end(1)];
}

/** Rows longer than 1 made that long; the others stay. */
const intoUnitBall = (x: Tensor): Tensor => div(x, maximum(norm(x, { axis: -1, keepDims: true }), 1));

/** An encoder and any module from points to scores of classes, such as hyperplanes of the space, judged by cross-entropy. */
export class PointClassifier extends GraphNetwork implements NodeClassifier {
  head: Module;

  /** @param head points [b, n] → [b, classes] */
  constructor(encoder: GraphEncoder, head: Module) {
    super(encoder);
    this.head = head;
  }

  logits(points: Tensor): Tensor {
    return this.head.call(points);
  }

  /** @throws DomainError when a label is no class */
  loss(logits: Tensor, labels: Tensor): Tensor {
    return crossEntropy(logits, labels);
  }
}

/** An encoder and a linear map of the tangents at the origin to scores of classes: W·log₀(x) + b, judged by cross-entropy. */
export class TangentClassifier extends PointClassifier {
  /** @param head from the d spatial coordinates of the encoder's points to the classes */
  constructor(encoder: GraphEncoder, head: LinearMap) {
    super(encoder, head);
  }

  override logits(points: Tensor): Tensor {
    return super.logits(this.geometry.logOrigin(points));
  }
}

/** Options of a link predictor. */
export interface FermiDiracPredictorOptions extends FermiDiracOptions {
  /** Whether points are first brought into the unit ball, as in ordinary space, where nothing else bounds them. Default false. */
  readonly unitBall?: boolean;
}

/**
 * An encoder and the Fermi-Dirac distribution of squared distances: the score of a pair is the logit (r − d²)/t of its probability,
 * judged by binary cross-entropy, the mean over edges plus the mean over other pairs.
 * @source Chami et al., arXiv 1910.12933, Section 4.4
 */
export class FermiDiracPredictor extends GraphNetwork implements LinkPredictor {
  readonly r: number;
  readonly t: number;
  readonly unitBall: boolean;

  constructor(encoder: GraphEncoder, { r = 2, t = 1, unitBall = false }: FermiDiracPredictorOptions = {}) {
    super(encoder);
    this.r = r;
    this.t = t;
    this.unitBall = unitBall;
  }

  /** @throws ShapeError, DTypeError or DomainError when pairs are not [e, 2] int32 of nodes */
  scores(points: Tensor, pairs: Tensor): Tensor {
    const [a, b] = pairEnds(this.unitBall ? intoUnitBall(points) : points, pairs);
    return fermiDiracLogit(this.geometry.squaredDistance(a, b), this);
  }

  loss(edges: Tensor, others: Tensor): Tensor {
    return edgeCrossEntropy(edges, others);
  }
}
