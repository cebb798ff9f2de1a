import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../tensor/io/json.ts';
import { DamagedFile } from '../data/damaged.ts';
import { UsageError } from '../usage.ts';
import { readSequence, type SequenceGiven } from './options.ts';

/** What a command was asked, with `--resume` resolved. */
export interface Invocation<K extends string> {
  readonly given: SequenceGiven<K>;
  /** Folder for everything that is written. */
  readonly out: string;
  /** Whether the runs of the folder go on. */
  readonly resumed: boolean;
  /** The words that began the runs, to be kept with them. */
  readonly args: readonly string[];
}

/** Kept in the folder of the runs: how they were begun. */
const fileName = 'arguments.json';

/** What may be said when runs go on: where they are computed, and how the result is shown. */
const free: readonly string[] = ['resume', 'device', 'threads', 'json', 'help'];

/**
 * Read the arguments of a command; where they say `--resume DIR`, the runs in that folder go on with the options that they were begun with.
 * @param command its name, so that one does not go on with the runs of another
 * @param more names of its own options
 * @throws UsageError for an unknown option, one that `--resume` has no place for, or a folder without runs of this command
 */
export function invocationOf<K extends string>(
  command: string,
  args: readonly string[],
  more: readonly K[],
): Invocation<K> {
  const given = readSequence(args, more);
  const { resume: folder } = given;
  if (folder === undefined) return { given, out: given.out ?? 'report', resumed: false, args };
  const other = Object.keys(given).find((name) => !free.includes(name));
  if (other !== undefined)
    throw new UsageError(`--resume goes on with the options that the runs were begun with: leave out --${other}`);
  const kept = keptArguments(command, folder, '--resume');
  const { out, ...begun } = readSequence(kept, more) as SequenceGiven<K> & { readonly out?: string };
  const here = Object.fromEntries(Object.entries(given).filter(([name]) => free.includes(name)));
  return { given: { ...begun, ...here } as SequenceGiven<K>, out: folder, resumed: true, args: kept };
}

/**
 * The words that began the runs of a folder.
 * @param option what named the folder
 * @throws UsageError when there are none, or of another command; DamagedFile
 */
export function keptArguments(command: string, folder: string, option: '--resume' | '--from'): string[] {
  const path = join(folder, fileName);
  if (!existsSync(path)) throw new UsageError(`${option}: there are no runs in '${folder}'`);
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new DamagedFile(path, null, 'is no JSON');
  }
  const { command: begun, arguments: args } = isObject(file) ? file : {};
  if (!Array.isArray(args) || !args.every((word): word is string => typeof word === 'string'))
    throw new DamagedFile(path, null, 'holds no arguments');
  if (begun !== command) throw new UsageError(`${option}: the runs in '${folder}' are of spectragrad ${begun}`);
  return args;
}

/** Where the runs of a command's folder are. */
export const runsPath = (folder: string): string => join(folder, 'runs');

/**
 * The folder of the runs, ready: empty where they begin, as it was where they go on.
 * @throws UsageError when runs are to begin where others are not finished
 */
export function runsFolder<K extends string>(
  command: string,
  folder: string,
  { resumed, args }: Pick<Invocation<K>, 'resumed' | 'args'>,
): string {
  const [runs, begun] = [runsPath(folder), join(folder, fileName)];
  const open = existsSync(runs) && readdirSync(runs).some((name) => name.endsWith('.checkpoint'));
  if (open && !resumed)
    throw new UsageError(`'${folder}' holds a run that is not finished: go on with --resume, or choose another --out`);
  if (!resumed) {
    // What somebody else keeps under this name stays.
    if (existsSync(begun)) rmSync(runs, { recursive: true, force: true });
    writeFileSync(begun, `${JSON.stringify({ command, arguments: args })}\n`);
  }
  mkdirSync(runs, { recursive: true });
  return runs;
}
