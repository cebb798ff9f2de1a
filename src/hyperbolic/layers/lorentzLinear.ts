import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { Linear, type LinearMap, type LinearOptions, uniform } from '../../nn/linear.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { tensor, zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature } from '../curvature.ts';
import type { Curvature } from '../geometry.ts';
import { lift, spaceOf } from '../lorentz.op.ts';
import { headsApart, headsTogether } from './heads.ts';
import { lorentzLift } from './lorentzLift.op.ts';
import { type ActivationChoice, activationOf, dropTangent } from './tangent.ts';

/**
 * How a Lorentz linear layer makes a point of what its map gives. `code`: the map gives d + 1 numbers, of which the first says how far
 * out the point is and the others where to (`lorentzLift`), as in the code of HyboNet. `paper`: the map gives the d spatial
 * coordinates, and time follows (`lift`), as in Eq. 17 and 18 of the paper on sparse spectral training.
 */
export type LorentzForm = 'code' | 'paper';

/** Options of a Lorentz linear layer. */
export interface LorentzLinearOptions {
  /** Default `code`. */
  readonly form?: LorentzForm;
  /** Curvature −c of the space that the points come to lie in. Default 1. */
  readonly c?: Curvature;
  /** Applied to all coordinates of the input. Default `none`. */
  readonly activation?: ActivationChoice;
  /** The chance of a coordinate of the input to be dropped in training, after the activation. Default 0. */
  readonly dropout?: number;
  /** Points side by side in the output, each with its own time. Default 1. */
  readonly heads?: number;
  /** `code` alone: e^s at first, the widest range of √c·time. Default 10. */
  readonly scale?: number;
  /** `code` alone: whether s is trained. Default true. */
  readonly trainScale?: boolean;
}

/** What a Lorentz linear layer depends on besides its input. */
export interface LorentzContext extends CallContext {
  /** Points to add to what the map gives, before a point is made of it: […, heads·n], as wide as the output. */
  readonly residual?: Tensor;
}

/**
 * A linear map between hyperboloids: y = point(W·dropout(f(x)) + b + residual), f the activation, and `point` as the form says. It lies on
 * the hyperboloid <y, y> = −1/c whatever W is, so any `LinearMap` will do: dense, spectral, adapted.
 *
 * x […, n] to y […, heads·(d + 1)]; the map takes n numbers, and gives heads·(d + 1) in the form `code`, heads·d in the form `paper`.
 * @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the linear layer; arXiv 2405.15481, Eq. 17 and 18
 */
export class LorentzLinear extends Module {
  map: LinearMap;
  /** s [], or null in the form `paper`. */
  readonly scale: Parameter | null;
  readonly form: LorentzForm;
  c: Curvature;
  readonly activation: (x: Tensor) => Tensor;
  readonly dropout: number;
  readonly heads: number;

  /**
   * @throws DomainError when the form or the activation is unknown, c or the scale is not a finite number > 0, dropout is no chance, or the heads do not
   * divide the output of the map into points with at least one spatial coordinate
   */
  constructor(map: LinearMap, options: LorentzLinearOptions = {}) {
    super();
    const op = 'LorentzLinear';
    const { form = 'code', c = 1, activation = 'none', dropout: p = 0, heads = 1 } = options;
    if (form !== 'code' && form !== 'paper') throw new DomainError(op, `form is code or paper, got '${String(form)}'`);
    if (!(p >= 0 && p <= 1)) throw new DomainError(op, `dropout is a chance in 0..1, got ${String(p)}`);
    checkCount(op, 'heads', heads, 1);
    const least = form === 'code' ? 2 : 1;
    if (map.outFeatures % heads !== 0 || map.outFeatures / heads < least)
      throw new DomainError(op, `${map.outFeatures} numbers are no points of ${heads} heads`);
    this.map = map;
    this.scale = form === 'code' ? initialScale(map, options) : null;
    this.form = form;
    this.c = checkCurvature(op, c);
    this.activation = activationOf(op, activation);
    this.dropout = p;
    this.heads = heads;
  }

