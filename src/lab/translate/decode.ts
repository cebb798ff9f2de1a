import { beamSearch } from '../../nn/generate/beam.ts';
import { continueTranslations } from '../../nn/generate/continuation.ts';
import type { Seq2Seq } from '../../nn/sequenceModel.ts';
import type { Device } from '../../tensor/device.ts';
import { scope } from '../../tensor/scope.ts';
import type { Tokenizer, TranslationBatch } from '../text/text.ts';
import type { TranslateSettings } from './settings.ts';

/** How translations are searched for. */
export type SearchSettings = Pick<TranslateSettings, 'beam' | 'alpha'>;

/** The longest translation, in tokens, where the longest source has n: one for all, so that none depends on its batch. */
const longest = (n: number): number => 2 * n + 10;

/**
 * The translations of sentences, by the number of each; those of a batch are searched for together.
 * @param tokenizer of the target
 */
export async function translations(
  model: Seq2Seq,
  batches: Iterable<TranslationBatch>,
  tokenizer: Tokenizer,
  { beam, alpha }: SearchSettings,
  device: Device,
): Promise<string[]> {
  const { start: begin, end } = tokenizer.special;
  const found: string[] = [];
  const all = [...batches];
  const maxTokens = longest(Math.max(0, ...all.map(({ source }) => source.shape[1])));
  for (const { source, sourceMask, pairs } of all) {
    const continuation = scope(() =>
      continueTranslations(model, source.to(device), { begin, mask: sourceMask.to(device) }),
    );
    const results = await beamSearch(continuation, { beam, alpha, end, maxTokens });
    for (const [row, [{ tokens }]] of results.entries()) found[pairs[row]] = tokenizer.decode(tokens);
  }
  return found;
}
