import { scaledDotProductAttention } from '../autograd/ops/attention.ts';
import { where } from '../autograd/ops/compare.ts';
import { checkChance } from '../autograd/ops/dropout.ts';
import { reshape } from '../autograd/ops/layout.ts';
import { logicalAnd } from '../autograd/ops/logic.ts';
import { tensor } from '../tensor/create.ts';
import { DomainError, DTypeError, ShapeError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DecodingCache } from './decodingCache.ts';
import { type CallContext, Module } from './module.ts';
import { checkCount } from './optim/schedule.ts';

/** What attention depends on besides its queries. */
export interface AttentionContext extends CallContext {
  /** […, s, e]; the queries themselves by default. */
  readonly key?: Tensor;
  /** […, s, e]; the keys by default. */
  readonly value?: Tensor;
  /**
   * bool, true where a query may see a key, or numbers to add to the scores; it broadcasts to […, heads, t, s]. (A bool mask
   * of PyTorch's module says the opposite.)
   */
  readonly mask?: Tensor;
  /** bool […, s]: which keys there are to see; false is padding. With a cache it covers the keys of earlier calls too. */
  readonly keyMask?: Tensor;
  /** Query i sees keys 0..i only, and with a cache all keys of earlier calls. Default false. */
  readonly causal?: boolean;
  /**
   * Keys and values of earlier calls: those of the queries themselves are added to them; those of a given `key` are made at the first
   * call, and afterwards read from the cache.
   */
  readonly cache?: DecodingCache;
}

/** The maps of queries, keys and values, each giving its heads side by side: […, n, e] → […, n, e]. */
export type Projections = readonly [
  query: (x: Tensor) => Tensor,
  key: (x: Tensor) => Tensor,
  value: (x: Tensor) => Tensor,
];

/**
 * Attention with several heads, wherever its parameters lie: queries, keys and values are projected, cut into heads of e/heads,
 * attended to (`scaledDotProductAttention`), joined and projected again. A subclass holds the four projections.
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.2.2
 */
export abstract class AttentionHeads extends Module {
  readonly #op: string;
  readonly embedDim: number;
  readonly heads: number;
  readonly dropout: number;

  /**
   * @param op the name that errors give
   * @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or dropout is no chance
   */
  constructor(op: string, embedDim: number, heads: number, dropout: number, rng: Rng) {
    super();
    checkCount(op, 'embedDim', embedDim, 1);
    checkCount(op, 'heads', heads, 1);
    if (embedDim % heads !== 0) throw new DomainError(op, `${heads} heads do not divide ${embedDim}`);
    checkChance(op, dropout, rng);
    this.#op = op;
    this.embedDim = embedDim;
    this.heads = heads;
    this.dropout = dropout;
  }

  /** The maps of queries, keys and values in this call. */
  protected abstract projections(context: AttentionContext): Projections;

  /** The map of the joined heads. */
  protected abstract output(joined: Tensor, context: AttentionContext): Tensor;

  /**
   * @param x queries […, t, e]
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: AttentionContext = {}): Tensor {
    const { key = x, value = key, training = false, rng, causal = false } = context;
    for (const [name, t] of Object.entries({ query: x, key, value }))
      if (t.rank < 2 || t.shape[t.rank - 1] !== this.embedDim)
        throw new ShapeError(this.#op, `${name} is not [… t ${this.embedDim}]`, [t.shape]);
    const due = training && this.dropout > 0;
    if (due) checkChance(this.#op, this.dropout, rng);
    const [q, k, v] = this.#projected(x, context);
    const past = context.key === undefined ? k.shape[k.rank - 2] - x.shape[x.rank - 2] : 0;
    const mask = maskOf(this.#op, context, causal && past > 0 ? pastMask(x, past) : undefined);
    const attended = scaledDotProductAttention(q, k, v, {
      causal: causal && past === 0,
      heads: this.heads,
      ...(mask !== undefined && { mask }),
      ...(due && rng !== undefined && { dropout: { p: this.dropout, rng } }),
    });
    return this.output(attended, context);
  }

  /** Queries of this call, and all keys and values there are to see. */
  #projected(x: Tensor, context: AttentionContext): readonly Tensor[] {
    const { key = x, value = key, cache } = context;
    const [query, keys, values] = this.projections(context);
    const made = (): readonly Tensor[] => [keys(key), values(value)];
    if (cache === undefined) return [query(x), ...made()];
    const q = query(x);
    return [q, ...(context.key === undefined ? cache.extend(this, made()) : cache.once(this, made))];
  }
}

/** The masks as one: that of the caller, which keys there are, and what is seen of them after `past` others; none where all is seen. */
function maskOf(op: string, { mask, keyMask }: AttentionContext, seen: Tensor | undefined): Tensor | undefined {
  if (keyMask !== undefined && (keyMask.dtype !== 'bool' || keyMask.rank === 0))
    throw new DTypeError(op, `keyMask is a bool for each key, got ${keyMask.dtype}`);
  const keys =
    keyMask && reshape(keyMask, [...keyMask.shape.slice(0, -1), 1, 1, ...keyMask.shape.slice(keyMask.rank - 1)]);
  const bools = [keys, seen].filter((one) => one !== undefined);
  return bools.reduce<Tensor | undefined>(
    (all, one) => (all === undefined ? one : all.dtype === 'bool' ? logicalAnd(all, one) : where(one, all, -Infinity)),
    mask,
  );
}

/** bool [t, past + t]: query i sees the past and keys 0..i after it. One query sees everything: none. */
function pastMask({ shape, device }: Tensor, past: number): Tensor | undefined {
  const t = shape[shape.length - 2];
  if (t === 1) return undefined;
  const rows = Array.from({ length: t }, (_, i) => Array.from({ length: past + t }, (_, j) => j <= past + i));
  return tensor(rows, { device });
}
