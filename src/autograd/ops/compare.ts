import {
  equalKernel,
  greaterEqualKernel,
  greaterKernel,
  isFiniteKernel,
  isInfKernel,
  isNaNKernel,
  lessEqualKernel,
  lessKernel,
  notEqualKernel,
} from '../../tensor/cpu/compare.ts';
import { expandKernel, whereKernel } from '../../tensor/cpu/layout.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { sumTo } from './broadcast.ts';

const comparison = '…~ :same, …~ :same -> …~ :bool';
const predicate = '… :same -> … :bool';

/** a = b, element by element, broadcast, as bool; NaN equals nothing. Not differentiable. */
export const equal: Op<2> = /* @__PURE__ */ defineOp({
  name: 'equal',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => equalKernel(inputs, undefined),
});

/** a ≠ b, element by element, broadcast, as bool; NaN differs from everything. Not differentiable. */
export const notEqual: Op<2> = /* @__PURE__ */ defineOp({
  name: 'notEqual',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => notEqualKernel(inputs, undefined),
});

/** a > b, element by element, broadcast, as bool. Not differentiable. */
export const greater: Op<2> = /* @__PURE__ */ defineOp({
  name: 'greater',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => greaterKernel(inputs, undefined),
});

/** a ≥ b, element by element, broadcast, as bool. Not differentiable. */
export const greaterEqual: Op<2> = /* @__PURE__ */ defineOp({
  name: 'greaterEqual',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => greaterEqualKernel(inputs, undefined),
});

/** a < b, element by element, broadcast, as bool. Not differentiable. */
export const less: Op<2> = /* @__PURE__ */ defineOp({
  name: 'less',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => lessKernel(inputs, undefined),
});

/** a ≤ b, element by element, broadcast, as bool. Not differentiable. */
export const lessEqual: Op<2> = /* @__PURE__ */ defineOp({
  name: 'lessEqual',
  arity: 2,
  signature: comparison,
  forward: ({ inputs }) => lessEqualKernel(inputs, undefined),
});

/** Whether x is NaN, element by element, as bool; false for int32 and bool. Not differentiable. */
export const isNaN: Op<1> = /* @__PURE__ */ defineOp({
  name: 'isNaN',
  arity: 1,
  signature: predicate,
  forward: ({ inputs }) => isNaNKernel(inputs, undefined),
});

/** Whether x is neither NaN nor infinite, element by element, as bool; true for int32 and bool. Not differentiable. */
export const isFinite: Op<1> = /* @__PURE__ */ defineOp({
  name: 'isFinite',
  arity: 1,
  signature: predicate,
  forward: ({ inputs }) => isFiniteKernel(inputs, undefined),
});

/** Whether x is +∞ or −∞, element by element, as bool; false for int32 and bool. Not differentiable. */
export const isInf: Op<1> = /* @__PURE__ */ defineOp({
  name: 'isInf',
  arity: 1,
  signature: predicate,
  forward: ({ inputs }) => isInfKernel(inputs, undefined),
});

/**
 * a where the condition holds, b elsewhere; all three broadcast. The gradient goes to the operand that was chosen.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless the condition is bool and a, b share a dtype
 */
export const where: Op<3> = /* @__PURE__ */ defineOp({
  name: 'where',
  arity: 3,
  signature: '…~ :bool, …~ :same, …~ :same -> …~ :same',
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
