import { meta } from '../tensor/device.ts';
import { isFloat } from '../tensor/dtype.ts';
import { DisposedError, GradError } from '../tensor/errors.ts';
import type { Spec } from '../tensor/kernel.ts';
import { Storage } from '../tensor/storage.ts';
import { type GradNode, Tensor } from '../tensor/tensor.ts';
import type { AnyRecord, Keeps } from './record.ts';

/** A record, and what is kept of its calls: by number, or everything. */
export interface Plan {
  readonly record: AnyRecord;
  readonly inputs: readonly boolean[] | 'all';
  readonly outputs: readonly boolean[] | 'all';
}

/** Result number `output` of a call. */
export interface Port {
  readonly node: CallNode;
  readonly output: number;
}

/** Where an operand came from: a result of another call, a leaf that wants a gradient, or nowhere of interest. */
export type Edge = Port | Tensor | null;

/** The edge that leads to a tensor. */
export function edgeTo(x: Tensor): Edge {
  if (x.node !== null) return { node: x.node as CallNode, output: x.outputIndex };
  return x.requiresGrad ? x : null;
}

let calls = 0;

/** Number of the newest recorded call: whatever is recorded later has a greater one. */
export const newestCall = (): number => calls;

/** Run `fn`, whose calls are numbered from `floor` + 1 on; afterwards numbers go on from where they were. */
export function numberedFrom<T>(floor: number, fn: () => T): T {
  const newest = calls;
  calls = floor;
  try {
    return fn();
  } finally {
    calls = newest;
  }
}

/** What one recorded call leaves behind. */
export class CallNode implements GradNode {
  readonly sequence: number = ++calls;
  readonly record: AnyRecord;
  readonly attrs: unknown;
  readonly edges: readonly Edge[];
  /** Number of results. */
  readonly results: number;
  #inputs: readonly (Tensor | Spec)[];
  #outputs: readonly (Tensor | Spec)[];
  #saved: readonly Tensor[];
  /** Versions of what is kept, in the order operands, results, intermediates. */
  readonly #versions: readonly number[];
  #released = false;

  constructor(
    { record, inputs: keepInputs, outputs: keepOutputs }: Plan,
    attrs: unknown,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    saved: readonly Tensor[],
    edges: readonly Edge[] = edgesTo(inputs),
  ) {
    this.record = record;
    this.attrs = snapshot(attrs);
    this.edges = edges;
    this.results = outputs.length;
    this.#inputs = keep(inputs, keepInputs);
    this.#outputs = keep(outputs, keepOutputs);
    this.#saved = saved;
    this.#versions = versionsOf(this.#inputs, this.#outputs, saved);
  }

  /** Operands as the rule sees them: kept ones whole, the others as shapes. */
  get inputs(): readonly Tensor[] {
    return this.#inputs.map(asTensor);
  }

  /** Results, in the same way. */
  get outputs(): readonly Tensor[] {
    return this.#outputs.map(asTensor);
  }

  /** What `forward` saved. */
  get saved(): readonly Tensor[] {
    return this.#saved;
  }

  /** Shape and dtype of each operand. */
  get operands(): readonly Spec[] {
    return this.#inputs;
  }

