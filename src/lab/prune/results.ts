import type { Provenance } from '../results.ts';
import type { RunKey } from '../sequence/settings.ts';
import type { PrunePoint } from './curve.ts';

/** A model and what is left of it at each share. */
export interface PrunedRun extends RunKey {
  /** Name for readers, such as `SST`. */
  readonly label: string;
  /** The whole model first, then ever less of it. */
  readonly points: readonly PrunePoint[];
}

/** A whole study. */
export interface PruneResult extends Provenance {
  readonly title: string;
  readonly data: string;
  readonly model: string;
  readonly interrupted: boolean;
  readonly runs: readonly PrunedRun[];
}
