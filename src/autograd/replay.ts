import { Tensor } from '../tensor/tensor.ts';
import { CallNode, type Edge, edgeTo } from './graph.ts';
import type { AnyRecord } from './record.ts';

/**
 * A stretch of calls that was not kept: `replay` makes it again, recorded, when a backward pass comes by. Its calls then have
 * the numbers that they had, so that every pass goes through all calls in the order in which they were first made.
 */
export class ReplayNode extends CallNode {
  /** Number of the newest call before the stretch. */
  readonly floor: number;
  readonly replay: (anomaly: boolean) => readonly Tensor[];
  /** The results of a run that stays, because a pass under `createGraph` refers to it. */
  made: readonly Tensor[] | null = null;

  /** @param edges where the stretch begins: whatever its results depend on outside of it */
  constructor(
    name: string,
    floor: number,
    xs: readonly Tensor[],
    ys: readonly Tensor[],
    edges: readonly Edge[],
    replay: (anomaly: boolean) => readonly Tensor[],
  ) {
    const leaves = edges.filter((edge) => edge instanceof Tensor && !xs.includes(edge)) as readonly Tensor[];
    const record: AnyRecord = { name, arity: 'list', forward: () => ({ ys: [] }) };
    super({ record, inputs: 'all', outputs: [] }, undefined, xs, ys, leaves, edges);
    this.floor = floor;
    this.replay = replay;
  }
}

/** Where an edge leads now: through a stretch that was made again, into its calls. */
export function settled(edge: Edge): Edge {
  if (edge === null || edge instanceof Tensor) return edge;
  const { node, output } = edge;
  return node instanceof ReplayNode && node.made !== null ? settled(edgeTo(node.made[output])) : edge;
}
