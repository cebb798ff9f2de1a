import { full, rand, tensor } from '../tensor/create.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { DeviceError, DomainError, GradError } from '../tensor/errors.ts';
import { Rng } from '../tensor/rng.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkFunction, checkTensors } from './arguments.ts';
import { grad } from './engine.ts';
import { checkFlag, checkOptions } from './options.ts';
import { noGrad, refusePromise } from './scoped.ts';

/** A function of tensors with one result. */
export type TensorFunction = (...xs: Tensor[]) => Tensor;

/** How closely a rule must agree with finite differences. */
export interface GradcheckOptions {
  /** Step of the central difference. Default 1e-6. */
  readonly eps?: number;
  /** |rule − difference| <= atol + rtol·|difference|. Defaults 1e-5 and 1e-3. */
  readonly atol?: number;
  readonly rtol?: number;
  /**
   * Compare along one random direction only: one number instead of the whole Jacobian, whose cost then does not grow with
   * the number of elements.
   */
  readonly fast?: boolean;
  /** The random direction of `fast`. Default seed 0. */
  readonly rng?: Rng;
}

/**
 * Hold the gradient rule of `fn` against central differences (f(x + εu) − f(x − εu))/2ε, at `inputs`.
 *
 * @param inputs float64 tensors; those that require a gradient are checked
 * @returns true, so that it reads well in an assertion
 * @throws GradError naming the operand and elements that disagree, with both values; also for float32 inputs unless both
 * tolerances are given, because its rounding hides a wrong rule under the defaults; DTypeError, DomainError or DeviceError
 * when an argument or a result of `fn` is no tensor of floats with values, or there is no such option
 */
export function gradcheck(fn: TensorFunction, inputs: readonly Tensor[], options: GradcheckOptions = {}): true {
  check('gradcheck', fn, inputs, options);
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, fast = false, rng = new Rng(0) } = options;
  if (inputs.some((x) => x.dtype === 'float32') && (options.atol === undefined || options.rtol === undefined))
    throw new GradError('gradcheck', 'float32 inputs need explicit atol and rtol; or use float64');
  const checked = inputs.flatMap((x, i) => (x.requiresGrad ? [i] : []));
  if (checked.length === 0) throw new GradError('gradcheck', 'no input requires a gradient');
  const leaves = inputs.map((x) => shifted(x));
  const compare = (rule: number, difference: number, where: string): void => {
    if (!(Math.abs(rule - difference) <= atol + rtol * Math.abs(difference)))
      throw new GradError('gradcheck', `${where}: the rule gives ${rule}, the finite difference ${difference}`);
  };
  const job = { fn: (...xs: Tensor[]) => result('gradcheck', fn, xs), leaves, checked, eps, compare };
  if (fast) checkDirection(job, rng);
  else for (const i of checked) checkJacobian(job, i);
  return true;
}

/**
 * `gradcheck` of the gradient itself: differentiates (x, w) -> <w, ∂f/∂x> by every x and by w, so that the rules are right
 * when they are differentiated in turn.
 * @throws GradError as `gradcheck` does, and where an op refuses a second derivative
 */
export function gradgradcheck(fn: TensorFunction, inputs: readonly Tensor[], options: GradcheckOptions = {}): true {
  check('gradgradcheck', fn, inputs, options);
  const checked = inputs.flatMap((x, i) => (x.requiresGrad ? [i] : []));
  if (checked.length === 0) throw new GradError('gradgradcheck', 'no input requires a gradient');
  const { shape, dtype } = noGrad(() => result('gradgradcheck', fn, inputs));
  const w = rand(shape, (options.rng ?? new Rng(0)).fork('weights'), { dtype, requiresGrad: true });
  for (const i of checked) {
    const gradient: TensorFunction = (...args) => {
      const xs = args.slice(0, -1);
      const [g] = gradients(fn(...xs), [xs[i]], args[args.length - 1], true);
      return g ?? full(xs[i].shape, 0, { dtype: xs[i].dtype });
    };
    gradcheck(gradient, [...inputs, w], options);
  }
  return true;
}

