import { availableParallelism } from 'node:os';
import { atLeast0, count, type Given, namesOf, oneOf, positive, readArguments, seedsOf, share } from '../arguments.ts';
import { type MethodName, methodNames } from '../compare/settings.ts';
import { deviceHelp, deviceName } from '../device.ts';
import { UsageError } from '../usage.ts';
import { type SequenceSettings, scheduleNames } from './settings.ts';

const texts = [
  'method',
  'rank',
  'dim',
  'layers',
  'heads',
  'ff',
  'dropout',
  'attention-dropout',
  'smoothing',
  'steps',
  'accumulate',
  'optimizer',
  'weight-decay',
  'lr',
  'low-rank-lr',
  'schedule',
  'rise',
  'clip',
  't3',
  't3-warmup',
  'evaluate-every',
  'checkpoint-every',
  'keep',
  'device',
  'threads',
  'seed',
  'seeds',
  'out',
  'resume',
] as const;
const flags = ['quick', 'json', 'help'] as const;

/** What was given for the options that commands on sequences share, and for further texts. */
export type SequenceGiven<K extends string = never> = Given<(typeof texts)[number] | K, (typeof flags)[number]>;

/** The values of those options. @throws UsageError for an unknown one, or a missing value */
export const readSequence = <K extends string>(args: readonly string[], more: readonly K[]): SequenceGiven<K> =>
  readArguments(args, [...texts, ...more], flags);

/** How many threads compute where nobody says so: two where there are two processors. Results keep their bits. */
const defaultThreads = Math.min(2, availableParallelism());

/** The threads that were asked for. @throws UsageError unless it is a whole number >= 1 */
export const threadsOf = ({ threads }: SequenceGiven): number => count('--threads', threads, defaultThreads);

const listed = (names: readonly string[]): string => names.join(', ');

/** What the help of a command says of the options that it shares, over its own defaults. */
export const sequenceHelp = (standard: SequenceSettings, quick: Partial<SequenceSettings>): string => `\
  --method NAME[,NAME]  ${listed(methodNames)} (default ${listed(standard.methods)})
  --rank R[,R]          ranks of the low-rank methods (default ${listed(standard.ranks.map(String))})
  --dim N               width of the model (default ${standard.dim})
  --layers N            layers; of an encoder, and as many of a decoder (default ${standard.layers})
  --heads N             heads of attention (default ${standard.heads})
  --ff N                width of the feed-forward networks (default ${standard.feedForward / standard.dim} times the width)
  --dropout X           share of dropped values (default ${standard.dropout})
  --attention-dropout X share of dropped attention weights (default ${standard.attentionDropout})
  --smoothing X         label smoothing (default ${standard.labelSmoothing})
  --steps N             optimizer steps per run (default ${standard.steps})
  --accumulate N        batches whose gradients one step adds up (default ${standard.accumulate})
  --optimizer NAME      adam or adamW (default ${standard.optimizer})
  --weight-decay X      (default ${standard.weightDecay})
  --lr X                learning rate of dense parameters (default ${rateText(standard, 'dense')}); that of low-rank ones
                        keeps its ratio to it
  --low-rank-lr X       learning rate of low-rank parameters (default ${rateText(standard, 'own')})
  --schedule NAME       ${listed(scheduleNames)} (default ${standard.schedule})
  --rise N              steps over which it rises (default ${standard.rise}, at most a tenth of all)
  --clip X              largest norm of the gradients, or none (default ${standard.clip ?? 'none'})
  --t3 N                steps between two samplings of SST, merges of ReLoRA*, projections of GaLore
                        (default ${standard.iterationSteps})
  --t3-warmup N         steps of warm-up after each (default ${standard.warmup})
  --keep last|best      which weights are tested: the last, or the best in validation (default ${standard.keep})
  --evaluate-every N    steps between two validations (default ${standard.evaluateEvery}, in proportion to --steps)
  --checkpoint-every N  steps between two checkpoints (default an eighth of all, at most 500)
  --seed N              first seed (default ${standard.seeds[0]})
  --seeds N|N,N,…       runs per method, with seeds N, N+1, …; or the seeds themselves (default ${standard.seeds.length})
${deviceHelp}
  --threads N           threads of the host (default ${defaultThreads}); results keep their bits
  --quick               ${quick.steps} steps of a small model: see every part work
  --out DIR             folder for index.html, metrics.jsonl and runs (default report)
  --resume DIR          go on with the runs of a folder, with the options that they were begun with
  --json                print the result as JSON on standard output
  --help                this text`;

