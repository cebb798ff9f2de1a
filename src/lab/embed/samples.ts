import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';

/** Which nodes each node is related to: `related(u)` holds v for every pair (u, v). */
export type Related = (node: number) => ReadonlySet<number>;

/** The relation of pairs [p, 2], flat. */
export function relatedOf(nodes: number, pairs: Int32Array): Related {
  const sets = Array.from({ length: nodes }, () => new Set<number>());
  for (let i = 0; i < pairs.length; i += 2) sets[pairs[i]].add(pairs[i + 1]);
  return (node) => sets[node];
}

/** Numbers of nodes: anchors [b], and candidates [b, 1 + negatives], the related one first. */
export interface Sample {
  readonly anchors: Int32Array;
  readonly candidates: Int32Array;
}

/** What samples are drawn from. */
export interface SampleOptions {
  readonly nodes: number;
  /** [p, 2] flat, (u, v): v is related to u. */
  readonly pairs: Int32Array;
  readonly batchSize: number;
  readonly negatives: number;
  readonly rng: Rng;
}

/**
 * Batches without end: each epoch is a new random order of all pairs, its last batch smaller where they do not fit. Negatives
 * are drawn uniformly, with repetition, from the nodes that are neither u nor related to u.
 * @throws DomainError when a node is related to all others, so that none can be drawn
 * @source Nickel & Kiela, arXiv 1705.08039, section 3: N(u)
 */
export function samples(options: SampleOptions): Generator<Sample, never, void> {
  const { nodes, pairs } = options;
  const related = relatedOf(nodes, pairs);
  for (let i = 0; i < pairs.length; i += 2)
    if (options.negatives > 0 && related(pairs[i]).size >= nodes - 1)
      throw new DomainError('samples', `node ${pairs[i]} is related to all others: there are no negatives`);
  return endless(options, related);
}

function* endless(options: SampleOptions, related: Related): Generator<Sample, never, void> {
  const { pairs, batchSize, rng } = options;
  const count = pairs.length / 2;
  for (;;) {
    const order = rng.permutation(count);
    for (let start = 0; start < count; start += batchSize)
      yield sampleOf(options, related, order.subarray(start, Math.min(count, start + batchSize)));
  }
}

function sampleOf({ nodes, pairs, negatives, rng }: SampleOptions, related: Related, chosen: Int32Array): Sample {
  const width = 1 + negatives;
  const anchors = chosen.map((pair) => pairs[2 * pair]);
  const candidates = new Int32Array(chosen.length * width);
  for (const [i, pair] of chosen.entries()) {
    const near = related(anchors[i]);
    candidates[i * width] = pairs[2 * pair + 1];
    for (let k = 1; k < width; k++) {
      let other = rng.below(nodes);
      while (other === anchors[i] || near.has(other)) other = rng.below(nodes);
      candidates[i * width + k] = other;
    }
  }
  return { anchors, candidates };
}
