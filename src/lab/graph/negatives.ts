import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { pairKey, pairsOf } from './graph.ts';

/**
 * Pairs for training that are no training edges: a function that draws so many anew, with replacement and uniformly, from all pairs
 * u <= v that are not in `edges`, those of a node with itself among them. Edges held out for validation and test may be drawn, as in the
 * published protocol: training knows nothing of them.
 * @param edges [e, 2] flat: the training edges
 * @returns count → [count, 2] flat, u <= v
 * @throws DomainError when every pair is in `edges`
 * @source Chami et al., "Hyperbolic graph convolutional neural networks", 2019, and the code beside it
 */
export function negativePairs(nodes: number, edges: Int32Array, rng: Rng): (count: number) => Int32Array {
  const known = keysOf(nodes, edges);
  if (known.size >= (nodes * (nodes + 1)) / 2) throw new DomainError('negativePairs', 'every pair is an edge');
  return (count) => {
    const drawn = new Int32Array(2 * count);
    for (let i = 0; i < drawn.length; ) {
      const u = rng.below(nodes);
      // With the number `nodes` standing for u itself, every pair u <= v is drawn in two ways, one with two equal nodes too.
      const other = rng.below(nodes + 1);
      const v = other === nodes ? u : other;
      if (known.has(pairKey(nodes, u, v))) continue;
      drawn[i++] = Math.min(u, v);
      drawn[i++] = Math.max(u, v);
    }
    return drawn;
  };
}

/**
 * Different pairs of different nodes that are no edges, to be told from edges.
 * @param edges [e, 2] flat: all edges
 * @returns [count, 2] flat, u < v
 * @throws DomainError when there are not so many
 */
export function distinctNegatives(nodes: number, edges: Int32Array, count: number, rng: Rng): Int32Array {
  const taken = keysOf(nodes, edges);
  let loops = 0;
  for (const [u, v] of pairsOf(edges)) if (u === v) loops++;
  const free = (nodes * (nodes - 1)) / 2 - (taken.size - loops);
  if (count > free)
    throw new DomainError('distinctNegatives', `needs ${count} pairs that are no edges, there are ${free}`);
  const drawn = new Int32Array(2 * count);
  for (let i = 0; i < drawn.length; ) {
    const u = rng.below(nodes);
    const v = rng.below(nodes);
    const key = pairKey(nodes, u, v);
    if (u === v || taken.has(key)) continue;
    taken.add(key);
    drawn[i++] = Math.min(u, v);
    drawn[i++] = Math.max(u, v);
  }
  return drawn;
}

/** The pairs as numbers, to be looked up. */
function keysOf(nodes: number, edges: Int32Array): Set<number> {
  const keys = new Set<number>();
  for (const [u, v] of pairsOf(edges)) keys.add(pairKey(nodes, u, v));
  return keys;
}
