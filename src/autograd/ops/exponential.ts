import { erfKernel } from '../../tensor/cpu/erf.ts';
import {
  expKernel,
  expm1Kernel,
  log1pKernel,
  log2Kernel,
  logKernel,
  rsqrtKernel,
  sqrtKernel,
} from '../../tensor/cpu/exponential.ts';
import { defineOp, type Op } from '../define.ts';
import { add, div, mul, neg, square } from './arithmetic.ts';

/** eˣ. */
export const exp: Op<1> = /* @__PURE__ */ defineOp({
  name: 'exp',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => expKernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(dy, y)],
});

/** eˣ − 1, with its relative precision near 0. */
export const expm1: Op<1> = /* @__PURE__ */ defineOp({
  name: 'expm1',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => expm1Kernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(dy, add(y, 1))],
});

/** ln x for x > 0; −∞ at 0, NaN below. */
export const log: Op<1> = /* @__PURE__ */ defineOp({
  name: 'log',
  arity: 1,
  signature: '… -> …',
  domain: [0, Number.POSITIVE_INFINITY],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => logKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, x)],
});

/** ln(1 + x) for x > −1, with its relative precision near 0; −∞ at −1, NaN below. */
export const log1p: Op<1> = /* @__PURE__ */ defineOp({
  name: 'log1p',
  arity: 1,
  signature: '… -> …',
  domain: [-1, Number.POSITIVE_INFINITY],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => log1pKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, add(x, 1))],
});

/** log₂ x for x > 0; −∞ at 0, NaN below. */
export const log2: Op<1> = /* @__PURE__ */ defineOp({
  name: 'log2',
  arity: 1,
  signature: '… -> …',
  domain: [0, Number.POSITIVE_INFINITY],
  keeps: { inputs: [0] },
  forward: ({ inputs }) => log2Kernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [div(dy, mul(x, Math.LN2))],
});

/** √x for x >= 0, NaN below; the gradient at 0 is infinite. */
export const sqrt: Op<1> = /* @__PURE__ */ defineOp({
  name: 'sqrt',
  arity: 1,
  signature: '… -> …',
  domain: [0, Number.POSITIVE_INFINITY],
  keeps: { outputs: [0] },
  forward: ({ inputs }) => sqrtKernel(inputs, undefined),
  backward: ({ dy, y }) => [div(dy, mul(y, 2))],
});

/** 1/√x for x > 0; ∞ at 0, NaN below. */
export const rsqrt: Op<1> = /* @__PURE__ */ defineOp({
  name: 'rsqrt',
  arity: 1,
  signature: '… -> …',
  domain: [0, Number.POSITIVE_INFINITY],
  keeps: { outputs: [0] },
  forward: ({ inputs }) => rsqrtKernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(mul(dy, -0.5), mul(y, square(y)))],
});

/** The error function 2/√π·∫₀ˣ e^−t² dt. */
export const erf: Op<1> = /* @__PURE__ */ defineOp({
  name: 'erf',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => erfKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))],
});
