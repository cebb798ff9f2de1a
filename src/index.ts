import './autograd/methods.ts';

export { defineOp, type Op, type Operand } from './autograd/define.ts';
export { type BackwardOptions, backward, type GradOptions, grad } from './autograd/engine.ts';
export { type GradcheckOptions, gradcheck, gradgradcheck, type TensorFunction } from './autograd/gradcheck.ts';
export { isRecording, noGrad } from './autograd/graph.ts';
export { gelu, relu, reluGrad, sigmoid, tanh } from './autograd/ops/activation.ts';
export { abs, add, div, mul, neg, sign, square, sub } from './autograd/ops/arithmetic.ts';
export { expand, sumTo } from './autograd/ops/broadcast.ts';
export { cast } from './autograd/ops/cast.ts';
export { equal, greater, less, where } from './autograd/ops/compare.ts';
export { type CrossEntropyAttrs, crossEntropy, oneHot, type Reduction } from './autograd/ops/crossEntropy.ts';
export { erf, exp, log, sqrt } from './autograd/ops/exponential.ts';
export { permute, reshape, transpose } from './autograd/ops/layout.ts';
export { matmul } from './autograd/ops/matmul.ts';
export { argmax, max, mean, type ReduceAttrs, sum } from './autograd/ops/reduce.ts';
export { concat, pad, type Range, slice, stack } from './autograd/ops/slice.ts';
export { logSoftmax, type SoftmaxAttrs, softmax } from './autograd/ops/softmax.ts';
export type {
  Arity,
  Forward,
  Gradients,
  Keeps,
  OpRecord,
  RuleContext,
  Several,
  Surrogate,
} from './autograd/record.ts';
export type { MatmulAttrs } from './tensor/cpu/matmul.ts';
export {
  arange,
  eye,
  full,
  linspace,
  ones,
  rand,
  randn,
  type TensorLike,
  type TensorOptions,
  tensor,
  zeros,
} from './tensor/create.ts';
export { cpu, type Device, meta } from './tensor/device.ts';
export type { Data, DType } from './tensor/dtype.ts';
export {
  DeviceError,
  DomainError,
  DTypeError,
  GradError,
  type Shape,
  ShapeError,
  TensorError,
} from './tensor/errors.ts';
export { Rng, type RngState } from './tensor/rng.ts';
export { allocations } from './tensor/storage.ts';
export { type Nested, Tensor } from './tensor/tensor.ts';
