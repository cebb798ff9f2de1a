import { permuteKernel } from '../../tensor/cpu/layout.ts';
import { type Shape, ShapeError } from '../../tensor/errors.ts';
import { resolveAxis, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { axesOf, checkList, checkOptions, checkTensor } from '../options.ts';

/** A target shape with its one −1 filled in: a new array, because the caller's may change. */
function resolveShape(x: Tensor, shape: Shape): Shape {
  checkList('reshape', 'the shape', shape);
  const open = shape.indexOf(-1);
  const known = shape.filter((_, i) => i !== open);
  const rest = sizeOf(known);
  const full = open === -1 ? [...shape] : shape.with(open, rest === 0 ? 0 : x.size / rest);
  if (full.some((n) => !Number.isInteger(n) || n < 0) || sizeOf(full) !== x.size)
    throw new ShapeError('reshape', 'the sizes of the two shapes differ', [x.shape, shape]);
  return full;
}

/**
 * The same elements in the same order under another shape; one size may be −1. Shares storage with x.
 * @throws ShapeError when the number of elements differs
 */
export const reshape: Op<1, Shape> = /* @__PURE__ */ defineOp({
  name: 'reshape',
  arity: 1,
  signature: '… :any ->',
  check: ([x], shape) => void resolveShape(x, shape),
  forward: ({ inputs: [x], attrs: shape }) => x.rawView(resolveShape(x, shape)),
  backward: ({ dy, inputs: [x] }) => [reshape(dy, x.shape)],
});

/**
 * Axes in another order: axis j of the result is axis `axes[j]` of x.
 * @throws ShapeError unless `axes` names every axis once
 */
export const permute: Op<1, readonly number[]> = /* @__PURE__ */ defineOp({
  name: 'permute',
  arity: 1,
  signature: '… :any ->',
  check([x], axes) {
    checkList('permute', 'axes', axes);
    axesOf('permute', axes, x);
    if (axes.length !== x.rank) throw new ShapeError('permute', `needs every axis once, got [${axes}]`, [x.shape]);
  },
  forward: ({ inputs: [x], attrs: axes }) => permuteKernel([x], resolved(x, axes)),
  backward: ({ dy, inputs: [x], attrs: axes }) => {
    const forward = resolved(x, axes);
    return [
      permute(
        dy,
        forward.map((_, i) => forward.indexOf(i)),
      ),
    ];
  },
});

const resolved = (x: Tensor, axes: readonly number[]): readonly number[] =>
  axes.map((axis) => resolveAxis('permute', axis, x.shape));

/**
 * Two axes exchanged, the last two by default; NumPy's `swapaxes` when both are given.
 * @throws ShapeError when x has no such axes
 */
export function transpose(x: Tensor, a: number = -2, b: number = -1): Tensor {
  checkTensor('transpose', x);
  const axes = x.shape.map((_, i) => i);
  const p = resolveAxis('transpose', a, x.shape);
  const q = resolveAxis('transpose', b, x.shape);
  return permute(x, axes.with(p, q).with(q, p));
}

/**
 * Axis `from` moved to place `to` among the axes of the result; the others keep their order.
 * @throws ShapeError when x has no such axes
 */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  checkTensor('moveAxis', x);
  const source = resolveAxis('moveAxis', from, x.shape);
  const target = resolveAxis('moveAxis', to, x.shape);
  const others = x.shape.map((_, i) => i).filter((i) => i !== source);
  return permute(x, others.toSpliced(target, 0, source));
}

/**
 * Without the given axes, all of size 1; without every axis of size 1 when none are given. Shares storage with x.
 * @throws ShapeError when an axis does not exist, repeats, or has another size (PyTorch would leave it)
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('squeeze', x);
  const gone = axes === undefined ? x.shape.flatMap((n, i) => (n === 1 ? [i] : [])) : axesOf('squeeze', axes, x);
  const wide = gone.find((axis) => x.shape[axis] !== 1);
  if (wide !== undefined) throw new ShapeError('squeeze', `axis ${wide} is not of size 1`, [x.shape]);
  return reshape(
    x,
    x.shape.filter((_, i) => !gone.includes(i)),
  );
}

/**
 * With an axis of size 1 at each of the given places, counted in the result. Shares storage with x.
 * @throws ShapeError when the result has no such axis, or one is named twice
 */
export function unsqueeze(x: Tensor, axes: number | readonly number[]): Tensor {
  checkTensor('unsqueeze', x);
  const list = typeof axes === 'number' ? [axes] : axes;
  checkList('unsqueeze', 'axes', list);
  const wide = x.shape.concat(list.map(() => 1));
  const added = list.map((axis) => resolveAxis('unsqueeze', axis, wide));
  if (new Set(added).size !== added.length) throw new ShapeError('unsqueeze', `axes [${list}] repeat`, [x.shape]);
  const sizes = x.shape.values();
  return reshape(
    x,
    wide.map((_, i) => (added.includes(i) ? 1 : (sizes.next().value as number))),
  );
}

/**
 * Axes `start` to `end`, both included, made one; all of them by default. Shares storage with x. A scalar becomes [1].
 * @throws ShapeError when an axis does not exist, or `end` comes before `start`
 */
export function flatten(x: Tensor, attrs: { readonly start?: number; readonly end?: number } = {}): Tensor {
  checkTensor('flatten', x);
  checkOptions('flatten', attrs, ['start', 'end']);
  const { start = 0, end = -1 } = attrs;
  const shape = x.rank === 0 ? [1] : x.shape;
  const from = resolveAxis('flatten', start, shape);
  const to = resolveAxis('flatten', end, shape);
  if (to < from) throw new ShapeError('flatten', `axis ${end} comes before axis ${start}`, [x.shape]);
  const size = sizeOf(shape.slice(from, to + 1));
  return reshape(x, shape.toSpliced(from, to + 1 - from, size));
}
