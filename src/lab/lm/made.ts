import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../arguments.ts';
import type { DeviceName } from '../device.ts';
import { makeRuns } from '../sequence/conduct.ts';
import { threadsOf } from '../sequence/options.ts';
import { keptArguments } from '../sequence/resume.ts';
import { type RunKey, runLabel, runName, runsOf } from '../sequence/settings.ts';
import { ReportedError, UsageError } from '../usage.ts';
import { lmExperiment, modelFolder } from './experiment.ts';
import { weightsPath } from './modelFolder.ts';
import { type LmOptions, parseLm } from './options.ts';
import type { LmSettings } from './settings.ts';

/** The models that a command looks into: those of `spectragrad lm`, made before or first of all. */
export interface MadeModels {
  /** How they are made, or were. */
  readonly lm: LmOptions;
  /** Folder of `spectragrad lm` with them; null when they are trained first. */
  readonly from: string | null;
  /** Folder for what the command writes. */
  readonly out: string;
  readonly device: DeviceName;
  readonly threads: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** A model of the folder. */
export interface MadeModel extends RunKey {
  /** Name for readers. */
  readonly label: string;
  /** Name of its run. */
  readonly name: string;
  /** Where it lies. */
  readonly folder: string;
}

/**
 * Read the arguments of a command on models of `spectragrad lm`, its own options left out.
 * @param from what `--from` names; with it go `--out`, `--device`, `--threads` and `--json` alone
 * @param standard defaults where they are trained first
 * @throws UsageError for an unknown option, a missing or a bad value, or a folder without runs
 */
export function madeModels(args: readonly string[], from: string | undefined, standard: LmSettings): MadeModels {
  const found = from === undefined ? trained(args, standard) : kept(args, from);
  const { lm } = found;
  const { given } = lm.invocation;
  return { ...found, device: lm.settings.device, threads: threadsOf(given), help: lm.help };
}

type Found = Pick<MadeModels, 'lm' | 'from' | 'out' | 'json'>;

function trained(args: readonly string[], standard: LmSettings): Found {
  const lm = parseLm(args, standard);
  return { lm, from: null, out: lm.invocation.out, json: lm.invocation.given.json === true };
}

function kept(args: readonly string[], from: string): Found {
  const { out = from, json = false } = readArguments(args, ['out', 'device', 'threads'], ['json', 'help']);
  const [here] = takeOptions(args, ['out']);
  return { lm: parseLm([...keptArguments('lm', from, '--from'), ...here]), from, out, json };
}

/**
 * Options with a text, taken out of others: `--name text` or `--name=text`, the last where there are several.
 * @throws UsageError when one has no text
 */
export function takeOptions<N extends string>(
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

/**
 * The models, trained where they are not there yet.
 * @returns those that have weights; null when training was interrupted, which is said on standard error
 * @throws ReportedError when no model has weights
 */
export async function makeModels({ lm, from, out }: MadeModels): Promise<readonly MadeModel[] | null> {
  if (from === null) {
    const { result, files } = await makeRuns(lmExperiment(lm.settings), lm.invocation);
    if (result.interrupted) {
      process.stderr.write(`Interrupted in training, see ${files.Report}; spectragrad lm --resume ${out} goes on\n`);
      return null;
    }
  }
  const models = from ?? out;
  const there = runsOf(lm.settings)
    .map((key) => ({ ...key, label: runLabel(key, lm.settings), name: runName(key), folder: modelFolder(models, key) }))
    .filter(({ folder }) => existsSync(weightsPath(folder)));
  if (there.length === 0) throw new ReportedError(`${join(models, 'models')}: no model has weights`);
  return there;
}
