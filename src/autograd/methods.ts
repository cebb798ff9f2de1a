import { Tensor } from '../tensor/tensor.ts';
import { backward } from './engine.ts';
import { gelu, relu, sigmoid, tanh } from './ops/activation.ts';
import { abs, add, div, mul, neg, sign, square, sub } from './ops/arithmetic.ts';
import { expand } from './ops/broadcast.ts';
import { cast } from './ops/cast.ts';
import { equal, greater, less } from './ops/compare.ts';
import { erf, exp, log, sqrt } from './ops/exponential.ts';
import { permute, reshape, transpose } from './ops/layout.ts';
import { matmul } from './ops/matmul.ts';
import { argmax, max, mean, sum } from './ops/reduce.ts';
import { slice } from './ops/slice.ts';
import { logSoftmax, softmax } from './ops/softmax.ts';

type Table = {
  abs: typeof abs;
  add: typeof add;
  argmax: typeof argmax;
  backward: typeof backward;
  cast: typeof cast;
  div: typeof div;
  equal: typeof equal;
  erf: typeof erf;
  exp: typeof exp;
  expand: typeof expand;
  gelu: typeof gelu;
  greater: typeof greater;
  less: typeof less;
  log: typeof log;
  logSoftmax: typeof logSoftmax;
  matmul: typeof matmul;
  max: typeof max;
  mean: typeof mean;
  mul: typeof mul;
  neg: typeof neg;
  permute: typeof permute;
  relu: typeof relu;
  reshape: typeof reshape;
  sigmoid: typeof sigmoid;
  sign: typeof sign;
  slice: typeof slice;
  softmax: typeof softmax;
  sqrt: typeof sqrt;
  square: typeof square;
  sub: typeof sub;
  sum: typeof sum;
  tanh: typeof tanh;
  transpose: typeof transpose;
};

/** Functions that also read as methods: `x.matmul(w).add(1).relu()`. A method is the function with `this` put first. */
const table: Table = {
  abs,
  add,
  argmax,
  backward,
  cast,
  div,
  equal,
  erf,
  exp,
  expand,
  gelu,
  greater,
  less,
  log,
  logSoftmax,
  matmul,
  max,
  mean,
  mul,
  neg,
  permute,
  relu,
  reshape,
  sigmoid,
  sign,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  transpose,
};

type Method<F> = F extends (self: never, ...rest: infer R) => infer Y ? (...rest: R) => Y : never;
type Methods = { readonly [K in keyof Table]: Method<Table[K]> };

declare module '../tensor/tensor.ts' {
  interface Tensor extends Methods {}
}

for (const [name, fn] of Object.entries(table)) {
  const method = function (this: Tensor, ...rest: readonly unknown[]): unknown {
    return (fn as (...args: readonly unknown[]) => unknown)(this, ...rest);
  };
  Object.defineProperty(Tensor.prototype, name, { value: method, configurable: true, writable: true });
}
