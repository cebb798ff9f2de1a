/** Every network of nodes under the same laws: shapes, order of nodes, gradients, training, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type GraphModelName, type GraphModelOptions, graphModel } from '../../../src/hyperbolic/graph/graphModel.ts';
import { reprojection } from '../../../src/hyperbolic/layers/curvature.ts';
import { backward, DomainError, grad, noGrad, Rng, randn, sum, type Tensor, tensor } from '../../../src/index.ts';
import { adam, fit } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { type SmallGraph, smallGraph } from './encodersGraph.ts';

const names: readonly GraphModelName[] = ['hybonet', 'hgcn', 'hgcn-lorentz', 'hnn', 'gcn', 'mlp'];
const curved = (name: GraphModelName): boolean => name === 'hgcn' || name === 'hgcn-lorentz' || name === 'hnn';
const rounds = 20;

type Choice = Partial<GraphModelOptions> & { readonly model: GraphModelName };
const base = (choice: Choice) =>
  ({ features: 4, classes: 2, dim: 5, dtype: 'float64', rng: new Rng(3), ...choice }) as const;
const classifier = (choice: Choice) => graphModel({ ...base(choice), task: 'nc' });
const predictor = (choice: Choice) => graphModel({ ...base(choice), task: 'lp' });

/** The loss of a task on a whole graph, as a function of what a pass depends on. */
function lossOf(choice: Choice, task: 'nc' | 'lp', graph: SmallGraph) {
  const { x, adjacency, edges, others, labels } = graph;
  if (task === 'nc') {
    const model = classifier(choice);
    const loss = (context: object): Tensor =>
      model.loss(model.logits(model.call(x, { ...context, adjacency })), labels);
    return { model, loss };
  }
  const model = predictor(choice);
  const loss = (context: object): Tensor => {
    const points = model.call(x, { ...context, adjacency });
    return model.loss(model.scores(points, edges), model.scores(points, others));
  };
  return { model, loss };
}

for (const model of names)
  describe(model, () => {
    const graph = smallGraph();
    const { x, adjacency, edges } = graph;
    // A loss with a margin is never below half of it, with two classes or two numbers in a pair.
    const margin = 8;
    const least = model === 'hybonet' ? margin / 2 : 0;

    test('a point of its geometry for each node, a score for each class and each pair', () => {
      for (const dtype of ['float32', 'float64'] as const) {
        const own = smallGraph({ dtype });
        const nc = classifier({ model, dtype, layers: 3 });
        const points = nc.call(own.x, { adjacency: own.adjacency }).detach();
        assert.equal(points.dtype, dtype);
        assert.equal(points.shape[0], 12);
        assert.equal(nc.geometry.check(points).reason, null);
        assert.deepEqual(nc.logits(points).shape, [12, 2]);
        const lp = predictor({ model, dtype });
        const embedded = lp.call(own.x, { adjacency: own.adjacency }).detach();
        assert.equal(lp.geometry.check(embedded).reason, null);
        assert.deepEqual(lp.scores(embedded, own.edges).shape, [edges.shape[0]]);
      }
    });

    test('nodes in another order give the same points in that order', () => {
      const order = new Rng(5).permutation(12);
      const moved = smallGraph({ order });
      const net = predictor({ model });
      const [a, b] = [net.call(x, { adjacency }), net.call(moved.x, { adjacency: moved.adjacency })];
      const n = a.shape[1];
      const back = Float64Array.from({ length: a.size }, (_, i) => b.data[order[Math.floor(i / n)] * n + (i % n)]);
      assertClose(tensor(back, { shape: a.shape }), a.detach(), 1e-12, 'points');
    });

    test('the gradient of every parameter is the derivative of the loss', () => {
      for (const task of ['nc', 'lp'] as const) {
        const { model: net, loss } = lossOf({ model, activation: 'tanh', ...trained(model) }, task, graph);
        const parameters = net.parameters();
        const gradients = grad(loss({}), parameters, { allowUnused: true });
        for (const [i, [path, p]] of net.namedParameters().entries()) {
          const g = gradients[i];
          const v = randn(p.shape, new Rng(i), { dtype: 'float64' });
          const slope = g === null ? 0 : sum(g.mul(v)).item();
          const start = p.detach().mul(1);
          const at = (h: number): number => {
            p.assign_(start.add(v.mul(h)));
            return noGrad(() => loss({})).item();
          };
          const difference = (at(1e-6) - at(-1e-6)) / 2e-6;
          p.assign_(start);
          if (Math.abs(slope - difference) > 1e-5 * Math.max(1, Math.abs(slope)))
            assert.fail(`${task} ${path}: ${slope}, difference ${difference}`);
        }
      }
    });

    test('training lowers the loss, with dropout too, and twice the same way', async () => {
      for (const [task, dropout] of [
        ['nc', 0],
        ['lp', 0.2],
      ] as const) {
        const first = await losses(task, dropout);
        if (dropout > 0) assert.deepEqual(await losses(task, dropout), first);
        assert.ok(first.every(Number.isFinite), `${task}: all finite`);
        const end = Math.min(...first.slice(-5));
        assert.ok(end - least < 0.9 * (first[0] - least), `${task}: ${first[0]} to ${end}`);
      }
    });

    async function losses(task: 'nc' | 'lp', dropout: number): Promise<number[]> {
      const own = smallGraph({ dtype: 'float32' });
      const choice = { model, dtype: 'float32', dropout, rng: new Rng(2), margin, ...trained(model) } as const;
      const { model: net, loss: of } = lossOf(choice, task, own);
      const loss = (_: unknown, context: object): Tensor => of(context);
      const optimizer = adam(net.parameters(), { lr: 0.05 });
      const batches = Array.from({ length: rounds });
      const hooks = [reprojection(net)];
      const found: number[] = [];
      for await (const event of fit({ model: net, optimizer, steps: rounds, batches, hooks, rng: new Rng(1), loss }))
        if (event.type === 'step') found.push(event.loss);
      return found;
    }

    test('dropout acts in training alone', () => {
      const net = predictor({ model, dropout: 0.5, rng: new Rng(1) });
      const plain = predictor({ model, rng: new Rng(1) });
      assertSame(net.call(x, { adjacency }).detach(), plain.call(x, { adjacency }).detach(), 'not training');
      assert.throws(() => net.call(x, { adjacency, training: true }), DomainError);
    });
  });

