import { cumprodKernel, cumsumKernel, linearScanKernel, type Run } from '../../tensor/cpu/cumulative.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions } from '../options.ts';
import { add, mul } from './arithmetic.ts';
import { axisOf } from './axes.ts';

/** How to accumulate along an axis. */
export interface CumulativeAttrs {
  /** Default: the last. */
  readonly axis?: number;
  /** From the last element to the first. Default false. */
  readonly reverse?: boolean;
  /** Leave each element out of its own result, which is then that of the elements before it. Default false. */
  readonly exclusive?: boolean;
}

function checkRun(op: string, x: Tensor, attrs: CumulativeAttrs): void {
  checkOptions(op, attrs, ['axis', 'reverse', 'exclusive']);
  checkFlag(op, 'reverse', attrs.reverse ?? false);
  checkFlag(op, 'exclusive', attrs.exclusive ?? false);
  axisOf(op, attrs.axis ?? -1, x);
}

const runOf = (op: string, x: Tensor, { axis = -1, reverse = false, exclusive = false }: CumulativeAttrs): Run => ({
  axis: axisOf(op, axis, x),
  reverse,
  exclusive,
});

/** The run that leads the other way: how gradients travel. */
const backwards = (attrs: CumulativeAttrs, exclusive: boolean): CumulativeAttrs => ({
  ...attrs,
  reverse: !attrs.reverse,
  exclusive,
});

/**
 * y_k = Σ_{j<=k} x_j along one axis, in float64; `exclusive` sums over j < k. The sums of bool are int32.
 * @throws ShapeError when the axis does not exist; DomainError for an unknown option
 */
export const cumsum: Op<1, CumulativeAttrs> = /* @__PURE__ */ defineOp({
  name: 'cumsum',
  arity: 1,
  signature: '… :any ->',
  check: ([x], attrs) => checkRun('cumsum', x, attrs),
  forward: ({ inputs: [x], attrs }) => cumsumKernel([x], runOf('cumsum', x, attrs)),
  backward: ({ dy, attrs }) => [cumsum(dy, backwards(attrs, attrs.exclusive ?? false))],
});

/**
 * y_k = Π_{j<=k} x_j along one axis, in float64; `exclusive` multiplies over j < k. The products of bool are int32.
 *
 * The gradient never divides, so that zeros do it no harm: with e the exclusive products and g the reverse scan
 * g_k = dy_k + x_{k+1}·g_{k+1}, it is dx_k = e_k·g_k.
 * @throws ShapeError when the axis does not exist; DomainError for an unknown option
 */
export const cumprod: Op<1, CumulativeAttrs> = /* @__PURE__ */ defineOp({
  name: 'cumprod',
  arity: 1,
  signature: '… :any ->',
  keeps: { inputs: [0] },
  check: ([x], attrs) => checkRun('cumprod', x, attrs),
  forward: ({ inputs: [x], attrs }) => cumprodKernel([x], runOf('cumprod', x, attrs)),
  backward({ dy, inputs: [x], attrs }) {
    const before = cumprod(x, { ...attrs, exclusive: true });
    const arriving = attrs.exclusive ? dy : mul(x, dy);
    const later = linearScan(x, arriving, backwards(attrs, true));
    return [mul(before, attrs.exclusive ? later : add(dy, later))];
  },
});

/**
 * The recurrence h_k = a_k·h_{k−1} + b_k along one axis, from h = 0, in float64; `exclusive` gives h_{k−1} in place of h_k.
 *
 * The gradient is a scan the other way: g_k = dh_k + a_{k+1}·g_{k+1}, db = g and da_k = g_k·h_{k−1}.
 * @param a […] factors, and b […] what is added: of one shape
 * @throws ShapeError when the shapes differ or the axis does not exist; DTypeError unless both are of one floating dtype;
 * DomainError for an unknown option
 */
export const linearScan: Op<2, CumulativeAttrs> = /* @__PURE__ */ defineOp({
  name: 'linearScan',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [0, 1] },
  check: ([a], attrs) => checkRun('linearScan', a, attrs),
  forward: ({ inputs: [a, b], attrs }) => linearScanKernel([a, b], runOf('linearScan', a, attrs)),
  backward({ dy, inputs: [a, b], needs, attrs }) {
    const later = linearScan(a, attrs.exclusive ? dy : mul(a, dy), backwards(attrs, true));
    const g = attrs.exclusive ? later : add(dy, later);
    return [needs[0] && mul(g, linearScan(a, b, { ...attrs, exclusive: true })), needs[1] && g];
  },
});
