import type { SequenceSettings } from '../sequence/settings.ts';
import type { FamilyName } from './configuration.ts';

/** Everything that determines a comparison of methods on a language model. */
export interface LmSettings extends SequenceSettings {
  /** What `--data` names: `brown`, a folder, or files. */
  readonly data: readonly string[];
  /** The most tokens of the vocabulary. */
  readonly vocabulary: number;
  readonly family: FamilyName;
  /** t: tokens of a block, and the positions that the model has. */
  readonly length: number;
  /** b: blocks of a batch. */
  readonly batchSize: number;
}
