import type { Geometry } from '../../hyperbolic/geometry.ts';
import type { GraphEncoder } from '../../hyperbolic/graph/model.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { smooth } from '../compare/run.ts';
import { type MethodName, methodLabels } from '../compare/settings.ts';
import type { GraphMethodResult, RunSummary } from './results.ts';
import { type GraphEvent, type GraphRun, type GraphSetup, trainGraph } from './run.ts';
import type { Metrics } from './task.ts';

/** Who is told what happens in an experiment. */
export interface GraphObserver {
  /** A run begins: its number among all runs. */
  begin(method: MethodName, seed: number, run: number, runs: number): void;
  event(method: MethodName, seed: number, event: GraphEvent): void;
  end(method: MethodName, seed: number, run: GraphRun): void;
}

/** A method's result, and where its first run put the nodes. */
export interface Trained {
  readonly result: GraphMethodResult;
  readonly points: Tensor;
  readonly geometry: Geometry;
}

/** Points of a curve that are kept. */
const curvePoints = 200;

/** Train with every method from every seed. An aborted experiment gives what was reached until then. */
export async function experiment<M extends GraphEncoder>(
  { task, settings, make }: Pick<GraphSetup<M>, 'task' | 'settings' | 'make'>,
  observer: GraphObserver,
  signal?: AbortSignal,
): Promise<Trained[]> {
  const { methods, seeds } = settings;
  const trained: Trained[] = [];
  for (const [m, method] of methods.entries()) {
    const runs: [seed: number, run: GraphRun][] = [];
    for (const [s, seed] of seeds.entries()) {
      if (signal?.aborted) break;
      observer.begin(method, seed, m * seeds.length + s, methods.length * seeds.length);
      const see = (event: GraphEvent): void => observer.event(method, seed, event);
      const run = await trainGraph({ task, method, settings, seed, make }, see, signal);
      observer.end(method, seed, run);
      if (run.epochs.length > 0) runs.push([seed, run]);
    }
    if (runs.length > 0)
      trained.push({
        result: summarise(method, settings.rank, settings.recipes[method].learningRate, runs, task.watched),
        points: runs[0][1].points,
        geometry: runs[0][1].geometry,
      });
  }
  return trained;
}

/** Means over the seeds of one method. */
function summarise(
  method: MethodName,
  rank: number,
  learningRate: number,
  runs: readonly (readonly [seed: number, run: GraphRun])[],
  watched: (metrics: Metrics) => number,
): GraphMethodResult {
  const [[, first]] = runs;
  const all = runs.map(([, run]) => run);
  const { trainable, total, optimizerBytes, epochs } = first;
  return {
    method,
    label: methodLabels[method],
    rank: method === 'full' ? null : rank,
    learningRate,
    runs: runs.map(([seed, run]) => inShort(seed, run)),
    test: Object.fromEntries(Object.keys(first.test).map((name) => [name, spread(all.map((run) => run.test[name]))])),
    trainable,
    total,
    optimizerBytes,
    msPerEpoch: mean(all.map((run) => run.msPerEpoch)),
    mergeError: first.mergeError === null ? null : Math.max(...all.map((run) => run.mergeError ?? 0)),
    curve: smooth(
      epochs.map(({ loss }) => loss),
      curvePoints,
    ),
    watched: thinned(epochs.map(({ epoch, metrics }) => ({ epoch, value: watched(metrics) }))),
  };
}

const inShort = (seed: number, { epochs, bestEpoch, validation, test }: GraphRun): RunSummary => ({
  seed,
  epochs: epochs.length,
  bestEpoch,
  validation,
  test,
});

/** About so many of them, the last among them. */
const thinned = <T>(items: readonly T[]): T[] => {
  const every = Math.max(1, Math.ceil(items.length / curvePoints));
  return items.filter((_, i) => (items.length - 1 - i) % every === 0);
};

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** Mean and sample standard deviation, which one number has not. */
export function spread(xs: readonly number[]): { mean: number; std: number | null } {
  const centre = mean(xs);
  const squares = xs.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return { mean: centre, std: xs.length > 1 ? Math.sqrt(squares / (xs.length - 1)) : null };
}
