import { ones } from '../tensor/create.ts';
import { DeviceError, GradError } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { unpack } from './define.ts';
import { type CallNode, type Edge, withRecording } from './graph.ts';
import { add } from './ops/arithmetic.ts';
import { permute } from './ops/layout.ts';
import type { Gradients } from './record.ts';

/** How a backward pass runs. */
export interface BackwardOptions {
  /** Record the pass itself, so that its results can be differentiated again. Implies `retainGraph`. Default false. */
  readonly createGraph?: boolean;
  /** Keep what the graph saved, so that another pass can follow. Default false. */
  readonly retainGraph?: boolean;
}

/** How `grad` runs. */
export interface GradOptions extends BackwardOptions {
  /** dL/dy for each output; may be left out where an output is a single number. */
  readonly gradOutputs?: readonly Tensor[];
  /** Give null, instead of an error, for an input that the outputs do not depend on. Default false. */
  readonly allowUnused?: boolean;
}

/** Gradients arriving at calls (one slot per result) and at leaves. */
interface Arrived {
  readonly calls: Map<CallNode, (Tensor | null)[]>;
  readonly leaves: Map<Tensor, Tensor>;
}

/**
 * Σ_i <gradOutputs_i, ∂y_i/∂x> for every x: the gradients are returned, nothing is stored on the tensors. They may share
 * storage with each other and with `gradOutputs`.
 *
 * @param ys one output, or several whose contributions are added
 * @param xs the tensors to differentiate by; leaves or intermediate results, each requiring a gradient
 * @throws GradError when an output has no graph or needs a `gradOutputs`, an input is unused, saved values were freed or
 * written over, or an op on the way refuses a second derivative
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
  const outputs = Array.isArray(ys) ? (ys as readonly Tensor[]) : [ys as Tensor];
  for (const [i, x] of xs.entries())
    if (!x.requiresGrad) throw new GradError('grad', `input ${i} does not require a gradient`, [x.shape]);
  const arrived = seed('grad', outputs, options.gradOutputs);
  const targets = new Set(xs);
  run('grad', outputs, arrived, (x) => targets.has(x), intermediates(xs), options);
  return xs.map((x, i) => {
    const g = outsideGraph(arrivedAt(x, arrived), options);
    if (g === null && options.allowUnused !== true)
      throw new GradError('grad', `the outputs do not depend on input ${i}: pass allowUnused for a null`, [x.shape]);
    return g;
  });
}

/**
 * Add dy/dx to `x.grad` for every leaf x that y depends on and that requires a gradient. Each `x.grad` has storage of its
 * own, so that it can be written in place.
 *
 * @param gradOutput dL/dy; may be left out when y is a single number
 * @throws GradError as `grad` does
 */
export function backward(y: Tensor, options: BackwardOptions & { readonly gradOutput?: Tensor } = {}): void {
  const arrived = seed('backward', [y], options.gradOutput === undefined ? undefined : [options.gradOutput]);
  run('backward', [y], arrived, () => true, new Set(), options);
  withRecording('backward', options.createGraph === true, () => {
    const shared = new Set([y, options.gradOutput ?? y, ...arrived.leaves.keys()].map((x) => x.storage));
    for (const [leaf, g] of arrived.leaves) {
      const first = shared.has(g.storage) ? copy(g) : g;
      leaf.grad = outsideGraph(leaf.grad === null ? first : add(leaf.grad, g), options);
      shared.add(leaf.grad.storage);
    }
  });
}

/** The same values in storage of their own. */
const copy = (x: Tensor): Tensor =>
  permute(
    x,
    x.shape.map((_, axis) => axis),
  );

/** A gradient has a graph when `createGraph` asks for one, and not because a rule handed on a tensor that has one. */
const outsideGraph = <T extends Tensor | null>(g: T, { createGraph = false }: BackwardOptions): T | Tensor =>
  g?.requiresGrad && !createGraph ? g.detach() : g;

function seed(op: string, ys: readonly Tensor[], gradOutputs: readonly Tensor[] | undefined): Arrived {
  const arrived: Arrived = { calls: new Map(), leaves: new Map() };
  if (gradOutputs !== undefined && gradOutputs.length !== ys.length)
    throw new GradError(op, `${ys.length} outputs need as many gradOutputs, got ${gradOutputs.length}`);
  for (const [i, y] of ys.entries()) {
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
    accumulate(edgeTo(y), given, arrived);
  }
  return arrived;
}

const fits = (g: Tensor, x: Tensor): boolean =>
  sameShape(g.shape, x.shape) && g.dtype === x.dtype && g.device === x.device;
const kindOf = ({ dtype, device }: Tensor): string => `${dtype} on ${device.name}`;

const edgeTo = (x: Tensor): Edge => (x.node === null ? x : { node: x.node as CallNode, output: x.outputIndex });

function intermediates(xs: readonly Tensor[]): ReadonlySet<CallNode> {
  return new Set(xs.flatMap((x) => (x.node === null ? [] : [x.node as CallNode])));
}

