/** Arguments that no caller should give, and what a function does with them: a named error, or a result, never a fault of its own. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DeviceError, meta, type Tensor, TensorError, tensor, zeros } from '../../src/index.ts';

/** Things that are not a tensor. */
const things: readonly unknown[] = [undefined, null, Number.NaN, -1, 0.5, 2, 'ij', '', [], [1, -1], {}, true, () => 1];

/** Small tensors of every dtype and rank, on either device. */
const strangers: readonly Tensor[] = [
  ...[[], [0], [2], [3], [2, 3], [3, 2], [2, 2, 2], [1, 1, 2, 3]].flatMap((shape) =>
    (['float32', 'float64', 'int32', 'bool'] as const).map((dtype) => zeros(shape, { dtype })),
  ),
  zeros([2, 3], { device: meta }),
  tensor([Number.NaN, -Infinity], { dtype: 'float64' }),
  tensor([-1, 7], { dtype: 'int32' }),
];

/** Anything in the place of an operand: a tensor two times of three. */
export const anyOperand: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(...strangers), weight: 2 },
  { arbitrary: fc.constantFrom<unknown>(...things), weight: 1 },
);

/** Options with some of these names and anything for values, or no options at all. */
export const anyOptions = (...names: readonly string[]): fc.Arbitrary<unknown> => {
  const value = fc.oneof(fc.constantFrom<unknown>(...things), fc.constantFrom<unknown>(...strangers));
  const named = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  return fc.oneof({ arbitrary: named, weight: 4 }, { arbitrary: fc.constantFrom<unknown>(...things), weight: 1 });
};

/**
 * Fails unless every call gives a result or raises an error of this library that names the function. Operands on two devices
 * may be noticed by whatever computes with them first.
 */
export function survives(
  name: string,
  fn: (...args: never[]) => unknown,
  ...args: readonly fc.Arbitrary<unknown>[]
): void {
  const call = fn as (...values: readonly unknown[]) => unknown;
  const holds = (values: readonly unknown[]): void => {
    try {
      call(...values);
    } catch (error) {
      if (!(error instanceof TensorError)) throw error;
      if (!(error instanceof DeviceError)) assert.equal(error.op, name, `${error.message} names another function`);
    }
  };
  fc.assert(fc.property(fc.tuple(...args), holds), { numRuns: 300 });
}
