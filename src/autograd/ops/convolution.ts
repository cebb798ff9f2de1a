import { DomainError, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCompanion } from '../companion.ts';
import { checkOptions, checkTensor, checkWhole } from '../options.ts';
import { signature } from '../signature.ts';
import { add } from './arithmetic.ts';
import { reshape } from './layout.ts';
import { matmul } from './matmul.ts';
import { countsOf, patchesOf, type Sides, type UnfoldAttrs, unfold } from './unfold.ts';

/** Options of `conv2d`. */
export interface Conv2dAttrs extends Omit<UnfoldAttrs, 'kernelSize'> {
  /** [o], added to every element of its output channel. */
  readonly bias?: Tensor;
  /** Into how many parts the channels are split, each convolved by itself. Default 1. */
  readonly groups?: number;
}

/** Options of `conv1d`. */
export interface Conv1dAttrs extends Omit<Conv2dAttrs, 'stride' | 'padding' | 'dilation'> {
  /** From one window to the next, >= 1. Default 1. */
  readonly stride?: number;
  /** Zeros before and after the signal, >= 0. Default 0. */
  readonly padding?: number;
  /** From one element of a window to the next, >= 1. Default 1. */
  readonly dilation?: number;
}

const known = ['bias', 'stride', 'padding', 'dilation', 'groups'];

function checkGroups(op: string, x: Tensor, weight: Tensor, groups: number): void {
  checkWhole(op, 'groups', groups, 1);
  const [c, [o, part]] = [x.shape[1], weight.shape];
  if (c !== part * groups || o % groups !== 0)
    throw new ShapeError(op, `${groups} groups of ${part} channels need ${part * groups}, and split the ${o} outputs`, [
      x.shape,
      weight.shape,
    ]);
}

/** The convolution of checked operands: patches as columns, one product of matrices for each group. */
function convolved(op: string, x: Tensor, weight: Tensor, { bias, groups = 1, ...rest }: Conv2dAttrs): Tensor {
  checkGroups(op, x, weight, groups);
  checkCompanion(op, 'bias', bias, weight, weight.shape.slice(0, 1));
  const [n, , h, w] = x.shape;
  const [o, part, kh, kw] = weight.shape;
  const attrs = { ...rest, kernelSize: [kh, kw] as const };
  const [rows, columns] = countsOf(op, [h, w], patchesOf(op, attrs), [x.shape, weight.shape]);
  const patches = reshape(unfold(x, attrs), [n, groups, part * kh * kw, rows * columns]);
  const y = reshape(matmul(reshape(weight, [groups, o / groups, part * kh * kw]), patches), [n, o, rows, columns]);
  return bias === undefined ? y : add(y, reshape(bias, [o, 1, 1]));
}

/**
 * y[n, o, i, j] = b_o + Σ x[n, c, i·stride − padding + u·dilation, j·stride − padding + v·dilation]·weight[o, c, u, v] over c, u, v, x being 0 outside the
 * image: a correlation, as everywhere in deep learning, computed as a product of matrices (`unfold`).
 *
 * @param x [n, c, h, w]
 * @param weight [o, c/groups, kh, kw]
 * @throws ShapeError when channels do not fit, or the kernel is larger than the padded image; DTypeError unless all are of one
 * floating dtype; DomainError when an option is not what it should be
 */
export function conv2d(x: Tensor, weight: Tensor, attrs: Conv2dAttrs = {}): Tensor {
  checkTensor('conv2d', x);
  checkTensor('conv2d', weight);
  checkOptions('conv2d', attrs, known);
  signature('n c h w, o p u v -> n o i j').check('conv2d', [x, weight]);
  return convolved('conv2d', x, weight, attrs);
}

/**
 * y[n, o, i] = b_o + Σ x[n, c, i·stride − padding + u·dilation]·weight[o, c, u] over c and u, x being 0 outside the signal.
 *
 * @param x [n, c, l]
 * @param weight [o, c/groups, k]
 * @throws ShapeError when channels do not fit, or the kernel is longer than the padded signal; DTypeError unless all are of one
 * floating dtype; DomainError when an option is not what it should be
 */
export function conv1d(x: Tensor, weight: Tensor, attrs: Conv1dAttrs = {}): Tensor {
  checkTensor('conv1d', x);
  checkTensor('conv1d', weight);
  checkOptions('conv1d', attrs, known);
  signature('n c l, o p u -> n o i').check('conv1d', [x, weight]);
  const { stride = 1, padding = 0, dilation = 1, ...rest } = attrs;
  const side = (what: string, value: unknown, other: number): Sides => {
    if (typeof value !== 'number') throw new DomainError('conv1d', `${what} is a whole number, got ${String(value)}`);
    return [other, value];
  };
  const [n, c, l] = x.shape;
  const [o, part, k] = weight.shape;
  const y = convolved('conv1d', reshape(x, [n, c, 1, l]), reshape(weight, [o, part, 1, k]), {
    ...rest,
    stride: side('stride', stride, 1),
    padding: side('padding', padding, 0),
    dilation: side('dilation', dilation, 1),
  });
  return reshape(y, [n, o, y.shape[3]]);
}
