import { bandKernel } from '../../tensor/cpu/layout.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkList, checkOptions, checkTensor, checkWhole } from '../options.ts';
import { permute, reshape } from './layout.ts';
import { place, slice } from './slice.ts';

/** Which diagonal of a matrix. */
export interface DiagonalAttrs {
  /** j − i: 0 (default) is the main diagonal, above it positive, below it negative. */
  readonly offset?: number;
}

function offsetOf(op: string, attrs: DiagonalAttrs, others: readonly string[] = []): number {
  checkOptions(op, attrs, ['offset', ...others]);
  checkWhole(op, 'offset', attrs.offset ?? 0);
  return attrs.offset ?? 0;
}

/**
 * The lower triangle of matrices on the last two axes: x[i, j] where j − i <= offset, 0 elsewhere.
 * @throws ShapeError when x has fewer than two axes; DomainError when the offset is not a whole number
 */
export const tril: Op<1, DiagonalAttrs> = /* @__PURE__ */ defineOp({
  name: 'tril',
  arity: 1,
  signature: '… m n :same -> … m n :same',
  check: (_, attrs) => void offsetOf('tril', attrs),
  forward: ({ inputs, attrs: { offset = 0 } }) => bandKernel(inputs, { low: -Infinity, high: offset }),
  backward: ({ dy, attrs }) => [tril(dy, attrs)],
});

/**
 * The upper triangle of matrices on the last two axes: x[i, j] where j − i >= offset, 0 elsewhere.
 * @throws ShapeError when x has fewer than two axes; DomainError when the offset is not a whole number
 */
export const triu: Op<1, DiagonalAttrs> = /* @__PURE__ */ defineOp({
  name: 'triu',
  arity: 1,
  signature: '… m n :same -> … m n :same',
  check: (_, attrs) => void offsetOf('triu', attrs),
  forward: ({ inputs, attrs: { offset = 0 } }) => bandKernel(inputs, { low: offset, high: Infinity }),
  backward: ({ dy, attrs }) => [triu(dy, attrs)],
});

/** Row and column where a diagonal starts. */
const corner = (offset: number): readonly [row: number, column: number] => [Math.max(0, -offset), Math.max(0, offset)];

/**
 * The diagonal j − i = offset of the matrices that two axes form, the first two by default, as a new last axis; empty when
 * it misses the matrix. In row-major storage it is every (n + 1)-th element, so it is a slice with steps.
 * @throws ShapeError when an axis does not exist, or both are the same; DomainError when the offset is not a whole number
 */
export function diagonal(x: Tensor, attrs: DiagonalAttrs & { readonly axes?: readonly [number, number] } = {}): Tensor {
  checkTensor('diagonal', x);
  const offset = offsetOf('diagonal', attrs, ['axes']);
  const { axes = [0, 1] } = attrs;
  checkList('diagonal', 'axes', axes);
  const pair = axes.map((axis) => resolveAxis('diagonal', axis, x.shape));
  if (pair.length !== 2 || pair[0] === pair[1])
    throw new ShapeError('diagonal', `needs two different axes, got [${axes}]`, [x.shape]);
  const lead = x.shape.map((_, i) => i).filter((i) => !pair.includes(i));
  const order = [...lead, ...pair];
  const moved = order.every((axis, i) => axis === i) ? x : permute(x, order);
  const [m, n] = moved.shape.slice(-2);
  const [row, column] = corner(offset);
  const length = Math.max(0, Math.min(m - row, n - column));
  const flat = reshape(moved, [...moved.shape.slice(0, -2), m * n]);
  const start = row * n + column;
  const stop = length === 0 ? start : start + (length - 1) * (n + 1) + 1;
  return slice(flat, [...lead.map(() => null), [start, stop, n + 1]]);
}

/**
 * Matrices with x […, n] on their diagonal j − i = offset and 0 elsewhere, […, n + |offset|, n + |offset|].
 * @throws ShapeError when x is a scalar; DomainError when the offset is not a whole number
 */
export function diagEmbed(x: Tensor, attrs: DiagonalAttrs = {}): Tensor {
  checkTensor('diagEmbed', x);
  return embedded('diagEmbed', x, attrs);
}

function embedded(op: string, x: Tensor, attrs: DiagonalAttrs): Tensor {
  const offset = offsetOf(op, attrs);
  const last = resolveAxis(op, -1, x.shape);
  const n = x.shape[last] + Math.abs(offset);
  const [row, column] = corner(offset);
  const lead = x.shape.slice(0, -1);
  const flat = place(x, {
    start: [...lead.map(() => 0), x.shape[last] === 0 ? 0 : row * n + column],
    shape: [...lead, n * n],
    step: [...lead.map(() => 1), n + 1],
  });
  return reshape(flat, [...lead, n, n]);
}

/**
 * A vector as the diagonal of a square matrix, or the diagonal of a matrix as a vector.
 * @throws ShapeError when x is neither; DomainError when the offset is not a whole number
 */
export function diag(x: Tensor, attrs: DiagonalAttrs = {}): Tensor {
  checkTensor('diag', x);
  offsetOf('diag', attrs);
  if (x.rank !== 1 && x.rank !== 2) throw new ShapeError('diag', 'needs a vector or a matrix', [x.shape]);
  return x.rank === 1 ? embedded('diag', x, attrs) : diagonal(x, attrs);
}