function check(op: string, fn: unknown, inputs: readonly Tensor[], options: GradcheckOptions): void {
  checkFunction(op, 'what is checked', fn);
  checkTensors(op, 'input', inputs);
  const odd = inputs.find((x) => !x.onHost);
  if (odd !== undefined) throw new DeviceError(op, `a tensor on '${odd.device.name}' has no values to compare`);
  checkOptions(op, options, ['eps', 'atol', 'rtol', 'fast', 'rng']);
  const { eps = 1, atol = 0, rtol = 0, fast = false, rng } = options;
  if (!(eps > 0 && eps < Infinity)) throw new DomainError(op, `eps is a finite number > 0, got ${String(eps)}`);
  if (!(atol >= 0 && rtol >= 0)) throw new DomainError(op, `atol and rtol are >= 0, got ${String([atol, rtol])}`);
  checkFlag(op, 'fast', fast);
  if (rng !== undefined && !(rng instanceof Rng)) throw new DomainError(op, 'rng is an Rng');
}

/** What the function gives, once it is known to be a tensor of floats. */
function result(op: string, fn: TensorFunction, xs: readonly Tensor[]): Tensor {
  const y: unknown = fn(...xs);
  refusePromise(op, y);
  checkTensors(op, 'result', [y]);
  requireFloat(op, (y as Tensor).dtype);
  return y as Tensor;
}

interface Job {
  readonly fn: TensorFunction;
  readonly leaves: readonly Tensor[];
  /** Numbers of the inputs that are checked. */
  readonly checked: readonly number[];
  readonly eps: number;
  compare(rule: number, difference: number, where: string): void;
}

/** A fresh leaf at x + k·u. */
function shifted(x: Tensor, u: ArrayLike<number> = [], k: number = 0): Tensor {
  const leaf = Tensor.allocate(x.shape, x.dtype);
  for (let i = 0; i < leaf.data.length; i++) leaf.data[i] = x.data[i] + (k === 0 ? 0 : k * u[i]);
  leaf.requiresGrad = x.requiresGrad;
  return leaf;
}

/** (f(x + εu) − f(x − εu))/2ε, with a direction for each input (none: stays). */
function difference({ fn, leaves, eps }: Job, directions: readonly (ArrayLike<number> | undefined)[]): Float64Array {
  const at = (k: number): Tensor => fn(...leaves.map((x, i) => shifted(x, directions[i], directions[i] ? k : 0)));
  const [plus, minus] = [at(eps).data, at(-eps).data];
  return Float64Array.from(plus, (v, o) => (v - minus[o]) / (2 * eps));
}

function gradients(y: Tensor, xs: readonly Tensor[], w: Tensor, createGraph: boolean = false): (Tensor | null)[] {
  if (!y.requiresGrad) return xs.map(() => null);
  return grad(y, xs, { gradOutputs: [w], createGraph, retainGraph: true, allowUnused: true });
}

const unit = (n: number, at: number): Float64Array => new Float64Array(n).fill(1, at, at + 1);

/** Every element of y by every element of input i. */
function checkJacobian(job: Job, i: number): void {
  const { leaves } = job;
  const x = leaves[i];
  const y = job.fn(...leaves);
  const rows = Array.from({ length: y.size }, (_, o) => gradients(y, [x], like(y, unit(y.size, o)))[0]);
  for (let j = 0; j < x.size; j++) {
    const column = difference(
      job,
      leaves.map((_, n) => (n === i ? unit(x.size, j) : undefined)),
    );
    for (const [o, d] of column.entries()) job.compare(rows[o]?.data[j] ?? 0, d, `∂y[${o}]/∂x${i}[${j}]`);
  }
}

/** <w, J·u> by differences against <Jᵀ·w, u> by the rule, for one random u and w. */
function checkDirection(job: Job, rng: Rng): void {
  const { leaves, checked } = job;
  const random = (n: number): Float64Array => Float64Array.from({ length: n }, () => 2 * rng.uniform() - 1);
  const y = job.fn(...leaves);
  const w = random(y.size);
  const us = leaves.map((x, i) => (checked.includes(i) ? random(x.size) : undefined));
  const xs = checked.map((i) => leaves[i]);
  const gs = gradients(y, xs, like(y, w));
  const rule = gs.reduce((total, g, n) => total + (g === null ? 0 : dot(g.data, us[checked[n]] ?? [])), 0);
  job.compare(rule, dot(difference(job, us), w), 'along a random direction');
}

/** A tensor of the shape and dtype of `y` with the given values. */
const like = (y: Tensor, values: Float64Array): Tensor => tensor(values, { shape: y.shape, dtype: y.dtype });

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
