import { indexSelect } from '../../autograd/ops/gather.ts';
import { argmax } from '../../autograd/ops/reduce.ts';
import type { NodeClassifier } from '../../hyperbolic/graph/model.ts';
import { tensor } from '../../tensor/create.ts';
import { pin } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { f1 } from '../metrics/f1.ts';
import { ReportedError } from '../usage.ts';
import { meanAdjacency } from './adjacency.ts';
import { featuresOf } from './features.ts';
import type { Graph, NodeSplit } from './graph.ts';
import type { GraphTask } from './task.ts';

/**
 * Tell the classes of nodes, all edges seen. The best epoch is the one with the highest F1 on the validation nodes: of the second
 * class where there are two, else over all decisions (micro), which equals accuracy.
 * @throws ReportedError when the graph has no labels
 * @source Chami et al., arXiv 1910.12933, section 5, and the code beside it
 */
export function nodeTask(graph: Graph, split: NodeSplit, normalise: boolean): GraphTask<NodeClassifier> {
  const { labels, classes } = graph;
  if (labels === null) throw new ReportedError(`the graph '${graph.name}' has no labels to tell: use --task lp`);
  const nodes = { train: tensor(split.train), val: tensor(split.val), test: tensor(split.test) };
  const answers = {
    train: tensor(split.train.map((i) => labels[i])),
    val: split.val.map((i) => labels[i]),
    test: split.test.map((i) => labels[i]),
  };
  const logitsAt = (model: NodeClassifier, points: Tensor, at: Tensor): Tensor => model.logits(indexSelect(points, at));
  const adjacency = meanAdjacency(graph.nodes, graph.edges);
  const x = featuresOf(graph, normalise);
  pin([x, adjacency.indptr, adjacency.indices, adjacency.values]);
  return {
    name: 'nc',
    x,
    adjacency,
    dense: ['head', 'head.**'],
    shown: classes === 2 ? 'f1' : 'accuracy',
    watchedBy: classes === 2 ? 'F1 of the second class' : 'accuracy',
    *batches() {
      for (;;) yield nodes.train;
    },
    loss: (model, points, at) => model.loss(logitsAt(model, points, at), answers.train),
    measure(model, points, part) {
      const guesses = argmax(logitsAt(model, points, nodes[part])).data as Int32Array;
      return { f1: f1(guesses, answers[part], classes), accuracy: accuracy(guesses, answers[part]) };
    },
    watched: (metrics) => metrics.f1,
  };
}
