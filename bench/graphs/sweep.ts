/** The runs of the sweep, in the order in which they are made. */
import type { MethodName } from '../../src/lab/compare/settings.ts';
import type { ModelName, TaskName } from '../../src/lab/graph/settings.ts';

/** One run. */
export interface Cell {
  /** Name of the graph: a folder of the data, or one that is made here. */
  readonly set: 'disease_lp' | 'cora' | 'airports' | 'disease';
  readonly task: TaskName;
  readonly model: ModelName;
  readonly method: MethodName;
  /** 0 for full training. */
  readonly rank: number;
  readonly seed: number;
}

/** Seeds of the sweep; the first is that of the published runs. */
export const seeds: readonly number[] = [1234, 1, 2];

/** Graphs and tasks of the grid, in the order of its table. */
export const columns: readonly Pick<Cell, 'set' | 'task'>[] = [
  { set: 'disease_lp', task: 'lp' },
  { set: 'cora', task: 'lp' },
  { set: 'cora', task: 'nc' },
  { set: 'airports', task: 'lp' },
];

/** Methods and ranks of the grid, in the order of its table. */
export const rows: readonly Pick<Cell, 'method' | 'rank'>[] = [
  { method: 'full', rank: 0 },
  ...[1, 2].flatMap((rank) => (['lora', 'relora', 'sst'] as const).map((method) => ({ method, rank }))),
];

/** Networks that are compared on the generated disease tree. */
export const networks: readonly ModelName[] = ['hybonet', 'hgcn', 'gcn', 'mlp'];

/** Every run: all with the first seed, then all with the next. Short ones before long ones. */
export const cells: readonly Cell[] = seeds.flatMap((seed): Cell[] => [
  ...networks.map((model): Cell => ({ set: 'disease', task: 'nc', model, method: 'full', rank: 0, seed })),
  ...columns.flatMap((column) => rows.map((row): Cell => ({ ...column, model: 'hybonet', ...row, seed }))),
]);

/** The name of a run's file. */
export function nameOf({ set, task, model, method, rank, seed }: Cell): string {
  const network = model === 'hybonet' ? '' : `-${model}`;
  return `${set}-${task}${network}-${method}-r${rank}-s${seed}`;
}
