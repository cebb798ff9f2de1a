import { expandKernel, whereKernel } from '../../tensor/cpu/layout.ts';
import { equalKernel, greaterKernel, lessKernel } from '../../tensor/cpu/pointwise.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { sumTo } from './broadcast.ts';

const comparison = '…~ :same, …~ :same -> …~ :bool';

/** a = b, element by element, broadcast, as bool; NaN equals nothing. Not differentiable. */
export const equal: Op<2> = /* @__PURE__ */ defineOp({
  name: 'equal',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => equalKernel(inputs, undefined),
});

/** a > b, element by element, broadcast, as bool. Not differentiable. */
export const greater: Op<2> = /* @__PURE__ */ defineOp({
  name: 'greater',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => greaterKernel(inputs, undefined),
});

/** a < b, element by element, broadcast, as bool. Not differentiable. */
export const less: Op<2> = /* @__PURE__ */ defineOp({
  name: 'less',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => lessKernel(inputs, undefined),
});

/**
 * a where the condition holds, b elsewhere; all three broadcast. The gradient goes to the operand that was chosen.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless the condition is bool and a, b share a float dtype
 */
export const where: Op<3> = /* @__PURE__ */ defineOp({
  name: 'where',
  arity: 3,
  signature: '…~ :bool, …~, …~ -> …~',
  keeps: { inputs: [0] },
  forward({ inputs: [condition, a, b] }) {
    const shape = broadcastShapes('where', broadcastShapes('where', condition.shape, a.shape), b.shape);
    const wide = (x: Tensor): Tensor => (sameShape(x.shape, shape) ? x : expandKernel([x], shape));
    return whereKernel([wide(condition), wide(a), wide(b)], undefined);
  },
  backward: ({ dy, inputs: [condition, a, b], needs }) => [
    null,
    needs[1] && sumTo(where(condition, dy, 0), a.shape),
    needs[2] && sumTo(where(condition, 0, dy), b.shape),
  ],
});
