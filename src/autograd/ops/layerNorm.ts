import '../../tensor/simd/lay/norms.ts';
import {
  affineNormGradKernel,
  affineNormKernel,
  affineNormWeightGradKernel,
  type StandardizeAttrs,
  standardizeGradKernel,
  standardizeKernel,
} from '../../tensor/cpu/standardize.ts';
import { ones, zeros } from '../../tensor/create.ts';
import { requireFloat } from '../../tensor/dtype.ts';
import { DomainError, type Shape, ShapeError } from '../../tensor/errors.ts';
import { sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCompanion } from '../companion.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions, checkTensor, checkWhole, checkWholes } from '../options.ts';
import { isRecording } from '../scoped.ts';
import { add, mul, neg, square, sub } from './arithmetic.ts';
import { sumTo } from './broadcast.ts';
import { reshape } from './layout.ts';
import { mean } from './reduce.ts';

function checkEps(op: string, eps: unknown): void {
  if (!Number.isFinite(eps) || (eps as number) < 0)
    throw new DomainError(op, `eps is a finite number >= 0, got ${String(eps)}`);
}

function checkStandardize(op: string, x: Tensor, attrs: StandardizeAttrs): void {
  checkOptions(op, attrs, ['axes', 'eps', 'centre']);
  checkWhole(op, 'axes', attrs.axes, 1);
  checkFlag(op, 'centre', attrs.centre);
  checkEps(op, attrs.eps);
  if (attrs.axes > x.rank) throw new ShapeError(op, `there are no ${attrs.axes} axes`, [x.shape]);
}

/** One number per row, so that it broadcasts against the rows of x. */
const widened = (t: Tensor, x: Tensor): Tensor => reshape(t, [...t.shape, ...x.shape.slice(t.rank).map(() => 1)]);

/** dx out of the gradient of y, recorded: the same as the kernel, made of ops. */
function throughRows(dy: Tensor, y: Tensor, r: Tensor, { axes, centre }: StandardizeAttrs): Tensor {
  const axis = Array.from({ length: axes }, (_, i) => i - axes);
  const along = mul(y, mean(mul(dy, y), { axis, keepDims: true }));
  const rest = centre ? sub(dy, mean(dy, { axis, keepDims: true })) : dy;
  return mul(sub(rest, along), r);
}

/**
 * Rows made of unit size: y = (x − μ)·r and r = 1/√(mean (x − μ)² + eps), a row being the last `axes` axes and μ its mean, or 0
 * without `centre`: what `layerNorm` and `rmsNorm` are made of. Results y, of the shape of x, and r, one per row.
 *
 * The rule needs y and r alone: dx = r·(dy − mean dy − y·mean(dy·y)) − dr·r²·y/n.
 * @throws ShapeError when x has fewer axes; DomainError unless `axes` is a whole number >= 1, eps >= 0 and finite, and
 * `centre` true or false
 */
export const standardize: Op<1, StandardizeAttrs, 2> = /* @__PURE__ */ defineOp<1, StandardizeAttrs, 2>({
  name: 'standardize',
  arity: 1,
  signature: '… ->',
  keeps: { outputs: [0, 1] },
  check: ([x], attrs) => checkStandardize('standardize', x, attrs),
  forward: ({ inputs, attrs }) => ({ ys: standardizeKernel(inputs, attrs) }),
  backward({ dys: [dy, dr], ys: [y, r], attrs }) {
    const wide = (t: Tensor): Tensor => widened(t, y);
    const rule = (g: Tensor): Tensor =>
      isRecording() ? throughRows(g, y, wide(r), attrs) : standardizeGradKernel([g, y, r], attrs);
    const fromY = dy && rule(dy);
    if (dr === null) return [fromY];
    const n = y.size / (r.size || 1);
    const fromR = mul(y, wide(mul(neg(square(r)), mul(dr, 1 / (n || 1)))));
    return [fromY === null ? fromR : add(fromY, fromR)];
  },
});

/**
 * `standardize(x)`·weight + bias, the weight and the bias of the shape of a row: `layerNorm` and `rmsNorm` in one pass.
 * @throws ShapeError when x has fewer axes, or the weight or bias is not of the shape of a row; DomainError as `standardize`
 */
