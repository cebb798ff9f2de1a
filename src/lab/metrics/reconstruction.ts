import { DomainError } from '../../tensor/errors.ts';
import { averagePrecision } from './averagePrecision.ts';
import { levels } from './levels.ts';

/** Distances from one node to all, [nodes]. The array may be used again for the next node. */
export type DistanceRow = (node: number) => ArrayLike<number>;

/** How well distances tell related nodes from the others. */
export interface Reconstruction {
  /** In 0..1; 1 when the related nodes are the nearest of every node. */
  readonly meanAveragePrecision: number;
  /** At least 1, which it is in the same case. */
  readonly meanRank: number;
}

/**
 * Graph reconstruction. For each pair (u, v) of the relation, the rank of v is one more than the number of nodes that are nearer to u, u
 * itself and all nodes related to u left out; a tie counts half. Mean rank is the mean over pairs. MAP is the mean over nodes u that have
 * related nodes of the average precision of finding these by distance, ties being found together. The pairs are directed: for
 * an undirected graph give each edge in both directions.
 * @param pairs [p, 2] flat, (u, v): v is related to u. A pair that is listed twice counts once; a node with itself does not count
 * @param distances a row is used before the next one is asked for, so that no more than one is needed in memory
 * @throws DomainError when there are no pairs, a node is outside, a row has another length, or a distance is NaN
 * @source Nickel & Kiela, "Poincaré embeddings for learning hierarchical representations", 2017, section 4.1
 */
export function reconstruction(nodes: number, pairs: Int32Array, distances: DistanceRow): Reconstruction {
  const related = relatedNodes(nodes, pairs);
  if (related.size === 0) throw new DomainError('reconstruction', 'needs a pair of different nodes');
  let precision = 0;
  let rank = 0;
  let count = 0;
  for (const [node, near] of related) {
    const [ours, others] = closeness(node, near, nodes, distances(node));
    precision += averagePrecision(ours, others);
    for (const { positives, above, tied } of levels('reconstruction', ours, others))
      rank += positives * (1 + above + tied / 2);
    count += near.size;
  }
  return { meanAveragePrecision: precision / related.size, meanRank: rank / count };
}

/** MAP of `reconstruction`. */
export function meanAveragePrecision(nodes: number, pairs: Int32Array, distances: DistanceRow): number {
  return reconstruction(nodes, pairs, distances).meanAveragePrecision;
}

/** Mean rank of `reconstruction`. */
export function meanRank(nodes: number, pairs: Int32Array, distances: DistanceRow): number {
  return reconstruction(nodes, pairs, distances).meanRank;
}

/** The rows of a matrix of distances [nodes, nodes], flat. */
export function rowsOf(matrix: Float32Array | Float64Array, nodes: number): DistanceRow {
  return (node) => matrix.subarray(node * nodes, (node + 1) * nodes);
}

/** The nodes that are related to each node that has any. */
function relatedNodes(nodes: number, pairs: Int32Array): Map<number, Set<number>> {
  const related = new Map<number, Set<number>>();
  for (let i = 0; i < pairs.length; i += 2) {
    const [u, v] = [pairs[i], pairs[i + 1]];
    if (!(u >= 0 && u < nodes && v >= 0 && v < nodes))
      throw new DomainError('reconstruction', `nodes are 0..${nodes - 1}, got the pair ${u}, ${v}`);
    if (u === v) continue;
    const near = related.get(u);
    if (near === undefined) related.set(u, new Set([v]));
    else near.add(v);
  }
  return related;
}

/** Minus the distances from a node to those related to it, and to all others. */
function closeness(
  node: number,
  near: ReadonlySet<number>,
  nodes: number,
  row: ArrayLike<number>,
): [ours: number[], others: number[]] {
  if (row.length !== nodes)
    throw new DomainError('reconstruction', `a row has ${nodes} distances, got ${row.length} for node ${node}`);
  const ours: number[] = [];
  const others: number[] = [];
  for (let v = 0; v < nodes; v++) if (v !== node) (near.has(v) ? ours : others).push(-row[v]);
  return [ours, others];
}
