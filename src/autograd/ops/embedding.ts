import { indexSelectKernel } from '../../tensor/cpu/gather.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions, checkWhole } from '../options.ts';
import { equal } from './compare.ts';
import { indexAdd } from './gather.ts';
import { reshape } from './layout.ts';
import { maskedFill } from './maskedFill.ts';

/** Options of `embedding`. */
export interface EmbeddingAttrs {
  /** A row whose gradient stays 0, negative counting from the end: what fills up short sequences. Default: none. */
  readonly paddingIndex?: number;
}

/** The padding row counted from the start, −1 where there is none. */
const paddingOf = (weight: Tensor, { paddingIndex }: EmbeddingAttrs): number =>
  paddingIndex === undefined ? -1 : paddingIndex < 0 ? paddingIndex + weight.shape[0] : paddingIndex;

function checkPadding(weight: Tensor, attrs: EmbeddingAttrs): void {
  checkOptions('embedding', attrs, ['paddingIndex']);
  if (attrs.paddingIndex === undefined) return;
  checkWhole('embedding', 'paddingIndex', attrs.paddingIndex);
  const row = paddingOf(weight, attrs);
  if (row < 0 || row >= weight.shape[0])
    throw new DomainError('embedding', `paddingIndex ${attrs.paddingIndex} is not a row`, [weight.shape]);
}

/**
 * Rows of a table: y[…, :] = weight[indices[…], :]. The gradient of the table is the sum, for each row, of what arrived where the
 * row was read, in float64 and in the order of the indices; it is dense. `paddingIndex` changes the gradient alone.
 *
 * @param weight [v, d]
 * @param indices […] int32, in 0..v−1
 * @throws ShapeError unless weight is a matrix; DTypeError unless it is floating and the indices int32; DomainError when an
 * index, or the padding index, is not a row
 */
export const embedding: Op<2, EmbeddingAttrs> = /* @__PURE__ */ defineOp({
  name: 'embedding',
  arity: 2,
  signature: 'v d, … :int32 -> … d',
  keeps: { inputs: [1] },
  check([weight, indices], attrs) {
    checkPadding(weight, attrs);
    if (!indices.onHost) return;
    const [rows] = weight.shape;
    const odd = indices.data.find((i) => i < 0 || i >= rows);
    if (odd !== undefined)
      throw new DomainError('embedding', `index ${odd} is not in 0..${rows - 1}`, [weight.shape, indices.shape]);
  },
  forward: ({ inputs }) => indexSelectKernel(inputs, 0),
  backward({ dy, inputs: [weight, indices], attrs }) {
    const padding = paddingOf(weight, attrs);
    const column = (): Tensor => equal(reshape(indices, [...indices.shape, 1]), padding);
    const g = padding === -1 ? dy : maskedFill(dy, column(), 0);
    return [indexAdd(zeros(weight.shape, { dtype: dy.dtype, device: dy.device }), indices, g), null];
  },
});
