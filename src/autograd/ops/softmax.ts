import { logSoftmaxGradKernel, logSoftmaxKernel, softmaxGradKernel, softmaxKernel } from '../../tensor/cpu/softmax.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';
import { isRecording } from '../scoped.ts';
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
function along<X extends readonly Tensor[]>(
  kernel: (inputs: X, attrs: undefined) => Tensor,
  xs: X,
  { axis = -1 }: SoftmaxAttrs,
): Tensor {
  const at = resolveAxis('softmax', axis, xs[0].shape);
  if (at === xs[0].rank - 1) return kernel(xs, undefined);
  const turned = xs.map((x) => transpose(x, at, -1)) as readonly Tensor[] as X;
  return transpose(kernel(turned, undefined), at, -1);
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
  forward: ({ inputs, attrs }) => along(softmaxKernel, inputs, attrs),
  backward({ dy, y, attrs }) {
    if (!isRecording()) return [along(softmaxGradKernel, [dy, y], attrs)];
    const { axis = -1 } = attrs;
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
  forward: ({ inputs, attrs }) => along(logSoftmaxKernel, inputs, attrs),
  backward({ dy, y, attrs }) {
    if (!isRecording()) return [along(logSoftmaxGradKernel, [dy, y], attrs)];
    const { axis = -1 } = attrs;
    return [sub(dy, mul(exp(y), sum(dy, { axis, keepDims: true })))];
  },
  reference([x], { axis = -1 }) {
    const c = centred(x, axis);
    return sub(c, log(sum(exp(c), { axis, keepDims: true })));
  },
});
