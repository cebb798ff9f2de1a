import { continueTexts } from '../../nn/generate/continuation.ts';
import { sample } from '../../nn/generate/sample.ts';
import type { DecoderOnly } from '../../nn/sequenceModel.ts';
import { Rng } from '../../tensor/rng.ts';
import type { Corpus } from './corpus.ts';

/** The beginning of a document, and how a model goes on. */
export interface TextSample {
  readonly beginning: string;
  readonly continuation: string;
}

/** How many there are, and how they are made: of the 40 likeliest tokens each, a little cooler than the model says. */
const shown = { samples: 4, promptTokens: 16, maxTokens: 60, topK: 40, temperature: 0.8 } as const;

/** Texts that a model writes after the first words of some documents that are held back; always the same ones, drawn from the same stream. */
export async function textSamples(model: DecoderOnly, { tokenizer, testDocuments }: Corpus): Promise<TextSample[]> {
  const { samples, promptTokens, ...limits } = shown;
  const { end } = tokenizer.special;
  const room = Math.min(promptTokens, model.maxLength - 1);
  const every = Math.max(1, Math.floor(testDocuments.length / samples));
  const chosen = testDocuments.filter((_, i) => i % every === 0).slice(0, samples);
  const prompts = chosen.map((text) => [...tokenizer.encode(text).subarray(0, room)]);
  const texts = prompts.map((tokens) => [end, ...tokens]);
  const rng = new Rng(0).fork('samples');
  const found = await sample(continueTexts(model, texts), { ...limits, end, rng });
  return found.map(({ tokens }, i) => ({
    beginning: tokenizer.decode(prompts[i]),
    continuation: tokenizer.decode(tokens),
  }));
}
