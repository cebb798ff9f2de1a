import { indexSelect } from '../autograd/ops/gather.ts';
import { concat } from '../autograd/ops/slice.ts';
import { tensor } from '../tensor/create.ts';
import { DomainError, ShapeError } from '../tensor/errors.ts';
import { unscoped } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * What the attention layers of a decoder keep of the tokens that they have seen, so that the next token costs one position: keys
 * and values, each under the layer that made them. A model is called with the same cache for token after token, and moves `length`
 * on; a batch decodes as many rows as it began with, or those that `select` left.
 *
 * What it holds outlives every `scope`. It belongs to one model and one batch: make another for the next.
 */
export class DecodingCache {
  #length = 0;
  readonly #held: Map<object, readonly Tensor[]> = new Map();

  /** Positions that the model has seen, padding included. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of all that is held. */
  get bytes(): number {
    return [...this.#held.values()].flat().reduce((sum, t) => sum + t.bytes, 0);
  }

  /** Whether a layer keeps something here. */
  holds(owner: object): boolean {
    return this.#held.has(owner);
  }

  /**
   * Add what a layer made of the tokens of this call, and get it for all tokens so far: parts […, t, n] → […, length + t, n].
   * @throws ShapeError when the other axes differ from those of the calls before
   */
  extend(owner: object, parts: readonly Tensor[]): readonly Tensor[] {
    const before = this.#held.get(owner);
    const all = unscoped(() => parts.map((part, i) => concat(before ? [before[i], part] : [part], { axis: -2 })));
    this.#held.set(owner, all);
    return all;
  }

  /** What a layer makes once for all calls: of the encoder's memory. */
  once(owner: object, make: () => readonly Tensor[]): readonly Tensor[] {
    const known = this.#held.get(owner);
    if (known !== undefined) return known;
    const made = unscoped(() => make().map((part) => concat([part])));
    this.#held.set(owner, made);
    return made;
  }

  /**
   * Tell that so many positions have been seen, after the last layer: models do it.
   * @throws DomainError unless the count is a whole number >= 0
   */
  advance(count: number): void {
    if (!Number.isSafeInteger(count) || count < 0)
      throw new DomainError('DecodingCache', `count is a whole number >= 0, got ${count}`);
    this.#length += count;
  }

  /**
   * Keep these rows of the batch (the first axis), in this order; a row may be kept several times, as beams are.
   * @throws ShapeError when there is no such row
   */
  select(rows: readonly number[]): void {
    for (const [owner, parts] of this.#held) {
      const count = parts[0]?.shape[0] ?? 0;
      const odd = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= count);
      if (odd !== undefined) throw new ShapeError('DecodingCache', `row ${odd} is none of ${count}`, [parts[0].shape]);
      if (rows.length === count && rows.every((row, i) => row === i)) continue;
      const index = (t: Tensor): Tensor => tensor([...rows], { dtype: 'int32', device: t.device });
      const kept = unscoped(() => parts.map((part) => indexSelect(part, index(part))));
      this.#held.set(owner, kept);
    }
  }
}
