import { DomainError } from '../../tensor/errors.ts';
import { Rng } from '../../tensor/rng.ts';
import type { Graph, LinkSplit, NodeSplit } from './graph.ts';
import { distinctNegatives } from './negatives.ts';

/** How a graph is divided. */
export interface SplitOptions {
  readonly seed: number;
  /** Share for validation. */
  readonly val?: number;
  /** Share for the test. */
  readonly test?: number;
}

/**
 * The edges in random order, cut into ⌊val·e⌋ for validation, ⌊test·e⌋ for the test, and the rest for training; as many other pairs for the
 * first two, all different, of two different nodes, none of them an edge.
 * @param options by default 5 % for validation and 10 % for the test
 * @throws DomainError unless val, test >= 0 and val + test < 1, and when there are too few other pairs
 * @source Chami et al., "Hyperbolic graph convolutional neural networks", 2019, section 5
 */
export function splitLinks(
  { nodes, edges }: Pick<Graph, 'nodes' | 'edges'>,
  { seed, val = 0.05, test = 0.1 }: SplitOptions,
): LinkSplit {
  checkShares('splitLinks', val, test);
  const rng = new Rng(seed).fork('links');
  const count = edges.length / 2;
  const order = rng.permutation(count);
  const [forVal, forTest] = [Math.floor(val * count), Math.floor(test * count)];
  const pick = (from: number, to: number): Int32Array =>
    Int32Array.from([...order.subarray(from, to)].flatMap((e) => [edges[2 * e], edges[2 * e + 1]]));
  const others = distinctNegatives(nodes, edges, forVal + forTest, rng);
  return {
    seed,
    valEdges: pick(0, forVal),
    testEdges: pick(forVal, forVal + forTest),
    trainEdges: pick(forVal + forTest, count),
    valOthers: others.slice(0, 2 * forVal),
    testOthers: others.slice(2 * forVal),
  };
}

/**
 * The nodes of each class in random order, cut into validation, test and training: equally many of every class for the first two, namely
 * these shares of the smallest class, rounded, and the rest for training. No node is in two parts. (The published split of the
 * Airport graph, made by such a rule for two classes but from four, has 225 nodes in both training and test.)
 * @param options by default 10 % for validation and 60 % for the test
 * @throws DomainError unless val, test >= 0 and val + test < 1, and when the graph has no labels or a class no node
 * @source Chami et al., "Hyperbolic graph convolutional neural networks", 2019, the code beside it
 */
export function splitNodes(
  { labels, classes }: Pick<Graph, 'labels' | 'classes'>,
  { seed, val = 0.1, test = 0.6 }: SplitOptions,
): NodeSplit {
  checkShares('splitNodes', val, test);
  if (labels === null || labels.length === 0) throw new DomainError('splitNodes', 'the graph has no labels');
  const rng = new Rng(seed).fork('nodes');
  const members = Array.from({ length: classes }, (): number[] => []);
  for (const i of rng.permutation(labels.length)) members[labels[i]].push(i);
  const smallest = Math.min(...members.map(({ length }) => length));
  if (!(smallest > 0)) throw new DomainError('splitNodes', 'a class has no node');
  const forVal = Math.round(val * smallest);
  const held = Math.min(smallest, forVal + Math.round(test * smallest));
  const pick = (from: number, to?: number): Int32Array =>
    Int32Array.from(members.flatMap((nodes) => nodes.slice(from, to)));
  return { val: pick(0, forVal), test: pick(forVal, held), train: pick(held) };
}

function checkShares(op: string, val: number, test: number): void {
  if (!(val >= 0 && test >= 0 && val + test < 1))
    throw new DomainError(op, `val and test are shares that leave some for training, got ${val} and ${test}`);
}
