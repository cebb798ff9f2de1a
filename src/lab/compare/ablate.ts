import { UsageError } from '../usage.ts';
import { conduct } from './conduct.ts';
import { optionsOf, read } from './options.ts';
import { type CompareSettings, defaults } from './settings.ts';
import { type StudyName, studies } from './studies.ts';

/** A small model, three seeds, and for each method the best rate for that model (`npm run bench -- sweep --model=small`). */
const standard: CompareSettings = {
  ...defaults,
  hidden: [128, 128],
  rank: 8,
  steps: 625,
  seeds: 3,
  learningRates: { full: 3e-3, sst: 1e-2, lora: 3e-3, relora: 1e-2, galore: 1e-2 },
};

const names = Object.keys(studies) as StudyName[];

const help: string = `Usage: spectragrad ablate --study NAME [options]

Trains an MLP on handwritten digits with variants of Sparse Spectral Training that differ in one switch.

  --study NAME          ${names.map((name) => `${name.padEnd(10)} ${studies[name].title}${studies[name].table === null ? '' : ` (paper: ${studies[name].table})`}`).join('\n                        ')}
  --steps N             optimizer steps per run (default ${standard.steps})
  --seeds N             runs per variant, with seeds N, N+1, … (default ${standard.seeds})
  --rank, --hidden, --batch, --lr, --seed, --device, --quick, --out, --json, --help: as for compare`;

/**
 * `spectragrad ablate`: one ablation, as a table and a report.
 * @returns the exit code: 0, or 130 when the run was interrupted
 * @throws UsageError for a mistake in the arguments
 */
export async function ablateCommand(args: readonly string[]): Promise<number> {
  const { study: name, method, preset, ...given } = read(args, 'study');
  if (given.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (name === undefined || !(names as readonly string[]).includes(name))
    throw new UsageError(`--study is one of ${names.join(', ')}, got ${name === undefined ? 'none' : `'${name}'`}`);
  if (method !== undefined || preset !== undefined)
    throw new UsageError('--method and --preset are options of compare: a study chooses its own methods');
  const options = optionsOf(given, standard);
  const { settings } = options;
  const { title, variants } = studies[name as StudyName];
  const words = ['npm run spectragrad -- ablate', ...args];
  return conduct({ title: `Ablation: ${title}`, contestants: variants(settings), settings }, options, words);
}
