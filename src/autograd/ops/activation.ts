import {
  geluKernel,
  geluTanhKernel,
  reluGradKernel,
  reluKernel,
  sigmoidKernel,
  siluKernel,
} from '../../tensor/cpu/activation.ts';
import { tanhKernel } from '../../tensor/cpu/trigonometric.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkName, checkOptions } from '../options.ts';
import { add, mul, neg, square, sub } from './arithmetic.ts';
import { erf, exp } from './exponential.ts';

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
  backward: ({ dy, y }) => [mul(dy, sub(1, square(y)))],
});

/** 1/(1 + e^−x), without overflow at either end. */
export const sigmoid: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sigmoid',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => sigmoidKernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(dy, mul(y, sub(1, y)))],
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
  backward({ dy, inputs: [x] }) {
    const s = sigmoid(x);
    return [mul(dy, mul(s, add(mul(x, sub(1, s)), 1)))];
  },
  reference: ([x]) => mul(x, sigmoid(x)),
});

/** √(2/π) and the cubic coefficient of the tanh form. */
const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** Φ(x), the standard normal distribution function. */
const phi = (x: Tensor): Tensor => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);

/** √(2/π)·(x + 0.044715·x³). */
const inner = (x: Tensor): Tensor => mul(mul(x, add(mul(square(x), cubic), 1)), slope);

/**
 * x·Φ(x), with Φ the standard normal distribution function; `approximate: 'tanh'` is
 * x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
 * @throws DomainError for another name
 * @source Hendrycks & Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415
 */
export const gelu: Op<1, { readonly approximate?: 'none' | 'tanh' }> = /* @__PURE__ */ defineOp({
  name: 'gelu',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  check(_, attrs) {
    checkOptions('gelu', attrs, ['approximate']);
    checkName('gelu', 'approximate', attrs.approximate ?? 'none', ['none', 'tanh']);
  },
  forward: ({ inputs, attrs: { approximate } }) =>
    (approximate === 'tanh' ? geluTanhKernel : geluKernel)(inputs, undefined),
  backward({ dy, inputs: [x], attrs: { approximate } }) {
    if (approximate !== 'tanh') {
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy, add(phi(x), mul(x, density)))];
    }
    const t = tanh(inner(x));
    const dInner = mul(add(mul(square(x), 3 * cubic), 1), slope);
    const dt = mul(add(neg(square(t)), 1), dInner);
    return [mul(dy, mul(add(add(t, 1), mul(x, dt)), 0.5))];
  },
  reference: ([x], { approximate }) =>
    approximate === 'tanh' ? mul(mul(x, add(tanh(inner(x)), 1)), 0.5) : mul(x, phi(x)),
});
