import { DomainError } from '../../tensor/errors.ts';
import type { DistanceRow } from './reconstruction.ts';

/** How far distances between points are from those in the graph. All are at least 0, the worst at least 1. */
export interface Distortion {
  /** Mean over pairs of |d/g − 1|, of Sala et al. */
  readonly average: number;
  /** Mean over pairs of |(d/g)² − 1|, of Gu et al. */
  readonly squared: number;
  /** Largest d/g over smallest d/g: 1 for distances that are right up to one factor. */
  readonly worst: number;
}

/**
 * Distortion of an embedding, with d the distance of two points and g that of their nodes. Pairs without a path between them (g infinite)
 * are left out.
 * @param graph rows of g, such as `shortestPaths`
 * @param points rows of d
 * @throws DomainError when no two nodes are connected, a row has another length, g is not above 0 or d is negative or not finite
 * @source Sala et al., "Representation tradeoffs for hyperbolic embeddings", 2018, section 2; Gu et al., "Learning mixed-curvature
 * representations in product spaces", 2019, equation 3
 */
export function distortion(nodes: number, graph: DistanceRow, points: DistanceRow): Distortion {
  let average = 0;
  let squared = 0;
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let u = 0; u < nodes; u++) {
    const [g, d] = [graph(u), points(u)];
    if (g.length !== nodes || d.length !== nodes)
      throw new DomainError('distortion', `rows have ${nodes} distances, got ${g.length} and ${d.length}`);
    for (let v = u + 1; v < nodes; v++) {
      if (g[v] === Number.POSITIVE_INFINITY) continue;
      const ratio = d[v] / g[v];
      if (!(g[v] > 0 && ratio >= 0 && ratio < Number.POSITIVE_INFINITY))
        throw new DomainError('distortion', `distances of ${u} and ${v} are ${g[v]} in the graph, ${d[v]} of points`);
      average += Math.abs(ratio - 1);
      squared += Math.abs(ratio ** 2 - 1);
      least = Math.min(least, ratio);
      most = Math.max(most, ratio);
      count++;
    }
  }
  if (count === 0) throw new DomainError('distortion', 'needs two nodes with a path between them');
  return {
    average: average / count,
    squared: squared / count,
    worst: most === 0 ? Number.POSITIVE_INFINITY : most / least,
  };
}
