import type { DecoderOnly } from '../../nn/sequenceModel.ts';
import { type Perplexity, perplexity } from '../metrics/perplexity.ts';
import { likelihood } from '../sequence/measure.ts';
import type { HeldPart, SequenceTask } from '../sequence/task.ts';
import { formatCount } from '../terminal/format.ts';
import { type BlockOptions, blockBatches, everyBlock, type RunningText } from '../text/blocks.ts';
import type { BlockBatch } from '../text/text.ts';
import { ReportedError } from '../usage.ts';
import { familyLabel, type LmConfiguration, modelOf } from './configuration.ts';
import type { Corpus } from './corpus.ts';
import { type TextSample, textSamples } from './samples.ts';
import { type LmSettings, lmModels } from './settings.ts';

/** What language models are judged by, besides the perplexity of the test part. */
export interface LmMeasured {
  readonly validation: Perplexity;
  readonly samples: readonly TextSample[];
}

/** What the core trains and measures. */
export type LmTask = SequenceTask<DecoderOnly, BlockBatch, LmMeasured>;

/** The logits of blocks, as the core asks for them. */
export const blockLogits: LmTask['logits'] = (model, { input }, context) => model.call(input, context);

/** A text in blocks, all of it, for measuring. */
export const heldText = (text: RunningText, options: BlockOptions): HeldPart<BlockBatch> => ({
  batches: () => everyBlock(text, options),
  bytes: text.bytes,
});

/** The model that these settings ask for, over a vocabulary: of the named one what they do not say. */
export function configurationOf(settings: LmSettings, vocabulary: number): LmConfiguration {
  const { model, dim, layers, heads, feedForward, dropout, attentionDropout, length } = settings;
  const sizes = { vocabulary, embedDim: dim, layers, heads, feedForward, attentionDropout, maxLength: length };
  const named = lmModels[model];
  return named.family === 'opt' ? { ...named, ...sizes, dropout } : { ...named, ...sizes };
}

/** A model in words. */
export function modelText({ family, ...sizes }: LmConfiguration): string {
  const { embedDim, layers, heads, feedForward, vocabulary, maxLength } = sizes;
  const counted = `${layers} ${layers === 1 ? 'layer' : 'layers'}, ${heads} ${heads === 1 ? 'head' : 'heads'}`;
  return `${familyLabel(family)}, width ${embedDim}, ${counted}, feed-forward ${feedForward}, ${formatCount(vocabulary)} tokens, ${maxLength} positions`;
}

/**
 * Language modelling as the core sees it.
 * @throws ReportedError when the text for training does not fill a batch
 */
export function lmTask(corpus: Corpus, settings: LmSettings): LmTask {
  const { layers, length, batchSize: rows } = settings;
  const { name, tokenizer, train } = corpus;
  if (train.tokens.length <= rows * length)
    throw new ReportedError(
      `${name}: ${train.tokens.length - 1} tokens for training are no batch of ${rows} blocks of ${length}: lower --batch or --length`,
    );
  const configuration = configurationOf(settings, tokenizer.size);
  const [val, test] = [heldText(corpus.val, { length, rows }), heldText(corpus.test, { length, rows })];
  const tokens = ({ tokens }: RunningText): string => formatCount(tokens.length - 1);
  return {
    data: `${name}: ${tokens(train)} tokens for training, ${tokens(corpus.val)} for validation, ${tokens(corpus.test)} for testing`,
    modelText: modelText(configuration),
    model: (rng) => modelOf(configuration, { rng }),
    batches: (rng) => blockBatches(train, { length, rows }, rng),
    logits: blockLogits,
    val,
    test,
    watched: [`**.layers.${layers - 1}.**`],
    async measure(model, device) {
      const validation = perplexity(await likelihood({ task: { logits: blockLogits }, model, device }, val));
      return { validation, samples: await textSamples(model, corpus) };
    },
  };
}
