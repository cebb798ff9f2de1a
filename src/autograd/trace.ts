import { ones, zeros } from '../tensor/create.ts';
import { isFloat } from '../tensor/dtype.ts';
import { DTypeError, GradError } from '../tensor/errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkAlike, checkFunction, checkTensors } from './arguments.ts';
import { grad } from './engine.ts';
import { reshape } from './ops/layout.ts';
import { checkFlag, checkOptions } from './options.ts';
import { flags, scoped } from './scoped.ts';

/** One tensor, or a list of them. */
export type Tensors = Tensor | readonly Tensor[];

/** A tensor for a tensor, a list of as many for a list. */
export type Like<X extends Tensors> = X extends Tensor ? Tensor : { readonly [K in keyof X]: Tensor };

/** What a function takes whose inputs are given as `X`. */
export type Inputs<X extends Tensors> = X extends readonly Tensor[] ? X : [x: Tensor];

/** How a transform runs. */
export interface TransformOptions {
  /**
   * Record the results, so that they can be differentiated again: by the inputs, where these require a gradient, and by
   * whatever else the function uses. Default false, and true inside the function of another transform.
   */
  readonly createGraph?: boolean;
}

/** A function that was run on inputs of its own, ready to be differentiated. */
export interface Traced {
  readonly op: string;
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  /** Whether the caller gave a list, and whether the function did. */
  readonly listedXs: boolean;
  readonly listedYs: boolean;
  readonly createGraph: boolean;
}

/**
 * Run `fn` on inputs of its own: leaves, or recorded copies where results are to be differentiated by what the caller's
 * inputs come from. The caller's tensors stay as they are.
 * @throws DomainError when `fn` is no function, or an option is none; DTypeError when an input or a result is not a tensor
 * of floats; GradError when `fn` gives a promise
 */
export function trace(op: string, fn: unknown, given: unknown, options: TransformOptions): Traced {
  checkFunction(op, 'what is differentiated', fn);
  checkOptions(op, options, ['createGraph']);
  const { createGraph = flags.nested } = options;
  checkFlag(op, 'createGraph', createGraph);
  const xs = floats(op, 'input', given);
  const own = scoped(op, { recording: true }, () =>
    xs.map((x) => (createGraph && x.requiresGrad ? reshape(x, x.shape) : leafOf(x))),
  );
  const call = (): unknown => (fn as (...xs: readonly Tensor[]) => unknown)(...own);
  const made = scoped(op, { recording: true, nested: true }, call);
  const ys = floats(op, 'result', made);
  return { op, xs: own, ys, listedXs: given !== xs[0], listedYs: made !== ys[0], createGraph };
}

/** A tensor or a list of them, as a list. */
function floats(op: string, what: string, given: unknown): readonly Tensor[] {
  const list = given instanceof Tensor ? [given] : given;
  checkTensors(op, what, list);
  for (const [i, x] of (list as readonly Tensor[]).entries())
    if (!isFloat(x.dtype)) throw new DTypeError(op, `${what} ${i} is ${x.dtype}, and needs float32 or float64`);
  return list as readonly Tensor[];
}

function leafOf(x: Tensor): Tensor {
  const leaf = x.detach();
  leaf.requiresGrad = true;
  return leaf;
}

/**
 * Directions `vs`, given as `xs` were, as a list.
 * @throws ShapeError, DTypeError or DeviceError unless there is one for each, of its shape, dtype and device
 */
export function directions(op: string, what: string, vs: unknown, xs: readonly Tensor[]): readonly Tensor[] {
  const list = floats(op, what, vs);
  checkAlike(op, what, list, xs);
  return list;
}

/** In the form in which the caller gave the inputs. */
export const likeInputs = <X extends Tensors>({ listedXs }: Traced, ts: readonly Tensor[]): Like<X> =>
  (listedXs ? ts : ts[0]) as Like<X>;

/** In the form in which the function gave its results. */
export const likeResults = <Y extends Tensors>({ listedYs }: Traced, ts: readonly Tensor[]): Like<Y> =>
  (listedYs ? ts : ts[0]) as Like<Y>;

/** The results of the function: without a graph, unless `createGraph` asks for one. */
export const values = ({ ys, createGraph }: Traced): readonly Tensor[] =>
  createGraph ? ys : ys.map((y) => y.detach());

/** Zeros like x. */
export const zerosLike = ({ shape, dtype, device }: Pick<Tensor, 'shape' | 'dtype' | 'device'>): Tensor =>
  zeros(shape, { dtype, device });

/** Σ_i <v_i, ∂y_i/∂x> for every x; zeros where nothing depends on it. The graph stays for another pull. */
export function pullBack(
  ys: readonly Tensor[],
  xs: readonly Tensor[],
  vs: readonly Tensor[],
  createGraph: boolean,
): readonly Tensor[] {
  const live = [...ys.keys()].filter((i) => ys[i].requiresGrad);
  if (live.length === 0) return xs.map(zerosLike);
  const [outputs, gradOutputs] = [ys, vs].map((ts) => live.map((i) => ts[i]));
  const gs = grad(outputs, xs, { gradOutputs, allowUnused: true, retainGraph: true, createGraph });
  return gs.map((g, i) => g ?? zerosLike(xs[i]));
}

/**
 * The gradient of a function whose result is one number, by every input.
 * @throws GradError when the result is something else
 */
export function slopes({ op, ys, xs }: Traced, createGraph: boolean): readonly Tensor[] {
  const shapes = ys.map((y) => y.shape);
  if (ys.length !== 1 || ys[0].size !== 1) throw new GradError(op, 'the function gives one number', shapes);
  const { shape, dtype, device } = ys[0];
  return pullBack(ys, xs, [ones(shape, { dtype, device })], createGraph);
}
