import { choleskyKernel } from '../../tensor/cpu/factorise.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions } from '../options.ts';
import { mul } from './arithmetic.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { checkFinite, mirrored } from './matrix.ts';
import { solveTriangular } from './solveTriangular.ts';

/** Which factor a Cholesky decomposition gives. */
export interface CholeskyAttrs {
  /** U with A = Uᵀ·U, in place of L with A = L·Lᵀ. Default false. */
  readonly upper?: boolean;
}

/**
 * The Cholesky factor of a symmetric positive definite A […, n, n]: L lower triangular with a positive diagonal, A = L·Lᵀ;
 * with `upper` U = Lᵀ. A matrix that is not symmetric counts as its symmetric part (A + Aᵀ)/2. float32 is computed in
 * float64.
 *
 * The gradient is symmetric: L⁻ᵀ·mirrored(Lᵀ·dL)·L⁻¹/2, where the lower triangle is mirrored into the upper.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite, or A is not positive
 * definite: the error names the first leading minor that is not positive
 * @source Murray, "Differentiation of the Cholesky decomposition", 2016
 */
export const cholesky: Op<1, CholeskyAttrs> = /* @__PURE__ */ defineOp<1, CholeskyAttrs>({
  name: 'cholesky',
  arity: 1,
  signature: '… n n -> … n n',
  keeps: { outputs: [0] },
  check([a], attrs) {
    checkOptions('cholesky', attrs, ['upper']);
    checkFlag('cholesky', 'upper', attrs.upper ?? false);
    checkFinite('cholesky', a);
  },
  forward({ inputs, attrs: { upper = false } }) {
    const l = choleskyKernel(inputs, undefined);
    return upper ? transpose(l) : l;
  },
  backward({ dy, y, attrs: { upper = false } }) {
    const inner = upper ? matmul(y, dy, { transB: true }) : matmul(y, dy, { transA: true });
    // L⁻ᵀ is what the stored factor solves with: transposed when it is L, as it stands when it is U.
    const half = solveTriangular(y, mirrored(inner), { upper, trans: !upper });
    return [mul(solveTriangular(y, half, { upper, trans: upper, left: false }), 0.5)];
  },
});
