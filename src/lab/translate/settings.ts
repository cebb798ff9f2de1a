import type { SequenceSettings } from '../sequence/settings.ts';
import type { Languages } from '../text/parallelText.ts';
import type { Seq2SeqName } from './models.ts';

/** Everything that determines a comparison of methods on translation. */
export interface TranslateSettings extends SequenceSettings {
  /** `typescript`, or a folder. */
  readonly data: string;
  readonly languages: Languages;
  /** The most tokens of the vocabulary that both languages share. */
  readonly vocabulary: number;
  readonly model: Seq2SeqName;
  /** Rows times the longest sentence of a batch, at most. */
  readonly batchTokens: number;
  /** Sequences that the search for a translation follows at once. */
  readonly beam: number;
  /** α of its length penalty. */
  readonly alpha: number;
}
