/** Our epoch of HyboNet link prediction, as `fit` runs it: what epoch.py does with PyTorch. */

import { HyboNetPredictor } from '../../../src/hyperbolic/graph/hybonet.ts';
import { backward, pin, Rng, scope, type Tensor, tensor, unpin } from '../../../src/index.ts';
import { meanAdjacency } from '../../../src/lab/graph/adjacency.ts';
import { featuresOf } from '../../../src/lab/graph/features.ts';
import { readGraph } from '../../../src/lab/graph/readGraph.ts';
import { adamW, loadStateDict, type ParameterGroup, stateDict } from '../../../src/nn/index.ts';
import { clipGradNorm } from '../../../src/nn/optim/clip.ts';
import type { Work } from '../contender.ts';
import { uniform, wholes } from '../inputs.ts';
import type { HybonetTask } from '../rows.ts';

const dim = 16;

/** The weights of both layers, as `LorentzLayer` in epoch.py makes them: blind to time at first. */
function load(model: HyboNetPredictor): void {
  const values = new Map(stateDict(model));
  for (const [i, width] of [model.encoder.layers[0].linear.map.inFeatures, dim].entries()) {
    const weight = uniform(100 + 2 * i, dim * width, 1 / Math.sqrt(dim));
    for (let row = 0; row < dim; row++) weight[row * width] = 0;
    const at = `encoder.layers.${i}.linear`;
    values.set(`${at}.map.weight`, tensor(weight, { shape: [dim, width] }));
    values.set(`${at}.map.bias`, tensor(uniform(101 + 2 * i, dim, 0.02)));
    values.set(`${at}.scale`, tensor(Math.log(10)));
  }
  loadStateDict(model, values);
}

/** Pairs [e, 2] of any nodes. */
function pairs(seed: number, count: number, nodes: number): Tensor {
  const [u, v] = [wholes(seed, count, nodes), wholes(seed + 1, count, nodes)];
  return tensor(
    Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? u : v)[i >> 1]),
    { shape: [count, 2] },
  );
}

/** Weight decay on matrices alone. */
function groupsOf(model: HyboNetPredictor, weightDecay: number): ParameterGroup[] {
  const all = model.parameters();
  return [
    { parameters: all.filter((p) => p.rank > 1), hyper: { weightDecay } },
    { parameters: all.filter((p) => p.rank <= 1), hyper: { weightDecay: 0 } },
  ];
}

/** An epoch: other pairs, forward, backward, clipping, a step of AdamW. */
export function hybonetEpoch(task: HybonetTask): Work {
  const graph = readGraph(task.folder);
  const { nodes, featureCount: features, linkSplits } = graph;
  const { trainEdges } = linkSplits[0];
  const adjacency = meanAdjacency(nodes, trainEdges);
  const x = featuresOf(graph, task.normalise);
  const count = trainEdges.length / 2;
  const edges = tensor(trainEdges, { shape: [count, 2] });
  const rng = new Rng(1);
  const model = new HyboNetPredictor({ features, dim, dropout: task.dropout, margin: task.margin, rng });
  load(model);
  const optimizer = adamW(groupsOf(model, task.weightDecay), { lr: task.lr });
  const losses: number[] = [];
  const fixed = [x, edges, adjacency.indptr, adjacency.indices, adjacency.values];
  pin(fixed);
  return {
    run() {
      const others = pairs(1000 + 2 * losses.length, count, nodes);
      pin(model);
      pin(optimizer.stateTensors());
      const loss = scope(() => {
        model.zeroGrad();
        const points = model.call(x, { training: true, rng, adjacency });
        const value = model.loss(model.scores(points, edges), model.scores(points, others));
        backward(value);
        clipGradNorm(model.parameters(), task.clip);
        optimizer.step();
        return value.item();
      });
      losses.push(loss);
    },
    result: () => (task.dropout === 0 ? losses.slice(0, 2) : []),
    free: () => {
      unpin(model);
      unpin(optimizer.stateTensors());
      unpin(fixed);
    },
  };
}
