import { beamSearch } from '../../nn/generate/beam.ts';
import { continueTranslations } from '../../nn/generate/continuation.ts';
import type { Seq2Seq } from '../../nn/sequenceModel.ts';
import type { Device } from '../../tensor/device.ts';
import { scope } from '../../tensor/scope.ts';
import { padded } from '../text/padded.ts';
import type { PairTokenizers } from '../text/pairTokenizers.ts';
import type { TranslateSettings } from './settings.ts';

/** How translations are searched for. */
export type SearchSettings = Pick<TranslateSettings, 'beam' | 'alpha' | 'batchTokens'>;

/** The longest translation, in tokens, of a source of n. */
const longest = (n: number): number => 2 * n + 10;

/**
 * The translations of sentences, in their order. Sentences of one length are searched for together, so that no translation depends on what else
 * there is.
 * @param sources tokens of each, without the one that ends it
 */
export async function translations(
  model: Seq2Seq,
  sources: readonly Int32Array[],
  { source: from, target: to }: PairTokenizers,
  { beam, alpha, batchTokens }: SearchSettings,
  device: Device,
): Promise<string[]> {
  const { start: begin, end } = to.special;
  const found: string[] = [];
  for (const group of groupsOf(sources, batchTokens)) {
    const rows = group.map((i) => Int32Array.of(...sources[i], from.special.end));
    const continuation = scope(() => continueTranslations(model, padded(rows, from.special.pad).to(device), { begin }));
    const results = await beamSearch(continuation, { beam, alpha, end, maxTokens: longest(rows[0].length) });
    for (const [row, [{ tokens }]] of results.entries()) found[group[row]] = to.decode(tokens);
  }
  return found;
}

/** Sentences of equal length, at most as many as have this many tokens together, but one at least. */
function groupsOf(sources: readonly Int32Array[], tokens: number): number[][] {
  const groups: number[][] = [];
  const open = new Map<number, number[]>();
  for (const [i, { length }] of sources.entries()) {
    const group = open.get(length);
    if (group !== undefined && (group.length + 1) * (length + 1) <= tokens) group.push(i);
    else {
      const begun = [i];
      open.set(length, begun);
      groups.push(begun);
    }
  }
  return groups;
}
