import type { Graph } from '../../../src/lab/graph/graph.ts';
import { Rng } from '../../../src/tensor/rng.ts';

/** Two rings of nodes, joined by one edge: features say, with noise, which ring a node is in and where. */
export function tinyGraph(size: number = 24): Graph {
  const rng = new Rng(7);
  const nodes = 2 * size;
  const ring = (from: number): number[][] =>
    Array.from({ length: size }, (_, i) => [from + i, from + ((i + 1) % size)].sort((a, b) => a - b));
  const edges = [...ring(0), ...ring(size), [0, size]];
  const features = Float32Array.from({ length: nodes * 4 }, (_, at) => {
    const [i, j] = [Math.floor(at / 4), at % 4];
    const angle = (2 * Math.PI * i) / size;
    const side = i < size ? 1 : -1;
    return [side, Math.cos(angle), Math.sin(angle), 1][j] + 0.1 * rng.normal();
  });
  const every = (n: number): Int32Array => Int32Array.from({ length: nodes }, (_, i) => i).filter((i) => i % 3 === n);
  return {
    name: 'rings',
    nodes,
    edges: Int32Array.from(edges.flat()),
    features,
    featureCount: 4,
    labels: Int32Array.from({ length: nodes }, (_, i) => Number(i >= size)),
    classes: 2,
    nodeSplits: { thirds: { train: every(0), val: every(1), test: every(2) } },
    linkSplits: [],
  };
}
