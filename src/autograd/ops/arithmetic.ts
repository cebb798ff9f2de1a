import {
  absKernel,
  addKernel,
  divKernel,
  mulKernel,
  negKernel,
  signKernel,
  squareKernel,
  subKernel,
} from '../../tensor/cpu/pointwise.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { sumTo } from './broadcast.ts';

/** Gradient of an operand that was broadcast: summed back to its shape. */
const back = (dx: Tensor, x: Tensor): Tensor => sumTo(dx, x.shape);

/**
 * a + b, broadcast.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ
 */
export const add: Op<2> = /* @__PURE__ */ defineOp({
  name: 'add',
  arity: 2,
  signature: '…~ :same, …~ :same -> …~',
  forward: ({ inputs }) => addKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && back(dy, a), needs[1] && back(dy, b)],
});

/**
 * a − b, broadcast.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ
 */
export const sub: Op<2> = /* @__PURE__ */ defineOp({
  name: 'sub',
  arity: 2,
  signature: '…~ :same, …~ :same -> …~',
  forward: ({ inputs }) => subKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && back(dy, a), needs[1] && back(neg(dy), b)],
});

/**
 * a·b, element by element, broadcast.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ
 */
export const mul: Op<2> = /* @__PURE__ */ defineOp({
  name: 'mul',
  arity: 2,
  signature: '…~ :same, …~ :same -> …~',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => mulKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && back(mul(dy, b), a), needs[1] && back(mul(dy, a), b)],
});

/**
 * a/b, element by element, broadcast. Division by zero gives ±∞ or NaN, as IEEE 754 says.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless both are of one floating dtype
 */
export const div: Op<2> = /* @__PURE__ */ defineOp({
  name: 'div',
  arity: 2,
  signature: '…~, …~ -> …~',
  keeps: { inputs: [1], outputs: [0] },
  forward: ({ inputs }) => divKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], y, needs }) => {
    const da = div(dy, b);
    return [needs[0] && back(da, a), needs[1] && back(neg(mul(da, y)), b)];
  },
});

/** −x. */
export const neg: Op<1> = /* @__PURE__ */ defineOp({
  name: 'neg',
  arity: 1,
  signature: '… -> …',
  forward: ({ inputs }) => negKernel(inputs, undefined),
  backward: ({ dy }) => [neg(dy)],
});

/** x². */
export const square: Op<1> = /* @__PURE__ */ defineOp({
  name: 'square',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => squareKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, mul(x, 2))],
});

/** |x|; the gradient at 0 is 0. */
export const abs: Op<1> = /* @__PURE__ */ defineOp({
  name: 'abs',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => absKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, sign(x))],
});

/** −1, 0 or 1, as x is negative, zero or positive; NaN stays NaN. Not differentiable. */
export const sign: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sign',
  arity: 1,
  signature: '… -> …',
  forward: ({ inputs }) => signKernel(inputs, undefined),
});
