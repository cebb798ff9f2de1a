import { type MatmulAttrs, matmulKernel } from '../../tensor/cpu/matmul.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { sumTo } from './broadcast.ts';

/**
 * C[…, m, n] = Σ_k A[…, m, k]·B[…, k, n], leading axes broadcast. With `transA`, A is stored as [k, m]; with `transB`, B as
 * [n, k]: a transpose need never be made.
 *
 * Gradients: dA = dC·Bᵀ, dB = Aᵀ·dC, each in the layout of its operand and summed over broadcast axes.
 * @throws ShapeError when k differs or the leading axes do not broadcast; DTypeError when the dtypes differ
 */
export const matmul: Op<2, MatmulAttrs> = /* @__PURE__ */ defineOp({
  name: 'matmul',
  arity: 2,
  signature: ({ transA, transB }) => `…~ ${transA ? 'k m' : 'm k'}, …~ ${transB ? 'n k' : 'k n'} -> …~ m n`,
  keeps: { inputs: [0, 1] },
  forward: ({ inputs, attrs }) => matmulKernel(inputs, attrs),
  backward({ dy, inputs: [a, b], needs, attrs: { transA = false, transB = false } }) {
    const da = (): Tensor =>
      transA ? matmul(b, dy, { transA: transB, transB: true }) : matmul(dy, b, { transB: !transB });
    const db = (): Tensor =>
      transB ? matmul(dy, a, { transA: true, transB: transA }) : matmul(a, dy, { transA: !transA });
    return [needs[0] && sumTo(da(), a.shape), needs[1] && sumTo(db(), b.shape)];
  },
});
