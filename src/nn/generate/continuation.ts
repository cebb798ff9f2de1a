import { reshape } from '../../autograd/ops/layout.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { tensor } from '../../tensor/create.ts';
import { DomainError, ShapeError } from '../../tensor/errors.ts';
import { scope } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { DecodingCache } from '../decodingCache.ts';
import type { Module } from '../module.ts';
import type { DecoderOnly, Seq2Seq } from '../sequenceModel.ts';

/**
 * A batch of sequences that grow token by token: all that `greedy`, `sample` and `beamSearch` know of a model. Anything that
 * gives logits can be one.
 */
export interface Continuation {
  /** Sequences there are now. */
  readonly rows: number;
  /** How many tokens each may get at most: positions that the model has left, and one. */
  readonly room: number;
  /**
   * Add one token to each sequence, none at the first call.
   * @returns logits [rows, v] of the token after
   */
  next(tokens?: readonly number[]): Tensor;
  /** Go on with these rows, in this order; a row may be named several times, or never again. */
  select(rows: readonly number[]): void;
}

/** One call of a model on further tokens [rows, t]: logits [rows, 1, v] of the last. */
type Step = (tokens: Tensor, mask?: Tensor) => Tensor;

/** The first tokens of all sequences, and which of them are no padding. */
interface Opening {
  readonly tokens: readonly (readonly number[])[];
  readonly mask?: readonly (readonly boolean[])[];
}

/** Sequences of a model that keeps what it has seen in a cache. */
class CachedContinuation implements Continuation {
  readonly room: number;
  readonly #model: Module;
  readonly #cache: DecodingCache;
  readonly #step: Step;
  #opening: Opening | null;
  #rows: number;

  constructor(model: Module & { readonly maxLength: number }, opening: Opening, cache: DecodingCache, step: Step) {
    this.#model = model;
    this.#cache = cache;
    this.#step = step;
    this.#opening = opening;
    this.#rows = opening.tokens.length;
    this.room = Math.max(0, model.maxLength - (opening.tokens[0]?.length ?? 0) + 1);
  }

  get rows(): number {
    return this.#rows;
  }

  next(tokens?: readonly number[]): Tensor {
    const opening = this.#opening;
    if ((tokens === undefined) !== (opening !== null))
      throw new DomainError('Continuation', 'the first call of `next` takes no tokens, every other one for each row');
    if (tokens !== undefined && tokens.length !== this.#rows)
      throw new ShapeError('Continuation', `${tokens.length} tokens for ${this.#rows} rows`);
    this.#opening = null;
    const { tokens: rows, mask } = opening ?? { tokens: (tokens as readonly number[]).map((token) => [token]) };
    const { device } = this.#model.parameters()[0];
    const [count, width] = [rows.length, rows[0]?.length ?? 0];
    return scope(() =>
      noGrad(() => {
        const ids = tensor(Int32Array.from(rows.flat()), { shape: [count, width], device });
        const logits = this.#step(ids, mask && tensor(mask, { device }));
        return reshape(logits, [count, logits.shape[2]]);
      }),
    );
  }

  select(rows: readonly number[]): void {
    this.#cache.select(rows);
    if (this.#opening !== null) this.#opening = chosen(this.#opening, rows);
    this.#rows = rows.length;
  }
}

const chosen = ({ tokens, mask }: Opening, rows: readonly number[]): Opening => ({
  tokens: rows.map((row) => tokens[row]),
  ...(mask !== undefined && { mask: rows.map((row) => mask[row]) }),
});

/**
 * Texts that a language model is to continue, each a list of tokens; they may differ in length.
 *
 * Steps are not recorded, and cost one position each. `pin(model)` makes them faster.
 * @throws DomainError when there is no text, one is empty, or longer than the model's positions
 */
export function continueTexts(model: DecoderOnly, texts: readonly (readonly number[])[]): Continuation {
  const op = 'continueTexts';
  if (texts.length === 0 || texts.some((text) => text.length === 0))
    throw new DomainError(op, 'every text has a token, and there is a text');
  const width = Math.max(...texts.map((text) => text.length));
  if (width > model.maxLength)
    throw new DomainError(op, `a text of ${width} tokens, and the model has ${model.maxLength} positions`);
  const short = texts.some((text) => text.length < width);
  // Filled up in front, so that every text ends at the last place.
  const filled = texts.map((text) => [...Array.from({ length: width - text.length }, () => 0), ...text]);
  const mask = texts.map((text) => Array.from({ length: width }, (_, i) => i >= width - text.length));
  const cache = new DecodingCache();
  return new CachedContinuation(model, { tokens: filled, ...(short && { mask }) }, cache, (tokens, there) =>
    model.call(tokens, { cache, last: true, ...(there !== undefined && { mask: there }) }),
  );
}

/** How translations begin. */
export interface TranslationStart {
  /** The token that opens every target. */
  readonly begin: number;
  /** bool [b, s]: which tokens of the source there are. Default: all. */
  readonly mask?: Tensor;
}

/**
 * Translations that a model is to write of source [b, s] int32, which is encoded once.
 *
 * Steps are not recorded, and cost one position each. `pin(model)` makes them faster.
 * @throws what `encode` throws
 */
export function continueTranslations(model: Seq2Seq, source: Tensor, { begin, mask }: TranslationStart): Continuation {
  const memory = scope(() => noGrad(() => model.encode(source, mask === undefined ? {} : { mask })));
  const cache = new DecodingCache();
  // In the cache too, so that rows are selected from them as from everything else.
  const encoded = {};
  cache.once(encoded, () => (mask === undefined ? [memory] : [memory, mask]));
  const tokens = Array.from({ length: source.shape[0] }, () => [begin]);
  return new CachedContinuation(model, { tokens }, cache, (further) => {
    const [held, there] = cache.once(encoded, () => []);
    return model.decode(further, held, { cache, last: true, ...(there !== undefined && { memoryMask: there }) });
  });
}
