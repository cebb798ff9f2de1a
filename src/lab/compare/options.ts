import { count, type Given as GivenOf, namesOf, positive, readArguments } from '../arguments.ts';
import { deviceHelp, deviceName } from '../device.ts';
import { UsageError } from '../usage.ts';
import { type CompareSettings, defaults, methodNames, paper, quick } from './settings.ts';

/** What `spectragrad compare` was asked to do. */
export interface CompareOptions {
  readonly settings: CompareSettings;
  /** Folder for the report and the metrics. */
  readonly out: string;
  /** Print the result as JSON instead of a table. */
  readonly json: boolean;
  readonly help: boolean;
}

/** What `spectragrad compare --help` prints. */
export const compareHelp: string = `Usage: spectragrad compare [options]

Trains an MLP on 10,000 handwritten digits with each method, at equal rank and equal steps,
and shows a table, the loss curves, and a report.

  --method NAME[,NAME]  ${methodNames.join(', ')} (default: all)
  --rank R              rank of the low-rank methods (default ${defaults.rank})
  --steps N             optimizer steps per run (default ${defaults.steps})
  --hidden N[,N]        widths of the hidden layers (default ${defaults.hidden.join(',')})
  --batch N             examples per step (default ${defaults.batchSize})
  --lr X                one learning rate for every method (default: each method's own)
  --seed N              first seed (default ${defaults.seed})
  --seeds N             runs per method, with seeds N, N+1, … (default ${defaults.seeds})
${deviceHelp}
  --preset paper        as long as in the paper: 100 epochs, an epoch to an iteration
  --quick               ${quick.steps} steps of a small model: see every part work
  --out DIR             folder for index.html and metrics.jsonl (default report)
  --json                print the result as JSON on standard output
  --help                this text

Ctrl-C ends the run and reports what was done until then.`;

/**
 * Read the arguments of `spectragrad compare`.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseCompare(args: readonly string[]): CompareOptions {
  return optionsOf(read(args), defaults);
}

/** The options that commands on the digits share, over a command's own defaults. @throws UsageError for a bad value */
export function optionsOf(given: Given, standard: CompareSettings): CompareOptions {
  if (given.preset !== undefined && given.preset !== 'paper')
    throw new UsageError(`--preset is 'paper', got '${given.preset}'`);
  const base = { ...standard, ...(given.preset === 'paper' && paper), ...(given.quick && quick) };
  const { lr } = given;
  const learningRate = lr === undefined ? undefined : positive('--lr', lr);
  const settings: CompareSettings = {
    ...base,
    methods: given.method === undefined ? base.methods : namesOf('--method', given.method, methodNames),
    rank: count('--rank', given.rank, base.rank),
    steps: count('--steps', given.steps, base.steps),
    hidden: given.hidden === undefined ? base.hidden : given.hidden.split(',').map((n) => count('--hidden', n, 0)),
    batchSize: count('--batch', given.batch, base.batchSize),
    device: deviceName(given.device),
    seed: count('--seed', given.seed, base.seed, 0),
    seeds: count('--seeds', given.seeds, base.seeds),
    learningRates:
      learningRate === undefined
        ? base.learningRates
        : (Object.fromEntries(methodNames.map((m) => [m, learningRate])) as CompareSettings['learningRates']),
  };
  if (settings.batchSize > 8000) throw new UsageError(`--batch is at most 8000, got ${settings.batchSize}`);
  return { settings, out: given.out ?? 'report', json: given.json === true, help: given.help === true };
}

const texts = ['method', 'rank', 'steps', 'hidden', 'batch', 'lr', 'seed', 'seeds', 'device', 'preset', 'out'] as const;
const flags = ['quick', 'json', 'help'] as const;

/** What was given for the options of commands on the digits. */
export type Given = GivenOf<(typeof texts)[number], (typeof flags)[number]>;

/** The values of options, and of further ones that take a text. @throws UsageError for an unknown one, or a missing value */
export function read<K extends string = never>(
  args: readonly string[],
  ...more: K[]
): Given & { readonly [P in K]?: string } {
  return readArguments(args, [...texts, ...more], flags);
}
