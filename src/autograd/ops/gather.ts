import { gatherKernel, indexAddKernel, indexSelectKernel, scatterAddKernel } from '../../tensor/cpu/gather.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError, DTypeError, type Shape, ShapeError } from '../../tensor/errors.ts';
import { broadcastShapes, resolveAxis, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkCount, checkDevices, checkOptions, checkTensor } from '../options.ts';
import { expand } from './broadcast.ts';

/** The axis that an index runs along, negative counting from the end. */
export interface IndexAttrs {
  readonly axis?: number;
}

const shapesOf = (xs: readonly Tensor[]): Shape[] => xs.map((x) => x.shape);

/** The axis, resolved, once the options are known to be options. */
function axisOf(op: string, x: Tensor, attrs: IndexAttrs, fallback: number): number {
  checkOptions(op, attrs, ['axis']);
  return resolveAxis(op, attrs.axis ?? fallback, x.shape);
}

/** @throws DTypeError unless the index is int32; DomainError when it names a place that the axis does not have */
function checkIndex(op: string, [x, index]: readonly [Tensor, Tensor, ...Tensor[]], axis: number): void {
  if (index.dtype !== 'int32')
    throw new DTypeError(op, `the index is ${index.dtype}, and needs int32: use cast(index, 'int32')`);
  if (!index.onHost) return;
  const { data } = index;
  const n = x.shape[axis];
  for (let i = 0; i < data.length; i++)
    if (data[i] < 0 || data[i] >= n)
      throw new DomainError(op, `index ${data[i]} is outside axis ${axis}, whose size is ${n}`, [x.shape, index.shape]);
}

/** @throws DTypeError unless x and what is added to it are numbers of one dtype */
function checkAddends(op: string, x: Tensor, src: Tensor): void {
  if (x.dtype === 'bool') throw new DTypeError(op, 'operand 0 is bool, and needs numbers: cast it');
  if (x.dtype !== src.dtype) throw new DTypeError(op, `operands are ${x.dtype} and ${src.dtype}: cast one of them`);
}

const zerosLike = ({ shape }: Tensor, { dtype, device }: Tensor): Tensor => zeros(shape, { dtype, device });

/**
 * y[…, j, …] = x[…, index[j], …] along one axis, the first by default: rows picked by number, any number of times. An index
 * with several axes puts all of them in the place of that axis (as `numpy.take` does), one with none takes the axis away.
 *
 * @param x any dtype, rank >= 1
 * @param index int32, in 0..n−1: negative places do not count from the end
 * @throws ShapeError when the axis does not exist; DTypeError unless the index is int32; DomainError naming axis and index
 * when a place is outside it
 */
export const indexSelect: Op<2, IndexAttrs> = /* @__PURE__ */ defineOp({
  name: 'indexSelect',
  arity: 2,
  keeps: { inputs: [1] },
  check(inputs, attrs) {
    checkCount('indexSelect', inputs, 2);
    checkIndex('indexSelect', inputs, axisOf('indexSelect', inputs[0], attrs, 0));
  },
  forward: ({ inputs, attrs: { axis = 0 } }) =>
    indexSelectKernel(inputs, resolveAxis('indexSelect', axis, inputs[0].shape)),
  backward: ({ dy, inputs: [x, index], attrs }) => [indexAdd(zerosLike(x, dy), index, dy, attrs), null],
});

/**
 * x with src[…, j, …] added at […, index[j], …] along one axis, the first by default. Where a place is named more than once
 * all of it is added: in float64, x first, then in the order of the index, rounded once, so the same bits every time.
 *
 * @param x float32, float64 or int32, rank >= 1
 * @param index int32, in 0..n−1
 * @param src the dtype of x; its shape, with the axes of the index in the place of that axis
 * @throws ShapeError when src does not fit; DTypeError unless the index is int32, and x and src numbers of one dtype;
 * DomainError naming axis and index when a place is outside it
 */
export const indexAdd: Op<3, IndexAttrs> = /* @__PURE__ */ defineOp({
  name: 'indexAdd',
  arity: 3,
  keeps: { inputs: [1] },
  check(inputs, attrs) {
    checkCount('indexAdd', inputs, 3);
    const [x, index, src] = inputs;
    const axis = axisOf('indexAdd', x, attrs, 0);
    checkAddends('indexAdd', x, src);
    const needed = x.shape.toSpliced(axis, 1, ...index.shape);
    if (!sameShape(src.shape, needed)) throw new ShapeError('indexAdd', `src should be [${needed}]`, shapesOf(inputs));
    checkIndex('indexAdd', inputs, axis);
  },
  forward: ({ inputs, attrs: { axis = 0 } }) => indexAddKernel(inputs, resolveAxis('indexAdd', axis, inputs[0].shape)),
  backward: ({ dy, inputs: [, index], needs, attrs }) => [
    needs[0] && dy,
    null,
    needs[2] && indexSelect(dy, index, attrs),
  ],
});

