import { eighKernel, eigvalshKernel } from '../../tensor/cpu/factorise.ts';
import { eye } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { asColumn, asRow, checkDistinct, checkFinite, nearness, skew } from './matrix.ts';

/** V·diag(dλ)·Vᵀ: what the gradient of the eigenvalues is, always finite. */
const throughValues = (v: Tensor, dvalues: Tensor): Tensor => matmul(mul(v, asRow(dvalues)), v, { transB: true });

/** V·(skew(Vᵀ·dV)/2W)·Vᵀ with W_ij = λ_j − λ_i. */
function throughVectors(values: Tensor, v: Tensor, dv: Tensor): Tensor {
  const n = values.shape[values.rank - 1];
  const { dtype, device } = values;
  if (dv.device.hasData) checkDistinct('eigh', 'eigenvalues', values, nearness(n, dtype));
  // Zero over one on the diagonal: a vector cannot turn towards itself.
  const w = add(mul(sub(asRow(values), asColumn(values)), 2), eye(n, n, { dtype, device }));
  const inner = div(skew(matmul(v, dv, { transA: true })), w);
  return matmul(matmul(v, inner), v, { transB: true });
}

/**
 * Eigenvalues λ […, n], ascending, and eigenvectors V […, n, n], one in each column, of a symmetric A […, n, n]:
 * A = V·diag(λ)·Vᵀ. A matrix that is not symmetric counts as its symmetric part (A + Aᵀ)/2. Columns of V are orthonormal, for
 * repeated values too, and the largest entry of each, the first of equals, is positive. float32 is computed in float64.
 *
 * Gradients are symmetric. That through λ is always finite. V is determined up to the sign of each column; a loss must not
 * depend on it, and then its gradient is that of the decomposition. It exists where no two eigenvalues are closer than
 * 10·n·eps times the largest in magnitude; nearer to such a case it grows like 1/(λ_i − λ_j) and loses as many digits.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite; GradError from a
 * backward pass through V when values repeat, and from a second one through λ, whose gradient is made of V
 * @source Golub & Van Loan, Matrix Computations, section 8.3; gradient: Giles, "Collected matrix derivative results", 2008
 */
export const eigh: Op<1, undefined, 2> = /* @__PURE__ */ defineOp<1, undefined, 2>({
  name: 'eigh',
  arity: 1,
  signature: '… n n -> … n, … n n',
  keeps: { outputs: [0, 1] },
  check([a], attrs) {
    checkOptions('eigh', attrs, []);
    checkFinite('eigh', a);
  },
  forward({ inputs }) {
    const [values, vt] = eighKernel(inputs, undefined);
    return { ys: [values, transpose(vt)] };
  },
  backward({ dys: [dvalues, dv], ys: [values, v] }) {
    const turn = dv && throughVectors(values, v, dv);
    const stretch = dvalues && throughValues(v, dvalues);
    return [turn && stretch ? add(turn, stretch) : (turn ?? stretch)];
  },
});

/**
 * The eigenvalues […, n] of a symmetric A […, n, n], ascending: cheaper than `eigh` where the vectors are not needed. A counts
 * as its symmetric part. Its gradient is V·diag(dλ)·Vᵀ, finite also where values repeat; the second derivative asks more, as
 * that of `eigh` does.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite; GradError for a second
 * derivative where values repeat
 */
export const eigvalsh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'eigvalsh',
  arity: 1,
  signature: '… n n -> … n',
  keeps: { inputs: [0] },
  check([a], attrs) {
    checkOptions('eigvalsh', attrs, []);
    checkFinite('eigvalsh', a);
  },
  forward: ({ inputs }) => eigvalshKernel(inputs, undefined),
  backward({ dy, inputs: [a] }) {
    const [, v] = eigh(a);
    return [throughValues(v, dy)];
  },
});
