import type { Seq2Seq } from '../../nn/sequenceModel.ts';
import { type Bleu, bleu } from '../metrics/bleu.ts';
import type { HeldPart, SequenceTask } from '../sequence/task.ts';
import { encodePairs, type PairTokenizers, type SentencePairs } from '../text/pairTokenizers.ts';
import { everyPair, sentenceBatches } from '../text/sentenceBatches.ts';
import type { Pairs, ParallelText, TranslationBatch } from '../text/text.ts';
import { ReportedError } from '../usage.ts';
import { translations } from './decode.ts';
import { seq2SeqModels } from './models.ts';
import type { TranslateSettings } from './settings.ts';

/** A sentence of the test part and what became of it. */
export interface Sample {
  readonly source: string;
  readonly reference: string;
  readonly translation: string;
}

/** What translations are judged by. */
export interface Translated {
  readonly bleu: Pick<Bleu, 'score' | 'precisions' | 'brevityPenalty' | 'length' | 'referenceLength' | 'signature'>;
  readonly samples: readonly Sample[];
}

/** What the core trains and measures. */
export type TranslateTask = SequenceTask<Seq2Seq, TranslationBatch, Translated>;

/** The most tokens of a sentence, the one that ends it included; longer pairs are left out of training, and refused elsewhere. */
const maxLength = 512;

/** Sentences that a report shows. */
const shownSamples = 8;

/**
 * Translation as the core sees it.
 * @param tokenizers one vocabulary for both languages, from the training part
 * @throws ReportedError when a sentence that is held back is too long
 */
export function translateTask(
  text: ParallelText,
  tokenizers: PairTokenizers,
  settings: TranslateSettings,
): TranslateTask {
  const { batchTokens, dim, layers, heads, feedForward, dropout, attentionDropout } = settings;
  const train = encodePairs(text.train, tokenizers);
  const [val, test] = [
    heldPart('validation', text.val, tokenizers, settings),
    heldPart('test', text.test, tokenizers, settings),
  ];
  const { label, make } = seq2SeqModels[settings.model];
  const { size } = tokenizers.target;
  const sizes = { embedDim: dim, heads, layers, feedForward, dropout, attentionDropout, maxLength: 2 * maxLength + 10 };
  return {
    data: `${text.name}: ${text.train.source.length} pairs for training, ${text.val.source.length} for validation, ${text.test.source.length} for testing`,
    modelText: `${label}, width ${dim}, ${layers} + ${layers} layers, ${heads} heads, feed-forward ${feedForward}, ${size} tokens`,
    model: (rng) => make({ ...sizes, sourceVocabulary: tokenizers.source.size, vocabulary: size }, rng),
    batches: (rng) => sentenceBatches(train, { tokens: batchTokens, maxLength: Math.min(maxLength, batchTokens) }, rng),
    logits: (model, { source, sourceMask, input }, context) =>
      model.call(source, { ...context, target: input, mask: sourceMask }),
    val,
    test,
    watched: [`decoder.layers.${layers - 1}.**`],
    measure: async (model, device) =>
      judged(text.test, await translations(model, test.sources, tokenizers, settings, device)),
  };
}

/** A part that is held back, in batches, and what there is to translate. */
function heldPart(
  name: string,
  pairs: Pairs,
  tokenizers: PairTokenizers,
  { batchTokens }: TranslateSettings,
): HeldPart<TranslationBatch> & { readonly sources: readonly Int32Array[] } {
  const encoded: SentencePairs = encodePairs(pairs, tokenizers);
  const lengths = encoded.source.map(({ length }, i) => Math.max(length, encoded.target[i].length) + 1);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (longest > maxLength)
    throw new ReportedError(
      `pair ${lengths.indexOf(longest) + 1} of the ${name} part has ${longest} tokens, at most ${maxLength} are read`,
    );
  return {
    sources: encoded.source,
    batches: () => everyPair(encoded, { tokens: Math.max(batchTokens, longest), maxLength: longest }),
    bytes: pairs.target.reduce((sum, line) => sum + Buffer.byteLength(line), 0),
  };
}

/** BLEU of all translations, and some of them. */
function judged({ source, target }: Pairs, translated: readonly string[]): Translated {
  const { right, totals, ...score } = bleu(
    translated,
    target.map((line) => [line]),
  );
  const every = Math.max(1, Math.floor(source.length / shownSamples));
  const shown = Array.from(source.keys()).filter((i) => i % every === 0);
  return {
    bleu: score,
    samples: shown
      .slice(0, shownSamples)
      .map((i) => ({ source: source[i], reference: target[i], translation: translated[i] })),
  };
}
