import {
  acoshKernel,
  acosKernel,
  asinhKernel,
  asinKernel,
  atan2Kernel,
  atanhKernel,
  atanKernel,
  coshKernel,
  cosKernel,
  sinhKernel,
  sinKernel,
  tanKernel,
} from '../../tensor/cpu/trigonometric.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { abs, add, div, mul, neg, square, sub } from './arithmetic.ts';
import { sumTo } from './broadcast.ts';
import { sqrt } from './exponential.ts';
import { maximum } from './extrema.ts';

/** 1 − x² without cancellation near ±1. */
const complement = (x: Tensor): Tensor => mul(sub(1, x), add(x, 1));

/** sin x, x in radians. */
export const sin: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sin',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => sinKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, cos(x))],
});

/** cos x, x in radians. */
export const cos: Op<1> = /* @__PURE__ */ defineOp({
  name: 'cos',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => cosKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [neg(mul(dy, sin(x)))],
});

/** tan x, x in radians. */
export const tan: Op<1> = /* @__PURE__ */ defineOp({
  name: 'tan',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => tanKernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(dy, add(square(y), 1))],
});

/** arcsin x in [−π/2, π/2] for |x| <= 1, NaN beyond; the gradient at ±1 is infinite. */
export const asin: Op<1> = /* @__PURE__ */ defineOp({
  name: 'asin',
  arity: 1,
  signature: '… -> …',
  domain: [-1, 1],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => asinKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, sqrt(complement(x)))],
});

/** arccos x in [0, π] for |x| <= 1, NaN beyond; the gradient at ±1 is infinite. */
export const acos: Op<1> = /* @__PURE__ */ defineOp({
  name: 'acos',
  arity: 1,
  signature: '… -> …',
  domain: [-1, 1],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => acosKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [neg(div(dy, sqrt(complement(x))))],
});

/** arctan x in [−π/2, π/2]. */
export const atan: Op<1> = /* @__PURE__ */ defineOp({
  name: 'atan',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => atanKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, add(square(x), 1))],
});

/**
 * The angle of the point (x, y) from the first axis, in [−π, π]: arctan(y/x) on the half plane x > 0; broadcast. Gradients
 * x/(x² + y²) and −y/(x² + y²), right where the squares would overflow or vanish; NaN at the origin.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless both are of one floating dtype
 */
export const atan2: Op<2> = /* @__PURE__ */ defineOp({
  name: 'atan2',
  arity: 2,
  signature: '…~, …~ -> …~',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => atan2Kernel(inputs, undefined),
  backward({ dy, inputs: [y, x], needs }) {
    // The scale cancels: it is a constant to the second derivative too.
    const scale = maximum(abs(x), abs(y)).detach();
    const [u, v] = [div(x, scale), div(y, scale)];
    const share = div(div(dy, scale), add(square(u), square(v)));
    return [needs[0] && sumTo(mul(share, u), y.shape), needs[1] && sumTo(neg(mul(share, v)), x.shape)];
  },
});

/** sinh x = (eˣ − e^−x)/2. */
export const sinh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sinh',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => sinhKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, cosh(x))],
});

/** cosh x = (eˣ + e^−x)/2. */
export const cosh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'cosh',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => coshKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, sinh(x))],
});

/** arsinh x = ln(x + √(x² + 1)). */
export const asinh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'asinh',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => asinhKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, sqrt(add(square(x), 1)))],
});

/** arcosh x = ln(x + √(x² − 1)) for x >= 1, NaN below; the gradient at 1 is infinite. */
export const acosh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'acosh',
  arity: 1,
  signature: '… -> …',
  domain: [1, Number.POSITIVE_INFINITY],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => acoshKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, sqrt(mul(sub(x, 1), add(x, 1))))],
});

/** artanh x = ln((1 + x)/(1 − x))/2 for |x| <= 1, NaN beyond; ±∞ with an infinite gradient at ±1. */
export const atanh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'atanh',
  arity: 1,
  signature: '… -> …',
  domain: [-1, 1],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => atanhKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, complement(x))],
});
