import { graphModel } from '../../hyperbolic/graph/graphModel.ts';
import type { GraphEncoder, LinkPredictor, NodeClassifier } from '../../hyperbolic/graph/model.ts';
import type { Rng } from '../../tensor/rng.ts';
import { experiment, type GraphObserver, type Trained } from './experiment.ts';
import type { Graph, LinkSplit, NodeSplit } from './graph.ts';
import { linkTask } from './linkTask.ts';
import { nodeTask } from './nodeTask.ts';
import type { GraphSettings, Recipe } from './settings.ts';
import { splitLinks, splitNodes } from './splits.ts';
import type { GraphTask } from './task.ts';

/** A graph and what is asked about it, ready to be trained on. */
export interface Problem {
  /** The metric that is shown first. */
  readonly shown: string;
  /** What chooses the best epoch, in words. */
  readonly watchedBy: string;
  train(observer: GraphObserver, signal?: AbortSignal): Promise<Trained[]>;
}

/** @throws ReportedError when nodes without labels are to be classified */
export function problemOf(graph: Graph, settings: GraphSettings): Problem {
  const { methods, recipes, dim, model } = settings;
  const { normaliseFeatures } = recipes[methods[0]];
  const sizes = { model, dim, features: graph.featureCount };
  if (settings.task === 'lp') {
    const make = (recipe: Recipe, rng: Rng): LinkPredictor => graphModel({ ...recipe, ...sizes, task: 'lp', rng });
    return bound(linkTask(graph, linkSplitOf(graph), normaliseFeatures), settings, make);
  }
  const make = (recipe: Recipe, rng: Rng): NodeClassifier =>
    graphModel({ ...recipe, ...sizes, task: 'nc', classes: graph.classes, rng });
  return bound(nodeTask(graph, nodeSplitOf(graph), normaliseFeatures), settings, make);
}

function bound<M extends GraphEncoder>(
  task: GraphTask<M>,
  settings: GraphSettings,
  make: (recipe: Recipe, rng: Rng) => M,
): Problem {
  const { shown, watchedBy } = task;
  return { shown, watchedBy, train: (observer, signal) => experiment({ task, settings, make }, observer, signal) };
}

/** The seed of the splits that are made here: one for all runs, as in the published protocol. */
const splitSeed = 1234;

/** The published split of the edges, or one that is made by the same rule. */
const linkSplitOf = (graph: Graph): LinkSplit => graph.linkSplits[0] ?? splitLinks(graph, { seed: splitSeed });

/** The published split of the nodes: HyboNet's where there are several; or one with equally many nodes of each class. */
const nodeSplitOf = (graph: Graph): NodeSplit => {
  const { fhnn, ...others } = graph.nodeSplits;
  return fhnn ?? Object.values(others)[0] ?? splitNodes(graph, { seed: splitSeed });
};
