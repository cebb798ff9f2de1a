import { pinvKernel } from '../../tensor/cpu/svd.ts';
import { DomainError, GradError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { add, sub } from './arithmetic.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { checkFinite, nearness, roundoff } from './matrix.ts';

/** What a pseudoinverse takes for zero. */
export interface PinvAttrs {
  /** Singular values up to `rcond` times the largest. Default max(m, n)·eps of the dtype. */
  readonly rcond?: number;
}

const sizeOf = (a: Tensor): number => Math.max(...a.shape.slice(-2));

/**
 * The Moore–Penrose inverse P […, n, m] of A […, m, n], from its singular values: P = A⁻¹ where A has an inverse, the least
 * squares solution of shortest length elsewhere. float32 is computed in float64.
 *
 * The gradient −Pᵀ·dP·Pᵀ + (I − A·P)·dPᵀ·P·Pᵀ + Pᵀ·P·dPᵀ·(I − P·A) is right along changes that keep the rank; along others P
 * jumps. It takes what is cut off for zero: where `rcond` cuts off a value beyond rounding (10·max(m, n)·eps) it is refused.
 * @throws ShapeError unless A consists of matrices; DomainError when an entry is not finite, or rcond not in [0, 1);
 * GradError from a backward pass when a singular value was cut off that is not zero
 * @source Golub & Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
 * separate", 1973
 */
export const pinv: Op<1, PinvAttrs> = /* @__PURE__ */ defineOp<1, PinvAttrs>({
  name: 'pinv',
  arity: 1,
  signature: '… m n -> … n m',
  keeps: { inputs: [0], outputs: [0] },
  check([a], attrs) {
    checkOptions('pinv', attrs, ['rcond']);
    const { rcond = 0 } = attrs;
    if (!(typeof rcond === 'number' && rcond >= 0 && rcond < 1))
      throw new DomainError('pinv', `rcond is a number in [0, 1), got ${String(rcond)}`, [a.shape]);
    checkFinite('pinv', a);
  },
  forward({ inputs, attrs: { rcond } }) {
    const [y, cut] = pinvKernel(inputs, rcond ?? sizeOf(inputs[0]) * roundoff(inputs[0].dtype));
    return { y, saved: [cut] };
  },
  backward({ dy, inputs: [a], y: p, saved: [cut] }) {
    if (dy.device.hasData && cut.data.some((share) => share > nearness(sizeOf(a), a.dtype)))
      throw new GradError('pinv', 'rcond cut off a singular value that is not zero: there is no gradient', [a.shape]);
    const g = transpose(dy);
    const inner = matmul(matmul(p, dy, { transA: true }), p, { transB: true });
    const gp = matmul(matmul(g, p), p, { transB: true });
    const pg = matmul(matmul(p, p, { transA: true }), g);
    const left = sub(gp, matmul(a, matmul(p, gp)));
    const right = sub(pg, matmul(matmul(pg, p), a));
    return [sub(add(left, right), inner)];
  },
});
