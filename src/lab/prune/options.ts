import { readArguments } from '../arguments.ts';
import type { DeviceName } from '../device.ts';
import { type LmOptions, lmOptionsHelp, parseLm } from '../lm/options.ts';
import { defaults, type LmSettings } from '../lm/settings.ts';
import { threadsOf } from '../sequence/options.ts';
import { keptArguments } from '../sequence/resume.ts';
import { UsageError } from '../usage.ts';
import { paperKeeps } from './curve.ts';

/** What `spectragrad prune` was asked to do. */
export interface PruneOptions {
  /** Shares of the sum of singular values, in (0, 1]. */
  readonly keeps: readonly number[];
  /** How the models that are pruned are made, or were. */
  readonly lm: LmOptions;
  /** Folder of `spectragrad lm` with the models; null when they are trained first. */
  readonly from: string | null;
  /** Folder for the report. */
  readonly out: string;
  readonly device: DeviceName;
  readonly threads: number;
  readonly json: boolean;
  readonly help: boolean;
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
  const [rest, { from, shares }] = taken(args, ['from', 'shares']);
  const { lm, out, json } = from === undefined ? trained(rest) : found(rest, from);
  return {
    keeps: shares === undefined ? paperKeeps : shares.split(',').map(shareKept),
    lm,
    from: from ?? null,
    out,
    device: lm.settings.device,
    threads: threadsOf(lm.invocation.given),
    json,
    help: lm.help,
  };
}

function trained(args: readonly string[]): Pick<PruneOptions, 'lm' | 'out' | 'json'> {
  const lm = parseLm(args, standard);
  return { lm, out: lm.invocation.out, json: lm.invocation.given.json === true };
}

/** The models of a folder, and what goes with them. */
function found(args: readonly string[], from: string): Pick<PruneOptions, 'lm' | 'out' | 'json'> {
  const { out = from, json = false } = readArguments(args, ['out', 'device', 'threads'], ['json', 'help']);
  const [here] = taken(args, ['out']);
  return { lm: parseLm([...keptArguments('lm', from, '--from'), ...here]), out, json };
}

/** Options with a text, taken out of others: `--name text` or `--name=text`, the last where there are several. */
function taken<N extends string>(
  args: readonly string[],
  names: readonly N[],
): [rest: string[], found: { readonly [P in N]?: string }] {
  const rest: string[] = [];
  const found: { [P in N]?: string } = {};
  for (let i = 0; i < args.length; i++) {
    const [word, ...text] = args[i].split('=');
    const name = names.find((one) => word === `--${one}`);
    if (name === undefined) rest.push(args[i]);
    else found[name] = text.length > 0 ? text.join('=') : args[++i];
    if (name !== undefined && (found[name] ?? '') === '') throw new UsageError(`--${name} has no value`);
  }
  return [rest, found];
}

/** A share in (0, 1]. @throws UsageError for anything else */
function shareKept(given: string): number {
  const x = Number(given);
  if (given.trim() === '' || !(x > 0 && x <= 1)) throw new UsageError(`--shares is numbers in (0, 1], got '${given}'`);
  return x;
}
