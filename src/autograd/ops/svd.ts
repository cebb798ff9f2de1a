import { singularValuesKernel, svdKernel } from '../../tensor/cpu/svd.ts';
import { GradError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { mul } from './arithmetic.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';

/** dA = U·diag(ds)·Vt: what the gradient of the singular values is, always finite. */
const throughValues = (u: Tensor, ds: Tensor, vt: Tensor): Tensor => matmul(mul(u, ds), vt);

/**
 * The thin singular value decomposition A = U·diag(s)·Vt: A [m, n] → U [m, k], s [k] falling, Vt [k, n], k = min(m, n).
 * Columns of U and rows of Vt are orthonormal for every finite A, whatever its rank.
 *
 * The gradient passes through s. It does not pass through U and Vt yet.
 * @throws ShapeError unless A is a matrix; DomainError when an entry is not finite; GradError from a backward pass that
 * needs the gradient of U or Vt, or a second derivative
 * @source one-sided Jacobi after QR: Drmač & Veselić, SIAM J. Matrix Anal. Appl. 29 (2008)
 */
export const svd: Op<1, undefined, 3> = /* @__PURE__ */ defineOp<1, undefined, 3>({
  name: 'svd',
  arity: 1,
  signature: 'm n -> m k, k, k n',
  keeps: { outputs: [0, 2] },
  once: true,
  forward({ inputs }) {
    const [ut, s, vt] = svdKernel(inputs, undefined);
    return { ys: [transpose(ut), s, vt] };
  },
  backward({ dys: [du, ds, dvt], ys: [u, , vt] }) {
    if (du !== null || dvt !== null) throw new GradError('svd', 'the gradient of singular vectors is not available');
    return [ds && throughValues(u, ds, vt)];
  },
});

/**
 * The singular values of A [m, n], falling: cheaper than `svd` where the vectors are not needed. Its gradient is
 * U·diag(ds)·Vt, finite also where values repeat.
 * @throws ShapeError unless A is a matrix; DomainError when an entry is not finite; GradError for a second derivative
 */
export const svdvals: Op<1> = /* @__PURE__ */ defineOp({
  name: 'svdvals',
  arity: 1,
  signature: 'm n -> k',
  keeps: { inputs: [0] },
  once: true,
  forward: ({ inputs }) => singularValuesKernel(inputs, undefined),
  backward({ dy, inputs: [a] }) {
    const [u, , vt] = svd(a);
    return [throughValues(u, dy, vt)];
  },
});
