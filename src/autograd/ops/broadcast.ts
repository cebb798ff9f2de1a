import { expandKernel } from '../../tensor/cpu/layout.ts';
import { sumKernel } from '../../tensor/cpu/reduce.ts';
import { type Shape, ShapeError } from '../../tensor/errors.ts';
import { checkShape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';

/** Axis by axis from the end: equal, or 1 in the narrow shape; and the wide shape has at least as many axes. */
function checkExpands(op: string, narrow: Shape, wide: Shape): void {
  const lead = wide.length - narrow.length;
  if (lead < 0 || narrow.some((n, i) => n !== 1 && n !== wide[lead + i]))
    throw new ShapeError(op, 'the narrow shape does not broadcast to the wide one', [narrow, wide]);
}

/**
 * x repeated along its axes of size 1 and along new leading axes, to `shape`. Shares storage with x when it has that shape.
 * @throws ShapeError when x does not broadcast to `shape`
 */
export const expand: Op<1, Shape> = /* @__PURE__ */ defineOp({
  name: 'expand',
  arity: 1,
  signature: '… :any ->',
  check: ([x], shape) => checkExpands('expand', x.shape, checkShape('expand', shape)),
  forward: ({ inputs: [x], attrs: shape }) =>
    sameShape(x.shape, shape) ? x.rawView(x.shape) : expandKernel([x], [...shape]),
  backward: ({ dy, inputs: [x] }) => [sumTo(dy, x.shape)],
});

/**
 * x summed over the axes along which `shape` would have to be repeated to give x: the adjoint of `expand`.
 * Shares storage with x when it has that shape.
 * @throws ShapeError when `shape` does not broadcast to the shape of x
 */
export const sumTo: Op<1, Shape> = /* @__PURE__ */ defineOp({
  name: 'sumTo',
  arity: 1,
  signature: '… ->',
  check: ([x], shape) => checkExpands('sumTo', checkShape('sumTo', shape), x.shape),
  forward: ({ inputs: [x], attrs: shape }) => (sameShape(x.shape, shape) ? x.rawView(x.shape) : sumOver(x, shape)),
  backward: ({ dy, inputs: [x] }) => [expand(dy, x.shape)],
});

function sumOver(x: Tensor, shape: Shape): Tensor {
  const lead = x.rank - shape.length;
  const axes = x.shape.map((_, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1));
  return sumKernel([x], axes).rawView([...shape]);
}
