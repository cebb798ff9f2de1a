import { crossEntropyGradKernel, crossEntropyKernel } from '../../tensor/cpu/crossEntropy.ts';
import { oneHotKernel } from '../../tensor/cpu/softmax.ts';
import type { DType } from '../../tensor/dtype.ts';
import { defineOp, type Op } from '../define.ts';
import { checkName, checkOptions, checkWhole } from '../options.ts';
import { isRecording } from '../scoped.ts';
import { wrapOp } from '../wrap.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { cast } from './cast.ts';
import { notEqual, where } from './compare.ts';
import {
  type CrossEntropyAttrs,
  checkIndices,
  checkSettings,
  classesOf,
  nllGrad,
  reducedOver,
  settings,
  sharesOf,
  weightedNll,
} from './nll.ts';
import { sum } from './reduce.ts';
import { logSoftmax, softmax } from './softmax.ts';

const dtypes: readonly string[] = ['float32', 'float64', 'int32', 'bool'];

/**
 * A new last axis of size `classes`: 1 at the given index (int32), else 0. Not differentiable.
 * @throws DomainError when an index is not in 0..classes−1, `classes` is not a whole number >= 0, or there is no such dtype
 */
export const oneHot: Op<1, { readonly classes: number; readonly dtype?: DType }> = /* @__PURE__ */ defineOp({
  name: 'oneHot',
  arity: 1,
  signature: '… :int32 ->',
  check([index], attrs) {
    checkOptions('oneHot', attrs, ['classes', 'dtype']);
    const { classes, dtype = 'float32' } = attrs;
    checkWhole('oneHot', 'classes', classes, 0);
    checkName('oneHot', 'dtype', dtype, dtypes);
    checkIndices('oneHot', index, classes);
  },
  forward: ({ inputs, attrs: { classes, dtype = 'float32' } }) => oneHotKernel(inputs, { classes, dtype }),
});

const unweighted: Op<2, CrossEntropyAttrs> = /* @__PURE__ */ defineOp({
  name: 'crossEntropy',
  arity: 2,
  signature: '… c, … :int32 ->',
  keeps: { inputs: [0, 1] },
  check([logits, target], attrs) {
    checkSettings('crossEntropy', attrs);
    checkIndices('crossEntropy', target, classesOf(logits), settings(attrs).ignoreIndex);
  },
  forward({ inputs, attrs }) {
    const [losses, stats] = crossEntropyKernel(inputs, settings(attrs));
    return { y: reducedOver(losses, inputs[1], attrs), saved: [stats] };
  },
  // Under `createGraph` the rule is made of ops on the logits alone.
  resave: ({ saved }) => saved,
  backward({ dy, inputs: [logits, target], saved: [stats], attrs }) {
    const shares = sharesOf(dy, target, attrs);
    if (!isRecording()) return [crossEntropyGradKernel([shares, logits, target, stats], settings(attrs)), null];
    const g = nllGrad(shares, target, { classes: classesOf(logits), ...settings(attrs) });
    return [sub(g, mul(softmax(logits), sum(g, { axis: -1, keepDims: true }))), null];
  },
  reference([logits, target], attrs) {
    const { ignoreIndex, labelSmoothing } = settings(attrs);
    const classes = classesOf(logits);
    const counts = notEqual(target, ignoreIndex);
    const chosen = oneHot(mul(target, cast(counts, 'int32')), { classes, dtype: logits.dtype });
    const spread = add(mul(chosen, 1 - labelSmoothing), labelSmoothing / classes);
    const losses = neg(sum(mul(logSoftmax(logits), spread), { axis: -1 }));
    return reducedOver(where(counts, losses, 0), target, attrs);
  },
});

/**
 * −log softmax(logits)[target]·weight[target], over classes on the last axis. With `labelSmoothing` ε it is (1 − ε) times that
 * plus ε/c·Σ over all classes. A mean is Σ losses/Σ weight[target] over the targets that are not ignored (without weights: their
 * number), so it is NaN, with a gradient of 0, where all are, as in PyTorch.
 *
 * @param logits […, c] scores before softmax
 * @param target […] int32 class indices
 * @throws ShapeError or DTypeError when the operands do not fit; DomainError when a target is neither in 0..c−1 nor ignored,
 * or an option is not one
 * @source label smoothing: Szegedy et al., "Rethinking the Inception Architecture", arXiv 1512.00567
 */
export const crossEntropy: Op<2, CrossEntropyAttrs> = /* @__PURE__ */ wrapOp(
  unweighted,
  (logits, target, attrs = {}) => {
    checkOptions('crossEntropy', attrs, ['reduction', 'ignoreIndex', 'labelSmoothing', 'weight']);
    const { weight, ...rest } = attrs;
    if (weight === undefined) return unweighted(logits, target, rest);
    return weightedNll('crossEntropy', [logits, target], { ...rest, weight }, logSoftmax);
  },
);
