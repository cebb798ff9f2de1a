import { type MadeModels, madeModels, takeOptions } from '../lm/made.ts';
import { lmOptionsHelp } from '../lm/options.ts';
import { defaults, type LmSettings } from '../lm/settings.ts';
import { UsageError } from '../usage.ts';
import { paperKeeps } from './curve.ts';

/** What `spectragrad prune` was asked to do. */
export interface PruneOptions extends MadeModels {
  /** Shares of the sum of singular values, in (0, 1]. */
  readonly keeps: readonly number[];
}

const standard: LmSettings = { ...defaults, methods: ['full', 'sst'] };

/** What `spectragrad prune --help` prints. */
export const pruneHelp: string = `Usage: spectragrad prune --from DIR [--shares X,X] [options]
       spectragrad prune [--shares X,X] [options of spectragrad lm]

Leaves the smallest singular values of every layer in the blocks of language models out, and shows how perplexity rises: a table, the curves, a
report. The models are those that spectragrad lm made in a folder; without --from they are trained first.

  --from DIR            folder of spectragrad lm; with it go --out (default DIR), --device, --threads and --json
  --shares X[,X]        shares of the sum of a layer's singular values that are to stay (default ${paperKeeps.join(',')})
${lmOptionsHelp(standard)}

Ctrl-C ends the command and reports what was done until then; training goes on with spectragrad lm --resume DIR.`;

/**
 * Read the arguments of `spectragrad prune`.
 * @throws UsageError for an unknown option, a missing or a bad value, or a folder without runs
 */
export function parsePrune(args: readonly string[]): PruneOptions {
  const [rest, { from, shares }] = takeOptions(args, ['from', 'shares']);
  return {
    ...madeModels(rest, from, standard),
    keeps: shares === undefined ? paperKeeps : shares.split(',').map(shareKept),
  };
}

/** A share in (0, 1]. @throws UsageError for anything else */
function shareKept(given: string): number {
  const x = Number(given);
  if (given.trim() === '' || !(x > 0 && x <= 1)) throw new UsageError(`--shares is numbers in (0, 1], got '${given}'`);
  return x;
}
