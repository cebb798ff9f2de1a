import { scalar } from '../tensor/create.ts';
import { cpu } from '../tensor/device.ts';
import type { DType } from '../tensor/dtype.ts';
import { DTypeError, GradError, ShapeError } from '../tensor/errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import { noteOrigin, refuseNaN } from './anomaly.ts';
import { CallNode, connect, type Plan, planOf } from './graph.ts';
import type { AnyRecord, Arity, Forward, OpRecord, Several } from './record.ts';
import { flags } from './scoped.ts';
import { type Signature, signature } from './signature.ts';

/** An operand as callers write it; a number takes the dtype of the tensors beside it. */
export type Operand = Tensor | number;

type AttrsArgument<A> = [A] extends [undefined] ? [] : object extends A ? [attrs?: A] : [attrs: A];
type Arguments<N extends Arity, A> = N extends 'list'
  ? [operands: readonly Operand[], ...AttrsArgument<A>]
  : [...Several<N, Operand>, ...AttrsArgument<A>];

/** A differentiable function of `N` operands with attributes `A` and `M` results, and its record. */
export interface Op<N extends Arity, A = undefined, M extends Arity = 1> {
  (...args: Arguments<N, A>): M extends 1 ? Tensor : Several<M, Tensor>;
  readonly record: OpRecord<N, A, M>;
}

const noAttrs: unknown = Object.freeze({});
const none: readonly Tensor[] = [];

/**
 * Turn a record into a function that checks its operands, computes, and records the call when an operand requires a
 * gradient. There is no registry: an op exists where it is imported.
 *
 * @throws ShapeError, DTypeError from the call, before anything is computed, when operands do not fit the signature
 */
export /* @__NO_SIDE_EFFECTS__ */ function defineOp<N extends Arity, A = undefined, M extends Arity = 1>(
  record: OpRecord<N, A, M>,
): Op<N, A, M> {
  const any = record as unknown as AnyRecord;
  const { name } = any;
  const plan = planOf(any);
  const fixed = typeof any.signature === 'string' ? signature(any.signature) : null;
  const listed = any.arity === 'list';
  const count = listed ? 1 : (any.arity as number);
  const call = (...args: readonly unknown[]): Tensor | readonly Tensor[] => {
    const operands = listed ? args[0] : args.length > count ? args.slice(0, count) : args;
    const attrs = args.length > count ? (args[count] ?? noAttrs) : noAttrs;
    const pattern = fixed ?? (any.signature === undefined ? null : signatureOf(any, attrs));
    const inputs = lift(name, operands, pattern);
    if (pattern === null && !listed && inputs.length !== count)
      throw new ShapeError(
        name,
        `takes ${count} operands`,
        inputs.map((x) => x.shape),
      );
    pattern?.check(name, inputs);
    any.check?.(inputs, attrs);
    const made = compute(any, inputs, attrs);
    if (made instanceof Tensor) {
      conclude(plan, attrs, inputs, [made], none);
      return made;
    }
    const { ys, saved, single } = unpack(made, name);
    conclude(plan, attrs, inputs, ys, saved);
    return single ? ys[0] : ys;
  };
  Object.defineProperty(call, 'name', { value: name });
  return Object.assign(call, { record }) as unknown as Op<N, A, M>;
}

/** The signature of an op for the given attributes. */
export function signatureOf(record: AnyRecord, attrs: unknown): Signature {
  const { signature: text = '' } = record;
  return signature(typeof text === 'string' ? text : text(attrs));
}

/**
 * Results, intermediates, and whether the op has one result or a list.
 * @throws GradError when `forward` gave something else
 */
export function unpack(
  forward: Forward<'list'> | Tensor,
  name: string = 'forward',
): {
  readonly ys: readonly Tensor[];
  readonly saved: readonly Tensor[];
  readonly single: boolean;
} {
  if (forward instanceof Tensor) return { ys: [forward], saved: none, single: true };
  const {
    y,
    ys = [y],
    saved = none,
  } = (forward ?? {}) as { y?: Tensor; ys?: readonly Tensor[]; saved?: readonly Tensor[] };
  if (!Array.isArray(ys) || !Array.isArray(saved) || ![...ys, ...saved].every((x) => x instanceof Tensor))
    throw new GradError(name, 'forward gives a tensor, or { y } or { ys } with { saved }, and not a promise of them');
  return { ys: ys as readonly Tensor[], saved, single: y !== undefined };
}

/** Run `forward` with recording and the search for NaN switched off: `scoped`, without its closure, for every call. */
function compute(record: AnyRecord, inputs: readonly Tensor[], attrs: unknown): Forward<'list'> {
  const { recording, anomaly } = flags;
  if (!recording && !anomaly) return record.forward({ inputs, attrs });
  flags.recording = false;
  flags.anomaly = false;
  try {
    return record.forward({ inputs, attrs });
  } finally {
    flags.recording = recording;
    flags.anomaly = anomaly;
  }
}

/** Record the call, when that is wanted. */
function conclude(
  plan: Plan,
  attrs: unknown,
  inputs: readonly Tensor[],
  ys: readonly Tensor[],
  saved: readonly Tensor[],
): void {
  if (flags.anomaly) refuseNaN(plan.record.name, inputs, ys);
  if (!flags.recording || !someRequiresGrad(inputs)) return;
  const ruled = flags.rules?.get(plan.record) ?? plan;
  if (ruled.record.backward === undefined) return;
  const node = new CallNode(ruled, attrs, inputs, ys, saved);
  connect(node, inputs, ys);
  if (flags.anomaly) noteOrigin(node);
}

function someRequiresGrad(xs: readonly Tensor[]): boolean {
  for (let i = 0; i < xs.length; i++) if (xs[i].requiresGrad) return true;
  return false;
}

/** Numbers become scalars on the device of the first tensor. */
function lift(op: string, operands: unknown, pattern: Signature | null): readonly Tensor[] {
  if (!Array.isArray(operands)) throw new DTypeError(op, 'takes a list of tensors');
  for (let i = 0; i < operands.length; i++)
    if (!(operands[i] instanceof Tensor)) return liftNumbers(op, operands, pattern);
  return operands;
}

function liftNumbers(op: string, operands: readonly unknown[], pattern: Signature | null): readonly Tensor[] {
  const { device = cpu } = firstTensor(operands) ?? {};
  const inputs = new Array<Tensor>(operands.length);
  for (let i = 0; i < operands.length; i++) {
    const x = operands[i];
    if (x instanceof Tensor) inputs[i] = x;
    else if (typeof x === 'number') inputs[i] = scalar(op, x, { dtype: numberType(operands, i, pattern), device });
    else {
      const what = x === null ? 'null' : Array.isArray(x) ? 'an array: use tensor(…)' : typeof x;
      throw new DTypeError(op, `operand ${i} is a tensor or a number, got ${what}`);
    }
  }
  return inputs;
}

function firstTensor(operands: readonly unknown[]): Tensor | undefined {
  for (let i = 0; i < operands.length; i++) {
    const x = operands[i];
    if (x instanceof Tensor) return x;
  }
  return undefined;
}

/** The dtype of number `at`: that of the first tensor whose dtype the signature ties it to, else float32. */
function numberType(operands: readonly unknown[], at: number, pattern: Signature | null): DType {
  const kind = pattern?.operands[at]?.kind;
  if (kind === 'int32' || kind === 'bool') return kind;
  for (let i = 0; i < operands.length; i++) {
    const x = operands[i];
    if (x instanceof Tensor && pattern?.operands[i]?.kind === kind) return x.dtype;
  }
  return 'float32';
}
