import type { Tensor } from '../tensor/tensor.ts';
import { type CallContext, Module } from './module.ts';

/** Modules one after another: y = f_n(… f_1(x)). Parameter names are those of PyTorch's `Sequential`: `0.weight`. */
export class Sequential extends Module {
  readonly length: number;
  [index: number]: Module;

  constructor(...modules: readonly Module[]) {
    super();
    this.length = modules.length;
    for (const [i, module] of modules.entries()) this[i] = module;
  }

  call(x: Tensor, context?: CallContext): Tensor {
    let y = x;
    for (let i = 0; i < this.length; i++) y = this[i].call(y, context);
    return y;
  }
}
