import { logSigmoidKernel, mishKernel, softplusKernel } from '../../tensor/cpu/activation.ts';
import { defineOp, type Op } from '../define.ts';
import { checkNumber } from '../number.ts';
import { checkOptions } from '../options.ts';
import { sigmoid, tanh } from './activation.ts';
import { add, mul, neg, square, sub } from './arithmetic.ts';
import { greater, where } from './compare.ts';
import { log } from './exponential.ts';

/** Options of `softplus`. */
export interface SoftplusAttrs {
  /** Sharpness of the bend, > 0; default 1. */
  readonly beta?: number;
  /** Where beta·x exceeds it the result is x itself; default 20, which errs by less than 2.1e-9/beta. Infinity: nowhere. */
  readonly threshold?: number;
}

/**
 * ln(1 + e^(beta·x))/beta without overflow, or x itself where beta·x > threshold.
 * @throws DomainError unless beta > 0 is finite and the threshold is a number
 */
export const softplus: Op<1, SoftplusAttrs> = /* @__PURE__ */ defineOp({
  name: 'softplus',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  check(_, attrs) {
    checkOptions('softplus', attrs, ['beta', 'threshold']);
    const { beta = 1, threshold = 20 } = attrs;
    checkNumber('softplus', 'beta is a finite number > 0', beta, (v) => v > 0 && v < Infinity);
    checkNumber('softplus', 'the threshold is a number', threshold, (v) => !Number.isNaN(v));
  },
  forward: ({ inputs, attrs: { beta = 1, threshold = 20 } }) => softplusKernel(inputs, { beta, threshold }),
  backward({ dy, inputs: [x], attrs: { beta = 1, threshold = 20 } }) {
    const z = mul(x, beta);
    return [where(greater(z, threshold), dy, mul(dy, sigmoid(z)))];
  },
});

/** −ln(1 + e^−x) = ln sigmoid(x), without the underflow of the latter. */
export const logSigmoid: Op<1> = /* @__PURE__ */ defineOp({
  name: 'logSigmoid',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => logSigmoidKernel(inputs, undefined),
  backward: ({ dy, inputs: [x] }) => [mul(dy, sigmoid(neg(x)))],
  reference: ([x]) => log(sigmoid(x)),
});

/**
 * x·tanh(ln(1 + eˣ)).
 * @source Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv 1908.08681
 */
export const mish: Op<1> = /* @__PURE__ */ defineOp({
  name: 'mish',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward: ({ inputs }) => mishKernel(inputs, undefined),
  backward({ dy, inputs: [x] }) {
    const t = tanh(softplus(x, { threshold: Infinity }));
    return [mul(dy, add(t, mul(mul(x, sub(1, square(t))), sigmoid(x))))];
  },
  reference: ([x]) => mul(x, tanh(softplus(x, { threshold: Infinity }))),
});
