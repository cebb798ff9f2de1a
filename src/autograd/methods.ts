import { Tensor } from '../tensor/tensor.ts';
import { backward } from './engine.ts';
import { gelu, relu, sigmoid, tanh } from './ops/activation.ts';
import { abs, add, div, mul, neg, sign, square, sub } from './ops/arithmetic.ts';
import { expand } from './ops/broadcast.ts';
import { cast } from './ops/cast.ts';
import { equal, greater, less } from './ops/compare.ts';
import { cumsum } from './ops/cumulative.ts';
import { erf, exp, log, sqrt } from './ops/exponential.ts';
import { clamp, maximum, minimum } from './ops/extrema.ts';
import { gather, indexSelect } from './ops/gather.ts';
import { flatten, permute, reshape, squeeze, transpose, unsqueeze } from './ops/layout.ts';
import { maskedFill } from './ops/maskedFill.ts';
import { matmul } from './ops/matmul.ts';
import { pow } from './ops/power.ts';
import { argmax, max, mean, min, prod, sum } from './ops/reduce.ts';
import { slice } from './ops/slice.ts';
import { logSoftmax, softmax } from './ops/softmax.ts';
import { split } from './ops/split.ts';
import { norm } from './ops/statistics.ts';

type Table = {
  abs: typeof abs;
  add: typeof add;
  argmax: typeof argmax;
  backward: typeof backward;
  cast: typeof cast;
  clamp: typeof clamp;
  cumsum: typeof cumsum;
  div: typeof div;
  equal: typeof equal;
  erf: typeof erf;
  exp: typeof exp;
  expand: typeof expand;
  flatten: typeof flatten;
  gather: typeof gather;
  gelu: typeof gelu;
  greater: typeof greater;
  indexSelect: typeof indexSelect;
  less: typeof less;
  log: typeof log;
  logSoftmax: typeof logSoftmax;
  maskedFill: typeof maskedFill;
  matmul: typeof matmul;
  max: typeof max;
  maximum: typeof maximum;
  mean: typeof mean;
  min: typeof min;
  minimum: typeof minimum;
  mul: typeof mul;
  neg: typeof neg;
  norm: typeof norm;
  permute: typeof permute;
  pow: typeof pow;
  prod: typeof prod;
  relu: typeof relu;
  reshape: typeof reshape;
  sigmoid: typeof sigmoid;
  sign: typeof sign;
  slice: typeof slice;
  softmax: typeof softmax;
  split: typeof split;
  sqrt: typeof sqrt;
  square: typeof square;
  squeeze: typeof squeeze;
  sub: typeof sub;
  sum: typeof sum;
  tanh: typeof tanh;
  transpose: typeof transpose;
  unsqueeze: typeof unsqueeze;
};

/** Functions that also read as methods: `x.matmul(w).add(1).relu()`. A method is the function with `this` put first. */
const table: Table = {
  abs,
  add,
  argmax,
  backward,
  cast,
  clamp,
  cumsum,
  div,
  equal,
  erf,
  exp,
  expand,
  flatten,
  gather,
  gelu,
  greater,
  indexSelect,
  less,
  log,
  logSoftmax,
  maskedFill,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  norm,
  permute,
  pow,
  prod,
  relu,
  reshape,
  sigmoid,
  sign,
  slice,
  softmax,
  split,
  sqrt,
  square,
  squeeze,
  sub,
  sum,
  tanh,
  transpose,
  unsqueeze,
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
