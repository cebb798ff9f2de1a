import {
  absKernel,
  addKernel,
  divKernel,
  lerpKernel,
  mulKernel,
  negKernel,
  reciprocalKernel,
  signKernel,
  squareKernel,
  subKernel,
} from '../../tensor/cpu/arithmetic.ts';
import { expandKernel } from '../../tensor/cpu/layout.ts';
import { zeros } from '../../tensor/create.ts';
import type { Shape } from '../../tensor/errors.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { sumTo } from './broadcast.ts';

/** Gradient of an operand that was broadcast: summed back to its shape. */
const back = (dx: Tensor, x: Tensor): Tensor => (sameShape(dx.shape, x.shape) ? dx : sumTo(dx, x.shape));

/**
 * a + b, broadcast.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ or are bool
 */
export const add: Op<2> = /* @__PURE__ */ defineOp({
  name: 'add',
  arity: 2,
  signature: '…~ :number, …~ :number -> …~ :number',
  forward: ({ inputs }) => addKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && back(dy, a), needs[1] && back(dy, b)],
});

/**
 * a − b, broadcast.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ or are bool
 */
export const sub: Op<2> = /* @__PURE__ */ defineOp({
  name: 'sub',
  arity: 2,
  signature: '…~ :number, …~ :number -> …~ :number',
  forward: ({ inputs }) => subKernel(inputs, undefined),
  backward: ({ dy, inputs: [a, b], needs }) => [needs[0] && back(dy, a), needs[1] && back(neg(dy), b)],
});

/**
 * a·b, element by element, broadcast.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ or are bool
 */
export const mul: Op<2> = /* @__PURE__ */ defineOp({
  name: 'mul',
  arity: 2,
  signature: '…~ :number, …~ :number -> …~ :number',
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
  signature: '… :number -> … :number',
  forward: ({ inputs }) => negKernel(inputs, undefined),
  backward: ({ dy }) => [neg(dy)],
});

/** x². */
export const square: Op<1> = /* @__PURE__ */ defineOp({
  name: 'square',
  arity: 1,
  signature: '… :number -> … :number',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => squareKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, mul(x, 2))],
});

/** |x|; the gradient at 0 is 0. */
export const abs: Op<1> = /* @__PURE__ */ defineOp({
  name: 'abs',
  arity: 1,
  signature: '… :number -> … :number',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => absKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, sign(x))],
});

/** −1, 0 or 1, as x is negative, zero or positive; NaN stays NaN. The gradient is 0. */
export const sign: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sign',
  arity: 1,
  signature: '… :number -> … :number',
  forward: ({ inputs }) => signKernel(inputs, undefined),
  backward: ({ dy }) => [zeros(dy.shape, { dtype: dy.dtype, device: dy.device })],
});

/** 1/x; ±∞ at 0. */
export const reciprocal: Op<1> = /* @__PURE__ */ defineOp({
  name: 'reciprocal',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => reciprocalKernel(inputs, undefined),
  backward: ({ dy, y }) => [neg(mul(dy, square(y)))],
});

/**
 * a + w·(b − a), broadcast: a at w = 0, b at w = 1, both exactly; w may be a number and lie outside 0..1.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless all are of one floating dtype
 */
export const lerp: Op<3> = /* @__PURE__ */ defineOp({
  name: 'lerp',
  arity: 3,
  signature: '…~, …~, …~ -> …~',
  keeps: { inputs: [0, 1, 2] },
  forward({ inputs }) {
    const shape = inputs.reduce<Shape>((wide, x) => broadcastShapes('lerp', wide, x.shape), []);
    const [a, b, w] = inputs.map((x) => (x.size === 1 || sameShape(x.shape, shape) ? x : expandKernel([x], shape)));
    return lerpKernel([a, b, w], undefined);
  },
  backward: ({ dy, inputs: [a, b, w], needs }) => [
    needs[0] && back(mul(dy, sub(1, w)), a),
    needs[1] && back(mul(dy, w), b),
    needs[2] && back(mul(dy, sub(b, a)), w),
  ],
  reference: ([a, b, w]) => add(a, mul(w, sub(b, a))),
});
