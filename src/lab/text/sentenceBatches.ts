import { checkCount } from '../../nn/optim/schedule.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { ignored, padded, paddingMask } from './padded.ts';
import type { SentencePairs } from './pairTokenizers.ts';
import { resumable } from './resumable.ts';
import type { BatchSource, TranslationBatch } from './text.ts';

/** How sentence pairs are put together. Lengths are in tokens, the special token of each sentence included. */
export interface SentenceBatchOptions {
  /** rows · longest sentence of either side <= tokens in every batch: what the larger of its two tensors holds, padding included. Default 4096. */
  readonly tokens?: number;
  /** The most pairs of a batch. Default: as many as `tokens` allows. */
  readonly sentences?: number;
  /** The longest sentence of either side. Default 256, or `tokens` if that is less. */
  readonly maxLength?: number;
  /** What happens to a pair with a longer one: it is left out, or refused with its number. */
  readonly longer?: 'drop' | 'refuse';
}

/** Batches for training. */
export interface SentenceBatches extends BatchSource<TranslationBatch> {
  /** Pairs that are left out because they are too long. */
  readonly dropped: number;
}

type Limits = Required<SentenceBatchOptions>;

/**
 * Batches without end of all pairs that are not too long, each once an epoch. Pairs of equal length go together, so there is little padding;
 * which of them do, and in which order batches come, is random in each epoch. Longer pairs are dropped unless `longer` says otherwise.
 * @throws DomainError when an option is no whole number >= 1, maxLength > tokens, or no pair is left
 * @source the measure of `tokens` is that of OpenNMT-py (`batch_type: tokens`): Klein et al., arXiv 1701.02810
 */
export function sentenceBatches(sentences: SentencePairs, options: SentenceBatchOptions, rng: Rng): SentenceBatches {
  const op = 'sentenceBatches';
  const limits = limitsOf(op, { longer: 'drop', ...options });
  const { lengths, kept } = keptPairs(op, sentences, limits);
  if (kept.length === 0) throw new DomainError(op, `no pair is left: maxLength is ${limits.maxLength}`);
  const epoch = (random: Rng): Int32Array[] => {
    const order = random.permutation(kept.length).map((i) => kept[i]);
    const batches = cut(order, lengths, limits);
    return Array.from(random.permutation(batches.length), (i) => batches[i]);
  };
  const source = resumable({ op, epoch, batch: (pairs) => batchOf(sentences, pairs) }, rng);
  return Object.assign(source, { dropped: lengths.length - kept.length });
}

/**
 * Every pair once, shorter ones first, for measuring: `pairs` of a batch says which they are. A pair that is too long is refused unless
 * `longer` says otherwise.
 * @throws DomainError when an option is no whole number >= 1, maxLength > tokens, or a pair is too long
 */
export function everyPair(
  sentences: SentencePairs,
  options: SentenceBatchOptions = {},
): Generator<TranslationBatch, void, void> {
  const op = 'everyPair';
  const limits = limitsOf(op, { longer: 'refuse', ...options });
  const { lengths, kept } = keptPairs(op, sentences, limits);
  return batchesOf(sentences, cut(kept, lengths, limits));
}

function* batchesOf(sentences: SentencePairs, batches: readonly Int32Array[]): Generator<TranslationBatch, void, void> {
  for (const pairs of batches) yield batchOf(sentences, pairs);
}

function limitsOf(
  op: string,
  { tokens = 4096, sentences = tokens, maxLength = Math.min(256, tokens), longer = 'drop' }: SentenceBatchOptions,
): Limits {
  for (const [name, n] of Object.entries({ tokens, sentences, maxLength })) checkCount(op, name, n, 1);
  if (maxLength > tokens)
    throw new DomainError(op, `a batch of ${tokens} tokens has no place for a sentence of maxLength ${maxLength}`);
  return { tokens, sentences, maxLength, longer };
}

/** The length of each pair, which is that of its longer side, and which pairs are not too long. */
function keptPairs(
  op: string,
  { source, target }: SentencePairs,
  { maxLength, longer }: Limits,
): { lengths: Int32Array; kept: Int32Array } {
  if (source.length !== target.length)
    throw new DomainError(op, `needs a target for each source, got ${target.length} for ${source.length}`);
  const lengths = Int32Array.from(source, ({ length }, i) => Math.max(length, target[i].length) + 1);
  const kept = Int32Array.from(lengths.keys()).filter((i) => lengths[i] <= maxLength);
  const long = lengths.findIndex((length) => length > maxLength);
  if (long >= 0 && longer === 'refuse')
    throw new DomainError(op, `pair ${long} has ${lengths[long]} tokens, maxLength is ${maxLength}`);
  return { lengths, kept };
}

/** Pairs in the order of their lengths, of equal length in the given order, cut into batches as large as may be. */
function cut(order: Int32Array, lengths: Int32Array, { tokens, sentences }: Limits): Int32Array[] {
  const sorted = Array.from(order).sort((a, b) => lengths[a] - lengths[b]);
  const batches: Int32Array[] = [];
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    const rows = i + 1 - start;
    // The pair at i would be the longest.
    if (i < sorted.length && rows <= sentences && rows * lengths[sorted[i]] <= tokens) continue;
    batches.push(Int32Array.from(sorted.slice(start, i)));
    start = i;
  }
  return batches;
}

/** Some pairs as tensors. */
function batchOf({ source, target, tokenizers }: SentencePairs, pairs: Int32Array): TranslationBatch {
  const [from, to] = [tokenizers.source.special, tokenizers.target.special];
  const sources = Array.from(pairs, (pair) => Int32Array.of(...source[pair], from.end));
  const inputs = Array.from(pairs, (pair) => Int32Array.of(to.start, ...target[pair]));
  const targets = Array.from(pairs, (pair) => Int32Array.of(...target[pair], to.end));
  const sourceLengths = Int32Array.from(sources, ({ length }) => length);
  const targetLengths = Int32Array.from(targets, ({ length }) => length);
  return {
    pairs,
    source: padded(sources, from.pad),
    sourceMask: paddingMask(sources),
    input: padded(inputs, to.pad),
    inputMask: paddingMask(inputs),
    target: padded(targets, ignored),
    sourceLengths,
    targetLengths,
    tokens: [...sourceLengths, ...targetLengths].reduce((sum, n) => sum + n, 0),
  };
}
