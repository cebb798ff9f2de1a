import { leadOf } from '../../tensor/cpu/matrices.ts';
import { solveTriangularKernel } from '../../tensor/cpu/solve.ts';
import { DomainError } from '../../tensor/errors.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions } from '../options.ts';
import { neg } from './arithmetic.ts';
import { expand, sumTo } from './broadcast.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { tril, triu } from './triangle.ts';

/** What a triangular system looks like. */
export interface SolveTriangularAttrs {
  /** The upper triangle of T counts, or the lower. */
  readonly upper: boolean;
  /** Tᵀ stands in place of T. Default false. */
  readonly trans?: boolean;
  /** Ones stand on the diagonal of T, whatever is stored there. Default false. */
  readonly unitriangular?: boolean;
  /** Solve T·X = B (default), or X·T = B. */
  readonly left?: boolean;
}

function checkFlags(attrs: SolveTriangularAttrs): void {
  checkOptions('solveTriangular', attrs, ['upper', 'trans', 'unitriangular', 'left']);
  const { upper, trans = false, unitriangular = false, left = true } = attrs;
  checkFlag('solveTriangular', 'upper', upper);
  checkFlag('solveTriangular', 'trans', trans);
  checkFlag('solveTriangular', 'unitriangular', unitriangular);
  checkFlag('solveTriangular', 'left', left);
}

/** @throws DomainError when an entry of the triangle is not finite, or one on a diagonal that counts is 0 */
function checkTriangle(t: Tensor, { upper, unitriangular = false }: SolveTriangularAttrs): void {
  const n = t.shape[t.rank - 1];
  const { data } = t;
  for (let at = 0; at < data.length; at++) {
    const i = Math.floor(at / n) % n;
    const j = at % n;
    if (i === j ? unitriangular : i < j !== upper) continue;
    if (i === j && data[at] === 0)
      throw new DomainError('solveTriangular', `T is singular: entry (${i}, ${i}) is 0`, [t.shape]);
    if (!Number.isFinite(data[at]))
      throw new DomainError('solveTriangular', `entries are finite, entry (${i}, ${j}) of T is ${data[at]}`, [t.shape]);
  }
}

/**
 * X with T·X = B, for a triangular T […, n, n] and B […, n, k], leading axes broadcast; by the options also Tᵀ·X = B,
 * X·T = B or X·Tᵀ = B (B […, k, n]). Only the named triangle of T is read, and receives a gradient. NaN and infinity in B
 * spread as in any sum.
 *
 * Gradients: dB = T⁻ᵀ·dX, dT = −dB·Xᵀ inside the triangle, and so on by transposition.
 * @throws ShapeError when the shapes do not fit; DTypeError when the dtypes differ; DomainError when an option is missing
 * or unknown, when an entry of the triangle is not finite, or one on the diagonal is 0
 */
export const solveTriangular: Op<2, SolveTriangularAttrs> = /* @__PURE__ */ defineOp<2, SolveTriangularAttrs>({
  name: 'solveTriangular',
  arity: 2,
  signature: ({ left }) => (left === false ? '…~ n n, …~ k n -> …~ k n' : '…~ n n, …~ n k -> …~ n k'),
  keeps: { inputs: [0], outputs: [0] },
  check([t], attrs) {
    checkFlags(attrs);
    if (t.onHost) checkTriangle(t, attrs);
  },
  forward({ inputs: [t, b], attrs: { upper, trans = false, unitriangular: unit = false, left = true } }) {
    const lead = broadcastShapes('solveTriangular', leadOf(t), leadOf(b));
    const wide = (x: Tensor): Tensor => expand(x, [...lead, ...x.shape.slice(-2)]);
    if (left) return solveTriangularKernel([wide(t), wide(b)], { upper, trans, unit });
    return transpose(solveTriangularKernel([wide(t), transpose(wide(b))], { upper, trans: !trans, unit }));
  },
  backward({ dy, inputs: [t, b], y: x, needs, attrs }) {
    const { upper, trans = false, unitriangular = false, left = true } = attrs;
    const db = solveTriangular(t, dy, { ...attrs, trans: !trans });
    // The gradient of what multiplies X is −dB·Xᵀ on the left, −Xᵀ·dB on the right; T is that, or its transpose.
    const [p, q] = trans ? [x, db] : [db, x];
    const dt = (): Tensor => neg(left ? matmul(p, q, { transB: true }) : matmul(q, p, { transA: true }));
    const offset = unitriangular ? 1 : 0;
    const inside = (g: Tensor): Tensor => (upper ? triu(g, { offset }) : tril(g, { offset: -offset }));
    return [needs[0] && sumTo(inside(dt()), t.shape), needs[1] && sumTo(db, b.shape)];
  },
});
