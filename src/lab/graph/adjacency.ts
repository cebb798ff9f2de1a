import { CsrMatrix } from '../../autograd/csr.ts';
import { tensor } from '../../tensor/create.ts';

/**
 * D⁻¹(A + I): the mean over a node and its neighbours. An edge that is listed twice, or joins a node with itself, counts once.
 * @param edges [e, 2] flat
 * @source Chami et al., arXiv 1910.12933, the code beside it: adjacency normalised by rows
 */
export function meanAdjacency(nodes: number, edges: Int32Array): CsrMatrix {
  const around = Array.from({ length: nodes }, (_, u) => new Set([u]));
  for (let e = 0; e < edges.length; e += 2) {
    around[edges[e]].add(edges[e + 1]);
    around[edges[e + 1]].add(edges[e]);
  }
  const rows = around.flatMap((of, u) => Array<number>(of.size).fill(u));
  const columns = around.flatMap((of) => [...of]);
  const values = around.flatMap((of) => Array<number>(of.size).fill(1 / of.size));
  return CsrMatrix.fromEdges(tensor(Int32Array.from(rows)), tensor(Int32Array.from(columns)), {
    shape: [nodes, nodes],
    values: tensor(Float32Array.from(values)),
  });
}
