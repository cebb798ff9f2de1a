import {
  allKernel,
  anyKernel,
  argmaxKernel,
  argminKernel,
  maxKernel,
  minKernel,
  prodKernel,
  sumKernel,
} from '../../tensor/cpu/reduce.ts';
import { ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions } from '../options.ts';
import { div, mul } from './arithmetic.ts';
import {
  alongLine,
  axisOf,
  checkReduce,
  type ReduceAttrs,
  reduceBy,
  reducedAxes,
  reducedSize,
  restore,
} from './axes.ts';
import { expand, sumTo } from './broadcast.ts';
import { cast } from './cast.ts';
import { equal } from './compare.ts';
import { cumprod } from './cumulative.ts';
import { permute } from './layout.ts';

export type { ReduceAttrs } from './axes.ts';

/**
 * Σ x over the given axes, accumulated in float64. The sum of bool is int32: how many are true.
 * @throws ShapeError when an axis does not exist or repeats; DomainError for an unknown option
 */
export const sum: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'sum',
  arity: 1,
  signature: '… :any ->',
  check: ([x], attrs) => checkReduce('sum', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('sum', sumKernel, x, attrs),
  backward: ({ dy, inputs: [x], attrs }) => [expand(restore('sum', dy, x, attrs), x.shape)],
});

/**
 * The mean of x over the given axes; NaN over no elements.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError for integers, whose mean is not
 * an integer; DomainError for an unknown option
 */
export const mean: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'mean',
  arity: 1,
  signature: '… ->',
  check: ([x], attrs) => checkReduce('mean', x, attrs),
  forward: ({ inputs: [x], attrs }) => div(sum(x, attrs), reducedSize('mean', x, attrs)),
  backward({ dy, inputs: [x], attrs }) {
    const share = div(restore('mean', dy, x, attrs), reducedSize('mean', x, attrs));
    return [expand(share, x.shape)];
  },
  reference: ([x], attrs) => div(sum(x, attrs), reducedSize('mean', x, attrs)),
});

/**
 * Π x over the given axes, in float64; 1 over no elements. The product of bool is int32. The gradient is the product of
 * the other elements, made without a division, so that zeros do it no harm.
 * @throws ShapeError when an axis does not exist or repeats; DomainError for an unknown option
 */
export const prod: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'prod',
  arity: 1,
  signature: '… :any ->',
  keeps: { inputs: [0] },
  check: ([x], attrs) => checkReduce('prod', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('prod', prodKernel, x, attrs),
  backward({ dy, inputs: [x], attrs }) {
    const others = alongLine(x, reducedAxes('prod', x, attrs), (line, axis) =>
      mul(cumprod(line, { axis, exclusive: true }), cumprod(line, { axis, exclusive: true, reverse: true })),
    );
    return [mul(restore('prod', dy, x, attrs), others)];
  },
});

function checkNotEmpty(op: string, x: Tensor, attrs: ReduceAttrs): void {
  checkReduce(op, x, attrs);
  if (reducedSize(op, x, attrs) === 0) throw new ShapeError(op, `there is no ${op} of no elements`, [x.shape]);
}

/** The gradient of an entry that was chosen, shared evenly between all that are equal to it. */
function toChosen(op: string, dy: Tensor, x: Tensor, y: Tensor, attrs: ReduceAttrs): Tensor {
  const chosen = restore(op, y, x, attrs);
  const ties = cast(equal(x, chosen), x.dtype);
  return mul(ties, div(restore(op, dy, x, attrs), sumTo(ties, chosen.shape)));
}

/**
 * The largest entry over the given axes. NaN wins over every number. Where several are largest the gradient is split
 * evenly between them.
 * @throws ShapeError when an axis does not exist or repeats, or there is nothing to choose from; DomainError for an
 * unknown option
 */
