import { cofactorGradKernel, cofactorKernel, detKernel, slogdetKernel } from '../../tensor/cpu/solve.ts';
import { GradError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { mul } from './arithmetic.ts';
import { reshape, transpose } from './layout.ts';
import { checkFinite } from './matrix.ts';
import { inv } from './solve.ts';

/** Numbers […] as matrices […, 1, 1]. */
const asMatrix = (x: Tensor): Tensor => reshape(x, [...x.shape, 1, 1]);

/**
 * det A […] for A […, n, n], by LU; 1 for n = 0. float32 is computed in float64.
 *
 * The gradient is that of a polynomial, dy·cofactor(A): it exists for every A, and is right also where A is singular. So is
 * the second derivative; a third is refused.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite
 */
export const det: Op<1> = /* @__PURE__ */ defineOp({
  name: 'det',
  arity: 1,
  signature: '… n n -> …',
  keeps: { inputs: [0] },
  check([a], attrs) {
    checkOptions('det', attrs, []);
    checkFinite('det', a);
  },
  forward: ({ inputs }) => detKernel(inputs, undefined),
  backward: ({ dy, inputs: [a] }) => [mul(asMatrix(dy), cofactor(a))],
});

/**
 * The cofactors of A […, n, n]: C_ij = ∂det A/∂A_ij, the transpose of the adjugate. det A·A⁻ᵀ where A has an inverse, of
 * rank 1 where the rank of A is n − 1, and 0 below. Computed from singular values, so that no digits are lost near a singular
 * matrix. float32 is computed in float64.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite; GradError for a second
 * derivative
 * @source Stewart, "On the adjugate matrix", 1998
 */
export const cofactor: Op<1> = /* @__PURE__ */ defineOp({
  name: 'cofactor',
  arity: 1,
  signature: '… n n -> … n n',
  keeps: { inputs: [0] },
  once: true,
  check([a], attrs) {
    checkOptions('cofactor', attrs, []);
    checkFinite('cofactor', a);
  },
  forward: ({ inputs }) => cofactorKernel(inputs, undefined),
  backward: ({ dy, inputs: [a] }) => [cofactorGradKernel([a, dy], undefined)],
});

/**
 * The sign of det A (0 where A is singular) and log|det A| (there −∞), […] both, for A […, n, n], by LU: neither overflows.
 * float32 is computed in float64.
 *
 * The gradient of log|det A| is A⁻ᵀ; the sign has none.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite; GradError from a
 * backward pass where A is singular
 */
export const slogdet: Op<1, undefined, 2> = /* @__PURE__ */ defineOp<1, undefined, 2>({
  name: 'slogdet',
  arity: 1,
  signature: '… n n -> …, …',
  keeps: { inputs: [0], outputs: [0] },
  check([a], attrs) {
    checkOptions('slogdet', attrs, []);
    checkFinite('slogdet', a);
  },
  forward: ({ inputs }) => ({ ys: slogdetKernel(inputs, undefined) }),
  backward({ dys: [, dlog], inputs: [a], ys: [sign] }) {
    if (dlog === null) return [null];
    if (dlog.device.hasData && sign.data.includes(0))
      throw new GradError('slogdet', 'A is singular: log|det A| is −∞ and has no gradient', [a.shape]);
    return [mul(asMatrix(dlog), transpose(inv(a)))];
  },
});
