import { defineOp, type Op, type Operand } from '../autograd/define.ts';
import { mul } from '../autograd/ops/arithmetic.ts';
import { expand, sumTo } from '../autograd/ops/broadcast.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { tensor } from '../tensor/create.ts';
import type { Shape } from '../tensor/errors.ts';
import { broadcastShapes, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { rowDotKernel } from './rows.kernel.ts';

/** Which inner product. */
export interface RowDotAttrs {
  /** −x_0·y_0 + Σ_{i > 0} x_i·y_i instead of Σ x_i·y_i. Default false. */
  readonly minkowski?: boolean;
}

/** (−x_0, x_1, …): what turns the one inner product into the other. */
export function flipTime(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1];
  const { dtype, device } = x;
  return mul(
    x,
    tensor(
      Array.from({ length: n }, (_, i) => (i === 0 ? -1 : 1)),
      { dtype, device },
    ),
  );
}

const dual = (x: Tensor, { minkowski = false }: RowDotAttrs): Tensor => (minkowski ? flipTime(x) : x);

/** Operands at their common shape. */
export function together(op: string, ...xs: readonly Tensor[]): readonly Tensor[] {
  const shape = xs.reduce<Shape>((wide, x) => broadcastShapes(op, wide, x.shape), xs[0].shape);
  return xs.map((x) => (sameShape(x.shape, shape) ? x : expand(x, shape)));
}

/**
 * Inner products of rows, <x, y> = Σ_i x_i·y_i along the last axis, accumulated in float64, so that what cancels in float32 keeps
 * its digits; leading axes broadcast.
 * @throws ShapeError when n differs or the leading axes do not broadcast
 */
export const rowDot: Op<2, RowDotAttrs> = /* @__PURE__ */ defineOp({
  name: 'rowDot',
  arity: 2,
  signature: '…~ n, …~ n -> …~',
  keeps: { inputs: [0, 1] },
  forward({ inputs: [x, y], attrs: { minkowski = false } }) {
    const [p, q] = together('rowDot', x, y);
    return rowDotKernel([p, q], minkowski);
  },
  backward({ dy, inputs: [x, y], needs, attrs }) {
    const wide = unsqueeze(dy, -1);
    return [
      needs[0] && sumTo(mul(wide, dual(y, attrs)), x.shape),
      needs[1] && sumTo(mul(wide, dual(x, attrs)), y.shape),
    ];
  },
  reference: ([x, y], attrs) => sum(mul(x, dual(y, attrs)), { axis: -1 }),
});

/** The same with the axis kept, of one number. */
export const dotColumn = (x: Tensor, y: Tensor): Tensor => unsqueeze(rowDot(x, y), -1);

/** |x|² of rows. */
export const squaredNorm = (x: Tensor): Tensor => rowDot(x, x);

/** x times one number for each row: scale has the shape of x without its last axis, or broadcasts to it. */
export const scaleRows = (x: Tensor, scale: Operand): Tensor =>
  mul(x, typeof scale === 'number' ? scale : unsqueeze(scale, -1));
