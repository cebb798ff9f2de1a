import { meta } from '../tensor/device.ts';
import { GradError } from '../tensor/errors.ts';
import { Storage } from '../tensor/storage.ts';
import { type GradNode, Tensor } from '../tensor/tensor.ts';
import type { AnyRecord } from './record.ts';

/** Where an operand came from: a result of another call, a leaf that wants a gradient, or nowhere of interest. */
export type Edge = { readonly node: CallNode; readonly output: number } | Tensor | null;

/** What one recorded call leaves behind. */
export class CallNode implements GradNode {
  readonly sequence: number;
  readonly record: AnyRecord;
  readonly attrs: unknown;
  readonly edges: readonly Edge[];
  /** Number of results. */
  readonly results: number;
  /** Operands and results as the rule will see them: kept ones whole, the others as shapes. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  #saved: readonly Tensor[];
  #versions: readonly number[];
  #released = false;

  constructor(
    record: AnyRecord,
    attrs: unknown,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    saved: readonly Tensor[],
  ) {
    const { inputs: keptInputs = [], outputs: keptOutputs = [] } = record.keeps ?? {};
    this.sequence = ++calls;
    this.record = record;
    this.attrs = attrs;
    this.edges = inputs.map(edgeOf);
    this.results = outputs.length;
    this.inputs = inputs.map((x, i) => (keptInputs.includes(i) ? x : shapeOnly(x)));
    this.outputs = outputs.map((y, i) => (keptOutputs.includes(i) ? y : shapeOnly(y)));
    this.#saved = saved;
    this.#versions = this.#kept().map((x) => x.storage.version);
  }

  get saved(): readonly Tensor[] {
    return this.#saved;
  }

  /**
   * Make sure that what was kept is still what it was.
   * @throws GradError naming the op, and the operand that was written in place since the call
   */
  verify(): void {
    const { name } = this.record;
    if (this.#released)
      throw new GradError(
        name,
        'an earlier backward pass freed what this call saved: pass retainGraph to the first pass',
      );
    const changed = this.#kept().findIndex((x, i) => x.storage.version !== this.#versions[i]);
    if (changed === -1) return;
    const nth = changed - this.inputs.length;
    const what = nth < 0 ? `operand ${changed}` : nth < this.outputs.length ? `result ${nth}` : 'a saved intermediate';
    throw new GradError(name, `${what} was written in place after the call, so its gradient would be wrong`);
  }

  /** Let go of everything that was kept. */
  release(): void {
    this.#released = true;
    this.#saved = [];
    (this as { inputs: readonly Tensor[] }).inputs = [];
    (this as { outputs: readonly Tensor[] }).outputs = [];
  }

  #kept(): readonly Tensor[] {
    return [...this.inputs, ...this.outputs, ...this.#saved];
  }
}

let calls = 0;
let recording = true;
const nothing = new Storage(null);

const shapeOnly = (x: Tensor): Tensor => new Tensor(nothing, x.shape, x.dtype, meta);

function edgeOf(x: Tensor): Edge {
  if (x.node !== null) return { node: x.node as CallNode, output: x.outputIndex };
  return x.requiresGrad ? x : null;
}

/** Whether calls are being recorded here. */
export const isRecording = (): boolean => recording;

/** Run `fn` with recording on or off. Synchronous, because concurrent code would see the flag of another. */
export function withRecording<T>(op: string, on: boolean, fn: () => T): T {
  const before = recording;
  recording = on;
  try {
    const result = fn();
    if (result instanceof Promise)
      throw new GradError(op, 'the function is asynchronous: recording is switched per call stack');
    return result;
  } finally {
    recording = before;
  }
}

/**
 * Run `fn` without recording: nothing computed in it can be differentiated.
 * @throws GradError when `fn` returns a promise
 */
export const noGrad = <T>(fn: () => T): T => withRecording('noGrad', false, fn);
