import { erfKernel, expKernel, logKernel, sqrtKernel } from '../../tensor/cpu/pointwise.ts';
import { defineOp, type Op } from '../define.ts';
import { div, mul, neg, square } from './arithmetic.ts';

/** eˣ. */
export const exp: Op<1> = /* @__PURE__ */ defineOp({
  name: 'exp',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs }) => expKernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(dy, y)],
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

/** The error function 2/√π·∫₀ˣ e^−t² dt. */
export const erf: Op<1> = /* @__PURE__ */ defineOp({
  name: 'erf',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => erfKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))],
});
