import { cast } from '../../autograd/ops/cast.ts';
import { slice } from '../../autograd/ops/slice.ts';
import { noGrad } from '../../autograd/scoped.ts';
import type { PointEmbedding } from '../../hyperbolic/embedding.ts';

/** Distances from the root of the nodes at one depth of a tree. */
export interface DepthRow {
  readonly depth: number;
  readonly nodes: number;
  readonly mean: number;
  /** Sample standard deviation; null of a single node. */
  readonly std: number | null;
}

/**
 * How far from the root the nodes of each depth lie: whether an embedding shows the tree it was made from.
 * @param depths [nodes], 0 for the root, which is node 0
 */
export function depthRows({ geometry, weight }: PointEmbedding, depths: Int32Array): DepthRow[] {
  const points = cast(weight.detach(), 'float64');
  const distances = noGrad(() => geometry.distance(slice(points, [0]), points)).data;
  const most = depths.reduce((a, b) => Math.max(a, b), 0);
  return Array.from({ length: most + 1 }, (_, depth): DepthRow => {
    const own: number[] = [];
    for (const [i, at] of depths.entries()) if (at === depth) own.push(distances[i]);
    const mean = own.reduce((sum, d) => sum + d, 0) / own.length;
    const squares = own.reduce((sum, d) => sum + (d - mean) ** 2, 0);
    return { depth, nodes: own.length, mean, std: own.length > 1 ? Math.sqrt(squares / (own.length - 1)) : null };
  });
}
