import { constant, cosine, linearWarmup, noam, type Schedule } from '../../nn/optim/schedule.ts';
import { type MethodName, methodLabels } from '../compare/settings.ts';
import type { DeviceName } from '../device.ts';

/** Shapes of the learning rate over a run. */
export const scheduleNames = ['noam', 'constant', 'cosine'] as const;

/** The name of a schedule on the command line. */
export type ScheduleName = (typeof scheduleNames)[number];

/** Learning rates of a method, before the schedule. */
export interface Rates {
  /** Of what every method trains alike: embeddings, norms, biases. */
  readonly dense: number;
  /** Of what the method trains in its own way: the weights of the blocks, or what stands for them. */
  readonly own: number;
}

/** Everything that determines a comparison of methods on sequences, but the data and the model's kind. */
export interface SequenceSettings {
  readonly methods: readonly MethodName[];
  /** Every low-rank method is run at each of these. */
  readonly ranks: readonly number[];
  readonly seeds: readonly number[];
  /** e: width of the model. */
  readonly dim: number;
  /** Of an encoder, and as many of a decoder. */
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly dropout: number;
  readonly attentionDropout: number;
  /** ε of the loss: the share of each target's probability that all tokens have in common. */
  readonly labelSmoothing: number;
  /** Optimizer steps per run. */
  readonly steps: number;
  /** Batches whose gradients one step adds up. */
  readonly accumulate: number;
  /** Whether weight decay acts on the weights (`adamW`) or is added to their gradients (`adam`). */
  readonly optimizer: 'adam' | 'adamW';
  readonly weightDecay: number;
  readonly rates: Readonly<Record<MethodName, Rates>>;
  readonly schedule: ScheduleName;
  /** Steps over which the schedule rises. */
  readonly rise: number;
  /** Largest norm of all gradients together; null leaves them as they are. */
  readonly clip: number | null;
  /** SST's T3, and the steps between two merges of ReLoRA* or two projections of GaLore. */
  readonly iterationSteps: number;
  /** Steps of learning-rate warm-up after each of these. */
  readonly warmup: number;
  /** Steps between two looks at the validation part; there is one after the last step too. */
  readonly evaluateEvery: number;
  /** Steps between two looks at the norms of the gradients. */
  readonly watchEvery: number;
  /** Steps between two checkpoints; there is one at Ctrl-C too. */
  readonly checkpointEvery: number;
  /** Which weights are tested: those after the last step, or those with the lowest loss in validation. */
  readonly keep: 'last' | 'best';
  /** Where it is trained. */
  readonly device: DeviceName;
}

/** One run of a comparison. */
export interface RunKey {
  readonly method: MethodName;
  /** Null for full training. */
  readonly rank: number | null;
  readonly seed: number;
}

/** The runs in their order: with each seed all methods, with each method all ranks. */
export const runsOf = ({ methods, ranks, seeds }: SequenceSettings): RunKey[] =>
  seeds.flatMap((seed) =>
    methods.flatMap((method): RunKey[] =>
      method === 'full' ? [{ method, rank: null, seed }] : ranks.map((rank) => ({ method, rank, seed })),
    ),
  );

/** The name of a run's files: `sst-r16-1`, `full-1`. */
export const runName = ({ method, rank, seed }: RunKey): string =>
  `${method}${rank === null ? '' : `-r${rank}`}-${seed}`;

/** The name of a run for readers: `SST`, and its rank and seed where there are several. */
export function runLabel(
  { method, rank, seed }: RunKey,
  { ranks, seeds }: Pick<SequenceSettings, 'ranks' | 'seeds'>,
): string {
  const parts = [
    methodLabels[method],
    rank !== null && ranks.length > 1 ? `r=${rank}` : '',
    seeds.length > 1 ? `#${seed}` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/**
 * Factor on every learning rate: `noam` is dim^−½·min(t^−½, t·rise^−3/2) at step t = 1, 2, …; the others rise to 1, then `constant` stays there
 * and `cosine` falls to 0 along half a cosine.
 * @source arXiv 2405.15481, appendix E, for which experiment has which
 */
export const schedules: Readonly<
  Record<ScheduleName, (settings: Pick<SequenceSettings, 'dim' | 'steps' | 'rise'>) => Schedule>
> = {
  noam: ({ dim, rise }) => noam(dim, Math.max(1, rise)),
  constant: ({ rise }) => (rise === 0 ? constant : linearWarmup(rise)),
  cosine: ({ steps, rise }) => cosine(steps, { warmup: rise }),
};