export const max: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'max',
  arity: 1,
  signature: '… :same ->',
  keeps: { inputs: [0], outputs: [0] },
  check: ([x], attrs) => checkNotEmpty('max', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('max', maxKernel, x, attrs),
  backward: ({ dy, inputs: [x], y, attrs }) => [toChosen('max', dy, x, y, attrs)],
});

/**
 * The smallest entry over the given axes. NaN wins over every number. Where several are smallest the gradient is split
 * evenly between them.
 * @throws ShapeError when an axis does not exist or repeats, or there is nothing to choose from; DomainError for an
 * unknown option
 */
export const min: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'min',
  arity: 1,
  signature: '… :same ->',
  keeps: { inputs: [0], outputs: [0] },
  check: ([x], attrs) => checkNotEmpty('min', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('min', minKernel, x, attrs),
  backward: ({ dy, inputs: [x], y, attrs }) => [toChosen('min', dy, x, y, attrs)],
});

/** Along which axis to look for an extreme. */
export interface ArgAttrs {
  /** Default: the last. */
  readonly axis?: number;
  /** Leave the axis in place, with size 1. Default false. */
  readonly keepDims?: boolean;
}

function checkArg(op: string, x: Tensor, attrs: ArgAttrs): void {
  checkOptions(op, attrs, ['axis', 'keepDims']);
  checkFlag(op, 'keepDims', attrs.keepDims ?? false);
  const { axis = -1 } = attrs;
  if (x.shape[axisOf(op, axis, x)] === 0) throw new ShapeError(op, `axis ${axis} is empty`, [x.shape]);
}

/** A kernel for the last axis, run along any. */
function argBy(op: string, kernel: typeof argmaxKernel, x: Tensor, { axis = -1, keepDims }: ArgAttrs): Tensor {
  const at = axisOf(op, axis, x);
  const others = x.shape.map((_, i) => i).filter((i) => i !== at);
  const y = kernel([at === x.rank - 1 ? x : permute(x, [...others, at])], undefined);
  return keepDims ? y.rawView(x.shape.with(at, 1)) : y;
}

/**
 * Index (int32) of the first largest entry along one axis, the last by default; that of the first NaN if there is one. Not
 * differentiable.
 * @throws ShapeError when the axis does not exist, or is empty; DomainError for an unknown option
 */
export const argmax: Op<1, ArgAttrs> = /* @__PURE__ */ defineOp({
  name: 'argmax',
  arity: 1,
  signature: '… :same ->',
  check: ([x], attrs) => checkArg('argmax', x, attrs),
  forward: ({ inputs: [x], attrs }) => argBy('argmax', argmaxKernel, x, attrs),
});

/**
 * Index (int32) of the first smallest entry along one axis, the last by default; that of the first NaN if there is one. Not
 * differentiable.
 * @throws ShapeError when the axis does not exist, or is empty; DomainError for an unknown option
 */
export const argmin: Op<1, ArgAttrs> = /* @__PURE__ */ defineOp({
  name: 'argmin',
  arity: 1,
  signature: '… :same ->',
  check: ([x], attrs) => checkArg('argmin', x, attrs),
  forward: ({ inputs: [x], attrs }) => argBy('argmin', argminKernel, x, attrs),
});

/**
 * Whether any element is true, over the given axes; false over no elements. bool only. Not differentiable.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError unless x is bool; DomainError for an unknown option
 */
export const any: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'any',
  arity: 1,
  signature: '… :bool ->',
  check: ([x], attrs) => checkReduce('any', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('any', anyKernel, x, attrs),
});

/**
 * Whether every element is true, over the given axes; true over no elements. bool only. Not differentiable.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError unless x is bool; DomainError for an unknown option
 */
export const all: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'all',
  arity: 1,
  signature: '… :bool ->',
  check: ([x], attrs) => checkReduce('all', x, attrs),
  forward: ({ inputs: [x], attrs }) => reduceBy('all', allKernel, x, attrs),
});
