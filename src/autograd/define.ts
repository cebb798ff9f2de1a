import { scalar } from '../tensor/create.ts';
import { cpu } from '../tensor/device.ts';
import { type DType, isFloat } from '../tensor/dtype.ts';
import { DTypeError, GradError } from '../tensor/errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import { CallNode, isRecording, withRecording } from './graph.ts';
import type { AnyRecord, Arity, Forward, OpRecord, Several } from './record.ts';
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
  const fixed = typeof any.signature === 'string' ? signature(any.signature) : null;
  const call = (...args: readonly unknown[]): Tensor | readonly Tensor[] => {
    const count = any.arity === 'list' ? 1 : (any.arity as number);
    const operands = any.arity === 'list' ? (args[0] as readonly unknown[]) : args.slice(0, count);
    const attrs = args[count] ?? {};
    const pattern = fixed ?? (any.signature === undefined ? null : signatureOf(any, attrs));
    const inputs = lift(name, operands, pattern);
    pattern?.check(name, inputs);
    any.check?.(inputs, attrs);
    const forward = withRecording(name, false, () => any.forward({ inputs, attrs }));
    const { ys, saved, single } = unpack(forward);
    if (any.backward !== undefined && isRecording() && inputs.some((x) => x.requiresGrad))
      connect(any, attrs, inputs, ys, saved);
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

/** Results, intermediates, and whether the op has one result or a list. */
export function unpack(forward: Forward<'list'> | Tensor): {
  readonly ys: readonly Tensor[];
  readonly saved: readonly Tensor[];
  readonly single: boolean;
} {
  if (forward instanceof Tensor) return { ys: [forward], saved: [], single: true };
  if ('ys' in forward) return { ys: forward.ys, saved: forward.saved ?? [], single: false };
  return { ys: [forward.y], saved: forward.saved ?? [], single: true };
}

/** Numbers become scalars on the device of the first tensor. */
function lift(op: string, operands: readonly unknown[], pattern: Signature | null): readonly Tensor[] {
  if (!Array.isArray(operands)) throw new DTypeError(op, 'takes a list of tensors');
  if (operands.every((x) => x instanceof Tensor)) return operands;
  const { device = cpu } = operands.find((x) => x instanceof Tensor) ?? {};
  return operands.map((x, i) => {
    if (x instanceof Tensor) return x;
    if (typeof x === 'number') return scalar(op, x, { dtype: numberType(operands, i, pattern), device });
    const what = x === null ? 'null' : Array.isArray(x) ? 'an array: use tensor(…)' : typeof x;
    throw new DTypeError(op, `operand ${i} is a tensor or a number, got ${what}`);
  });
}

/** The dtype of number `at`: that of the first tensor whose dtype the signature ties it to, else float32. */
function numberType(operands: readonly unknown[], at: number, pattern: Signature | null): DType {
  const kind = pattern?.operands[at]?.kind;
  if (kind === 'int32' || kind === 'bool') return kind;
  for (const [i, x] of operands.entries())
    if (x instanceof Tensor && pattern?.operands[i]?.kind === kind) return x.dtype;
  return 'float32';
}

function connect(
  record: AnyRecord,
  attrs: unknown,
  inputs: readonly Tensor[],
  ys: readonly Tensor[],
  saved: readonly Tensor[],
): void {
  const node = new CallNode(record, attrs, inputs, ys, saved);
  for (const [i, y] of ys.entries()) {
    if (y.node !== null || y.requiresGrad || inputs.includes(y))
      throw new GradError(record.name, 'forward must return new tensors');
    if (!isFloat(y.dtype)) continue;
    y.requiresGrad = true;
    y.outputIndex = i;
    y.node = node;
  }
}
