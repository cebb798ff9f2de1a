import type { LinkPredictor } from '../../hyperbolic/graph/model.ts';
import { tensor } from '../../tensor/create.ts';
import { pin } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { averagePrecision } from '../metrics/averagePrecision.ts';
import { rocAuc } from '../metrics/rocAuc.ts';
import { meanAdjacency } from './adjacency.ts';
import { featuresOf } from './features.ts';
import type { Graph, LinkSplit } from './graph.ts';
import { negativePairs } from './negatives.ts';
import type { GraphTask } from './task.ts';

/** Pairs [e, 2] as a tensor. */
const pairsOf = (flat: Int32Array): Tensor => tensor(flat, { shape: [flat.length / 2, 2] });

/**
 * Tell edges from other pairs. The adjacency holds the training edges alone; every epoch draws as many other pairs anew; the best
 * epoch is the one with the highest mean of ROC-AUC and average precision on the validation pairs.
 * @source Chami et al., arXiv 1910.12933, section 5; Chen et al., arXiv 2105.14686, and the code beside it
 */
export function linkTask(graph: Graph, split: LinkSplit, normalise: boolean): GraphTask<LinkPredictor> {
  const { trainEdges } = split;
  const train = pairsOf(trainEdges);
  const parts = {
    val: [pairsOf(split.valEdges), pairsOf(split.valOthers)],
    test: [pairsOf(split.testEdges), pairsOf(split.testOthers)],
  } as const;
  const adjacency = meanAdjacency(graph.nodes, trainEdges);
  const x = featuresOf(graph, normalise);
  pin([x, adjacency.indptr, adjacency.indices, adjacency.values]);
  return {
    name: 'lp',
    x,
    adjacency,
    dense: [],
    shown: 'auc',
    watchedBy: 'mean of ROC-AUC and average precision',
    *batches(rng) {
      const others = negativePairs(graph.nodes, trainEdges, rng);
      for (;;) yield pairsOf(others(trainEdges.length / 2));
    },
    loss: (model, points, others) => model.loss(model.scores(points, train), model.scores(points, others)),
    measure(model, points, part) {
      const [edges, others] = parts[part].map((pairs) => model.scores(points, pairs).data);
      // Of a model that diverged: no measure is defined, and none is better.
      if ([...edges, ...others].some(Number.isNaN)) return { auc: Number.NaN, ap: Number.NaN };
      return { auc: rocAuc(edges, others), ap: averagePrecision(edges, others) };
    },
    watched: ({ auc, ap }) => (auc + ap) / 2,
  };
}
