import { GradError } from '../tensor/errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import { refuseNaNGradients, refuseNaNLeaf } from './anomaly.ts';
import { applyRule } from './applyRule.ts';
import { type CallNode, type Edge, edgeTo, type Port } from './graph.ts';
import { replacement } from './hooks.ts';
import { add } from './ops/arithmetic.ts';
import { ReplayNode, settled } from './replay.ts';
import { flags, scoped } from './scoped.ts';

/** What a backward pass is asked to do. */
export interface Asked {
  /** The public function that runs it. */
  readonly op: string;
  readonly createGraph: boolean;
  readonly retainGraph: boolean;
  readonly onGrad: ((op: string, dy: Tensor, output: number) => Tensor | undefined) | undefined;
  /** The tensors whose gradients are wanted; null: every leaf. */
  readonly xs: readonly Tensor[] | null;
}

/** A call on the way of a pass. */
interface Visit {
  readonly node: CallNode;
  /** Where its operands come from, and so where their gradients go. */
  edges: readonly Edge[];
  readonly targets: Target[];
  /** Which operands lead to something wanted; null when none does. */
  needs: readonly boolean[] | null;
  /** Gradients that have arrived at its results; null before the first, and when they are used up. */
  dys: (Tensor | null)[] | null;
}

/** Where an edge leads: a call on the way, a leaf, or nowhere. */
type Target = Visit | Tensor | null;

/** One backward pass: gradients on their way from the outputs to calls and leaves. */
export class Pass {
  /** Gradients of leaves, in the order in which the first part of each arrived. */
  readonly leaves: Map<Tensor, Tensor> = new Map();
  readonly #asked: Asked;
  /** Where the wanted tensors come from. */
  readonly #wanted: readonly Edge[];
  /** The leaves among them; null: every leaf is wanted. */
  readonly #leaves: ReadonlySet<Edge> | null;
  /** Calls of which a result is wanted: what arrives there stays. */
  readonly #stops: ReadonlySet<CallNode>;
  readonly #visits: Map<CallNode, Visit> = new Map();
  /** What is computed on the way is not searched for NaN; what arrives and what rules give is. */
  readonly #anomaly: boolean = flags.anomaly;

  constructor(asked: Asked) {
    const { xs } = asked;
    this.#asked = asked;
    this.#wanted = (xs ?? []).map((x) => settled(edgeTo(x)));
    this.#leaves = xs === null ? null : new Set(this.#wanted);
    this.#stops = new Set(this.#wanted.flatMap((edge) => (edge === null || edge instanceof Tensor ? [] : [edge.node])));
  }

  /** Carry `dys` from `ys` back to everything that is wanted: calls newest first, because later ones never feed earlier ones. */
  run(ys: readonly Tensor[], dys: readonly (Tensor | null)[]): void {
    const { op, createGraph } = this.#asked;
    scoped(op, { recording: createGraph, anomaly: false }, () => this.#sweep(ys, dys, 0));
    if (this.#anomaly) for (const [leaf, g] of this.leaves) refuseNaNLeaf(op, leaf, g);
  }

  /** What has arrived at wanted tensor number i. */
  at(i: number): Tensor | null {
    const edge = this.#wanted[i];
    if (edge === null) return null;
    if (edge instanceof Tensor) return this.leaves.get(edge) ?? null;
    return this.#visits.get(edge.node)?.dys?.[edge.output] ?? null;
  }

  /** @param floor number of a call: older ones must be on the way already */
  #sweep(ys: readonly Tensor[], dys: readonly (Tensor | null)[], floor: number): void {
    const found: Visit[] = [];
    const roots = ys.map((y) => settled(edgeTo(y)));
    const targets = roots.map((edge) => this.#target(edge, found, floor));
    for (let i = 0; i < found.length; i++) {
      const visit = found[i];
      for (let j = 0; j < visit.edges.length; j++) {
        const edge = settled(visit.edges[j]);
        if (edge !== visit.edges[j]) visit.edges = visit.edges.with(j, edge);
        visit.targets[j] = this.#target(edge, found, floor);
      }
    }
    found.sort((a, b) => b.node.sequence - a.node.sequence);
    for (let i = found.length - 1; i >= 0; i--) found[i].needs = this.#needs(found[i]);
    for (const [i, dy] of dys.entries()) if (dy !== null) this.#arrive(targets[i], roots[i], dy);
    for (let i = 0; i < found.length; i++) this.#visit(found[i]);
  }

  /** A call that is met for the first time is added to `found`. */
  #target(edge: Edge, found: Visit[], floor: number): Target {
    if (edge === null || edge instanceof Tensor) return edge;
    const { node } = edge;
    const met = this.#visits.get(node);
    if (met !== undefined) return met;
    if (node.sequence <= floor)
      throw new GradError('checkpoint', 'run again, the function uses a tensor that it did not use the first time');
    const visit: Visit = { node, edges: node.edges, targets: new Array(node.edges.length), needs: null, dys: null };
    this.#visits.set(node, visit);
    found.push(visit);
    return visit;
  }

  /** Asked oldest first, so that what lies behind is known. */
  #needs({ targets }: Visit): readonly boolean[] | null {
    const needs = new Array<boolean>(targets.length);
    let some = false;
    for (let i = 0; i < targets.length; i++) {
      needs[i] = this.#leadsOn(targets[i]);
      some ||= needs[i];
    }
    return some ? needs : null;
  }

