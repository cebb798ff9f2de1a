import type { CsrMatrix } from '../../autograd/csr.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Geometry } from '../geometry.ts';

/** What a graph network is called with besides the features of the nodes. */
export interface GraphContext extends CallContext {
  /** [nodes, nodes], row-normalised, self-loops included. */
  readonly adjacency: CsrMatrix;
}

/** A network from the features of all nodes [nodes, features] to one point for each, [nodes, n] in `geometry`. */
export interface GraphEncoder extends Module {
  readonly geometry: Geometry;
  call(x: Tensor, context: GraphContext): Tensor;
}

/** An encoder and what tells classes from its points. */
export interface NodeClassifier extends GraphEncoder {
  /** Points [b, n] → a score for each class, [b, classes]; the highest is the answer. */
  logits(points: Tensor): Tensor;
  /** A number to descend on: scores [b, classes], labels [b] int32. */
  loss(logits: Tensor, labels: Tensor): Tensor;
}

/** An encoder and what tells edges from other pairs of its points. */
export interface LinkPredictor extends GraphEncoder {
  /** Points [nodes, n], pairs [e, 2] int32 → a score for each pair, [e]; the higher, the likelier an edge. */
  scores(points: Tensor, pairs: Tensor): Tensor;
  /** A number to descend on: scores of edges [e], and of as many other pairs [e]. */
  loss(edges: Tensor, others: Tensor): Tensor;
}

/** An encoder and whatever judges its points. */
export abstract class GraphNetwork<E extends GraphEncoder = GraphEncoder> extends Module implements GraphEncoder {
  readonly encoder: E;

  constructor(encoder: E) {
    super();
    this.encoder = encoder;
  }

  get geometry(): Geometry {
    return this.encoder.geometry;
  }

  call(x: Tensor, context: GraphContext): Tensor {
    return this.encoder.call(x, context);
  }
}
