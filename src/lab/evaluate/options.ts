import { count, readArguments } from '../arguments.ts';
import { type DeviceName, deviceHelp, deviceName } from '../device.ts';
import { type TaskFormatName, taskFormats } from '../tasks/formats.ts';
import { UsageError } from '../usage.ts';

/** A file of a task, and the form of its lines where that was said. */
export interface TaskFile {
  readonly path: string;
  readonly format: TaskFormatName | undefined;
}

/** What `spectragrad evaluate` was asked to do. */
export interface EvaluateOptions {
  readonly models: readonly string[];
  readonly tasks: readonly TaskFile[];
  readonly texts: readonly string[];
  /** Continuations that are scored together. */
  readonly batchSize: number;
  readonly device: DeviceName;
  readonly json: boolean;
  readonly help: boolean;
}

const formats = Object.keys(taskFormats) as TaskFormatName[];
const batchSize = 32;

/** What `spectragrad evaluate --help` prints. */
export const evaluateHelp: string = `Usage: spectragrad evaluate --model-dir DIR[,DIR] --task FILE[:FORMAT][,FILE] | --text FILE[,FILE] [options]

Asks language models which of several continuations is the likeliest (zero-shot accuracy, as the LM Evaluation Harness scores it), and how
well they foretell a text, and shows a table.

  --model-dir DIR[,DIR]     folders with config.json, tokenizer.json and model.safetensors: what spectragrad lm writes to models/,
                            or an OPT or LLaMA with a byte-level tokenizer
  --task FILE[:FORMAT]      files of JSON lines, plain or .gz; FORMAT is ${formats.join(', ')} (default: the first line tells)
  --text FILE[,FILE]        plain texts, or .gz: perplexity by token and by byte, and bits per byte
  --batch N                 continuations that are scored together (default ${batchSize})
${deviceHelp}
  --json                    print the result as JSON on standard output
  --help                    this text`;

/**
 * Read the arguments of `spectragrad evaluate`.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseEvaluate(args: readonly string[]): EvaluateOptions {
  const given = readArguments(args, ['model-dir', 'task', 'text', 'batch', 'device'], ['json', 'help']);
  const options: EvaluateOptions = {
    models: listed('--model-dir', given['model-dir']),
    tasks: listed('--task', given.task).map(taskFile),
    texts: listed('--text', given.text),
    batchSize: count('--batch', given.batch, batchSize),
    device: deviceName(given.device),
    json: given.json === true,
    help: given.help === true,
  };
  if (options.help) return options;
  if (options.models.length === 0) throw new UsageError('--model-dir says which model: a folder');
  if (options.tasks.length + options.texts.length === 0)
    throw new UsageError('--task or --text says what the model is measured by: a file');
  return options;
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
