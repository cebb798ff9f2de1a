import { centreKernel, logSumExpKernel, normKernel, type Spread, varianceKernel } from '../../tensor/cpu/statistics.ts';
import { ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkNumber } from '../number.ts';
import { checkOptions } from '../options.ts';
import { abs, div, mul, sign, sub } from './arithmetic.ts';
import {
  alongLine,
  axisOf,
  checkReduce,
  finish,
  type ReduceAttrs,
  reduceBy,
  reducedAxes,
  reducedSize,
  restore,
} from './axes.ts';
import { sumTo } from './broadcast.ts';
import { cast } from './cast.ts';
import { equal, where } from './compare.ts';
import { exp } from './exponential.ts';

/**
 * x − mean(x) along one axis, the last by default; zeros where all are equal. It is its own gradient.
 * @throws ShapeError when the axis does not exist; DomainError for an unknown option
 */
export const centre: Op<1, { readonly axis?: number }> = /* @__PURE__ */ defineOp({
  name: 'centre',
  arity: 1,
  signature: '… -> …',
  check([x], attrs) {
    checkOptions('centre', attrs, ['axis']);
    axisOf('centre', attrs.axis ?? -1, x);
  },
  forward: ({ inputs: [x], attrs: { axis = -1 } }) => centreKernel([x], axisOf('centre', axis, x)),
  backward: ({ dy, attrs }) => [centre(dy, attrs)],
});

/** What a variance is taken over, and what is taken off the number of elements. */
export interface VarianceAttrs extends ReduceAttrs {
  /** The divisor is n − correction. Default 1, which makes the estimate unbiased; 0 gives the mean square deviation. */
  readonly correction?: number;
}

function checkVariance(op: string, x: Tensor, attrs: VarianceAttrs): void {
  checkReduce(op, x, attrs, ['correction']);
  checkNumber(op, 'the correction is a finite number', attrs.correction ?? 1);
}

const spreadOf = (op: string, x: Tensor, attrs: VarianceAttrs, root: boolean): Spread => ({
  axes: reducedAxes(op, x, attrs),
  correction: attrs.correction ?? 1,
  root,
});

/** factor·(x − mean)/(n − correction). */
function deviations(op: string, x: Tensor, attrs: VarianceAttrs, factor: number): Tensor {
  const divisor = Math.max(0, reducedSize(op, x, attrs) - (attrs.correction ?? 1));
  return mul(
    alongLine(x, reducedAxes(op, x, attrs), (line, axis) => centre(line, { axis })),
    factor / divisor,
  );
}

/**
 * Σ(x − mean)²/(n − correction) over the given axes, in two passes. NaN where n <= correction and all are equal, else ∞
 * there. Called `var` elsewhere.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError for integers; DomainError unless the correction is
 * finite, or for an unknown option
 */
export const variance: Op<1, VarianceAttrs> = /* @__PURE__ */ defineOp({
  name: 'variance',
  arity: 1,
  signature: '… ->',
  keeps: { inputs: [0] },
  check: ([x], attrs) => checkVariance('variance', x, attrs),
  forward: ({ inputs: [x], attrs }) =>
    finish('variance', varianceKernel([x], spreadOf('variance', x, attrs, false)), x, attrs),
  backward: ({ dy, inputs: [x], attrs }) => [
    mul(restore('variance', dy, x, attrs), deviations('variance', x, attrs, 2)),
  ],
});

/**
 * √variance over the given axes. Where all elements are equal it is 0, and so is its gradient.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError for integers; DomainError unless the correction is
 * finite, or for an unknown option
 */
export const std: Op<1, VarianceAttrs> = /* @__PURE__ */ defineOp({
  name: 'std',
  arity: 1,
  signature: '… ->',
  keeps: { inputs: [0], outputs: [0] },
  check: ([x], attrs) => checkVariance('std', x, attrs),
  forward: ({ inputs: [x], attrs }) => finish('std', varianceKernel([x], spreadOf('std', x, attrs, true)), x, attrs),
  backward({ dy, inputs: [x], y, attrs }) {
    const share = restore('std', div(dy, orInfinite(y)), x, attrs);
    return [mul(share, deviations('std', x, attrs, 1))];
  },
});

/** y as a divisor that makes 0 of everything where y is 0, in any derivative. */
const orInfinite = (y: Tensor): Tensor => where(equal(y, 0), Infinity, y);

/**
 * ln Σ eˣ over the given axes, without overflow; −∞ over no elements, or where all are −∞: the gradient there is 0.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError for integers; DomainError for an unknown option
 */
export const logSumExp: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'logSumExp',
  arity: 1,
  signature: '… ->',
  keeps: { inputs: [0], outputs: [0] },
  check: ([x], attrs) => checkReduce('logSumExp', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('logSumExp', logSumExpKernel, x, attrs),
  backward({ dy, inputs: [x], y, attrs }) {
    // −∞ − (−∞) is NaN; −∞ − 0 gives the weight 0.
    const total = restore('logSumExp', where(equal(y, -Infinity), 0, y), x, attrs);
    return [mul(restore('logSumExp', dy, x, attrs), exp(sub(x, total)))];
  },
});

/** Which norm, and what it is taken over. */
export interface NormAttrs extends ReduceAttrs {
  /** 1: Σ|x|. 2, the default: √Σx². Infinity: max |x|. */
  readonly p?: number;
}

function checkNorm(x: Tensor, attrs: NormAttrs): void {
  const { p = 2 } = attrs;
  checkReduce('norm', x, attrs, ['p']);
  checkNumber('norm', 'p is 1, 2 or Infinity', p, (v) => v === 1 || v === 2 || v === Infinity);
  if (p === Infinity && reducedSize('norm', x, attrs) === 0)
    throw new ShapeError('norm', 'there is no largest of no elements', [x.shape]);
}

/** ∂norm/∂x for each element, 0 in a zero vector. */
function normSlope(x: Tensor, y: Tensor, p: number): Tensor {
  if (p === 1) return sign(x);
  if (p === 2) return div(x, orInfinite(y));
  const ties = cast(equal(abs(x), y), x.dtype);
  return mul(sign(x), div(ties, sumTo(ties, y.shape)));
}

/**
 * The norm of x over the given axes as a vector: Σ|x|, √Σx² or max |x|, without overflow. The gradient of a zero vector is
 * 0; where several are largest, the gradient of the maximum is split evenly between them.
 * @throws ShapeError when an axis does not exist or repeats, or for the maximum of no elements; DTypeError for integers;
 * DomainError unless p is 1, 2 or Infinity, or for an unknown option
 */
export const norm: Op<1, NormAttrs> = /* @__PURE__ */ defineOp({
  name: 'norm',
  arity: 1,
  signature: '… ->',
  keeps: { inputs: [0], outputs: [0] },
  check: ([x], attrs) => checkNorm(x, attrs),
  forward({ inputs: [x], attrs }) {
    const y = normKernel([x], { axes: reducedAxes('norm', x, attrs), p: attrs.p ?? 2 });
    return finish('norm', y, x, attrs);
  },
  backward: ({ dy, inputs: [x], y, attrs }) => [
    mul(restore('norm', dy, x, attrs), normSlope(x, restore('norm', y, x, attrs), attrs.p ?? 2)),
  ],
});
