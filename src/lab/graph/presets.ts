import type { MethodName } from '../compare/settings.ts';
import type { ModelName, Recipe, TaskName } from './settings.ts';

/** Kinds of graphs that the papers have settings for; others take those of `other`. */
export type SetName = 'airport' | 'cora' | 'disease' | 'pubmed' | 'other';

/** The kind of a graph, by its name: `disease_lp` is a disease tree. */
export function setOf(graph: string): SetName {
  const known = ['airport', 'cora', 'disease', 'pubmed'] as const;
  return known.find((name) => graph.startsWith(name)) ?? 'other';
}

const common: Recipe = {
  learningRate: 0.01,
  layers: 2,
  activation: 'none',
  dropout: 0,
  optimizer: 'adam',
  weightDecay: 0,
  clip: null,
  margin: 2,
  c: 1,
  trainableCurvature: false,
  normaliseFeatures: true,
  epochs: 5000,
  patience: 500,
  minEpochs: 100,
};

type Table = Readonly<Record<TaskName, Readonly<Partial<Record<SetName, Partial<Recipe>>>>>>;

/** @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the scripts beside it; arXiv 2405.15481 keeps them */
const hybonet: Table = {
  lp: {
    airport: {},
    cora: { learningRate: 0.02, dropout: 0.7, weightDecay: 1e-3, clip: 0.5, margin: 0.1 },
    disease: { learningRate: 0.005, clip: 0.5, margin: 30 },
    pubmed: { learningRate: 0.008, dropout: 0.5, clip: 0.5, margin: 0.3 },
  },
  nc: {
    airport: { learningRate: 0.02, layers: 6, activation: 'relu', weightDecay: 1e-4, clip: 1 },
    cora: { learningRate: 0.02, layers: 3, dropout: 0.9, weightDecay: 0.01, clip: 1, margin: 1 },
    disease: { learningRate: 0.005, layers: 4, dropout: 0.1, clip: 0.5 },
    pubmed: { learningRate: 0.02, layers: 3, dropout: 0.8, weightDecay: 1e-3, clip: 0.5, margin: 1 },
  },
};

/** @source Chami et al., "Hyperbolic Graph Convolutional Neural Networks", arXiv 1910.12933, the commands beside it */
const hgcn: Table = {
  lp: {
    airport: { activation: 'relu', trainableCurvature: true },
    cora: { activation: 'relu', dropout: 0.5, weightDecay: 1e-3, trainableCurvature: true },
    disease: { activation: 'relu' },
    pubmed: { activation: 'relu', dropout: 0.4, weightDecay: 1e-4 },
    other: { activation: 'relu' },
  },
  nc: {
    airport: { activation: 'relu', trainableCurvature: true },
    // The authors classify embeddings that were trained on links; here the classifier is trained with them.
    cora: { activation: 'relu', dropout: 0.5, weightDecay: 1e-3, trainableCurvature: true },
    disease: { activation: 'relu' },
    pubmed: { activation: 'relu', dropout: 0.4, weightDecay: 1e-4 },
    other: { activation: 'relu' },
  },
};

/** The authors give one command for each of the other networks and tasks: it is used for sets with sparse features. */
const sparse = (
  recipe: Partial<Recipe>,
  rest: Partial<Recipe> = {},
): Readonly<Partial<Record<SetName, Partial<Recipe>>>> => ({
  cora: recipe,
  pubmed: recipe,
  airport: rest,
  disease: rest,
  other: rest,
});

const relu = { activation: 'relu' } as const;

const tables: Readonly<Record<ModelName, Table>> = {
  hybonet,
  hgcn,
  'hgcn-lorentz': hgcn,
  hnn: { lp: sparse({ dropout: 0.2, weightDecay: 1e-3 }), nc: sparse({ dropout: 0.5 }) },
  gcn: { lp: sparse({ ...relu, dropout: 0.2 }, relu), nc: sparse({ ...relu, dropout: 0.7, weightDecay: 5e-4 }, relu) },
  mlp: { lp: sparse({ dropout: 0.2, weightDecay: 1e-3 }), nc: sparse({ dropout: 0.2, weightDecay: 1e-3 }) },
};

/**
 * The published settings for a network on a graph. The paper changes one of them for one pair of methods: dropout of Cora's node
 * classification is 0.5 with LoRA and SST (and, here, ReLoRA*).
 * @source arXiv 2405.15481, appendix E.3
 */
export function recipeOf(set: SetName, task: TaskName, model: ModelName, method: MethodName): Recipe {
  const published = tables[model][task][set] ?? tables[model][task].other ?? {};
  const own = model === 'hybonet' ? { optimizer: 'adamW' as const, patience: 500 } : { patience: 100 };
  const lowRank = method === 'lora' || method === 'relora' || method === 'sst';
  const lighter = model === 'hybonet' && set === 'cora' && task === 'nc' && lowRank;
  return {
    ...common,
    ...own,
    normaliseFeatures: !(set === 'disease' && task === 'lp'),
    ...published,
    ...(lighter && { dropout: 0.5 }),
  };
}
