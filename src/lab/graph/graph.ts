/** Nodes for training, for choosing the best epoch and for the final test: three disjoint lists. */
export interface NodeSplit {
  readonly train: Int32Array;
  readonly val: Int32Array;
  readonly test: Int32Array;
}

/**
 * The edges of a graph in three disjoint parts, and for the last two as many pairs that are no edges. Pairs [e, 2] are flat, u <= v. There
 * are no other pairs for training: they are drawn anew in each epoch.
 */
export interface LinkSplit {
  readonly seed: number;
  readonly trainEdges: Int32Array;
  readonly valEdges: Int32Array;
  readonly valOthers: Int32Array;
  readonly testEdges: Int32Array;
  readonly testOthers: Int32Array;
}

/** An undirected graph with features, for link prediction and for node classification. */
export interface Graph {
  readonly name: string;
  readonly nodes: number;
  /** [e, 2] flat, u <= v, each edge once. */
  readonly edges: Int32Array;
  /** [nodes, featureCount] flat. */
  readonly features: Float32Array;
  readonly featureCount: number;
  /** [nodes], in 0..classes−1; null when the nodes have none. */
  readonly labels: Int32Array | null;
  /** 0 without labels. */
  readonly classes: number;
  /** Published splits by name; none for graphs that are made here. */
  readonly nodeSplits: Readonly<Record<string, NodeSplit>>;
  /** Published splits; none for graphs that are made here. */
  readonly linkSplits: readonly LinkSplit[];
}

/** The pairs of a flat list [e, 2], one after the other. */
export function* pairsOf(flat: Int32Array): Generator<readonly [u: number, v: number], void, void> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i], flat[i + 1]];
}

/** One number for each unordered pair of nodes: u·nodes + v with u <= v. */
export function pairKey(nodes: number, u: number, v: number): number {
  return u <= v ? u * nodes + v : v * nodes + u;
}
