import { qrKernel } from '../../tensor/cpu/factorise.ts';
import { zeros } from '../../tensor/create.ts';
import { GradError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { add, neg, sub } from './arithmetic.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { checkFinite, mirrored, nearness } from './matrix.ts';
import { concat, type Range, slice } from './slice.ts';
import { solveTriangular } from './solveTriangular.ts';

/**
 * A column of A that the columns before it span leaves on the diagonal of R no more than rounding, beside its own length.
 * @throws GradError naming the column
 */
function checkRank(r: Tensor, size: number): void {
  const [k, n] = r.shape.slice(-2);
  const tolerance = nearness(size, r.dtype);
  const { data } = r;
  for (let from = 0; from < data.length; from += k * n)
    for (let j = 0; j < k; j++) {
      let length = 0;
      for (let i = 0; i <= j; i++) length = Math.max(length, Math.abs(data[from + i * n + j]));
      if (Math.abs(data[from + j * n + j]) <= tolerance * length)
        throw new GradError('qr', `column ${j} depends on the columns before it: A has no gradient through Q and R`, [
          r.shape,
        ]);
    }
}

/** Columns `from` to `to` of matrices. */
const columns = (x: Tensor, from: number, to: number): Tensor =>
  slice(x, [...x.shape.slice(0, -1).map((): Range => null), [from, to]]);

/** What arrives at Q, R when R is square, taken back to A: (dQ + Q·mirrored(R·dRᵀ − dQᵀ·Q))·R⁻ᵀ. */
function throughSquare(q: Tensor, r: Tensor, dq: Tensor | null, dr: Tensor | null): Tensor {
  const fromR = dr && matmul(r, dr, { transB: true });
  const fromQ = dq && matmul(dq, q, { transA: true });
  const inner = fromR && fromQ ? sub(fromR, fromQ) : (fromR ?? neg(fromQ as Tensor));
  const turned = matmul(q, mirrored(inner));
  return solveTriangular(r, dq === null ? turned : add(dq, turned), { upper: true, trans: true, left: false });
}

/** A wide A = [X Y] is Q·[U V] with X = Q·U and V = Qᵀ·Y, so that Y receives Q·dV, and Q another Y·dVᵀ. */
function throughWide(q: Tensor, r: Tensor, dq: Tensor | null, dr: Tensor | null): Tensor {
  const [k, n] = r.shape.slice(-2);
  const dv = dr && columns(dr, k, n);
  const extra = dv && matmul(q, matmul(columns(r, k, n), dv, { transB: true }));
  const dx = throughSquare(q, columns(r, 0, k), dq && extra ? add(dq, extra) : (dq ?? extra), dr && columns(dr, 0, k));
  const { dtype, device } = r;
  const dy = dv === null ? zeros([...r.shape.slice(0, -2), k, n - k], { dtype, device }) : matmul(q, dv);
  return concat([dx, dy], { axis: -1 });
}

/**
 * The thin QR decomposition A = Q·R: A […, m, n] → Q […, m, k] with orthonormal columns, R […, k, n] upper triangular with
 * a diagonal >= 0, k = min(m, n). Q is orthonormal also where A has not full rank. float32 is computed in float64.
 *
 * The gradient exists where the first k columns are independent: column j counts as dependent when R_jj is no more than
 * 10·max(m, n)·eps of the largest entry of R above it.
 * @throws ShapeError unless A consists of matrices; DomainError when an entry is not finite; GradError from a backward pass
 * when the first k columns are dependent
 * @source Householder, "Unitary triangularization of a nonsymmetric matrix", 1958; gradient: Roberts & Roberts, "QR and LQ
 * decomposition matrix backpropagation algorithms for square, wide, and deep matrices", 2020
 */
export const qr: Op<1, undefined, 2> = /* @__PURE__ */ defineOp<1, undefined, 2>({
  name: 'qr',
  arity: 1,
  signature: '… m n -> … m k, … k n',
  keeps: { outputs: [0, 1] },
  check([a], attrs) {
    checkOptions('qr', attrs, []);
    checkFinite('qr', a);
  },
  forward({ inputs }) {
    const [qt, r] = qrKernel(inputs, undefined);
    return { ys: [transpose(qt), r] };
  },
  backward({ dys: [dq, dr], ys: [q, r] }) {
    const [k, n] = r.shape.slice(-2);
    if ((dq ?? dr)?.device.hasData) checkRank(r, Math.max(q.shape[q.rank - 2], n));
    return [k < n ? throughWide(q, r, dq, dr) : throughSquare(q, r, dq, dr)];
  },
});
