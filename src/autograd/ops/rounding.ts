import { ceilKernel, floorKernel, remainderKernel, roundKernel } from '../../tensor/cpu/rounding.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { div, mul, neg, sub } from './arithmetic.ts';
import { sumTo } from './broadcast.ts';

/** The gradient of a step function: 0 wherever it has one, and by convention at the steps. */
const none = ({ shape, dtype, device }: Tensor): Tensor => zeros(shape, { dtype, device });

/** ⌊x⌋, the largest whole number <= x. The gradient is 0. */
export const floor: Op<1> = /* @__PURE__ */ defineOp({
  name: 'floor',
  arity: 1,
  signature: '… :number -> … :number',
  forward: ({ inputs }) => floorKernel(inputs, undefined),
  backward: ({ dy }) => [none(dy)],
});

/** ⌈x⌉, the smallest whole number >= x. The gradient is 0. */
export const ceil: Op<1> = /* @__PURE__ */ defineOp({
  name: 'ceil',
  arity: 1,
  signature: '… :number -> … :number',
  forward: ({ inputs }) => ceilKernel(inputs, undefined),
  backward: ({ dy }) => [none(dy)],
});

/** The nearest whole number; halves go to the even one: 0.5 to 0, 1.5 to 2. The gradient is 0. */
export const round: Op<1> = /* @__PURE__ */ defineOp({
  name: 'round',
  arity: 1,
  signature: '… :number -> … :number',
  forward: ({ inputs }) => roundKernel(inputs, undefined),
  backward: ({ dy }) => [none(dy)],
});

/**
 * a − b·⌊a/b⌋, broadcast: what is left of a after whole steps of b, of the sign of b. NaN where b = 0.
 *
 * Gradients: 1, and −⌊a/b⌋.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ or are bool; DomainError for a
 * zero divisor in int32
 */
export const remainder: Op<2> = /* @__PURE__ */ defineOp({
  name: 'remainder',
  arity: 2,
  signature: '…~ :number, …~ :number -> …~ :number',
  keeps: { inputs: [0, 1], outputs: [0] },
  check([a, b]) {
    if (b.dtype === 'int32' && b.onHost && b.data.includes(0))
      throw new DomainError('remainder', 'int32 has no remainder of a division by 0', [a.shape, b.shape]);
  },
  forward: ({ inputs }) => remainderKernel(inputs, undefined),
  backward({ dy, inputs: [a, b], y, needs }) {
    // (a − y)/b is whole up to its rounding.
    const steps = (): Tensor => round(div(sub(a, y), b));
    return [needs[0] && sumTo(dy, a.shape), needs[1] && sumTo(neg(mul(dy, steps())), b.shape)];
  },
});