/** A trained curvature where there is one. */
const trained = (model: GraphModelName) => ({ trainableCurvature: curved(model) });

describe('graphModel', () => {
  test('layers counts the head of nc; each layer of HGCN has its curvature, those of HNN share one', () => {
    const curvatures = (choice: Choice, task: 'nc' | 'lp'): number =>
      graphModel({ ...base({ ...choice, trainableCurvature: true }), task })
        .namedParameters()
        .filter(([path]) => /curvature/i.test(path)).length;
    assert.deepEqual(
      [curvatures({ model: 'hgcn', layers: 3 }, 'nc'), curvatures({ model: 'hgcn', layers: 3 }, 'lp')],
      [3, 4],
    );
    assert.deepEqual(
      [curvatures({ model: 'hnn', layers: 3 }, 'nc'), curvatures({ model: 'hnn', layers: 3 }, 'lp')],
      [1, 1],
    );
    const dense = classifier({ model: 'mlp', layers: 1 });
    assert.deepEqual(
      dense.namedParameters().map(([path]) => path),
      ['head.weight', 'head.bias'],
    );
  });

  test('a network without edges gives a node the same point in any graph', () => {
    const { x, adjacency } = smallGraph();
    const lonely = smallGraph({ order: new Rng(1).permutation(12) }).adjacency;
    for (const model of ['hnn', 'mlp'] as const) {
      const net = predictor({ model });
      assertSame(net.call(x, { adjacency }).detach(), net.call(x, { adjacency: lonely }).detach(), model);
    }
  });

  test('attention is trained, on both models of the space', () => {
    const { x, adjacency } = smallGraph();
    for (const model of ['hybonet', 'hgcn', 'hgcn-lorentz'] as const) {
      const net = predictor({ model, attention: true });
      backward(sum(net.scores(net.call(x, { adjacency }), smallGraph().edges)));
      const weights = net.namedParameters().filter(([path]) => path.includes('attention'));
      assert.ok(weights.length > 0 && weights.every(([, p]) => p.grad !== null), model);
    }
  });

  test('what is no model, task, size or curvature is refused', () => {
    const refuses = (options: object): void =>
      assertRefuses(() => graphModel({ ...base({ model: 'gcn' }), task: 'nc', ...options }), DomainError, 'graphModel');
    for (const model of ['HGCN', 'constructor', '__proto__']) refuses({ model });
    for (const task of ['rec', undefined]) refuses({ task });
    for (const n of [0, -1, 1.5, Number.NaN])
      for (const size of ['features', 'classes', 'dim', 'layers']) refuses({ [size]: n });
    refuses({ classes: undefined });
    refuses({ model: 'hybonet', trainableCurvature: true });
    for (const c of [0, -1, Number.NaN]) assert.throws(() => predictor({ model: 'hgcn', c }).geometry, DomainError);
    for (const model of ['hgcn', 'hnn'] as const) assert.throws(() => classifier({ model, layers: 1 }), DomainError);
  });
});
