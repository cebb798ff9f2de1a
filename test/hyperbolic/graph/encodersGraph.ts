/** A small graph to try networks on. */
import { CsrMatrix, Rng, rand, type Tensor, tensor } from '../../../src/index.ts';

/** What a network is tried on. */
export interface SmallGraph {
  /** [nodes, features] */
  readonly x: Tensor;
  readonly adjacency: CsrMatrix;
  /** [e, 2] int32 */
  readonly edges: Tensor;
  /** [e, 2] int32, no edges */
  readonly others: Tensor;
  /** [nodes] int32: the half of the graph that a node is in */
  readonly labels: Tensor;
}

/** Settings of a small graph. */
export interface SmallGraphOptions {
  readonly nodes?: number;
  readonly features?: number;
  readonly dtype?: 'float32' | 'float64';
  readonly seed?: number;
  /** New number of each node. Default: as they are. */
  readonly order?: ArrayLike<number>;
}

/** D⁻¹(A + I) of undirected edges. */
export function normalised(
  pairs: readonly (readonly [number, number])[],
  nodes: number,
  dtype: SmallGraphOptions['dtype'],
): CsrMatrix {
  const entries = [
    ...Array.from({ length: nodes }, (_, i) => [i, i] as const),
    ...pairs.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]),
  ];
  const degree = new Float64Array(nodes);
  for (const [a] of entries) degree[a] += 1;
  const column = (at: 0 | 1): Tensor => tensor(Int32Array.from(entries, (entry) => entry[at]));
  const values = tensor(Float64Array.from(entries, ([a]) => 1 / degree[a])).cast(dtype ?? 'float64');
  return CsrMatrix.fromEdges(column(0), column(1), { shape: [nodes, nodes], values });
}

/** Two rings with one edge between them; the features of a node say roughly which ring it is in. */
export function smallGraph(options: SmallGraphOptions = {}): SmallGraph {
  const { nodes = 12, features = 4, dtype = 'float64', seed = 1 } = options;
  const { order = Array.from({ length: nodes }, (_, i) => i) } = options;
  const half = nodes / 2;
  const ring = (from: number) =>
    Array.from({ length: half }, (_, i): [number, number] => [from + i, from + ((i + 1) % half)]);
  const pairs = [...ring(0), ...ring(half), [0, half] as [number, number]].map(([a, b]): [number, number] => [
    order[a],
    order[b],
  ]);
  const crossing = pairs.map((_, i): [number, number] => [order[i % half], order[half + ((i + 2) % half)]]);
  const noise = rand([nodes, features], new Rng(seed), { dtype: 'float64' });
  const x = new Float64Array(nodes * features);
  const labels = new Int32Array(nodes);
  for (let i = 0; i < nodes; i++) {
    labels[order[i]] = i < half ? 0 : 1;
    for (let k = 0; k < features; k++)
      x[order[i] * features + k] = noise.data[i * features + k] - 0.5 + (k === 0 ? (i < half ? 0.5 : -0.5) : 0);
  }
  const list = (all: readonly (readonly number[])[]): Tensor =>
    tensor(Int32Array.from(all.flat()), { shape: [all.length, 2] });
  return {
    x: tensor(x, { shape: [nodes, features] }).cast(dtype),
    adjacency: normalised(pairs, nodes, dtype),
    edges: list(pairs),
    others: list(crossing),
    labels: tensor(labels),
  };
}
