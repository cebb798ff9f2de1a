import { powKernel } from '../../tensor/cpu/exponential.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { mul, reciprocal, sub } from './arithmetic.ts';
import { sumTo } from './broadcast.ts';
import { equal, isFinite as finite, greaterEqual, where } from './compare.ts';
import { log } from './exponential.ts';
import { logicalAnd, logicalNot } from './logic.ts';

/**
 * b·a^(b−1), and 0 where b is 0. There the factor a⁻¹ is replaced if it is not finite, in the exponent, so that neither
 * this nor its derivative meets 0·∞.
 */
function slope(a: Tensor, b: Tensor): Tensor {
  const flat = logicalAnd(equal(b, 0), logicalNot(finite(reciprocal(a))));
  return mul(b, pow(a, where(flat, 0, sub(b, 1))));
}

/** ln a, and 0 where aᵇ is 0 or 1 for every b nearby: at a = 0, b >= 0. */
const logarithm = (a: Tensor, b: Tensor): Tensor => log(where(logicalAnd(equal(a, 0), greaterEqual(b, 0)), 1, a));

/**
 * aᵇ, broadcast; either may be a number. x⁰ and 1ʸ are 1, for NaN too; a negative number to a fraction is NaN.
 *
 * Gradients: b·aᵇ⁻¹, which is 0 where b = 0; and aᵇ·ln a, which is 0 where a = 0 and b >= 0, and NaN where a is negative.
 * int32 is allowed with exponents >= 0, and wraps.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ or are bool; DomainError for a
 * negative exponent in int32
 */
export const pow: Op<2> = /* @__PURE__ */ defineOp({
  name: 'pow',
  arity: 2,
  signature: '…~ :number, …~ :number -> …~ :number',
  keeps: { inputs: [0, 1], outputs: [0] },
  check([a, b]) {
    if (b.dtype === 'int32' && b.onHost && b.data.some((n) => n < 0))
      throw new DomainError('pow', 'int32 has no negative powers: cast to float', [a.shape, b.shape]);
  },
  forward: ({ inputs }) => powKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], y, needs }) => [
    needs[0] && sumTo(mul(dy, slope(a, b)), a.shape),
    needs[1] && sumTo(mul(dy, mul(y, logarithm(a, b))), b.shape),
  ],
});
