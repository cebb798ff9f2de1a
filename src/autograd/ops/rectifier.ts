import { eluKernel, leakyReluKernel } from '../../tensor/cpu/activation.ts';
import { defineOp, type Op } from '../define.ts';
import { checkNumber } from '../number.ts';
import { checkOptions } from '../options.ts';
import { mul } from './arithmetic.ts';
import { greater, where } from './compare.ts';
import { exp } from './exponential.ts';
import { clamp } from './extrema.ts';

/** Slope of `leakyRelu` below 0; default 0.01. */
export interface LeakyReluAttrs {
  readonly negativeSlope?: number;
}

/**
 * x above 0, negativeSlope·x elsewhere; the gradient at 0 is the negative slope.
 * @throws DomainError unless the slope is a finite number
 */
export const leakyRelu: Op<1, LeakyReluAttrs> = /* @__PURE__ */ defineOp({
  name: 'leakyRelu',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  check(_, attrs) {
    checkOptions('leakyRelu', attrs, ['negativeSlope']);
    checkNumber('leakyRelu', 'negativeSlope is a finite number', attrs.negativeSlope ?? 0.01);
  },
  forward: ({ inputs, attrs: { negativeSlope = 0.01 } }) => leakyReluKernel(inputs, negativeSlope),
  backward: ({ dy, inputs: [x], attrs: { negativeSlope = 0.01 } }) => [
    where(greater(x, 0), dy, mul(dy, negativeSlope)),
  ],
});

/** How far `elu` falls; default 1. */
export interface EluAttrs {
  readonly alpha?: number;
}

/**
 * x above 0, alpha·(eˣ − 1) elsewhere; the gradient at 0 is alpha.
 * @throws DomainError unless alpha is a finite number
 * @source Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units",
 * arXiv 1511.07289
 */
export const elu: Op<1, EluAttrs> = /* @__PURE__ */ defineOp({
  name: 'elu',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  check(_, attrs) {
    checkOptions('elu', attrs, ['alpha']);
    checkNumber('elu', 'alpha is a finite number', attrs.alpha ?? 1);
  },
  forward: ({ inputs, attrs: { alpha = 1 } }) => eluKernel(inputs, alpha),
  // Clamped: the exponential of a large x is infinite, and in a second derivative would meet the 0 that masks it.
  backward: ({ dy, inputs: [x], attrs: { alpha = 1 } }) => [
    where(greater(x, 0), dy, mul(dy, mul(exp(clamp(x, { max: 0 })), alpha))),
  ],
});
