import { add, div, mul } from '../../autograd/ops/arithmetic.ts';
import { norm } from '../../autograd/ops/statistics.ts';
import { Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { rowsTimes } from '../../nn/rows.ts';
import { randn, type TensorOptions, zeros } from '../../tensor/create.ts';
import { ShapeError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature, rootOf } from '../curvature.ts';
import type { Curvature } from '../geometry.ts';
import { lorentz } from '../lorentz.ts';
import { flipTime } from '../rowDot.op.ts';

/** Options of `LorentzLogits`. */
export interface LorentzLogitsOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Curvature −c. Default 1. */
  readonly c?: Curvature;
  /** Whether each class has a number that is added. Default true. */
  readonly bias?: boolean;
  /** Points of the classes [classes, n], taken as they are: they may be trained elsewhere too. Default: new ones. */
  readonly points?: Parameter;
  /** Where new points of the classes come from. */
  readonly rng: Rng;
}

/**
 * Scores of classes, each a trained point of the hyperboloid: 2 + 2c·<x, p> + b, which is −c times the squared Lorentzian distance
 * <x − p, x − p> = −2/c − 2<x, p>, and b. Points […, n] → […, classes].
 *
 * New points start on a sphere around the origin, at distance 1/√c, and are trained as points (`Parameter.manifold`).
 * @source Chen et al., arXiv 2105.14686, the code published with it, with c = 1
 */
export class LorentzLogits extends Module {
  /** [classes, n] */
  readonly points: Parameter;
  /** [classes] */
  readonly bias: Parameter | null;
  readonly c: Curvature;

  /**
   * @param n coordinates of a point, >= 2
   * @throws DomainError when a size is out of range, or c not positive and finite
   */
  constructor(n: number, classes: number, options: LorentzLogitsOptions) {
    super();
    const { c = 1, bias = true, dtype = 'float32', device } = options;
    checkCount('LorentzLogits', 'n', n, 2);
    checkCount('LorentzLogits', 'classes', classes, 1);
    const place = device === undefined ? { dtype } : { dtype, device };
    this.c = checkCurvature('LorentzLogits', c);
    this.points = options.points ?? spherePoints(n, classes, c, { rng: options.rng, ...place });
    if (!sameShape(this.points.shape, [classes, n]))
      throw new ShapeError('LorentzLogits', `points are not [${classes},${n}]`, [this.points.shape]);
    this.bias = bias ? new Parameter(zeros([classes], place)) : null;
  }

  /** @throws ShapeError when the last axis of x is not n */
  call(x: Tensor): Tensor {
    // The factor goes to the points that are asked about: the scores, one for each class, are many more numbers.
    const products = rowsTimes(mul(mul(flipTime(x), this.c), 2), this.points, { transB: true });
    return add(products, this.bias === null ? 2 : add(this.bias, 2));
  }
}

/** Points at distance 1/√c from the origin, in random directions. */
function spherePoints(
  n: number,
  classes: number,
  c: Curvature,
  options: TensorOptions & { readonly rng: Rng },
): Parameter {
  const { rng, ...place } = options;
  const manifold = lorentz(c);
  const drawn = randn([classes, n - 1], rng, place);
  const tangents = div(drawn, mul(norm(drawn, { axis: -1, keepDims: true }), rootOf(c)));
  return new Parameter(manifold.expOrigin(tangents).detach(), { manifold });
}
