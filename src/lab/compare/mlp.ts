import { relu } from '../../autograd/ops/activation.ts';
import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Linear layers with ReLU between them: `hidden.0`, `hidden.1`, … and `head`. */
export class Mlp extends Module {
  readonly hidden: readonly Module[];
  readonly head: Linear;

  /** @param widths of the input, each hidden layer, and the output */
  constructor(widths: readonly number[], rng: Rng) {
    super();
    const layers = widths.slice(1).map((out, i) => new Linear(widths[i], out, { rng }));
    this.hidden = layers.slice(0, -1);
    this.head = layers[layers.length - 1];
  }

  call(x: Tensor): Tensor {
    return this.head.call(this.hidden.reduce((h, layer) => relu(layer.call(h)), x));
  }
}