  #leadsOn(target: Target): boolean {
    if (target === null) return false;
    if (target instanceof Tensor) return this.#leaves === null || this.#leaves.has(target);
    return target.needs !== null || this.#stops.has(target.node);
  }

  #arrive(target: Target, edge: Edge, dx: Tensor): void {
    if (target === null) return;
    if (target instanceof Tensor) {
      const before = this.leaves.get(target);
      this.leaves.set(target, before === undefined ? dx : add(before, dx));
      return;
    }
    const { output } = edge as Port;
    const { dys } = target;
    if (dys === null) {
      target.dys = new Array<Tensor | null>(target.node.results).fill(null);
      target.dys[output] = dx;
    } else {
      const before = dys[output];
      dys[output] = before === null ? dx : add(before, dx);
    }
  }

  /** Everything that depends on this call has been through: its gradients are complete. */
  #visit(visit: Visit): void {
    const { node, needs, dys } = visit;
    if (dys === null) return;
    if (node instanceof ReplayNode) {
      if (needs !== null) this.#replay(node, dys);
    } else {
      if (this.#asked.onGrad !== undefined) this.#show(node, dys, this.#asked.onGrad);
      if (needs !== null) this.#pull(visit, dys, needs);
    }
    if (needs !== null && !this.#asked.retainGraph) node.release();
    if (!this.#stops.has(node)) visit.dys = null;
  }

  /** Run the rule of a call and hand its gradients on. */
  #pull({ node, edges, targets }: Visit, dys: readonly (Tensor | null)[], needs: readonly boolean[]): void {
    const dxs = applyRule(node, dys, needs, this.#asked.createGraph);
    if (this.#anomaly) refuseNaNGradients(node, dys, dxs, needs);
    for (let i = 0; i < dxs.length; i++) {
      const dx = dxs[i];
      if (dx && needs[i]) this.#arrive(targets[i], edges[i], dx);
    }
  }

  /** Let the caller see, and replace, what arrived. */
  #show({ record: { name } }: CallNode, dys: (Tensor | null)[], onGrad: NonNullable<Asked['onGrad']>): void {
    const { op } = this.#asked;
    for (const [i, dy] of dys.entries()) if (dy !== null) dys[i] = replacement(op, onGrad(name, dy, i), dy);
  }

  /** Go through the calls of the stretch, made again, at the place in the order that they would have had. */
  #replay(node: ReplayNode, dys: readonly (Tensor | null)[]): void {
    node.verify();
    const ys = node.replay(this.#anomaly);
    if (this.#asked.createGraph) node.made = ys;
    this.#sweep(ys, dys, node.floor);
  }
}
