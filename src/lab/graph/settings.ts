import type { MethodChoice } from '../../sst/convert.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { MethodName } from '../compare/settings.ts';

/** Link prediction and node classification. */
export const taskNames = ['lp', 'nc'] as const;

/** The name of a task on the command line. */
export type TaskName = (typeof taskNames)[number];

/** Tasks for readers. */
export const taskLabels: Readonly<Record<TaskName, string>> = {
  lp: 'link prediction',
  nc: 'node classification',
};

/** Networks that embed a graph. */
export const modelNames = ['hybonet', 'hgcn', 'hgcn-lorentz', 'hnn', 'gcn', 'mlp'] as const;

/** The name of a network on the command line. */
export type ModelName = (typeof modelNames)[number];

/** Networks for readers. */
export const modelLabels: Readonly<Record<ModelName, string>> = {
  hybonet: 'HyboNet',
  hgcn: 'HGCN',
  'hgcn-lorentz': 'HGCN (Lorentz)',
  hnn: 'HNN',
  gcn: 'GCN',
  mlp: 'MLP',
};

/** How one network is made and trained on one graph: what differs between data sets. */
export interface Recipe {
  readonly learningRate: number;
  /** Layers, the decoder of node classification counted. */
  readonly layers: number;
  readonly activation: 'relu' | 'none';
  readonly dropout: number;
  /** Whether weight decay acts on the weights (AdamW) or is added to their gradients (Adam). */
  readonly optimizer: 'adam' | 'adamW';
  /** On matrices of ordinary space: not on biases, scalars, or points of a manifold. */
  readonly weightDecay: number;
  /** Largest norm of all gradients together; null leaves them as they are. */
  readonly clip: number | null;
  /** Of HyboNet's losses. */
  readonly margin: number;
  /** c = minus the curvature: fixed, or where training starts from. */
  readonly c: number;
  readonly trainableCurvature: boolean;
  /** Whether the features of a node are divided by their sum. */
  readonly normaliseFeatures: boolean;
  /** Epochs at most; one is a step on the whole graph. */
  readonly epochs: number;
  /** Epochs without a better validation metric after which training ends, */
  readonly patience: number;
  /** but not before this one. */
  readonly minEpochs: number;
}

/** Everything that determines a comparison of methods on a graph, but the graph. */
export interface GraphSettings {
  readonly task: TaskName;
  readonly model: ModelName;
  readonly methods: readonly MethodName[];
  readonly rank: number;
  /** Numbers in a point, the time coordinate of a Lorentz point among them. */
  readonly dim: number;
  readonly seeds: readonly number[];
  /** SST's T3, and the epochs between two merges of ReLoRA* or two projections of GaLore. */
  readonly iterationSteps: number;
  /** Epochs of learning-rate warm-up after each of these. */
  readonly warmup: number;
  /** Of each method. */
  readonly recipes: Readonly<Record<MethodName, Recipe>>;
}

/** T3 and warm-up of the paper's graph networks. @source arXiv 2405.15481, appendix E.1 */
export const graphClock = { iterationSteps: 100, warmup: 100 } as const;

/** A method with these settings, as `convert` takes it. T2 is its default, ⌈k/r⌉. */
export function graphMethod(
  name: MethodName,
  { rank, iterationSteps, warmup }: Pick<GraphSettings, 'rank' | 'iterationSteps' | 'warmup'>,
  rng: Rng,
): MethodChoice {
  switch (name) {
    case 'full':
      return { method: 'full' };
    case 'sst':
      return { method: 'sst', rank, rng, stepsPerIteration: iterationSteps, warmup };
    case 'lora':
      return { method: 'lora', rank, rng };
    case 'relora':
      return { method: 'relora', rank, rng, mergeInterval: iterationSteps, warmup };
    case 'galore':
      return { method: 'galore', rank, refreshInterval: iterationSteps };
  }
}
