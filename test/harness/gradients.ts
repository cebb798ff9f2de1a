/** Calling any op, and asking for its gradients along a random direction of its results. */

import type { AnyRecord, Arity } from '../../src/autograd/record.ts';
import { concat, defineOp, grad, type Op, Rng, reshape, Tensor } from '../../src/index.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import { type Case, leaf } from './cases.ts';

/** An op whose arity does not matter here. */
export interface AnyOp {
  (...args: readonly unknown[]): Tensor | readonly Tensor[];
  readonly record: AnyRecord;
}

/** Forget an op's arity. */
export const anyOp = <N extends Arity, A, M extends Arity>(op: Op<N, A, M>): AnyOp => op as unknown as AnyOp;

/** The same op with parts of its record replaced. */
export const altered = (op: AnyOp, changes: Partial<AnyRecord>): AnyOp =>
  anyOp(defineOp({ ...op.record, ...changes } as AnyRecord));

/** The results of one call, as a list. */
export function results(op: AnyOp, { inputs, attrs }: Case): readonly Tensor[] {
  const ys = op.record.arity === 'list' ? op(inputs, attrs) : op(...inputs, attrs);
  return ys instanceof Tensor ? [ys] : ys;
}

/** Turns the results of an op into the one tensor that is differentiated. */
export type Result = (ys: readonly Tensor[]) => Tensor;

/** The only floating result, or all of them end to end. */
export function together(ys: readonly Tensor[]): Tensor {
  const floats = ys.filter((y) => isFloat(y.dtype));
  if (floats.length === 1) return floats[0];
  return floats.length === 0 ? ys[0] : concat(floats.map((y) => reshape(y, [-1])));
}

/** A random tensor like y, on the grid: the direction in which gradients are taken. */
export function direction(y: Tensor, probe: number): Tensor {
  const rng = new Rng(probe);
  const w = Tensor.allocate(y.shape, y.dtype, y.device);
  if (y.device.hasData) for (let i = 0; i < w.data.length; i++) w.data[i] = (rng.below(65) - 32) / 16;
  return w;
}

/** How gradients are asked for. */
export interface Asking {
  readonly probe: number;
  readonly result?: Result;
  readonly createGraph?: boolean;
  /** Runs between the call and the backward pass. */
  readonly between?: (leaves: readonly Tensor[], ys: readonly Tensor[]) => void;
}

/** What a call and its backward pass gave. */
export interface Ran {
  readonly leaves: readonly Tensor[];
  readonly ys: readonly Tensor[];
  /** One for each operand; null where it has none. */
  readonly gradients: readonly (Tensor | null)[];
}

/** Call an op on fresh leaves, then take the gradient of a random combination of its results by every operand. */
export function run(op: AnyOp, { inputs, attrs }: Case, asking: Asking): Ran {
  const { probe, result = together, createGraph = false, between } = asking;
  const leaves = inputs.map(leaf);
  const ys = results(op, { inputs: leaves, attrs });
  const y = result(ys);
  between?.(leaves, ys);
  const wanted = leaves.filter((x) => x.requiresGrad);
  if (!y.requiresGrad) return { leaves, ys, gradients: leaves.map(() => null) };
  const found = grad(y, wanted, { gradOutputs: [direction(y, probe)], allowUnused: true, createGraph });
  return { leaves, ys, gradients: leaves.map((x) => (x.requiresGrad ? found[wanted.indexOf(x)] : null)) };
}
