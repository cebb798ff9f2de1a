/** Training methods inside hyperbolic networks, by composition: attaching and merging change nothing, and training works. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type GraphModelName, graphModel } from '../../src/hyperbolic/graph/graphModel.ts';
import { reprojection } from '../../src/hyperbolic/layers/curvature.ts';
import { noGrad, Rng, type Tensor } from '../../src/index.ts';
import { adam, fit, Linear, type Module } from '../../src/nn/index.ts';
import { convert } from '../../src/sst/index.ts';
import { assertClose } from '../harness/compare.ts';
import { smallGraph } from './graph/encodersGraph.ts';

const models: readonly GraphModelName[] = ['hybonet', 'hgcn', 'hgcn-lorentz', 'hnn', 'gcn', 'mlp'];
const methods = ['sst', 'lora', 'relora', 'galore'] as const;
const steps = 15;
// HyboNet's losses are never below half of the margin, with two classes or two numbers in a pair.
const margin = 8;

/** A network, what it says of a graph, and its loss. */
interface Subject {
  readonly model: Module;
  outputs(): Tensor;
  loss(context: object): Tensor;
}

function subject(model: GraphModelName, task: 'nc' | 'lp'): Subject {
  const { x, adjacency, edges, others, labels } = smallGraph();
  const curved = model.startsWith('h') && model !== 'hybonet';
  const settings = { model, features: 4, classes: 2, dim: 6, layers: 3, dtype: 'float64', margin } as const;
  const options = { ...settings, rng: new Rng(7), trainableCurvature: curved, attention: model === 'hgcn' };
  if (task === 'nc') {
    const net = graphModel({ ...options, task });
    const logits = (context: object): Tensor => net.logits(net.call(x, { ...context, adjacency }));
    return { model: net, outputs: () => logits({}), loss: (context) => net.loss(logits(context), labels) };
  }
  const net = graphModel({ ...options, task });
  return {
    model: net,
    outputs: () => net.scores(net.call(x, { adjacency }), edges),
    loss(context) {
      const points = net.call(x, { ...context, adjacency });
      return net.loss(net.scores(points, edges), net.scores(points, others));
    },
  };
}

for (const name of models)
  describe(`${name} with each training method`, () => {
    for (const method of methods)
      test(`${method}: attaching changes nothing, steps lower the loss, merging changes nothing`, async () => {
        for (const task of ['nc', 'lp'] as const) {
          const { model, outputs, loss } = subject(name, task);
          const say = (): Tensor => noGrad(outputs);
          const dense = model.namedModules().filter(([, module]) => module instanceof Linear).length;
          const before = say();
          const plan = convert(model, { method, rank: 2, rng: new Rng(1) });
          assert.ok(plan.layers.length > 0 && plan.layers.length < dense, 'all but the last');
          assertClose(say(), before, 1e-10, `${task} attached`);
          const optimizer = adam(plan.groups(), { lr: 0.05 });
          const hooks = [plan.hook(optimizer), reprojection(model)];
          const batches = Array.from({ length: steps });
          const losses: number[] = [];
          for await (const event of fit({
            model,
            optimizer,
            hooks,
            steps,
            batches,
            loss: (_, context) => loss(context),
          }))
            if (event.type === 'step') losses.push(event.loss);
          assert.equal(losses.length, steps);
          const least = name === 'hybonet' ? margin / 2 : 0;
          const end = Math.min(...losses.slice(-5));
          assert.ok(end - least < 0.99 * (losses[0] - least), `${task}: ${losses[0]} to ${end}`);
          const trained = say();
          plan.merge();
          assertClose(say(), trained, 1e-10, `${task} merged`);
          assert.equal(model.namedModules().filter(([, module]) => module instanceof Linear).length, dense);
        }
      });
  });
