/** A small graph, and HyboNet for it. */
import { HyboNetClassifier, type HyboNetOptions, HyboNetPredictor } from '../../../src/hyperbolic/graph/hybonet.ts';
import type { GraphContext } from '../../../src/hyperbolic/graph/model.ts';
import { CsrMatrix, Rng, randn, type Tensor, tensor } from '../../../src/index.ts';

export const nodes = 12;

/** Two rings of six nodes with one edge between them; the mean over a node and its neighbours. */
export const edges: readonly (readonly [number, number])[] = [
  ...Array.from({ length: nodes }, (_, i): [number, number] => [i, i % 6 === 5 ? i - 5 : i + 1]),
  [0, 6],
];
export const adjacencyOf = (dtype: 'float32' | 'float64'): CsrMatrix => {
  const near = Array.from({ length: nodes }, (_, i) =>
    Array.from({ length: nodes }, (__, j) =>
      i === j || edges.some(([u, v]) => (u === i && v === j) || (u === j && v === i)) ? 1 : 0,
    ),
  );
  const rows = near.map((row) => row.map((v) => v / row.reduce<number>((a, b) => a + b, 0)));
  return CsrMatrix.fromDense(tensor(rows, { dtype }));
};
export const context: GraphContext = { adjacency: adjacencyOf('float64') };
export const labels: Tensor = tensor(Int32Array.from({ length: nodes }, (_, i) => (i < 6 ? 0 : 1)));
export const features = (dtype: 'float32' | 'float64' = 'float64'): Tensor => randn([nodes, 7], new Rng(3), { dtype });

export const options = (seed = 1, more: Partial<HyboNetOptions> = {}): HyboNetOptions => ({
  features: 7,
  dim: 5,
  rng: new Rng(seed),
  dtype: 'float64',
  ...more,
});
export const classifier = (seed = 1, more: Partial<HyboNetOptions> = {}): HyboNetClassifier =>
  new HyboNetClassifier({ ...options(seed, more), classes: 2, margin: 1 });
export const predictor = (seed = 1, more: Partial<HyboNetOptions> = {}): HyboNetPredictor =>
  new HyboNetPredictor({ ...options(seed, more), margin: 2 });

export const pairsOf = (pairs: readonly (readonly [number, number])[]): Tensor =>
  tensor(Int32Array.from(pairs.flat()), { shape: [pairs.length, 2] });
export const others: readonly (readonly [number, number])[] = edges.map(([u], i) => [u, (u + 6 + (i % 3)) % nodes]);
