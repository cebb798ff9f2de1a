import { mul } from '../autograd/ops/arithmetic.ts';
import { embedding } from '../autograd/ops/embedding.ts';
import { randn, type TensorOptions } from '../tensor/create.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import { checkCount } from './optim/schedule.ts';
import { Parameter } from './parameter.ts';

/** Options of an embedding. */
export interface EmbeddingOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  readonly rng: Rng;
  /** Standard deviation of the initial values, > 0. Default 1, as in PyTorch. */
  readonly std?: number;
}

/**
 * One trainable vector for each of `count` things: `weight` [count, width], initially normal with mean 0. `call` looks
 * vectors up by number.
 * @throws DomainError when a size is not a whole number >= 1, or std is not positive and finite
 */
export class Embedding extends Module {
  weight: Parameter;

  constructor(count: number, width: number, { rng, std = 1, dtype = 'float32', device }: EmbeddingOptions) {
    super();
    checkCount('Embedding', 'count', count, 1);
    checkCount('Embedding', 'width', width, 1);
    if (!(std > 0 && Number.isFinite(std))) throw new DomainError('Embedding', `std is a number > 0, got ${std}`);
    const options = device === undefined ? { dtype } : { dtype, device };
    this.weight = new Parameter(mul(randn([count, width], rng, options), std));
  }

  /**
   * Indices […] int32 in 0..count−1 → […, width].
   * @throws DTypeError unless they are int32; DomainError when one is not a row
   */
  call(indices: Tensor): Tensor {
    return embedding(this.weight, indices);
  }
}
