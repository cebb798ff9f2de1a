import { DomainError, type Shape } from '../errors.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** The axes before the last two: how many matrices, and in what arrangement. */
export const leadOf = (x: Tensor): Shape => x.shape.slice(0, -2);

/**
 * Runs `fn` on each matrix of a batch. In go the parts of the inputs that belong to it, copied to float64; out come those
 * of the outputs, in their order. The first input consists of matrices; all tensors have its leading axes. What a
 * factorisation refuses under its own name is refused under that of `op`.
 * @param at the number of the matrix in the batch
 */
export function eachMatrix(
  op: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  fn: (parts: readonly Float64Array[], at: number) => readonly ArrayLike<number>[],
): void {
  const count = sizeOf(leadOf(inputs[0] as Tensor));
  for (let at = 0; at < count; at++) {
    const parts = inputs.map((x) => {
      const size = x.size / count;
      return new Float64Array(x.data.subarray(at * size, (at + 1) * size));
    });
    const results = under(op, () => fn(parts, at));
    for (const [i, y] of outputs.entries()) y.data.set(results[i] as ArrayLike<number>, at * (y.size / count));
  }
}

function under<T>(op: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (error instanceof DomainError && error.op !== op) throw new DomainError(op, error.message);
    throw error;
  }
}

/**
 * Refuse matrix number `at` of x, which is named where there are several.
 * @throws DomainError always
 */
export function refuseMatrix(op: string, message: string, x: Tensor, at: number): never {
  throw new DomainError(op, `${x.rank > 2 ? `matrix ${at} of the batch: ` : ''}${message}`, [x.shape]);
}