/** @throws ShapeError unless the index has the rank of x and fits into it away from the axis */
function checkInside(op: string, operands: readonly [Tensor, Tensor, ...Tensor[]], axis: number): void {
  const [x, index] = operands;
  if (x.rank !== index.rank || index.shape.some((n, i) => i !== axis && n > x.shape[i]))
    throw new ShapeError(op, `the index fits into x on every axis but ${axis}`, shapesOf(operands));
}

/**
 * y[…, j, …] = x[…, index[…, j, …], …] along one axis, the last by default: an index of its own for every element. y has the
 * shape of the index, which may be smaller than x on the other axes; `takeAlongAxis` broadcasts instead.
 *
 * @param x any dtype, rank >= 1
 * @param index int32, in 0..n−1 (negative places do not count from the end), of the rank of x
 * @throws ShapeError when the axis does not exist, or the index does not fit; DTypeError unless the index is int32;
 * DomainError naming axis and index when a place is outside it
 */
export const gather: Op<2, IndexAttrs> = /* @__PURE__ */ defineOp({
  name: 'gather',
  arity: 2,
  keeps: { inputs: [1] },
  check(inputs, attrs) {
    checkCount('gather', inputs, 2);
    const axis = axisOf('gather', inputs[0], attrs, -1);
    checkInside('gather', inputs, axis);
    checkIndex('gather', inputs, axis);
  },
  forward: ({ inputs, attrs: { axis = -1 } }) => gatherKernel(inputs, resolveAxis('gather', axis, inputs[0].shape)),
  backward: ({ dy, inputs: [x, index], attrs }) => [scatterAdd(zerosLike(x, dy), index, dy, attrs), null],
});

/**
 * x with src[…, j, …] added at […, index[…, j, …], …] along one axis, the last by default. Where a place is named more than
 * once all of it is added: in float64, x first, then in the order of the index, rounded once, so the same bits every time.
 *
 * @param x float32, float64 or int32, rank >= 1
 * @param index int32, in 0..n−1, of the rank of x; it may be smaller than x on the other axes
 * @param src the dtype of x and the shape of the index
 * @throws ShapeError when index or src does not fit; DTypeError unless the index is int32, and x and src numbers of one
 * dtype; DomainError naming axis and index when a place is outside it
 */
export const scatterAdd: Op<3, IndexAttrs> = /* @__PURE__ */ defineOp({
  name: 'scatterAdd',
  arity: 3,
  keeps: { inputs: [1] },
  check(inputs, attrs) {
    checkCount('scatterAdd', inputs, 3);
    const [x, index, src] = inputs;
    const axis = axisOf('scatterAdd', x, attrs, -1);
    checkAddends('scatterAdd', x, src);
    checkInside('scatterAdd', inputs, axis);
    if (!sameShape(src.shape, index.shape))
      throw new ShapeError('scatterAdd', 'src should have the shape of the index', shapesOf(inputs));
    checkIndex('scatterAdd', inputs, axis);
  },
  forward: ({ inputs, attrs: { axis = -1 } }) =>
    scatterAddKernel(inputs, resolveAxis('scatterAdd', axis, inputs[0].shape)),
  backward: ({ dy, inputs: [, index], needs, attrs }) => [needs[0] && dy, null, needs[2] && gather(dy, index, attrs)],
});

/**
 * `gather` after x and the index have been broadcast against each other on every axis but one, the last by default:
 * `takeAlongAxis(x, sort(x)[1])` is x sorted.
 *
 * @param x any dtype, rank >= 1
 * @param index int32, in 0..n−1 (NumPy would count negative places from the end), of the rank of x
 * @throws ShapeError when the axis does not exist, or the other axes do not broadcast; DTypeError unless the index is
 * int32; DomainError naming axis and index when a place is outside it
 */
export function takeAlongAxis(x: Tensor, index: Tensor, attrs: IndexAttrs = {}): Tensor {
  checkTensor('takeAlongAxis', x);
  checkTensor('takeAlongAxis', index);
  checkDevices('takeAlongAxis', [x, index]);
  const axis = axisOf('takeAlongAxis', x, attrs, -1);
  if (x.rank !== index.rank) throw new ShapeError('takeAlongAxis', 'the index has the rank of x', shapesOf([x, index]));
  const rest = broadcastShapes('takeAlongAxis', x.shape.with(axis, 1), index.shape.with(axis, 1), [x, index]);
  checkIndex('takeAlongAxis', [x, index], axis);
  const wide = (t: Tensor): Tensor => expand(t, rest.with(axis, t.shape[axis]));
  return gather(wide(x), wide(index), { axis });
}
