import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Graph } from './graph.ts';

/** A family of disease trees. */
export interface DiseaseOptions {
  readonly name: string;
  readonly nodes: number;
  /** Fewest and most children of an inner node. */
  readonly children: readonly [least: number, most: number];
  /** Chance of an infected node to recover in a step, after it may have infected its children. */
  readonly recovery: number;
  /** Features of a node, the last one its place in the tree. Default 11. */
  readonly features?: number;
}

/**
 * The sizes of the two published trees. Theirs have 211 infected nodes of 1,044 and 1,060 of 2,665; recovery is set so that the means of
 * ours are close to that.
 */
export const diseasePresets: Readonly<Record<'nc' | 'lp', DiseaseOptions>> = {
  nc: { name: 'disease_nc', nodes: 1044, children: [2, 6], recovery: 0.026 },
  lp: { name: 'disease_lp', nodes: 2665, children: [1, 11], recovery: 0.005 },
};

/** An outbreak that reaches a smaller share of the nodes is drawn anew: its tree would have hardly a label to learn from. */
const leastShare = 0.1;
const mostOutbreaks = 1000;

/**
 * A random tree through which a disease spreads from the root, as susceptible – infected – recovered (SIR): nodes 0, 1, … breadth first, each
 * inner node with a uniform number of children. Each node has a susceptibility s uniform on 0..1; in each step an infected node infects each child
 * not yet infected with chance s³, the child's, and recovers with chance `recovery`. Label 1: ever infected. Features: all but the last
 * are normal with mean 0.8·(1 − s) and deviation 0.8, those of the published link-prediction tree; the last is the middle of the node's
 * interval, when the root has −1..1 and every node divides its own equally among its children, as it is there too.
 * @throws DomainError when the options give no tree, or hardly any outbreak reaches a tenth of the nodes
 * @source Chami et al., "Hyperbolic graph convolutional neural networks", 2019, section 5; Anderson & May, "Infectious diseases of humans",
 * 1991. What the paper leaves open is our choice.
 */
export function diseaseTree(options: DiseaseOptions, rng: Rng): Graph {
  checkOptions(options);
  const { name, nodes, recovery, features: featureCount = 11 } = options;
  const parents = randomTree(options, rng.fork('tree'));
  const { susceptibility, infected } = outbreak(parents, recovery, rng.fork('outbreak'));
  const edges = Int32Array.from([...parents.subarray(1)].flatMap((parent, i) => [parent, i + 1]));
  const features = new Float32Array(nodes * featureCount);
  const places = placesIn(parents);
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < featureCount - 1; j++)
      features[i * featureCount + j] = 0.8 * (1 - susceptibility[i] + rng.normal());
    features[(i + 1) * featureCount - 1] = places[i];
  }
  return { name, nodes, edges, features, featureCount, labels: infected, classes: 2, nodeSplits: {}, linkSplits: [] };
}

function checkOptions({ nodes, children: [least, most], recovery, features = 11 }: DiseaseOptions): void {
  const whole = [nodes, least, most, features].every((n) => Number.isInteger(n) && n >= 1);
  // A rest of nodes can then always be divided among inner nodes.
  if (!whole || most < 2 * least - 1 || (nodes > 1 && nodes <= least))
    throw new DomainError('diseaseTree', `no tree of ${nodes} nodes has ${least}..${most} children at each inner node`);
  if (!(recovery > 0 && recovery <= 1))
    throw new DomainError('diseaseTree', `recovery is a chance above 0 and at most 1, got ${recovery}`);
}

/** [nodes], the parent of each node, −1 for the root. Numbers of children are uniform as far as a rest is left that inner nodes can share. */
function randomTree({ nodes, children: [least, most] }: DiseaseOptions, rng: Rng): Int32Array {
  const parents = new Int32Array(nodes).fill(-1);
  for (let parent = 0, next = 1; next < nodes; parent++) {
    const left = nodes - next;
    let count = 0;
    do count = least + rng.below(most - least + 1);
    while (count !== left && left - count < least);
    parents.fill(parent, next, next + count);
    next += count;
  }
  return parents;
}

/** Who was how susceptible, and who was ever infected (1). */
interface Outbreak {
  readonly susceptibility: Float64Array;
  readonly infected: Int32Array;
}

/** The first outbreak that reaches enough nodes. */
function outbreak(parents: Int32Array, recovery: number, rng: Rng): Outbreak {
  const enough = leastShare * parents.length;
  for (let tries = 0; tries < mostOutbreaks; tries++) {
    const susceptibility = Float64Array.from(parents, () => rng.uniform());
    const infected = spread(parents, susceptibility, recovery, rng);
    if (infected.reduce((sum, one) => sum + one, 0) >= enough) return { susceptibility, infected };
  }
  throw new DomainError('diseaseTree', `no outbreak of ${mostOutbreaks} reached ${enough} nodes`);
}

/** One outbreak. Nobody infects a parent, so the illness of each is followed to its end before that of the next. */
function spread(parents: Int32Array, susceptibility: Float64Array, recovery: number, rng: Rng): Int32Array {
  const infected = new Int32Array(parents.length);
  infected[0] = 1;
  for (const [parent, first, end] of families(parents)) {
    let ill = infected[parent] === 1;
    while (ill) {
      for (let child = first; child < end; child++)
        if (infected[child] === 0 && rng.uniform() < susceptibility[child] ** 3) infected[child] = 1;
      ill = rng.uniform() >= recovery;
    }
  }
  return infected;
}

/** [nodes], the middle of each node's interval. */
function placesIn(parents: Int32Array): Float64Array {
  const lows = new Float64Array(parents.length).fill(-1);
  const widths = new Float64Array(parents.length).fill(2);
  for (const [parent, first, end] of families(parents))
    for (let child = first; child < end; child++) {
      widths[child] = widths[parent] / (end - first);
      lows[child] = lows[parent] + (child - first) * widths[child];
    }
  return lows.map((low, i) => low + widths[i] / 2);
}

/** Each inner node with its children, numbers first … end − 1, the nearest to the root first. */
function* families(parents: Int32Array): Generator<readonly [parent: number, first: number, end: number], void, void> {
  for (let first = 1, end = 1; first < parents.length; first = end) {
    while (end < parents.length && parents[end] === parents[first]) end++;
    yield [parents[first], first, end];
  }
}
