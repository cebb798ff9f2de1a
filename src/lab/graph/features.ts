import { tensor } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Graph } from './graph.ts';

/**
 * The features of a graph [nodes, featureCount], on wish each row divided by its sum; rows that sum to 0 stay as they are. Features of
 * which one is negative are no counts or shares, and all stay.
 */
export function featuresOf({ nodes, features, featureCount }: Graph, normalise: boolean): Tensor {
  const x = tensor(features, { shape: [nodes, featureCount] });
  if (!normalise || features.some((v) => v < 0)) return x;
  for (let i = 0; i < nodes; i++) {
    const row = x.data.subarray(i * featureCount, (i + 1) * featureCount) as Float32Array;
    const total = row.reduce((sum, v) => sum + v, 0);
    if (total !== 0) for (const [j, v] of row.entries()) row[j] = v / total;
  }
  return x;
}
