/** Runs on a small graph: every method, both tasks, the best epoch, early stopping, the same bits again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sum } from '../../../src/autograd/ops/reduce.ts';
import { graphModel } from '../../../src/hyperbolic/graph/graphModel.ts';
import { HyboNetClassifier, HyboNetPredictor } from '../../../src/hyperbolic/graph/hybonet.ts';
import type { GraphEncoder, LinkPredictor, NodeClassifier } from '../../../src/hyperbolic/graph/model.ts';
import { type MethodName, methodNames } from '../../../src/lab/compare/settings.ts';
import { decayGroups } from '../../../src/lab/graph/decay.ts';
import { linkTask } from '../../../src/lab/graph/linkTask.ts';
import { nodeTask } from '../../../src/lab/graph/nodeTask.ts';
import { type GraphEvent, type GraphRun, type GraphSetup, trainGraph } from '../../../src/lab/graph/run.ts';
import type { GraphSettings, Recipe } from '../../../src/lab/graph/settings.ts';
import { splitLinks } from '../../../src/lab/graph/splits.ts';
import { convert } from '../../../src/sst/convert.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { tinyGraph } from './tinyGraph.ts';

const recipe: Recipe = {
  learningRate: 0.02,
  layers: 2,
  activation: 'none',
  dropout: 0.1,
  optimizer: 'adamW',
  weightDecay: 1e-3,
  clip: 1,
  margin: 2,
  c: 1,
  trainableCurvature: false,
  normaliseFeatures: false,
  epochs: 60,
  patience: 1000,
  minEpochs: 10,
};

const settingsOf = (change: Partial<Recipe> = {}): GraphSettings => ({
  task: 'lp',
  model: 'hybonet',
  methods: methodNames,
  rank: 2,
  dim: 6,
  seeds: [1],
  iterationSteps: 10,
  warmup: 5,
  recipes: Object.fromEntries(methodNames.map((name) => [name, { ...recipe, ...change }])) as GraphSettings['recipes'],
});

const graph = tinyGraph();
const links = linkTask(graph, splitLinks(graph, { seed: 3, val: 0.15, test: 0.2 }), false);
const nodes = nodeTask(graph, graph.nodeSplits.thirds, false);
const sizes = { features: 4, dim: 6 };

const linkSetup = (method: MethodName, change: Partial<Recipe> = {}, seed = 1): GraphSetup<LinkPredictor> => ({
  task: links,
  method,
  settings: settingsOf(change),
  seed,
  make: (given, rng) => new HyboNetPredictor({ ...given, ...sizes, rng }),
});

const nodeSetup = (method: MethodName, change: Partial<Recipe> = {}): GraphSetup<NodeClassifier> => ({
  task: nodes,
  method,
  settings: settingsOf(change),
  seed: 1,
  make: (given, rng) => new HyboNetClassifier({ ...given, ...sizes, classes: 2, rng }),
});

const run = <M extends GraphEncoder>(setup: GraphSetup<M>, events: GraphEvent[] = []): Promise<GraphRun> =>
  trainGraph(setup, (event) => void events.push(event));

for (const method of methodNames)
  describe(`trainGraph: ${method}`, () => {
    test('learns nodes and repeats to the bit', async () => {
      const [a, b] = [await run(nodeSetup(method)), await run(nodeSetup(method))];
      assert.deepEqual(
        a.epochs.map(({ loss }) => loss),
        b.epochs.map(({ loss }) => loss),
      );
      assert.deepEqual(a.points.data, b.points.data);
      assert.ok(a.test.accuracy > 0.9, `accuracy ${a.test.accuracy}`);
    });

    test('learns links; measures and merges the weights of the epoch that was best in validation', async () => {
      const events: GraphEvent[] = [];
      const setup = linkSetup(method);
      let model: LinkPredictor | null = null;
      const make: typeof setup.make = (given, rng) => {
        model = setup.make(given, rng);
        return model;
      };
      const {
        epochs,
        bestEpoch,
        validation,
        test: tested,
        points,
        mergeError,
        ...rest
      } = await run({ ...setup, make }, events);
      const watched = epochs.map(({ metrics }) => links.watched(metrics));
      assert.equal(bestEpoch - 1, watched.indexOf(Math.max(...watched)));
      assert.deepEqual(epochs[bestEpoch - 1].metrics, validation);
      assert.ok(model !== null, 'made');
      assert.deepEqual(links.measure(model, points, 'val'), validation);
      assert.deepEqual(links.measure(model, points, 'test'), tested);
      assert.ok(tested.auc > 0.6, `AUC ${tested.auc}`);
      assert.equal(mergeError === null, method === 'full' || method === 'galore');
      assert.ok((mergeError ?? 0) < 1e-4, `merge error ${mergeError}`);
      assert.ok(rest.msPerEpoch > 0 && rest.trainable > 0 && rest.total >= rest.trainable, JSON.stringify(rest));
      assert.equal(events.filter((event) => event.type === 'epoch').length, epochs.length);
    });
  });

test('trainGraph: another seed gives another run', async () => {
  const [a, b] = [await run(linkSetup('sst')), await run(linkSetup('sst', {}, 2))];
  assert.notDeepEqual(a.epochs[0].loss, b.epochs[0].loss);
});

test('trainGraph: ends when patience does, but not before the least number of epochs', async () => {
  const patient = await run(linkSetup('full', { learningRate: 0, patience: 5, minEpochs: 20 }));
  assert.equal(patient.bestEpoch, 1);
  assert.equal(patient.epochs.length, 21);
  const short = await run(linkSetup('full', { learningRate: 0, patience: 5, minEpochs: 0 }));
  assert.equal(short.epochs.length, 6);
});

test('trainGraph: a run that diverges ends, with finite weights', async () => {
  const { epochs, bestEpoch, test: tested } = await run(linkSetup('full', { learningRate: Infinity }));
  assert.equal(epochs.length, 2);
  assert.equal(bestEpoch, 0);
  assert.ok(!Number.isNaN(tested.auc), JSON.stringify(tested));
});

test('trainGraph: an aborted run gives what was reached', async () => {
  const controller = new AbortController();
  let seen = 0;
  const stop = (event: GraphEvent): void => {
    if (event.type === 'epoch' && ++seen === 3) controller.abort();
  };
  const { epochs } = await trainGraph(linkSetup('lora'), stop, controller.signal);
  assert.equal(epochs.length, 3);
});

test('decayGroups: matrices alone decay, and nothing of SST', () => {
  const make = (): LinkPredictor =>
    graphModel({ ...recipe, ...sizes, model: 'hgcn', task: 'lp', trainableCurvature: true, rng: new Rng(1) });
  for (const [method, decaying] of [
    [{ method: 'full' }, 2],
    [{ method: 'lora', rank: 2, rng: new Rng(1) }, 4],
    [{ method: 'sst', rank: 2, rng: new Rng(1) }, 0],
  ] as const) {
    const plan = convert(make(), { ...method, exclude: [] });
    const groups = decayGroups(plan);
    const decayed = groups.filter(({ hyper }) => hyper?.weightDecay === undefined).flatMap((group) => group.parameters);
    assert.equal(decayed.length, decaying, method.method);
    assert.ok(
      decayed.every((p) => p.rank === 2),
      'matrices',
    );
    const all = groups.flatMap((group) => group.parameters);
    assert.equal(new Set(all).size, plan.model.parameters().filter((p) => p.requiresGrad).length);
    assert.equal(all.length, new Set(all).size);
  }
});

test('trainGraph: trained curvature moves, and points are on the space of the last one', async () => {
  const setup: GraphSetup<LinkPredictor> = {
    ...linkSetup('full', { trainableCurvature: true, dropout: 0 }),
    make: (given, rng) => graphModel({ ...given, ...sizes, model: 'hgcn-lorentz', task: 'lp', rng }),
  };
  const { points, geometry } = await run(setup);
  const verdict = geometry.check(points);
  assert.ok(verdict.ok, String(verdict.reason));
  assert.ok(Number.isFinite(sum(points).item()), 'finite');
});
