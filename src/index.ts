import './autograd/methods.ts';
import './tensor/simd/install.ts';

export { detectAnomaly } from './autograd/anomaly.ts';
export { checkpoint } from './autograd/checkpoint.ts';
export { CsrMatrix, type EdgesAttrs, type MatrixShape } from './autograd/csr.ts';
export {
  type CustomCall,
  type CustomFunction,
  customFunction,
  type ForwardContext,
  type PullContext,
} from './autograd/customFunction.ts';
export { defineOp, type Op, type Operand } from './autograd/define.ts';
export { type BackwardOptions, backward, type GradOptions, grad } from './autograd/engine.ts';
export { type GradcheckOptions, gradcheck, gradgradcheck, type TensorFunction } from './autograd/gradcheck.ts';
export { type AccumulateHook, type GradHook, onAccumulate } from './autograd/hooks.ts';
export {
  gelu,
  geluGrad,
  relu,
  reluGrad,
  sigmoid,
  sigmoidGrad,
  silu,
  siluGrad,
  tanh,
  tanhGrad,
} from './autograd/ops/activation.ts';
export { abs, add, div, lerp, mul, neg, reciprocal, sign, square, sub } from './autograd/ops/arithmetic.ts';
export {
  type AttentionAttrs,
  attention,
  type ScaledDotProductAttentionAttrs,
  scaledDotProductAttention,
} from './autograd/ops/attention.ts';
export type { ReduceAttrs } from './autograd/ops/axes.ts';
export { expand, sumTo } from './autograd/ops/broadcast.ts';
export { cast } from './autograd/ops/cast.ts';
export {
  equal,
  greater,
  greaterEqual,
  isFinite,
  isInf,
  isNaN,
  less,
  lessEqual,
  notEqual,
  where,
} from './autograd/ops/compare.ts';
export { type Conv1dAttrs, type Conv2dAttrs, conv1d, conv2d } from './autograd/ops/convolution.ts';
export { crossEntropy, oneHot } from './autograd/ops/crossEntropy.ts';
export { type CumulativeAttrs, cumprod, cumsum, linearScan } from './autograd/ops/cumulative.ts';
export { type DropoutAttrs, dropout, maskedScale } from './autograd/ops/dropout.ts';
export { einsum } from './autograd/ops/einsum.ts';
export { type EmbeddingAttrs, embedding } from './autograd/ops/embedding.ts';
export { erf, exp, expm1, log, log1p, log2, rsqrt, sqrt } from './autograd/ops/exponential.ts';
export { type ClampAttrs, clamp, maximum, minimum } from './autograd/ops/extrema.ts';
export { flip, type RollAttrs, roll } from './autograd/ops/flip.ts';
export { gather, type IndexAttrs, indexAdd, indexSelect, scatterAdd, takeAlongAxis } from './autograd/ops/gather.ts';
export {
  affineNorm,
  layerNorm,
  type NormAttrs as LayerNormAttrs,
  rmsNorm,
  standardize,
} from './autograd/ops/layerNorm.ts';
export { flatten, moveAxis, permute, reshape, squeeze, transpose, unsqueeze } from './autograd/ops/layout.ts';
export { logicalAnd, logicalNot, logicalOr, logicalXor } from './autograd/ops/logic.ts';
export {
  type BceAttrs,
  type BceWithLogitsAttrs,
  bce,
  bceWithLogits,
  type HuberAttrs,
  huber,
  mse,
  type SmoothL1Attrs,
  smoothL1,
} from './autograd/ops/loss.ts';
export type { LossAttrs, Reduction } from './autograd/ops/lossReduction.ts';
export { maskedFill } from './autograd/ops/maskedFill.ts';
export { matmul } from './autograd/ops/matmul.ts';
export { type CrossEntropyAttrs, type NllAttrs, nll, nllGrad } from './autograd/ops/nll.ts';
export { pow } from './autograd/ops/power.ts';
export { type BilinearAttrs, bilinear, dot, outer } from './autograd/ops/product.ts';
export type { Range } from './autograd/ops/range.ts';
export { type EluAttrs, elu, type LeakyReluAttrs, leakyRelu } from './autograd/ops/rectifier.ts';
export { type ArgAttrs, all, any, argmax, argmin, max, mean, min, prod, sum } from './autograd/ops/reduce.ts';
export { type RepeatInterleaveAttrs, repeat, repeatInterleave } from './autograd/ops/repeat.ts';
export { ceil, floor, remainder, round } from './autograd/ops/rounding.ts';
export { concat, type PadAttrs, pad, place, slice, stack } from './autograd/ops/slice.ts';
export { logSoftmax, type SoftmaxAttrs, softmax } from './autograd/ops/softmax.ts';
export { logSigmoid, mish, type SoftplusAttrs, softplus } from './autograd/ops/softplus.ts';
export { argsort, type SortAttrs, sort, type TopkAttrs, topk } from './autograd/ops/sort.ts';
export { sampledMatmul, sparseMatmul, spmm } from './autograd/ops/sparse.ts';
export { chunk, type SplitAttrs, split, unbind } from './autograd/ops/split.ts';
export {
  centre,
  logSumExp,
  type NormAttrs,
  norm,
  std,
  type VarianceAttrs,
  variance,
} from './autograd/ops/statistics.ts';
export { tap } from './autograd/ops/tap.ts';
export { type DiagonalAttrs, diag, diagEmbed, diagonal, tril, triu } from './autograd/ops/triangle.ts';
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinh,
  tan,
} from './autograd/ops/trigonometric.ts';
export { type FoldAttrs, fold, type Sides, type UnfoldAttrs, unfold } from './autograd/ops/unfold.ts';
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
export { enableGrad, isRecording, noGrad } from './autograd/scoped.ts';
export {
  type Hessian,
  hessian,
  hvp,
  jacobian,
  jvp,
  type Pullback,
  type Pushforward,
  type ValueAndGrads,
  valueAndGrad,
  vjp,
} from './autograd/transforms.ts';
export { type Rule, type RuleFunction, withRule } from './autograd/withRule.ts';
export type { Placement } from './tensor/cpu/layout.ts';
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
  DisposedError,
  DomainError,
  DTypeError,
  GradError,
  type Shape,
  ShapeError,
  TensorError,
} from './tensor/errors.ts';
export { Rng, type RngState } from './tensor/rng.ts';
export { keep, pin, scope, type Tensors, unpin } from './tensor/scope.ts';
export { setThreads } from './tensor/simd/crew.ts';
export { type DeviceInfo, deviceInfo } from './tensor/simd/info.ts';
export { setFma, setSimd } from './tensor/simd/settings.ts';
export { allocations } from './tensor/storage.ts';
export { type Nested, Tensor } from './tensor/tensor.ts';
