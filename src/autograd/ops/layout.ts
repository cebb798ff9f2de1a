import { permuteKernel } from '../../tensor/cpu/layout.ts';
import { type Shape, ShapeError } from '../../tensor/errors.ts';
import { resolveAxes, resolveAxis, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';

/** A target shape with its one −1 filled in. */
function resolveShape(x: Tensor, shape: Shape): Shape {
  const open = shape.indexOf(-1);
  const known = shape.filter((_, i) => i !== open);
  const rest = sizeOf(known);
  const full = open === -1 ? shape : shape.with(open, rest === 0 ? 0 : x.size / rest);
  if (full.some((n) => !Number.isInteger(n) || n < 0) || sizeOf(full) !== x.size)
    throw new ShapeError('reshape', 'the sizes of the two shapes differ', [x.shape, shape]);
  return full;
}

/**
 * The same elements in the same order under another shape; one size may be −1. Shares storage with x.
 * @throws ShapeError when the number of elements differs
 */
export const reshape: Op<1, Shape> = /* @__PURE__ */ defineOp({
  name: 'reshape',
  arity: 1,
  signature: '… :any ->',
  check: ([x], shape) => void resolveShape(x, shape),
  forward: ({ inputs: [x], attrs: shape }) => x.view(resolveShape(x, shape)),
  backward: ({ dy, inputs: [x] }) => [reshape(dy, x.shape)],
});

/**
 * Axes in another order: axis j of the result is axis `axes[j]` of x.
 * @throws ShapeError unless `axes` names every axis once
 */
export const permute: Op<1, readonly number[]> = /* @__PURE__ */ defineOp({
  name: 'permute',
  arity: 1,
  signature: '… :any ->',
  check([x], axes) {
    resolveAxes('permute', axes, x.shape);
    if (axes.length !== x.rank) throw new ShapeError('permute', `needs every axis once, got [${axes}]`, [x.shape]);
  },
  forward: ({ inputs: [x], attrs: axes }) => permuteKernel([x], resolved(x, axes)),
  backward: ({ dy, inputs: [x], attrs: axes }) => {
    const forward = resolved(x, axes);
    return [
      permute(
        dy,
        forward.map((_, i) => forward.indexOf(i)),
      ),
    ];
  },
});

const resolved = (x: Tensor, axes: readonly number[]): readonly number[] =>
  axes.map((axis) => resolveAxis('permute', axis, x.shape));

/**
 * Two axes exchanged, the last two by default.
 * @throws ShapeError when x has no such axes
 */
export function transpose(x: Tensor, a: number = -2, b: number = -1): Tensor {
  const axes = x.shape.map((_, i) => i);
  const p = resolveAxis('transpose', a, x.shape);
  const q = resolveAxis('transpose', b, x.shape);
  return permute(x, axes.with(p, q).with(q, p));
}
