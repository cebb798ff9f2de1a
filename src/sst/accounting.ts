import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optim/optimizer.ts';

/** Sizes of a model under training, counted from the live tensors. */
export interface Accounting {
  /** Parameters that are trained, and that are kept but not trained. */
  readonly trainable: number;
  readonly frozen: number;
  /** Bytes of all parameters and buffers. */
  readonly weightBytes: number;
  /** Bytes of the optimizer's state, projections included; 0 before the first step. */
  readonly optimizerBytes: number;
}

/** Count a model's parameters and bytes, tied ones once. */
export function accounting(model: Module, optimizer?: Optimizer): Accounting {
  const parameters = model.parameters();
  const sizeIf = (trained: boolean): number =>
    parameters.filter((p) => p.requiresGrad === trained).reduce((n, p) => n + p.size, 0);
  const tensors = [...parameters, ...model.namedBuffers().map(([, t]) => t)];
  return {
    trainable: sizeIf(true),
    frozen: sizeIf(false),
    weightBytes: tensors.reduce((n, t) => n + t.bytes, 0),
    optimizerBytes: optimizer?.stateBytes ?? 0,
  };
}
