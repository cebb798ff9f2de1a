import { count, readArguments } from '../arguments.ts';
import { deviceName } from '../device.ts';
import { type MadeModels, madeModels, takeOptions } from '../lm/made.ts';
import { lmOptionsHelp } from '../lm/options.ts';
import { defaults } from '../lm/settings.ts';
import { threadsOf } from '../sequence/options.ts';
import { type TaskFormatName, taskFormats } from '../tasks/formats.ts';
import { UsageError } from '../usage.ts';

/** A file of a task, and the form of its lines where that was said. */
export interface TaskFile {
  readonly path: string;
  readonly format: TaskFormatName | undefined;
}

/** What `spectragrad evaluate` was asked to do. */
export interface EvaluateOptions extends Omit<MadeModels, 'lm' | 'from'> {
  /** Folders of models; or how `spectragrad lm` makes them, or did. */
  readonly models: readonly string[] | MadeModels;
  readonly tasks: readonly TaskFile[];
  readonly texts: readonly string[];
  /** Continuations that are scored together. */
  readonly atOnce: number;
}

const formats = Object.keys(taskFormats) as TaskFormatName[];
const atOnce = 32;

/** What `spectragrad evaluate --help` prints. */
export const evaluateHelp: string = `Usage: spectragrad evaluate --model-dir DIR[,DIR] --task FILE[:FORMAT][,FILE] | --text FILE[,FILE] [options]
       spectragrad evaluate --from DIR --task … [options]
       spectragrad evaluate --task … [options of spectragrad lm]

Asks language models which of several continuations is the likeliest (zero-shot accuracy, as the LM Evaluation Harness scores it), and how
well they foretell a text, and shows a table and a report. The models lie in folders, or are those that spectragrad lm made in one; without
--model-dir and --from they are trained first.

  --model-dir DIR[,DIR] folders with config.json, tokenizer.json and model.safetensors: what spectragrad lm writes to models/,
                        or an OPT or LLaMA with a byte-level tokenizer; with them go --out, --device, --threads and --json
  --from DIR            folder of spectragrad lm, for all its models; with it go the same, --out is DIR by default
  --task FILE[:FORMAT]  files of JSON lines, plain or .gz; FORMAT is ${formats.join(', ')} (default: the first line tells)
  --text FILE[,FILE]    plain texts, or .gz: perplexity by token and by byte, and bits per byte
  --at-once N           continuations that are scored together (default ${atOnce})
${lmOptionsHelp(defaults)}`;

/**
 * Read the arguments of `spectragrad evaluate`.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseEvaluate(args: readonly string[]): EvaluateOptions {
  const [rest, given] = takeOptions(args, ['model-dir', 'from', 'task', 'text', 'at-once']);
  const { 'model-dir': folders, from } = given;
  if (folders !== undefined && from !== undefined)
    throw new UsageError('--model-dir and --from both say which models: leave one out');
  const models = folders === undefined ? madeModels(rest, from, defaults) : listed('--model-dir', folders);
  const { out, device, threads, json, help } = 'lm' in models ? models : ofFolders(rest);
  const options: EvaluateOptions = {
    models,
    tasks: listed('--task', given.task).map(taskFile),
    texts: listed('--text', given.text),
    atOnce: count('--at-once', given['at-once'], atOnce),
    out,
    device,
    threads,
    json,
    help,
  };
  if (!help && options.tasks.length + options.texts.length === 0)
    throw new UsageError('--task or --text says what the model is measured by: a file');
  return options;
}

/** What goes with folders of models. */
function ofFolders(args: readonly string[]): Omit<MadeModels, 'lm' | 'from'> {
  const given = readArguments(args, ['out', 'device', 'threads'], ['json', 'help']);
  const { out = 'report', json = false, help = false } = given;
  return { out, device: deviceName(given.device), threads: threadsOf(given), json, help };
}

/** The parts of a list. @throws UsageError when one is empty */
function listed(option: string, given: string | undefined): string[] {
  const parts = given?.split(',') ?? [];
  if (parts.includes('')) throw new UsageError(`${option} names files or folders, got '${given}'`);
  return parts;
}

/** `FILE:FORMAT`, where FORMAT is one. */
function taskFile(given: string): TaskFile {
  const format = formats.find((name) => given.endsWith(`:${name}`));
  return { path: format === undefined ? given : given.slice(0, -format.length - 1), format };
}
