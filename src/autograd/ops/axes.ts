import type { ReduceKernel } from '../../tensor/cpu/reduce.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { resolveAxes, resolveAxis, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { axesOf, checkFlag, checkOptions } from '../options.ts';
import { permute, reshape } from './layout.ts';

/** What a reduction runs over. */
export interface ReduceAttrs {
  /** One axis or several, negative counting from the end; all of them by default. */
  readonly axis?: number | readonly number[];
  /** Leave the reduced axes in place, with size 1. Default false. */
  readonly keepDims?: boolean;
}

/**
 * @param more options of the reduction besides `axis` and `keepDims`
 * @throws ShapeError when an axis does not exist or repeats; DomainError for what is not such an option
 */
export function checkReduce(op: string, x: Tensor, attrs: ReduceAttrs, more: readonly string[] = []): void {
  checkOptions(op, attrs, ['axis', 'keepDims', ...more]);
  checkFlag(op, 'keepDims', attrs.keepDims ?? false);
  const { axis } = attrs;
  if (Array.isArray(axis)) for (const each of axis) axisOf(op, each, x);
  axesOf(op, axis, x);
}

/**
 * One axis, counted from the end when negative.
 * @throws ShapeError unless it is an axis of x
 */
export function axisOf(op: string, axis: number, x: Tensor): number {
  if (typeof axis !== 'number') throw new ShapeError(op, `an axis is a number, got ${typeof axis}`, [x.shape]);
  return resolveAxis(op, axis, x.shape);
}

/** The axes that are reduced, ascending. */
export const reducedAxes = (op: string, x: Tensor, { axis }: ReduceAttrs): readonly number[] =>
  resolveAxes(op, axis, x.shape);

/** How many elements of x go into one of the result. */
export const reducedSize = (op: string, x: Tensor, attrs: ReduceAttrs): number =>
  sizeOf(reducedAxes(op, x, attrs).map((axis) => x.shape[axis]));

/** The result of a kernel that leaves reduced axes in place, as the attributes want it. */
export function finish(op: string, y: Tensor, x: Tensor, attrs: ReduceAttrs): Tensor {
  if (attrs.keepDims) return y;
  const axes = reducedAxes(op, x, attrs);
  return y.rawView(x.shape.filter((_, i) => !axes.includes(i)));
}

/** A reduction by a kernel that needs nothing but the axes. */
export const reduceBy = (op: string, kernel: ReduceKernel, x: Tensor, attrs: ReduceAttrs): Tensor =>
  finish(op, kernel([x], reducedAxes(op, x, attrs)), x, attrs);

/** The reduced axes put back with size 1, so that the result broadcasts against x. */
export function restore(op: string, y: Tensor, x: Tensor, attrs: ReduceAttrs): Tensor {
  const axes = reducedAxes(op, x, attrs);
  return reshape(
    y,
    x.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
  );
}

/** f along the given axes of x as if they were one, where f leaves the shape as it is. */
export function alongLine(x: Tensor, axes: readonly number[], f: (x: Tensor, axis: number) => Tensor): Tensor {
  const all = x.shape.map((_, i) => i);
  const together = axes.every((axis, i) => axis === axes[0] + i);
  const order = together ? all : [...all.filter((i) => !axes.includes(i)), ...axes];
  const moved = together ? x : permute(x, order);
  const first = together ? (axes[0] ?? x.rank) : x.rank - axes.length;
  const end = first + axes.length;
  const line = reshape(moved, [
    ...moved.shape.slice(0, first),
    sizeOf(moved.shape.slice(first, end)),
    ...moved.shape.slice(end),
  ]);
  const y = reshape(f(line, first), moved.shape);
  return together
    ? y
    : permute(
        y,
        all.map((i) => order.indexOf(i)),
      );
}
