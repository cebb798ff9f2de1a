import { noGrad } from '../../autograd/scoped.ts';
import type { Geometry } from '../../hyperbolic/geometry.ts';
import type { GraphEncoder } from '../../hyperbolic/graph/model.ts';
import { fit, type TrainEvent } from '../../nn/fit.ts';
import type { Module } from '../../nn/module.ts';
import { adam, adamW } from '../../nn/optim/adam.ts';
import type { Optimizer } from '../../nn/optim/optimizer.ts';
import { loadStateDict, stateDict } from '../../nn/state.ts';
import { accounting } from '../../sst/accounting.ts';
import { convert, type Plan } from '../../sst/convert.ts';
import type { MethodEvent } from '../../sst/events.ts';
import { tensor } from '../../tensor/create.ts';
import { Rng } from '../../tensor/rng.ts';
import { scope } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { MethodName } from '../compare/settings.ts';
import { decayGroups } from './decay.ts';
import { type GraphSettings, graphMethod, type Recipe } from './settings.ts';
import type { GraphTask, Metrics } from './task.ts';

/** One epoch, measured after its step. */
export interface Epoch {
  readonly epoch: number;
  readonly loss: number;
  /** On the validation part. */
  readonly metrics: Metrics;
}

/** One training run, measured with the weights of its best epoch. */
export interface GraphRun {
  readonly epochs: readonly Epoch[];
  /** Counted from 1; 0 when no epoch was reached. */
  readonly bestEpoch: number;
  readonly validation: Metrics;
  readonly test: Metrics;
  /** [nodes, n] in `geometry`. */
  readonly points: Tensor;
  readonly geometry: Geometry;
  readonly trainable: number;
  readonly total: number;
  readonly optimizerBytes: number;
  /** Mean time of a training step, measuring and the method's own work between steps not counted. */
  readonly msPerEpoch: number;
  /** Of everything. */
  readonly seconds: number;
  /** The largest distance that merging moves a point; null where nothing is merged. */
  readonly mergeError: number | null;
}

/** What a run reports while it trains. */
export type GraphEvent = MethodEvent | ({ readonly type: 'epoch'; readonly best: boolean } & Epoch);

/** One run: what is trained, how, and from which seed. */
export interface GraphSetup<M extends GraphEncoder> {
  readonly task: GraphTask<M>;
  readonly method: MethodName;
  readonly settings: GraphSettings;
  readonly seed: number;
  /** The untrained model. */
  make(recipe: Recipe, rng: Rng): M;
}

/** Train one model with one method from one seed, on the whole graph at once; measure and merge what was best in validation. */
export async function trainGraph<M extends GraphEncoder>(
  { task, method, settings, seed, make }: GraphSetup<M>,
  observe: (event: GraphEvent) => void,
  signal?: AbortSignal,
): Promise<GraphRun> {
  const start = performance.now();
  const rng = new Rng(seed);
  const recipe = settings.recipes[method];
  const model = make(recipe, rng.fork('weights'));
  const plan = convert(model, { ...graphMethod(method, settings, rng.fork('method')), exclude: task.dense });
  const optimizer = optimizerOf(plan, recipe);
  const { x, adjacency } = task;
  const training = fit({
    model,
    optimizer,
    steps: recipe.epochs,
    hooks: [plan.hook(optimizer)],
    batches: task.batches(rng.fork('batches')),
    loss: (batch, context) => task.loss(model, model.call(x, { ...context, adjacency }), batch),
    rng: rng.fork('dropout'),
    ...(recipe.clip !== null && { clipNorm: recipe.clip }),
    ...(signal && { signal }),
  });
  const watched = await watch(training, task, model, recipe, observe);
  const { trainable, frozen, optimizerBytes } = accounting(model, optimizer);
  const points = pointsOf(task, model);
  const test = noGrad(() => task.measure(model, points, 'test'));
  plan.merge();
  return {
    ...watched,
    test,
    points,
    geometry: noGrad(() => model.geometry),
    trainable,
    total: trainable + frozen,
    optimizerBytes,
    seconds: (performance.now() - start) / 1000,
    mergeError: mergingMethods.includes(method) ? largestMove(model.geometry, points, pointsOf(task, model)) : null,
  };
}

function optimizerOf(plan: Plan, { optimizer, learningRate: lr, weightDecay }: Recipe): Optimizer {
  const rule = optimizer === 'adamW' ? adamW : adam;
  return rule(decayGroups(plan), { lr, weightDecay, stabilize: 10 });
}

/** Methods whose layers are something else than a dense weight. */
const mergingMethods: readonly MethodName[] = ['sst', 'lora', 'relora'];

/** Where the nodes lie, nothing dropped. */
const pointsOf = <M extends GraphEncoder>({ x, adjacency }: GraphTask<M>, model: M): Tensor =>
  noGrad(() => scope(() => model.call(x, { adjacency })));

type Watched = Pick<GraphRun, 'epochs' | 'bestEpoch' | 'validation' | 'msPerEpoch'>;

/** Follow a run until patience ends, or it diverges; the model then has the weights of the best epoch. */
async function watch<M extends GraphEncoder>(
  training: AsyncIterable<TrainEvent<MethodEvent>>,
  task: GraphTask<M>,
  model: M,
  { patience, minEpochs }: Recipe,
  observe: (event: GraphEvent) => void,
): Promise<Watched> {
  const epochs: Epoch[] = [];
  let [bestEpoch, best, ms] = [0, Number.NEGATIVE_INFINITY, 0];
  let state = copied(model);
  for await (const event of training) {
    if (event.type === 'done' || event.type === 'aborted') break;
    if (event.type !== 'step') {
      observe(event);
      continue;
    }
    ms += event.ms;
    const metrics = noGrad(() =>
      scope(() => task.measure(model, model.call(task.x, { adjacency: task.adjacency }), 'val')),
    );
    const epoch = { epoch: event.step + 1, loss: event.loss, metrics };
    epochs.push(epoch);
    const improved = task.watched(metrics) > best;
    if (improved) {
      best = task.watched(metrics);
      bestEpoch = epoch.epoch;
      state = copied(model);
    }
    observe({ type: 'epoch', best: improved, ...epoch });
    if (!Number.isFinite(event.loss)) break;
    if (epoch.epoch - bestEpoch >= patience && epoch.epoch > minEpochs) break;
  }
  loadStateDict(model, state);
  const validation = epochs[bestEpoch - 1]?.metrics ?? {};
  return { epochs, bestEpoch, validation, msPerEpoch: ms / Math.max(1, epochs.length) };
}

/** The state of a model as it is now. */
const copied = (model: Module): Map<string, Tensor> =>
  new Map([...stateDict(model)].map(([name, t]) => [name, tensor(t.data, { shape: t.shape, dtype: t.dtype })]));

/** The largest distance between what were the points and what they are. */
function largestMove(geometry: Geometry, before: Tensor, after: Tensor): number {
  return Math.max(...noGrad(() => geometry.distance(before, after)).data);
}
