import type { UnaryKernel } from '../../tensor/cpu/pointwise.ts';
import { logSoftmaxKernel, softmaxKernel } from '../../tensor/cpu/softmax.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { div, mul, sub } from './arithmetic.ts';
import { exp, log } from './exponential.ts';
import { transpose } from './layout.ts';
import { max, sum } from './reduce.ts';

/** Along which axis to normalise; the last by default. */
export interface SoftmaxAttrs {
  readonly axis?: number;
}

function checkAxis(op: string, x: Tensor, attrs: SoftmaxAttrs): void {
  checkOptions(op, attrs, ['axis']);
  const { axis = -1 } = attrs;
  resolveAxis(op, axis, x.shape);
}

/** A kernel for the last axis, run along any. */
function along(kernel: UnaryKernel, x: Tensor, axis: number): Tensor {
  const at = resolveAxis('softmax', axis, x.shape);
  if (at === x.rank - 1) return kernel([x], undefined);
  return transpose(kernel([transpose(x, at, -1)], undefined), at, -1);
}

/** x shifted so that its largest entry along the axis is 0. */
const centred = (x: Tensor, axis: number): Tensor => sub(x, max(x, { axis, keepDims: true }));

/**
 * e^x / Σ e^x along an axis. Large entries do not overflow.
 * @throws ShapeError when the axis does not exist; DomainError for an unknown option
 */
export const softmax: Op<1, SoftmaxAttrs> = /* @__PURE__ */ defineOp({
  name: 'softmax',
  arity: 1,
  signature: '… n -> … n',
  keeps: { outputs: [0] },
  check: ([x], attrs) => checkAxis('softmax', x, attrs),
  forward: ({ inputs: [x], attrs: { axis = -1 } }) => along(softmaxKernel, x, axis),
  backward({ dy, y, attrs: { axis = -1 } }) {
    const weighted = mul(dy, y);
    return [sub(weighted, mul(y, sum(weighted, { axis, keepDims: true })))];
  },
  reference([x], { axis = -1 }) {
    const e = exp(centred(x, axis));
    return div(e, sum(e, { axis, keepDims: true }));
  },
});

/**
 * x − log Σ e^x along an axis: the logarithm of softmax without its underflow.
 * @throws ShapeError when the axis does not exist; DomainError for an unknown option
 */
export const logSoftmax: Op<1, SoftmaxAttrs> = /* @__PURE__ */ defineOp({
  name: 'logSoftmax',
  arity: 1,
  signature: '… n -> … n',
  keeps: { outputs: [0] },
  check: ([x], attrs) => checkAxis('logSoftmax', x, attrs),
  forward: ({ inputs: [x], attrs: { axis = -1 } }) => along(logSoftmaxKernel, x, axis),
  backward: ({ dy, y, attrs: { axis = -1 } }) => [sub(dy, mul(exp(y), sum(dy, { axis, keepDims: true })))],
  reference([x], { axis = -1 }) {
    const c = centred(x, axis);
    return sub(c, log(sum(exp(c), { axis, keepDims: true })));
  },
});
