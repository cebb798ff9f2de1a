import { count, namesOf, oneOf, positive, readArguments, seedsOf, share } from '../arguments.ts';
import { type MethodName, methodNames } from '../compare/settings.ts';
import { UsageError } from '../usage.ts';
import { recipeOf, setOf } from './presets.ts';
import { type GraphSettings, graphClock, modelNames, type Recipe, type TaskName, taskNames } from './settings.ts';
import { builtIn } from './sources.ts';

/** What `spectragrad graph` was asked to do; the settings come once the graph is known. */
export interface GraphOptions {
  readonly task: TaskName;
  /** A folder, or the name of a graph that is made here. */
  readonly data: string;
  /** Folder for the report, the metrics and the embeddings. */
  readonly out: string;
  /** Print the result as JSON instead of a table. */
  readonly json: boolean;
  readonly help: boolean;
  /** Everything that determines the runs, on a graph of this name. */
  settings(graph: string): GraphSettings;
}

const quickEpochs = 60;

const standard = { rank: 1, dim: 16, seed: 1234, seeds: 1 };

/** What `spectragrad graph --help` prints. */
export const graphHelp: string = `Usage: spectragrad graph --data DIR|${builtIn.join('|')} [options]

Trains a network on a graph with each method, at equal rank, with the published settings for the data set, and shows a table, the
curves, and a report. The epoch with the best validation metric is the one that is tested.

  --data DIR            a folder with edges.csv.gz, features, labels and splits, or the name of a graph that is made here
  --task NAME           lp: link prediction (default), nc: node classification
  --model NAME          ${modelNames.join(', ')} (default hybonet)
  --method NAME[,NAME]  ${methodNames.join(', ')} (default full)
  --rank R              rank of the low-rank methods (default ${standard.rank})
  --dim N               numbers in a point, its time coordinate among them (default ${standard.dim})
  --c X|trainable       minus the curvature (default: the preset's, mostly 1)
  --layers N            layers, the decoder of nc among them (default: the preset's)
  --lr X                learning rate of every method (default: the preset's)
  --dropout X           share of dropped values (default: the preset's)
  --epochs N            epochs at most (default 5000)
  --patience N          epochs without a better validation metric that end a run (default: the preset's)
  --seed N              first seed (default ${standard.seed})
  --seeds N|N,N,…       runs per method, with seeds N, N+1, …; or the seeds themselves (default ${standard.seeds})
  --quick               ${quickEpochs} epochs: see every part work
  --out DIR             folder for index.html, metrics.jsonl and embeddings.npy (default report)
  --json                print the result as JSON on standard output
  --help                this text

Ctrl-C ends the run and reports what was done until then.`;

const texts = [
  'data',
  'task',
  'model',
  'method',
  'rank',
  'dim',
  'c',
  'layers',
  'lr',
  'dropout',
  'epochs',
  'patience',
  'seed',
  'seeds',
  'out',
] as const;
const flags = ['quick', 'json', 'help'] as const;

/**
 * Read the arguments of `spectragrad graph`.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseGraph(args: readonly string[]): GraphOptions {
  const given = readArguments(args, texts, flags);
  const task = oneOf('--task', given.task, taskNames, 'lp');
  const model = oneOf('--model', given.model, modelNames, 'hybonet');
  const shared = {
    task,
    model,
    methods: namesOf('--method', given.method ?? 'full', methodNames),
    rank: count('--rank', given.rank, standard.rank),
    dim: count('--dim', given.dim, standard.dim, 2),
    seeds: seedsOf(given, standard),
    ...graphClock,
  };
  const changes = changesOf(given);
  if (changes.trainableCurvature === true && (model === 'hybonet' || model === 'gcn' || model === 'mlp'))
    throw new UsageError(`--c trainable is for hgcn, hgcn-lorentz and hnn, not for ${model}`);
  if (given.data === undefined && given.help !== true)
    throw new UsageError('--data says which graph: a folder, or a name');
  return {
    task,
    data: given.data ?? '',
    out: given.out ?? 'report',
    json: given.json === true,
    help: given.help === true,
    settings(graph) {
      const recipe = (method: MethodName): Recipe => ({ ...recipeOf(setOf(graph), task, model, method), ...changes });
      const recipes = Object.fromEntries(methodNames.map((method) => [method, recipe(method)]));
      return { ...shared, recipes: recipes as GraphSettings['recipes'] };
    },
  };
}

/** What the arguments change in every recipe. */
function changesOf(
  given: ReturnType<typeof readArguments<(typeof texts)[number], (typeof flags)[number]>>,
): Partial<Recipe> {
  const { c, lr, dropout, layers, patience, task } = given;
  const epochs = given.epochs === undefined && given.quick === true ? String(quickEpochs) : given.epochs;
  return {
    ...(c === 'trainable' && { trainableCurvature: true }),
    ...(c !== undefined && c !== 'trainable' && { c: positive('--c', c), trainableCurvature: false }),
    ...(lr !== undefined && { learningRate: positive('--lr', lr) }),
    ...(dropout !== undefined && { dropout: share('--dropout', dropout, 0) }),
    ...(layers !== undefined && { layers: count('--layers', layers, 0, task === 'nc' ? 2 : 1) }),
    ...(epochs !== undefined && { epochs: count('--epochs', epochs, 0) }),
    ...(patience !== undefined && { patience: count('--patience', patience, 0) }),
  };
}