export const affineNorm: Op<3, StandardizeAttrs> = /* @__PURE__ */ defineOp<3, StandardizeAttrs>({
  name: 'affineNorm',
  arity: 3,
  signature({ axes }) {
    const row = Array.from({ length: Number.isInteger(axes) && axes > 0 ? axes : 1 }, (_, i) => `n${i}`).join(' ');
    return `… ${row}, ${row}, ${row} -> … ${row}`;
  },
  keeps: { inputs: [0, 1] },
  check: ([x], attrs) => checkStandardize('affineNorm', x, attrs),
  forward({ inputs, attrs }) {
    const [y, stats] = affineNormKernel(inputs, attrs);
    return { y, saved: [stats] };
  },
  // Under `createGraph` the rule is made of ops on the operands alone.
  resave: ({ saved }) => saved,
  backward({ dy, inputs: [x, weight], saved: [stats], needs, attrs }) {
    if (isRecording()) return throughAffine(dy, x, weight, attrs);
    const [dw, db] = needs[1] || needs[2] ? affineNormWeightGradKernel([dy, x, stats], attrs.axes) : [];
    return [needs[0] && affineNormGradKernel([dy, x, weight, stats], attrs), dw, db];
  },
  reference: ([x, weight, bias], attrs) => add(mul(standardize(x, attrs)[0], weight), bias),
});

/** The gradients of `affineNorm`, recorded: the same as the kernels, made of ops. */
function throughAffine(dy: Tensor, x: Tensor, weight: Tensor, attrs: StandardizeAttrs): readonly Tensor[] {
  const [y, r] = standardize(x, attrs);
  const dx = throughRows(mul(dy, weight), y, widened(r, x), attrs);
  return [dx, sumTo(mul(dy, y), weight.shape), sumTo(dy, weight.shape)];
}

/** What `layerNorm` and `rmsNorm` may be told. */
export interface NormAttrs {
  /** Shape of the last axes that are normalised together; the last axis by default. A number is one axis. */
  readonly normalizedShape?: number | Shape;
  /** Multiplies the normalised values, of the normalised shape. */
  readonly weight?: Tensor;
  /** Added after the weight, of the normalised shape. */
  readonly bias?: Tensor;
  /** Added under the root, >= 0. */
  readonly eps?: number;
}

/** The shape that is normalised, a suffix of the shape of x. */
function normalizedShapeOf(op: string, x: Tensor, { normalizedShape }: NormAttrs): Shape {
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : (normalizedShape ?? x.shape.slice(-1));
  checkWholes(op, 'normalizedShape', shape, 0);
  if (shape.length === 0 || !sameShape(shape, x.shape.slice(-shape.length)))
    throw new ShapeError(op, `the normalised shape [${shape}] does not end the shape of x`, [x.shape]);
  return shape;
}

function affine(op: string, x: Tensor, attrs: NormAttrs, fallback: number, centre: boolean): Tensor {
  checkTensor(op, x);
  checkOptions(op, attrs, ['normalizedShape', 'weight', 'bias', 'eps']);
  requireFloat(op, x.dtype);
  const { weight, bias, eps = fallback } = attrs;
  const shape = normalizedShapeOf(op, x, attrs);
  checkCompanion(op, 'weight', weight, x, shape);
  checkCompanion(op, 'bias', bias, x, shape);
  checkEps(op, eps);
  const how = { axes: shape.length, eps, centre };
  if (weight === undefined && bias === undefined) return standardize(x, how)[0];
  const { dtype, device } = x;
  return affineNorm(x, weight ?? ones(shape, { dtype, device }), bias ?? zeros(shape, { dtype, device }), how);
}

/**
 * (x − mean)/√(variance + eps)·weight + bias over the last axes; the variance is that of the whole row, not of a sample.
 * Default eps 1e-5. A constant row becomes the bias, with a finite gradient while eps > 0.
 * @throws ShapeError when the normalised shape does not end the shape of x, or the weight or bias has another; DTypeError
 * unless all are of one floating dtype; DomainError for an unknown option, or an eps that is negative or not finite
 * @source Ba, Kiros & Hinton, "Layer Normalization", arXiv 1607.06450
 */
export const layerNorm = (x: Tensor, attrs: NormAttrs = {}): Tensor => affine('layerNorm', x, attrs, 1e-5, true);

/**
 * x/√(mean x² + eps)·weight + bias over the last axes. Default eps: the rounding unit of the dtype, 2⁻²³ for float32 and 2⁻⁵² for
 * float64, as in PyTorch; models are often trained with 1e-5 or 1e-6.
 * @throws ShapeError when the normalised shape does not end the shape of x, or the weight or bias has another; DTypeError
 * unless all are of one floating dtype; DomainError for an unknown option, or an eps that is negative or not finite
 * @source Zhang & Sennrich, "Root Mean Square Layer Normalization", arXiv 1910.07467
 */
export const rmsNorm = (x: Tensor, attrs: NormAttrs = {}): Tensor =>
  affine('rmsNorm', x, attrs, (x as Tensor | undefined)?.dtype === 'float64' ? 2 ** -52 : 2 ** -23, false);
