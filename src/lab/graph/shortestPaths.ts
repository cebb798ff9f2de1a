import { pairsOf } from './graph.ts';

/**
 * Lengths of shortest paths, one node at a time, by breadth-first search: nodes + edges steps a row.
 * @param edges [e, 2] flat, in either order
 * @returns node → [nodes], a new array, infinity where no path leads
 */
export function shortestPaths(nodes: number, edges: Int32Array): (node: number) => Float64Array {
  const around = Array.from({ length: nodes }, (): number[] => []);
  for (const [u, v] of pairsOf(edges)) {
    around[u].push(v);
    around[v].push(u);
  }
  return (node) => {
    const steps = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
    steps[node] = 0;
    const queue = [node];
    for (const u of queue)
      for (const v of around[u])
        if (steps[v] === Number.POSITIVE_INFINITY) {
          steps[v] = steps[u] + 1;
          queue.push(v);
        }
    return steps;
  };
}
