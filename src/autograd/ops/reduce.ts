import { argmaxKernel, maxKernel, sumKernel } from '../../tensor/cpu/reduce.ts';
import { type Shape, ShapeError } from '../../tensor/errors.ts';
import { resolveAxes, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { div, mul } from './arithmetic.ts';
import { expand, sumTo } from './broadcast.ts';
import { cast } from './cast.ts';
import { equal } from './compare.ts';
import { permute, reshape } from './layout.ts';

/** What a reduction runs over. */
export interface ReduceAttrs {
  /** One axis or several, negative counting from the end; all of them by default. */
  readonly axis?: number | readonly number[];
  /** Leave the reduced axes in place, with size 1. Default false. */
  readonly keepDims?: boolean;
}

const dropAxes = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, i) => !axes.includes(i));
const keptAxes = (shape: Shape, axes: readonly number[]): Shape => shape.map((n, i) => (axes.includes(i) ? 1 : n));
const axesOf = (op: string, x: Tensor, { axis }: ReduceAttrs): readonly number[] => resolveAxes(op, axis, x.shape);

/** The reduced axes put back with size 1, so that the result broadcasts against x. */
const restore = (op: string, y: Tensor, x: Tensor, attrs: ReduceAttrs): Tensor =>
  reshape(y, keptAxes(x.shape, axesOf(op, x, attrs)));

/**
 * Σ x over the given axes, accumulated in float64.
 * @throws ShapeError when an axis does not exist or repeats
 */
export const sum: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'sum',
  arity: 1,
  signature: '… :any ->',
  check: ([x], attrs) => void axesOf('sum', x, attrs),
  forward({ inputs: [x], attrs }) {
    const axes = axesOf('sum', x, attrs);
    const y = sumKernel([x], axes);
    return attrs.keepDims ? y : y.view(dropAxes(x.shape, axes));
  },
  backward: ({ dy, inputs: [x], attrs }) => [expand(restore('sum', dy, x, attrs), x.shape)],
});

/**
 * The mean of x over the given axes; NaN over no elements.
 * @throws ShapeError when an axis does not exist or repeats; DTypeError for integers, whose mean is not an integer
 */
export const mean: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'mean',
  arity: 1,
  signature: '… ->',
  forward: ({ inputs: [x], attrs }) => div(sum(x, attrs), count('mean', x, attrs)),
  backward({ dy, inputs: [x], attrs }) {
    const share = div(restore('mean', dy, x, attrs), count('mean', x, attrs));
    return [expand(share, x.shape)];
  },
  reference: ([x], attrs) => div(sum(x, attrs), count('mean', x, attrs)),
});

const count = (op: string, x: Tensor, attrs: ReduceAttrs): number =>
  sizeOf(axesOf(op, x, attrs).map((axis) => x.shape[axis]));

/**
 * The largest entry over the given axes. NaN wins over every number. Where several are largest the gradient is split
 * evenly between them.
 * @throws ShapeError when an axis does not exist or repeats, or there is nothing to choose from
 */
export const max: Op<1, ReduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'max',
  arity: 1,
  signature: '… :same ->',
  keeps: { inputs: [0], outputs: [0] },
  check([x], attrs) {
    if (count('max', x, attrs) === 0) throw new ShapeError('max', 'there is no largest of no elements', [x.shape]);
  },
  forward({ inputs: [x], attrs }) {
    const axes = axesOf('max', x, attrs);
    const y = maxKernel([x], axes);
    return attrs.keepDims ? y : y.view(dropAxes(x.shape, axes));
  },
  backward({ dy, inputs: [x], y, attrs }) {
    const top = restore('max', y, x, attrs);
    const ties = cast(equal(x, top), x.dtype);
    const share = div(restore('max', dy, x, attrs), sumTo(ties, top.shape));
    return [mul(ties, share)];
  },
});

/**
 * Index (int32) of the first largest entry along one axis, the last by default. Not differentiable.
 * @throws ShapeError when the axis does not exist, or is empty
 */
export const argmax: Op<1, { readonly axis?: number }> = /* @__PURE__ */ defineOp({
  name: 'argmax',
  arity: 1,
  signature: '… :same ->',
  check([x], { axis = -1 }) {
    const [at] = resolveAxes('argmax', axis, x.shape);
    if (x.shape[at] === 0) throw new ShapeError('argmax', `axis ${axis} is empty`, [x.shape]);
  },
  forward({ inputs: [x], attrs: { axis = -1 } }) {
    const [at] = resolveAxes('argmax', axis, x.shape);
    const others = x.shape.map((_, i) => i).filter((i) => i !== at);
    return argmaxKernel([at === x.rank - 1 ? x : permute(x, [...others, at])], undefined);
  },
});
