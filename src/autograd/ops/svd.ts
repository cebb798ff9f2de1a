import { singularValuesKernel, svdKernel } from '../../tensor/cpu/svd.ts';
import { eye } from '../../tensor/create.ts';
import { GradError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { asColumn, asRow, checkDistinct, checkFinite, nearness, skew } from './matrix.ts';

/** dA = U·diag(ds)·Vt: what the gradient of the singular values is, always finite. */
const throughValues = (u: Tensor, ds: Tensor, vt: Tensor): Tensor => matmul(mul(u, asRow(ds)), vt);

/** The largest of A's two sizes, whose rounding decides what counts as equal. */
const sizeOf = (u: Tensor, vt: Tensor): number => Math.max(u.shape[u.rank - 2], vt.shape[vt.rank - 1]);

/** @throws GradError when values repeat, or one is zero where its reciprocal is wanted */
function checkVectors(s: Tensor, size: number, reciprocals: boolean): void {
  const tolerance = nearness(size, s.dtype);
  checkDistinct('svd', 'singular values', s, tolerance);
  const k = s.shape[s.rank - 1];
  for (let i = 0; reciprocals && i < s.data.length; i += k)
    if (s.data[i + k - 1] <= tolerance * s.data[i])
      throw new GradError('svd', `singular value ${k - 1} is zero: the long vectors of a rectangle have no gradient`, [
        s.shape,
      ]);
}

/**
 * The gradient through U and V. With W_ij = s_j² − s_i² = (s_j − s_i)(s_j + s_i) it is
 * U·(skew(Uᵀ·dU)/W·S + S·skew(Vᵀ·dV)/W)·Vt, and, where a frame spans less than its space, the part of dU or dV that leaves
 * the frame, divided by s.
 */
function throughVectors(u: Tensor, s: Tensor, vt: Tensor, du: Tensor | null, dvt: Tensor | null): Tensor[] {
  const k = s.shape[s.rank - 1];
  const tall = du !== null && u.shape[u.rank - 2] > k;
  const wide = dvt !== null && vt.shape[vt.rank - 1] > k;
  if ((du ?? dvt)?.device.hasData) checkVectors(s, sizeOf(u, vt), tall || wide);
  const { dtype, device } = s;
  const [si, sj] = [asColumn(s), asRow(s)];
  // On the diagonal it is 0/1: a vector cannot turn towards itself. Nothing is squared, so that no scale overflows.
  const one = eye(k, k, { dtype, device });
  const gap = add(sub(sj, si), one);
  const total = add(add(sj, si), one);
  const parts: Tensor[] = [];
  const inner = (x: Tensor): Tensor => matmul(matmul(u, x), vt);
  if (du !== null) parts.push(inner(mul(div(skew(matmul(u, du, { transA: true })), gap), div(sj, total))));
  if (dvt !== null) parts.push(inner(mul(div(skew(matmul(vt, dvt, { transB: true })), gap), div(si, total))));
  if (tall) parts.push(matmul(div(sub(du, matmul(u, matmul(u, du, { transA: true }))), sj), vt));
  if (wide) parts.push(matmul(div(u, sj), sub(dvt, matmul(matmul(dvt, vt, { transB: true }), vt))));
  return parts;
}

/**
 * The thin singular value decomposition A = U·diag(s)·Vt: A […, m, n] → U […, m, k], s […, k] falling, Vt […, k, n],
 * k = min(m, n). Columns of U and rows of Vt are orthonormal for every finite A, whatever its rank. float32 is computed in
 * float64. In each row of Vt the entry largest in magnitude, the first of equals, is positive.
 *
 * The gradient through s is always finite. U and Vt are determined up to the common sign of u_i and v_i; a loss of them
 * must not depend on it, and then its gradient is that of the decomposition. It exists where no two values are closer than
 * 10·max(m, n)·eps times the largest, and, through U of a tall or Vt of a wide matrix, where none is that close to zero;
 * nearer to such a case it grows like 1/(s_i − s_j) and loses as many digits. A zero value of a square matrix leaves the signs
 * of u_k and v_k free of each other, and the loss must not depend on either.
 * @throws ShapeError unless A consists of matrices; DomainError when an entry is not finite; GradError from a backward pass
 * through U or Vt when values repeat, and from a second one through s, whose gradient is made of U and Vt
 * @source one-sided Jacobi after QR: Drmač & Veselić, SIAM J. Matrix Anal. Appl. 29 (2008); gradient: Townsend,
 * "Differentiating the singular value decomposition", 2016
 */
export const svd: Op<1, undefined, 3> = /* @__PURE__ */ defineOp<1, undefined, 3>({
  name: 'svd',
  arity: 1,
  signature: '… m n -> … m k, … k, … k n',
  keeps: { outputs: [0, 1, 2] },
  check([a], attrs) {
    checkOptions('svd', attrs, []);
    checkFinite('svd', a);
  },
  forward({ inputs }) {
    const [ut, s, vt] = svdKernel(inputs, undefined);
    return { ys: [transpose(ut), s, vt] };
  },
  backward({ dys: [du, ds, dvt], ys: [u, s, vt] }) {
    const parts = du === null && dvt === null ? [] : throughVectors(u, s, vt, du, dvt);
    if (ds !== null) parts.push(throughValues(u, ds, vt));
    return [parts.reduce((total, part) => add(total, part))];
  },
});

/**
 * The singular values of A […, m, n], falling: cheaper than `svd` where the vectors are not needed. Its gradient is
 * U·diag(ds)·Vt, finite also where values repeat; the second derivative asks more, as that of `svd` does.
 * @throws ShapeError unless A consists of matrices; DomainError when an entry is not finite; GradError for a second
 * derivative where values repeat
 */
export const svdvals: Op<1> = /* @__PURE__ */ defineOp({
  name: 'svdvals',
  arity: 1,
  signature: '… m n -> … k',
  keeps: { inputs: [0] },
  check([a], attrs) {
    checkOptions('svdvals', attrs, []);
    checkFinite('svdvals', a);
  },
  forward: ({ inputs }) => singularValuesKernel(inputs, undefined),
  backward({ dy, inputs: [a] }) {
    const [u, , vt] = svd(a);
    return [throughValues(u, dy, vt)];
  },
});
