import { ones } from '../tensor/create.ts';
import { GradError } from '../tensor/errors.ts';
import { keepGrad } from '../tensor/scope.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkFunction, checkTensors } from './arguments.ts';
import { accumulated } from './hooks.ts';
import { add } from './ops/arithmetic.ts';
import { permute } from './ops/layout.ts';
import { checkFlag, checkOptions } from './options.ts';
import { scoped } from './scoped.ts';
import { Pass } from './sweep.ts';

/** How a backward pass runs. */
export interface BackwardOptions {
  /** Record the pass itself, so that its results can be differentiated again. Implies `retainGraph`. Default false. */
  readonly createGraph?: boolean;
  /** Keep what the graph saved, so that another pass can follow. Default false. */
  readonly retainGraph?: boolean;
  /**
   * Sees the whole gradient dL/dy that arrives at each result of each recorded call, newest call first, once, with the name
   * of the op; a tensor that it returns goes on in its place. Under `createGraph` what it computes is recorded.
   */
  readonly onGrad?: (op: string, dy: Tensor, output: number) => Tensor | undefined;
}

/** How `grad` runs. */
export interface GradOptions extends BackwardOptions {
  /** dL/dy for each output; may be left out where an output is a single number. */
  readonly gradOutputs?: readonly Tensor[];
  /** Give null, instead of an error, for an input that the outputs do not depend on. Default false. */
  readonly allowUnused?: boolean;
}

/**
 * Σ_i <gradOutputs_i, ∂y_i/∂x> for every x: the gradients are returned, nothing is stored on the tensors. They may share
 * storage with each other and with `gradOutputs`.
 *
 * @param ys one output, or several whose contributions are added
 * @param xs the tensors to differentiate by; leaves or intermediate results, each requiring a gradient
 * @throws GradError when an output has no graph or needs a `gradOutputs`, an input is unused, saved values were freed or
 * written over, or an op on the way refuses a second derivative; DTypeError when an argument is not a tensor, or a list of
 * them; DomainError when an option is no such thing
 */
export function grad(
  ys: Tensor | readonly Tensor[],
  xs: readonly Tensor[],
  options: GradOptions & { readonly allowUnused: true },
): (Tensor | null)[];
export function grad(ys: Tensor | readonly Tensor[], xs: readonly Tensor[], options?: GradOptions): Tensor[];
export function grad(
  ys: Tensor | readonly Tensor[],
  xs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const outputs = ys instanceof Tensor ? [ys] : ys;
  checkTensors('grad', 'output', outputs);
  checkTensors('grad', 'input', xs);
  checkPass('grad', options, ['gradOutputs', 'allowUnused']);
  for (const [i, x] of xs.entries())
    if (!x.requiresGrad) throw new GradError('grad', `input ${i} does not require a gradient`, [x.shape]);
  const pass = passOf('grad', options, xs);
  pass.run(outputs, seeds('grad', outputs, options.gradOutputs));
  return xs.map((x, i) => {
    const g = pass.at(i);
    if (g === null && options.allowUnused !== true)
      throw new GradError('grad', `the outputs do not depend on input ${i}: pass allowUnused for a null`, [x.shape]);
    return g && outsideGraph(g, options);
  });
}

/**
 * Add dy/dx to `x.grad` for every leaf x that y depends on and that requires a gradient. Each `x.grad` has storage of its
 * own, so that it can be written in place. Then the hooks of these leaves are called (`onAccumulate`).
 *
 * @param gradOutput dL/dy; may be left out when y is a single number
 * @throws GradError, DTypeError, DomainError as `grad` does
 */
export function backward(y: Tensor, options: BackwardOptions & { readonly gradOutput?: Tensor } = {}): void {
  checkTensors('backward', 'output', [y]);
  checkPass('backward', options, ['gradOutput']);
  const { gradOutput, createGraph = false } = options;
  const pass = passOf('backward', options, null);
  pass.run([y], seeds('backward', [y], gradOutput === undefined ? undefined : [gradOutput]));
  scoped('backward', { recording: createGraph, anomaly: false }, () => {
    const shared = new Set([y, gradOutput ?? y, ...pass.leaves.keys()].map((x) => x.storage));
    for (const [leaf, g] of pass.leaves) {
      const first = shared.has(g.storage) ? copy(g) : g;
      const next = outsideGraph(leaf.grad === null ? first : add(leaf.grad, g), options);
      leaf.replaceGrad(next);
      shared.add(next.storage);
      keepGrad(leaf);
    }
    for (const leaf of pass.leaves.keys()) accumulated(leaf);
  });
}

function checkPass(op: string, options: BackwardOptions, more: readonly string[]): void {
  checkOptions(op, options, ['createGraph', 'retainGraph', 'onGrad', ...more]);
  const { createGraph = false, retainGraph = false, onGrad } = options;
  checkFlag(op, 'createGraph', createGraph);
  checkFlag(op, 'retainGraph', retainGraph);
  if (onGrad !== undefined) checkFunction(op, 'onGrad', onGrad);
}

const passOf = (
  op: string,
  { createGraph = false, retainGraph = createGraph, onGrad }: BackwardOptions,
  xs: readonly Tensor[] | null,
): Pass => new Pass({ op, createGraph, retainGraph, onGrad, xs });

/** The same values in storage of their own. */
const copy = (x: Tensor): Tensor =>
  permute(
    x,
    x.shape.map((_, axis) => axis),
  );

/** A gradient has a graph when `createGraph` asks for one, and not because a rule handed on a tensor that has one. */
const outsideGraph = (g: Tensor, { createGraph = false }: BackwardOptions): Tensor =>
  g.requiresGrad && !createGraph ? g.detach() : g;

/** dL/dy for every y: what was given, or 1. */
function seeds(op: string, ys: readonly Tensor[], gradOutputs: readonly Tensor[] | undefined): readonly Tensor[] {
  if (gradOutputs !== undefined) checkTensors(op, 'gradient', gradOutputs);
  if (gradOutputs !== undefined && gradOutputs.length !== ys.length)
    throw new GradError(op, `${ys.length} outputs need as many gradOutputs, got ${gradOutputs.length}`);
  return ys.map((y, i) => {
    if (!y.requiresGrad)
      throw new GradError(op, `output ${i} depends on nothing that requires a gradient, or was made under noGrad`, [
        y.shape,
      ]);
    const dy = gradOutputs?.[i];
    if (dy === undefined && y.size !== 1)
      throw new GradError(op, `output ${i} is not a single number: pass its gradient dL/dy`, [y.shape]);
    const given = dy ?? ones(y.shape, { dtype: y.dtype, device: y.device });
    if (!fits(given, y))
      throw new GradError(op, `gradient ${i} is ${kindOf(given)}, and its output ${kindOf(y)}, or shapes differ`, [
        given.shape,
        y.shape,
      ]);
    return given;
  });
}

const fits = (g: Tensor, x: Tensor): boolean =>
  sameShape(g.shape, x.shape) && g.dtype === x.dtype && g.device === x.device;
const kindOf = ({ dtype, device }: Tensor): string => `${dtype} on ${device.name}`;
