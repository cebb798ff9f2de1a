import { sub } from '../autograd/ops/arithmetic.ts';
import { cumsum } from '../autograd/ops/cumulative.ts';
import { embedding } from '../autograd/ops/embedding.ts';
import { maximum } from '../autograd/ops/extrema.ts';
import { reshape } from '../autograd/ops/layout.ts';
import { slice } from '../autograd/ops/slice.ts';
import { arange, ones, tensor, zeros } from '../tensor/create.ts';
import { meta } from '../tensor/device.ts';
import { DomainError, DTypeError, ShapeError } from '../tensor/errors.ts';
import { unscoped } from '../tensor/scope.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Module } from './module.ts';
import type { DecoderContext } from './sequenceModel.ts';

/** Where the tokens of a call stand, and which tokens there are. */
export interface Places {
  /** int32 [t], or [b, t] where there is padding: how many tokens precede each, padding not counted. */
  readonly positions: Tensor;
  /** bool [b, length + t]: which tokens of this call and of those before are no padding. None: all. */
  readonly keyMask?: Tensor;
  /** One more than the largest position that there can be. */
  readonly end: number;
}

/**
 * Where the tokens of this call stand, after those that the cache has seen: the first call with a mask begins to count without padding.
 * @param owner the model, under which the cache keeps the mask
 * @throws ShapeError unless tokens are [b, t] and the mask too; DTypeError unless the mask is bool; DomainError when there are more
 * positions than `maxLength`
 */
export function placesOf(
  owner: Module,
  op: string,
  tokens: Tensor,
  { mask, cache }: Pick<DecoderContext, 'mask' | 'cache'>,
  maxLength: number = Infinity,
): Places {
  if (tokens.rank !== 2) throw new ShapeError(op, 'tokens are [b, t]', [tokens.shape]);
  const [before, { device }] = [cache?.length ?? 0, tokens];
  const [batch, t] = tokens.shape;
  const end = before + t;
  if (end > maxLength) throw new DomainError(op, `${end} positions, and there are ${maxLength}`, [tokens.shape]);
  if (mask !== undefined && mask.dtype !== 'bool') throw new DTypeError(op, `the mask is bool, got ${mask.dtype}`);
  if (mask !== undefined && !sameShape(mask.shape, tokens.shape))
    throw new ShapeError(op, 'the mask has the shape of the tokens', [mask.shape, tokens.shape]);
  const all = (count: number): Tensor => ones([batch, count, 1], { dtype: 'bool', device });
  const column = mask && reshape(mask, [batch, t, 1]);
  if (column === undefined && !cache?.holds(owner))
    return { positions: arange(before, end, 1, { dtype: 'int32', device }), end };
  if (column !== undefined && before > 0 && cache?.holds(owner) === false) cache.extend(owner, [all(before)]);
  const [whole] = cache?.extend(owner, [column ?? all(t)]) ?? [column as Tensor];
  const keyMask = reshape(whole, [batch, end]);
  const counted = maximum(sub(cumsum(keyMask), 1), zeros([], { dtype: 'int32', device }));
  return { positions: slice(counted, [null, [before, end]]), keyMask, end };
}

/**
 * Rows of numbers that follow from their position alone, made when they are first asked for and kept: `value(position, i)` for i in
 * 0..width−1. It is no part of a model's state.
 */
export class PositionTable {
  readonly #width: number;
  readonly #value: (position: number, i: number) => number;
  #rows: Tensor | null = null;

  constructor(width: number, value: (position: number, i: number) => number) {
    this.#width = width;
    this.#value = value;
  }

  /** positions […] int32 → […, width] in the dtype and on the device of `like`. */
  at({ positions, end }: Places, like: Tensor): Tensor {
    const rows = this.#rows;
    if (rows === null || rows.shape[0] < end || rows.dtype !== like.dtype || rows.device !== like.device)
      this.#rows = unscoped(() => this.#made(2 ** Math.ceil(Math.log2(Math.max(end, 16))), like));
    return embedding(this.#rows as Tensor, positions);
  }

  #made(count: number, { dtype, device }: Tensor): Tensor {
    if (device === meta) return zeros([count, this.#width], { dtype, device });
    const values = new Float64Array(count * this.#width);
    for (let at = 0; at < values.length; at++) values[at] = this.#value(Math.floor(at / this.#width), at % this.#width);
    return tensor(values, { shape: [count, this.#width], dtype, device });
  }
}
