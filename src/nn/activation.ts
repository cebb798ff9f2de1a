import { gelu, relu, sigmoid, tanh } from '../autograd/ops/activation.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** A function without parameters, as a module: `new Activation(relu)`. */
export class Activation extends Module {
  readonly fn: (x: Tensor) => Tensor;

  constructor(fn: (x: Tensor) => Tensor) {
    super();
    this.fn = fn;
  }

  call(x: Tensor): Tensor {
    return this.fn(x);
  }
}

/** max(x, 0) as a module. */
export class ReLU extends Activation {
  constructor() {
    super(relu);
  }
}

/** tanh x as a module. */
export class Tanh extends Activation {
  constructor() {
    super(tanh);
  }
}

/** 1/(1 + e^−x) as a module. */
export class Sigmoid extends Activation {
  constructor() {
    super(sigmoid);
  }
}

/** x·Φ(x), or its tanh form, as a module. */
export class GELU extends Activation {
  constructor({ approximate = 'none' }: { readonly approximate?: 'none' | 'tanh' } = {}) {
    super((x) => gelu(x, { approximate }));
  }
}
