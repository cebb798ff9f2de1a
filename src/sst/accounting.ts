import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optim/optimizer.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Method } from './method.ts';

/** Sizes of a model under training, counted from the live tensors. */
export interface Accounting {
  /** Parameters that are trained, and that are kept but not trained. */
  readonly trainable: number;
  readonly frozen: number;
  /** Bytes of all parameters and buffers. */
  readonly weightBytes: number;
  /** Bytes of the gradients that parameters hold now. */
  readonly gradientBytes: number;
  /** Bytes of the optimizer's state, projections included; 0 before the first step. */
  readonly optimizerBytes: number;
}

const bytesOf = (tensors: readonly Tensor[]): number => tensors.reduce((n, t) => n + t.bytes, 0);

/** Count a model's parameters and bytes, tied ones once. */
export function accounting(model: Module, optimizer?: Optimizer): Accounting {
  const parameters = model.parameters();
  const sizeIf = (trained: boolean): number =>
    parameters.filter((p) => p.requiresGrad === trained).reduce((n, p) => n + p.size, 0);
  return {
    trainable: sizeIf(true),
    frozen: sizeIf(false),
    weightBytes: bytesOf([...parameters, ...model.namedBuffers().map(([, t]) => t)]),
    gradientBytes: bytesOf(parameters.flatMap((p) => p.grad ?? [])),
    optimizerBytes: optimizer?.stateBytes ?? 0,
  };
}

/** Rows and columns of a weight. */
export type WeightShape = readonly [m: number, n: number];

/**
 * Trainable parameters of a model by the paper's formulas: `rest` values that are always trained (embeddings, head, norms, biases) and
 * what the method trains of each m×n weight: m·n, r(m + n) for LoRA and ReLoRA*, r(m + n) + min(m, n) for SST.
 * @source arXiv 2405.15481, section 4.5 and Table 2
 */
export const trainableCount = (method: Method, layers: readonly WeightShape[], rest: number): number =>
  layers.reduce((sum, [m, n]) => sum + method.trainableCount(m, n), rest);

/**
 * Bytes of a training run by the usual model of float32 Adam: weight, gradient and two moments of every trained value, the weight of
 * every frozen one: 16·trainable + 4·frozen. It gives the paper's Table 20 within 3 %.
 */
export const predictedBytes = ({ trainable, frozen }: Pick<Accounting, 'trainable' | 'frozen'>): number =>
  16 * trainable + 4 * frozen;
