import { mul } from '../../autograd/ops/arithmetic.ts';
import { slice } from '../../autograd/ops/slice.ts';
import { randn, type TensorOptions, zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Embedding } from '../embedding.ts';
import { Linear, type LinearOptions, uniform } from '../linear.ts';
import { checkCount } from '../optim/schedule.ts';
import type { LinearMaker } from '../separateAttention.ts';

/** Where a model's values come from, and how they are stored. */
export type ModelOptions = Omit<LinearOptions, 'bias'>;

/** Sizes that every decoder-only model has. */
export interface DecoderSizes {
  readonly vocabulary: number;
  /** Width of the layers. */
  readonly embedDim: number;
  readonly heads: number;
  readonly layers: number;
  readonly feedForward: number;
  /** The most positions of a sequence. Default 2048. */
  readonly maxLength?: number;
  /** The chance of an attention weight to be dropped in training. Default 0. */
  readonly attentionDropout?: number;
}

/** @throws DomainError naming the first size that is not a whole number >= 1 */
export function checkSizes(op: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) checkCount(op, name, size, 1);
}

/** The configuration under a name. @throws DomainError when there is none */
export function named<T>(op: string, table: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(table, name))
    throw new DomainError(op, `there is no '${String(name)}': the names are ${Object.keys(table).join(', ')}`);
  return table[name];
}

/** dtype and device of a model's tensors. */
export const storedAs = ({ dtype = 'float32', device }: ModelOptions): TensorOptions =>
  device === undefined ? { dtype } : { dtype, device };

const zeroBias = (size: number, options: LinearOptions): Tensor | null =>
  options.bias === false ? null : zeros([size], storedAs(options));

/**
 * Linear maps whose weights start uniform on ±√(6/(n + m)), and whose biases start as 0.
 * @source Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, Eq. 16
 */
export const glorotLinears =
  (options: LinearOptions): LinearMaker =>
  (n, m) =>
    new Linear(n, m, { weight: uniform([m, n], Math.sqrt(6 / (n + m)), options), bias: zeroBias(m, options) });

/** Linear maps whose weights start normal with mean 0 and this standard deviation, and whose biases start as 0. */
export const normalLinears =
  (options: LinearOptions, std: number): LinearMaker =>
  (n, m) =>
    new Linear(n, m, {
      weight: mul(randn([m, n], options.rng, storedAs(options)), std),
      bias: zeroBias(m, options),
    });

/** The linear map from vectors to logits whose weight is that of the embedding: one parameter, with one gradient. */
export function tiedHead({ weight }: Embedding): Linear {
  const [count, width] = weight.shape;
  const head = new Linear(width, count, { weight, bias: null });
  head.weight = weight;
  return head;
}

/** x […, t, e] at its last place, […, 1, e], where only that is asked for. */
export function lastOf(x: Tensor, { last = false }: { readonly last?: boolean }): Tensor {
  const t = x.shape[x.rank - 2];
  return last && t > 1 ? slice(x, [...x.shape.slice(0, -2).map(() => null), [t - 1, t]]) : x;
}

/** The linear layers inside the blocks of every model here, which the paper's methods replace: not embeddings, heads or projections around the blocks. */
export const blockLayers: { readonly include: readonly string[]; readonly exclude: readonly string[] } = {
  include: ['**.layers.**'],
  exclude: [],
};