  /** Coordinates of the output: those of all its points. */
  get outFeatures(): number {
    return this.map.outFeatures + (this.form === 'paper' ? this.heads : 0);
  }

  /** @throws ShapeError when x or the residual does not fit; DomainError when dropout is due and there is no `rng` */
  call(x: Tensor, context: LorentzContext = {}): Tensor {
    const { residual } = context;
    const z = this.map.call(dropTangent('LorentzLinear', this.activation(x), this.dropout, context), context);
    const { heads } = this;
    if (heads === 1) return this.#pointed(z, residual);
    return headsTogether(this.#pointed(headsApart(z, heads), residual && headsApart(residual, heads)));
  }

  #pointed(z: Tensor, residual: Tensor | undefined): Tensor {
    if (this.scale === null) return lift(residual === undefined ? z : add(z, spaceOf(residual)), this.c);
    return lorentzLift(residual === undefined ? z : add(z, residual), this.scale, this.c);
  }
}

/** s [], of the dtype and device of the map. */
function initialScale(map: LinearMap, { scale = 10, trainScale = true }: LorentzLinearOptions): Parameter {
  if (!(scale > 0 && scale < Infinity))
    throw new DomainError('LorentzLinear', `scale is a finite number > 0, got ${String(scale)}`);
  const [{ dtype, device }] = map.parameters();
  const value = device.hasData ? tensor(Math.log(scale), { dtype }) : zeros([], { dtype, device });
  return new Parameter(value, { trainable: trainScale });
}

/** Options of the dense map inside a Lorentz linear layer. */
export interface LorentzMapOptions extends LinearOptions {
  /** Points side by side in the input. Default 1. */
  readonly heads?: number;
}

/**
 * A dense map that starts as those of HyboNet do: uniform on ±1/√m for m outputs, blind to the time of each point of the input, the bias 0.
 * @throws DomainError when a size is not a whole number >= 1, or the heads do not divide the input
 */
export function lorentzMap(inFeatures: number, outFeatures: number, options: LorentzMapOptions): Linear {
  const { heads = 1, bias = true, dtype = 'float32', device } = options;
  checkCount('lorentzMap', 'inFeatures', inFeatures, 1);
  checkCount('lorentzMap', 'outFeatures', outFeatures, 1);
  checkCount('lorentzMap', 'heads', heads, 1);
  if (inFeatures % heads !== 0) throw new DomainError('lorentzMap', `${heads} heads do not divide ${inFeatures}`);
  const place = device === undefined ? { dtype } : { dtype, device };
  const n = inFeatures / heads;
  const spatial = Float64Array.from({ length: inFeatures }, (_, i) => (i % n === 0 ? 0 : 1));
  const weight = mul(uniform([outFeatures, inFeatures], 1 / Math.sqrt(outFeatures), options), tensor(spatial, place));
  return new Linear(inFeatures, outFeatures, { weight, bias: bias ? zeros([outFeatures], place) : null });
}

/** Options of a Lorentz linear layer together with its map. */
export interface LorentzDenseOptions extends LorentzLinearOptions, Omit<LorentzMapOptions, 'heads'> {
  /** Points side by side in the input. Default 1. */
  readonly inputHeads?: number;
}

/**
 * A Lorentz linear layer from n to m coordinates, of all points side by side, around a map that `lorentzMap` makes of the size that the form asks for.
 * @throws DomainError as `lorentzMap` and `LorentzLinear` do
 */
export function lorentzDense(n: number, m: number, { inputHeads = 1, ...options }: LorentzDenseOptions): LorentzLinear {
  const { form = 'code', heads = 1 } = options;
  const map = lorentzMap(n, form === 'code' ? m : m - heads, { ...options, heads: inputHeads });
  return new LorentzLinear(map, options);
}
