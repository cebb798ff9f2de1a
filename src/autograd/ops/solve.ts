import { leadOf } from '../../tensor/cpu/matrices.ts';
import { invKernel, solveKernel } from '../../tensor/cpu/solve.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { signature } from '../signature.ts';
import { neg } from './arithmetic.ts';
import { expand, sumTo } from './broadcast.ts';
import { reshape, transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { asColumn, checkFinite } from './matrix.ts';

/** A vector B, of one axis, is one column. */
const patternOf = (b: Tensor): string => (b.rank === 1 ? '…~ n n, n -> …~ n' : '…~ n n, …~ n k -> …~ n k');

/**
 * X with A·X = B, for A […, n, n] and B […, n, k], leading axes broadcast, by LU factors with partial pivoting; a vector
 * B [n] gives […, n]. float32 is computed in float64. NaN and infinity in B spread as in any sum. A matrix that is singular up
 * to rounding solves to large numbers without a digit that is right: only a pivot of exactly 0 is refused.
 *
 * Gradients: dB = A⁻ᵀ·dX, dA = −dB·Xᵀ.
 * @throws ShapeError when the shapes do not fit; DTypeError when the dtypes differ; DomainError when an entry of A is not
 * finite, or A is singular
 */
export const solve: Op<2> = /* @__PURE__ */ defineOp({
  name: 'solve',
  arity: 2,
  keeps: { inputs: [0], outputs: [0] },
  check([a, b], attrs) {
    checkOptions('solve', attrs, []);
    signature(patternOf(b)).check('solve', [a, b]);
    checkFinite('solve', a);
  },
  forward({ inputs: [a, b] }) {
    const right = b.rank === 1 ? asColumn(b) : b;
    const lead = broadcastShapes('solve', leadOf(a), leadOf(right));
    const wide = (x: Tensor): Tensor => expand(x, [...lead, ...x.shape.slice(-2)]);
    const x = solveKernel([wide(a), wide(right)], undefined);
    return b.rank === 1 ? x.rawView(x.shape.slice(0, -1)) : x;
  },
  backward({ dy, inputs: [a, b], y, needs }) {
    const columns = (x: Tensor): Tensor => (b.rank === 1 ? asColumn(x) : x);
    const db = solve(transpose(a), columns(dy));
    const da = (): Tensor => neg(matmul(db, columns(y), { transB: true }));
    const flat = b.rank === 1 ? reshape(db, dy.shape) : db;
    return [needs[0] && sumTo(da(), a.shape), needs[1] && sumTo(flat, b.shape)];
  },
});

/**
 * A⁻¹ for A […, n, n]. To solve a system, `solve` is cheaper and more accurate. float32 is computed in float64. Only a pivot
 * of exactly 0 is refused, as in `solve`.
 *
 * Gradient: −A⁻ᵀ·dY·A⁻ᵀ.
 * @throws ShapeError unless A consists of square matrices; DomainError when an entry is not finite, or A is singular
 */
export const inv: Op<1> = /* @__PURE__ */ defineOp({
  name: 'inv',
  arity: 1,
  signature: '… n n -> … n n',
  keeps: { outputs: [0] },
  check([a], attrs) {
    checkOptions('inv', attrs, []);
    checkFinite('inv', a);
  },
  forward: ({ inputs }) => invKernel(inputs, undefined),
  backward: ({ dy, y }) => [neg(matmul(matmul(y, dy, { transA: true }), y, { transB: true }))],
});