const rateText = ({ rates, methods }: SequenceSettings, which: 'dense' | 'own'): string =>
  listed(
    [...new Set(methods.filter((method) => which === 'dense' || method !== 'full').map((m) => rates[m][which]))].map(
      String,
    ),
  );

/** Settings from what was given, over defaults. @throws UsageError for a bad value */
export function sequenceSettings(given: SequenceGiven, standard: SequenceSettings): SequenceSettings {
  const steps = count('--steps', given.steps, standard.steps);
  const dim = count('--dim', given.dim, standard.dim);
  const heads = count('--heads', given.heads, standard.heads);
  const eighth = Math.ceil(steps / 8);
  const evaluations = standard.steps / standard.evaluateEvery;
  if (dim % heads !== 0) throw new UsageError(`--dim is a multiple of --heads, got ${dim} and ${heads}`);
  return {
    methods: given.method === undefined ? standard.methods : namesOf('--method', given.method, methodNames),
    ranks: given.rank === undefined ? standard.ranks : ranksOf(given.rank),
    seeds: seedsOf(given, { seed: standard.seeds[0], seeds: standard.seeds.length }),
    dim,
    layers: count('--layers', given.layers, standard.layers),
    heads,
    feedForward: count('--ff', given.ff, Math.round((dim * standard.feedForward) / standard.dim)),
    dropout: share('--dropout', given.dropout, standard.dropout),
    attentionDropout: share('--attention-dropout', given['attention-dropout'], standard.attentionDropout),
    labelSmoothing: share('--smoothing', given.smoothing, standard.labelSmoothing),
    steps,
    accumulate: count('--accumulate', given.accumulate, standard.accumulate),
    optimizer: oneOf('--optimizer', given.optimizer, ['adam', 'adamW'], standard.optimizer),
    weightDecay: atLeast0('--weight-decay', given['weight-decay'], standard.weightDecay),
    rates: ratesOf(given, standard),
    ...scheduleOf(given, standard, steps),
    clip: clipOf(given.clip, standard.clip),
    iterationSteps: count('--t3', given.t3, standard.iterationSteps),
    warmup: count('--t3-warmup', given['t3-warmup'], standard.warmup, 0),
    evaluateEvery: count('--evaluate-every', given['evaluate-every'], Math.ceil(steps / evaluations)),
    watchEvery: Math.max(1, Math.floor(steps / 100)),
    checkpointEvery: count('--checkpoint-every', given['checkpoint-every'], Math.min(500, eighth)),
    keep: oneOf('--keep', given.keep, ['last', 'best'], standard.keep),
    device: deviceName(given.device),
  };
}

/** Different ranks, in their order. */
function ranksOf(given: string): number[] {
  const ranks = given.split(',').map((rank) => count('--rank', rank, 0));
  if (new Set(ranks).size !== ranks.length) throw new UsageError(`--rank names a rank twice: '${given}'`);
  return ranks;
}

/** What is given changes the rate of every method; the ratio of its two rates stays, unless both are given. */
function ratesOf(given: SequenceGiven, { rates }: SequenceSettings): SequenceSettings['rates'] {
  const [lr, low] = (['lr', 'low-rank-lr'] as const).map((name) =>
    given[name] === undefined ? null : positive(`--${name}`, given[name]),
  );
  const changed = methodNames.map((method): [MethodName, { dense: number; own: number }] => {
    const { dense, own } = rates[method];
    const scaled = lr === null ? own : (lr * own) / dense;
    return [method, { dense: lr ?? dense, own: method === 'full' ? scaled : (low ?? scaled) }];
  });
  return Object.fromEntries(changed) as SequenceSettings['rates'];
}

function scheduleOf(
  given: SequenceGiven,
  standard: SequenceSettings,
  steps: number,
): Pick<SequenceSettings, 'schedule' | 'rise'> {
  const schedule = oneOf('--schedule', given.schedule, scheduleNames, standard.schedule);
  const rise = count('--rise', given.rise, Math.min(standard.rise, Math.floor(steps / 10)), 0);
  if (schedule === 'cosine' && rise >= steps)
    throw new UsageError(`--rise leaves nothing of --steps, got ${rise} and ${steps}`);
  return { schedule, rise };
}

const clipOf = (given: string | undefined, standard: number | null): number | null =>
  given === undefined ? standard : given === 'none' ? null : positive('--clip', given);
