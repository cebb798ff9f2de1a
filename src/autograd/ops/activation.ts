import {
  geluGradKernel,
  geluKernel,
  geluTanhGradKernel,
  geluTanhKernel,
  reluGradKernel,
  reluKernel,
  sigmoidGradKernel,
  sigmoidKernel,
  siluGradKernel,
  siluKernel,
  tanhGradKernel,
} from '../../tensor/cpu/activation.ts';
import { tanhKernel } from '../../tensor/cpu/trigonometric.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkName, checkOptions } from '../options.ts';
import { add, mul, square, sub } from './arithmetic.ts';
import { erf, exp } from './exponential.ts';
import { clamp } from './extrema.ts';

/** max(x, 0); the gradient at 0 is 0. */
export const relu: Op<1> = /* @__PURE__ */ defineOp({
  name: 'relu',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => reluKernel(inputs, undefined),
  backward: ({ dy, y }) => [reluGrad(dy, y)],
});

/** g where y > 0, else 0: what `relu` does to a gradient. No gradient flows into y. */
export const reluGrad: Op<2> = /* @__PURE__ */ defineOp({
  name: 'reluGrad',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [1] },
  forward: ({ inputs }) => reluGradKernel(inputs, undefined),
  backward: ({ dy, inputs: [, y] }) => [reluGrad(dy, y), null],
});

/** tanh x. */
export const tanh: Op<1> = /* @__PURE__ */ defineOp({
  name: 'tanh',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => tanhKernel(inputs, undefined),
  backward: ({ dy, y }) => [tanhGrad(dy, y)],
});

/** g·(1 − y²): what `tanh` does to a gradient. */
export const tanhGrad: Op<2> = /* @__PURE__ */ defineOp({
  name: 'tanhGrad',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => tanhGradKernel(inputs, undefined),
  backward: ({ dy, inputs: [g, y], needs }) => [needs[0] && tanhGrad(dy, y), needs[1] && mul(mul(dy, g), mul(y, -2))],
  reference: ([g, y]) => mul(g, sub(1, square(y))),
});

/** 1/(1 + e^−x), without overflow at either end. */
export const sigmoid: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sigmoid',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => sigmoidKernel(inputs, undefined),
  backward: ({ dy, y }) => [sigmoidGrad(dy, y)],
});

/** g·y·(1 − y): what `sigmoid` does to a gradient. */
export const sigmoidGrad: Op<2> = /* @__PURE__ */ defineOp({
  name: 'sigmoidGrad',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => sigmoidGradKernel(inputs, undefined),
  backward: ({ dy, inputs: [g, y], needs }) => [
    needs[0] && sigmoidGrad(dy, y),
    needs[1] && mul(mul(dy, g), sub(1, mul(y, 2))),
  ],
  reference: ([g, y]) => mul(g, mul(y, sub(1, y))),
});

/**
 * x·sigmoid(x), also called swish.
 * @source Elfwing, Uchibe & Doya, "Sigmoid-Weighted Linear Units", arXiv 1702.03118
 */
export const silu: Op<1> = /* @__PURE__ */ defineOp({
  name: 'silu',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => siluKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [siluGrad(dy, x)],
  reference: ([x]) => mul(x, sigmoid(x)),
});

/** g·σ·(1 + x·(1 − σ)) with σ = sigmoid(x): what `silu` does to a gradient. */
export const siluGrad: Op<2> = /* @__PURE__ */ defineOp({
  name: 'siluGrad',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => siluGradKernel(inputs, undefined),
  backward({ dy, inputs: [g, x], needs }) {
    if (!needs[1]) return [siluGrad(dy, x), null];
    const near = clamp(x, { min: -800, max: 800 });
    const s = sigmoid(near);
    const bend = mul(mul(s, sub(1, s)), add(mul(near, sub(1, mul(s, 2))), 2));
    return [needs[0] && siluGrad(dy, x), mul(mul(dy, g), bend)];
  },
  reference: ([g, x]) => mul(g, mul(sigmoid(x), add(mul(x, sub(1, sigmoid(x))), 1))),
});

/** √(2/π) and the cubic coefficient of the tanh form. */
const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** Φ(x), the standard normal distribution function, and its density. */
const phi = (x: Tensor): Tensor => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
const density = (x: Tensor): Tensor => mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/** √(2/π)·(x + 0.044715·x³). */
const inner = (x: Tensor): Tensor => mul(mul(x, add(mul(square(x), cubic), 1)), slope);

/** Which form of `gelu`: with Φ, or with tanh. */
export interface GeluAttrs {
  readonly approximate?: 'none' | 'tanh';
}

function checkGelu(op: string, attrs: GeluAttrs): void {
  checkOptions(op, attrs, ['approximate']);
  checkName(op, 'approximate', attrs.approximate ?? 'none', ['none', 'tanh']);
}

/**
 * x·Φ(x), with Φ the standard normal distribution function; `approximate: 'tanh'` is
 * x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
 * @throws DomainError for another name
 * @source Hendrycks & Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415
 */
export const gelu: Op<1, GeluAttrs> = /* @__PURE__ */ defineOp({
  name: 'gelu',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  check: (_, attrs) => checkGelu('gelu', attrs),
  forward: ({ inputs, attrs: { approximate } }) =>
    (approximate === 'tanh' ? geluTanhKernel : geluKernel)(inputs, undefined),
  backward: ({ dy, inputs: [x], attrs }) => [geluGrad(dy, x, attrs)],
  reference: ([x], { approximate }) =>
    approximate === 'tanh' ? mul(mul(x, add(tanh(inner(x)), 1)), 0.5) : mul(x, phi(x)),
});

/** The slope of `gelu` at x, and the slope of that. */
function bends(x: Tensor, { approximate }: GeluAttrs): readonly [slope: Tensor, bend: Tensor] {
  if (approximate !== 'tanh') return [add(phi(x), mul(x, density(x))), mul(density(x), sub(2, square(x)))];
  // With s = σ(u) and u = 2·inner(x): s + x·s′·u′ and s′·(2u′ + x·((1 − 2s)·u′² + u″)).
  const s = sigmoid(mul(inner(x), 2));
  const ds = mul(s, sub(1, s));
  const du = mul(add(mul(square(x), 3 * cubic), 1), 2 * slope);
  const bent = add(mul(sub(1, mul(s, 2)), square(du)), mul(x, 12 * slope * cubic));
  return [add(s, mul(mul(x, ds), du)), mul(ds, add(mul(du, 2), mul(x, bent)))];
}

/** g times the slope of `gelu` at x: what it does to a gradient. @throws DomainError for another name */
export const geluGrad: Op<2, GeluAttrs> = /* @__PURE__ */ defineOp({
  name: 'geluGrad',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [0, 1] },
  check: (_, attrs) => checkGelu('geluGrad', attrs),
  forward: ({ inputs, attrs: { approximate } }) =>
    (approximate === 'tanh' ? geluTanhGradKernel : geluGradKernel)(inputs, undefined),
  backward: ({ dy, inputs: [g, x], attrs, needs }) => [
    needs[0] && geluGrad(dy, x, attrs),
    needs[1] && mul(mul(dy, g), bends(clamp(x, { min: -40, max: 40 }), attrs)[1]),
  ],
  reference: ([g, x], attrs) => mul(g, bends(x, attrs)[0]),
});