  /**
   * Make sure that what was kept is still what it was.
   * @throws GradError naming the op, and the operand that was written in place since the call; DisposedError when it is gone
   */
  verify(): void {
    const { name } = this.record;
    if (this.#released)
      throw new GradError(
        name,
        'an earlier backward pass freed what this call saved: pass retainGraph to the first pass',
      );
    const at = this.#changed();
    if (at === -1) return;
    const nth = at - this.#inputs.length;
    const what = nth < 0 ? `operand ${at}` : nth < this.results ? `result ${nth}` : 'a tensor that it saved';
    const kept = [...this.#inputs, ...this.#outputs, ...this.#saved][at];
    if (kept instanceof Tensor && kept.storage.released)
      throw new DisposedError(name, `${what} went with the scope it was made in: differentiate inside that scope`);
    throw new GradError(name, `${what} was written in place after the call, so its gradient would be wrong`);
  }

  /** Number of the first kept tensor that was written or released since: operands first, then results, then what was saved. */
  #changed(): number {
    if (this.#versions.length === 0) return -1;
    let nth = 0;
    let version = 0;
    for (const xs of [this.#inputs, this.#outputs, this.#saved])
      for (let i = 0; i < xs.length; i++, nth++) {
        const x = xs[i];
        if (x instanceof Tensor && (x.storage.version !== this.#versions[version++] || x.storage.released)) return nth;
      }
    return -1;
  }

  /** Let go of everything that was kept. */
  release(): void {
    this.#released = true;
    this.#inputs = [];
    this.#outputs = [];
    this.#saved = [];
  }
}

/** Attributes as they were at the call: lists, and lists in an object, are copied, so that a caller may write to its own. */
function snapshot(attrs: unknown, depth: number = 2): unknown {
  if (Array.isArray(attrs)) return attrs.map((item) => snapshot(item, depth - 1));
  if (depth === 0 || typeof attrs !== 'object' || attrs === null || Object.getPrototypeOf(attrs) !== Object.prototype)
    return attrs;
  for (const value of Object.values(attrs))
    if (Array.isArray(value))
      return Object.fromEntries(Object.entries(attrs).map(([key, item]) => [key, snapshot(item, depth - 1)]));
  return attrs;
}

/** What is kept, whole; of the rest shape and dtype. */
function keep(xs: readonly Tensor[], which: readonly boolean[] | 'all'): readonly (Tensor | Spec)[] {
  if (which === 'all') return [...xs];
  const seen = new Array<Tensor | Spec>(xs.length);
  for (let i = 0; i < xs.length; i++) seen[i] = which[i] ? xs[i] : { shape: xs[i].shape, dtype: xs[i].dtype };
  return seen;
}

const noVersions: readonly number[] = [];

/** Versions of the tensors in three lists. Arrays of the right length from the start: growing ones reserve space for more. */
function versionsOf(...lists: readonly (readonly (Tensor | Spec)[])[]): readonly number[] {
  let count = 0;
  for (let i = 0; i < lists.length; i++)
    for (let j = 0; j < lists[i].length; j++) if (lists[i][j] instanceof Tensor) count += 1;
  if (count === 0) return noVersions;
  const versions = new Array<number>(count);
  count = 0;
  for (let i = 0; i < lists.length; i++)
    for (let j = 0; j < lists[i].length; j++) {
      const x = lists[i][j];
      if (x instanceof Tensor) versions[count++] = x.storage.version;
    }
  return versions;
}

/** What a record keeps, ready to be looked up. */
export function planOf(record: AnyRecord, { inputs = [], outputs = [] }: Keeps = record.keeps ?? {}): Plan {
  return { record, inputs: marked(inputs), outputs: marked(outputs) };
}

const marked = (numbers: readonly number[]): readonly boolean[] =>
  Array.from({ length: Math.max(-1, ...numbers) + 1 }, (_, i) => numbers.includes(i));

/**
 * Make `ys` the results of a call.
 * @throws GradError when one of them is an operand, or belongs to another call
 */
export function connect(node: CallNode, inputs: readonly Tensor[], ys: readonly Tensor[]): void {
  for (let i = 0; i < ys.length; i++) {
    const y = ys[i];
    if (y.node !== null || y.requiresGrad || inputs.includes(y))
      throw new GradError(node.record.name, 'forward must return new tensors');
    if (!isFloat(y.dtype)) continue;
    y.requiresGrad = true;
    y.outputIndex = i;
    y.node = node;
  }
}

/** What `ys` come from through calls after number `floor`: each older call and each leaf once. */
export function borderOf(floor: number, ys: readonly Tensor[]): readonly (Port | Tensor)[] {
  const border = new Map<CallNode | Tensor, Port | Tensor>();
  const inside = new Set<CallNode>();
  const follow = (edge: Edge): void => {
    if (edge === null) return;
    if (edge instanceof Tensor) border.set(edge, edge);
    else if (edge.node.sequence <= floor) border.set(edge.node, edge);
    else inside.add(edge.node);
  };
  for (const y of ys) follow(edgeTo(y));
  for (const node of inside) node.edges.forEach(follow);
  return [...border.values()];
}

const nothing = new Storage(null);

const asTensor = (x: Tensor | Spec): Tensor => (x instanceof Tensor ? x : new Tensor(nothing, x.shape, x.dtype, meta));

function edgesTo(xs: readonly Tensor[]): readonly Edge[] {
  const edges = new Array<Edge>(xs.length);
  for (let i = 0; i < xs.length; i++) edges[i] = edgeTo(xs[i]);
  return edges;
}
