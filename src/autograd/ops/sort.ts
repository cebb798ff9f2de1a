import { permuteKernel } from '../../tensor/cpu/layout.ts';
import { type SortSettings, sortKernel } from '../../tensor/cpu/sort.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions, checkTensor, checkWhole } from '../options.ts';
import { scatterAdd } from './gather.ts';

/** How an axis is put in order. */
export interface SortAttrs {
  /** Default the last. */
  readonly axis?: number;
  /** Largest first. Default false. */
  readonly descending?: boolean;
}

function checkSort(op: string, x: Tensor, attrs: SortAttrs): void {
  checkOptions(op, attrs, ['axis', 'descending']);
  checkFlag(op, 'descending', attrs.descending ?? false);
  resolveAxis(op, attrs.axis ?? -1, x.shape);
}

/** The first entries of an axis put in order, and where they were; other axes are moved out of the way and back. */
function ordered(x: Tensor, axis: number, settings: SortSettings): readonly [Tensor, Tensor] {
  const last = x.rank - 1;
  if (axis === last) return sortKernel([x], settings);
  const swapped = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const [values, index] = sortKernel([permuteKernel([x], swapped)], settings);
  return [permuteKernel([values], swapped), permuteKernel([index], swapped)];
}

/** Each gradient goes back to where its value came from; no two came from one place. */
const returned = (x: Tensor, index: Tensor, dy: Tensor, axis: number): Tensor =>
  scatterAdd(zeros(x.shape, { dtype: dy.dtype, device: dy.device }), index, dy, { axis });

/**
 * [values, indices]: x in rising order along an axis (falling with `descending`), and the places (int32) that the values had,
 * so that values = gather(x, indices). The order is stable: equal values, 0 and −0 among them, stay as they were. NaN is
 * larger than every number, as in `max`. The gradient goes back through the permutation.
 * @throws ShapeError when the axis does not exist; DomainError when `descending` is not a boolean
 */
export const sort: Op<1, SortAttrs, 2> = /* @__PURE__ */ defineOp<1, SortAttrs, 2>({
  name: 'sort',
  arity: 1,
  signature: '… :same ->',
  keeps: { outputs: [1] },
  check: ([x], attrs) => checkSort('sort', x, attrs),
  forward({ inputs: [x], attrs: { axis = -1, descending = false } }) {
    const at = resolveAxis('sort', axis, x.shape);
    return { ys: ordered(x, at, { count: x.shape[at], descending }) };
  },
  backward: ({ dys: [dy], inputs: [x], ys: [, index], attrs: { axis = -1 } }) => [dy && returned(x, index, dy, axis)],
});

/**
 * Where each value of the sorted x comes from (int32), as in `sort`. Not differentiable.
 * @throws ShapeError when the axis does not exist; DomainError when `descending` is not a boolean
 */
export function argsort(x: Tensor, attrs: SortAttrs = {}): Tensor {
  checkTensor('argsort', x);
  checkSort('argsort', x, attrs);
  return sort(x.detach(), attrs)[1];
}

/** Which entries `topk` takes. */
export interface TopkAttrs {
  /** How many, at most the size of the axis. */
  readonly k: number;
  /** Default the last. */
  readonly axis?: number;
  /** The largest (default), or the smallest. */
  readonly largest?: boolean;
}

/**
 * [values, indices]: the k largest entries along an axis, the largest first, or the k smallest, the smallest first, and their
 * places (int32). Of equal entries the earlier ones are taken, and come first. NaN is larger than every number, as in
 * `sort`. The gradient goes back to the entries that were taken.
 * @throws ShapeError when the axis does not exist; DomainError when k is not a whole number from 0 to the size of the axis,
 * or `largest` is not a boolean
 */
export const topk: Op<1, TopkAttrs, 2> = /* @__PURE__ */ defineOp<1, TopkAttrs, 2>({
  name: 'topk',
  arity: 1,
  signature: '… :same ->',
  keeps: { outputs: [1] },
  check([x], attrs) {
    checkOptions('topk', attrs, ['k', 'axis', 'largest']);
    checkFlag('topk', 'largest', attrs.largest ?? true);
    checkWhole('topk', 'k', attrs.k, 0);
    const at = resolveAxis('topk', attrs.axis ?? -1, x.shape);
    if (attrs.k > x.shape[at]) throw new DomainError('topk', `k is ${attrs.k}, more than axis ${at} has`, [x.shape]);
  },
  forward: ({ inputs: [x], attrs: { k, axis = -1, largest = true } }) => ({
    ys: ordered(x, resolveAxis('topk', axis, x.shape), { count: k, descending: largest }),
  }),
  backward: ({ dys: [dy], inputs: [x], ys: [, index], attrs: { axis = -1 } }) => [dy && returned(x, index, dy, axis)],
});