function arrivedAt(x: Tensor, { calls, leaves }: Arrived): Tensor | null {
  if (x.node === null) return leaves.get(x) ?? null;
  return calls.get(x.node as CallNode)?.[x.outputIndex] ?? null;
}

function accumulate(edge: Edge, dx: Tensor, { calls, leaves }: Arrived): void {
  if (edge === null) return;
  if ('output' in edge) {
    const slots = calls.get(edge.node) ?? new Array<Tensor | null>(edge.node.results).fill(null);
    const before = slots[edge.output];
    slots[edge.output] = before === null ? dx : add(before, dx);
    calls.set(edge.node, slots);
  } else {
    const before = leaves.get(edge);
    leaves.set(edge, before === undefined ? dx : add(before, dx));
  }
}

/** Every call that the outputs depend on, newest first: later calls never feed earlier ones, so one sweep is enough. */
function history(ys: readonly Tensor[]): CallNode[] {
  const seen = new Set<CallNode>(intermediates(ys));
  for (const node of seen) for (const edge of node.edges) if (edge !== null && 'output' in edge) seen.add(edge.node);
  return [...seen].sort((a, b) => b.sequence - a.sequence);
}

/** The calls through which a wanted leaf or intermediate is reached, and which of their operands lead there. */
function routes(
  calls: readonly CallNode[],
  leaf: (x: Tensor) => boolean,
  stops: ReadonlySet<CallNode>,
): Map<CallNode, boolean[]> {
  const found = new Map<CallNode, boolean[]>();
  for (let i = calls.length - 1; i >= 0; i--) {
    const needs = calls[i].edges.map((edge) => {
      if (edge === null) return false;
      return 'output' in edge ? found.has(edge.node) || stops.has(edge.node) : leaf(edge);
    });
    if (needs.includes(true)) found.set(calls[i], needs);
  }
  return found;
}

/** The sweep: call each rule once, when everything that depends on its results has been through. */
function run(
  op: string,
  ys: readonly Tensor[],
  arrived: Arrived,
  leaf: (x: Tensor) => boolean,
  stops: ReadonlySet<CallNode>,
  { createGraph = false, retainGraph = createGraph }: BackwardOptions,
): void {
  const calls = history(ys);
  const wanted = routes(calls, leaf, stops);
  withRecording(op, createGraph, () => {
    for (const node of calls) {
      const needs = wanted.get(node);
      const dys = arrived.calls.get(node);
      if (dys === undefined) continue;
      if (needs !== undefined) {
        const dxs = applyRule(node, dys, needs, createGraph);
        for (const [i, dx] of dxs.entries()) if (dx !== null) accumulate(node.edges[i], dx, arrived);
        if (!retainGraph) node.release();
      }
      if (!stops.has(node)) arrived.calls.delete(node);
    }
  });
}

function applyRule(
  node: CallNode,
  dys: readonly (Tensor | null)[],
  needs: readonly boolean[],
  createGraph: boolean,
): readonly (Tensor | null)[] {
  const { record, inputs } = node;
  const { name } = record;
  node.verify();
  if (createGraph && record.once === true)
    throw new GradError(name, 'its rule is a kernel without a rule of its own: no second derivative');
  const { device } = dys.find((dy) => dy !== null) as Tensor;
  const dxs = callRule(node, dys, needs, createGraph, device.hasData);
  if (dxs.length !== inputs.length)
    throw new GradError(name, `the rule gave ${dxs.length} gradients for ${inputs.length} operands`);
  return dxs.map((dx, i) => {
    if (!dx || !needs[i]) return null;
    const x = inputs[i];
    if (!sameShape(dx.shape, x.shape) || dx.dtype !== x.dtype)
      throw new GradError(
        name,
        `the rule gave operand ${i} (${x.dtype}) a ${dx.dtype} gradient, or one of another shape`,
        [dx.shape, x.shape],
      );
    if (dx.device !== device)
      throw new GradError(name, `the gradient of operand ${i} comes from values that the record does not keep`, [
        x.shape,
      ]);
    return dx;
  });
}

/** What a record does not keep is on `meta` here, so a rule that reads it is told so under the name of its op. */
function callRule(
  { record, attrs, inputs, outputs, saved: kept }: CallNode,
  dys: readonly (Tensor | null)[],
  needs: readonly boolean[],
  createGraph: boolean,
  hasData: boolean,
): Gradients {
  try {
    const saved = createGraph && kept.length > 0 ? unpack(record.forward({ inputs, attrs })).saved : kept;
    const dy = dys[0] as Tensor;
    return record.backward?.({ dy, dys, inputs, y: outputs[0], ys: outputs, saved, needs, attrs }) ?? [];
  } catch (error) {
    if (!(error instanceof DeviceError) || !hasData) throw error;
    throw new GradError(record.name, `the rule reads values that the record does not keep (${error.message})`);
  }
}
