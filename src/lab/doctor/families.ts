import { CsrMatrix } from '../../autograd/csr.ts';
import { gelu, relu, sigmoid, tanh } from '../../autograd/ops/activation.ts';
import { add, div, mul } from '../../autograd/ops/arithmetic.ts';
import { scaledDotProductAttention } from '../../autograd/ops/attention.ts';
import { crossEntropy } from '../../autograd/ops/crossEntropy.ts';
import { exp, log1p } from '../../autograd/ops/exponential.ts';
import { indexAdd, indexSelect } from '../../autograd/ops/gather.ts';
import { layerNorm, rmsNorm } from '../../autograd/ops/layerNorm.ts';
import { transpose } from '../../autograd/ops/layout.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { max, sum } from '../../autograd/ops/reduce.ts';
import { logSoftmax, softmax } from '../../autograd/ops/softmax.ts';
import { spmm } from '../../autograd/ops/sparse.ts';
import { clampSigmaKernel, normaliseRowsKernel } from '../../sst/kernels.ts';
import { sparseSpectralLinear } from '../../sst/linear.op.ts';
import { adamKernel } from '../../tensor/cpu/optimizer.ts';
import { randn, tensor } from '../../tensor/create.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Kernels of one kind: some of them on random operands, wherever those live. */
export interface KernelFamily {
  readonly name: string;
  /** Operands on the host. */
  operands(rng: Rng): readonly Tensor[];
  compute(operands: readonly Tensor[]): readonly Tensor[];
}

const wholes = (rng: Rng, size: number, n: number): Tensor =>
  tensor(Int32Array.from({ length: size }, () => rng.below(n)));

const adamNumbers = { lr: 1e-3, eps: 1e-8, bias1: 0.1, bias2: 1e-3, beta1: 0.9, beta2: 0.999, decay: 0, shrink: 0 };

/** What `spectragrad doctor` tries on each device. */
export const families: readonly KernelFamily[] = [
  {
    name: 'pointwise',
    operands: (rng) => [randn([64, 33], rng), randn([33], rng)],
    compute: ([x, y]) => [
      add(x, y),
      mul(x, y),
      div(x, exp(y)),
      tanh(x),
      sigmoid(x),
      gelu(x),
      relu(x),
      log1p(mul(x, x)),
    ],
  },
  {
    name: 'reductions',
    operands: (rng) => [randn([64, 33], rng)],
    compute: ([x]) => [sum(x), sum(x, { axis: 0 }), max(x, { axis: -1 })],
  },
  {
    name: 'products',
    operands: (rng) => [randn([3, 65, 70], rng), randn([70, 31], rng)],
    compute: ([a, b]) => [matmul(a, b), matmul(a, transpose(b, 0, 1), { transB: true })],
  },
  {
    name: 'gather',
    operands: (rng) => [randn([20, 7], rng), wholes(rng, 50, 20)],
    compute: ([x, i]) => [indexSelect(x, i), indexAdd(x, i, indexSelect(x, i))],
  },
  {
    name: 'softmax',
    operands: (rng) => [randn([40, 33], rng), wholes(rng, 40, 33)],
    compute: ([x, classes]) => [softmax(x), logSoftmax(x), crossEntropy(x, classes)],
  },
  {
    name: 'normalisation',
    operands: (rng) => [randn([40, 33], rng), randn([33], rng), randn([33], rng)],
    compute: ([x, w, b]) => [layerNorm(x, { weight: w, bias: b }), rmsNorm(x, { weight: w })],
  },
  {
    name: 'attention',
    operands: (rng) => [randn([2, 17, 32], rng), randn([2, 19, 32], rng), randn([2, 19, 32], rng)],
    compute: ([q, k, v]) => [scaledDotProductAttention(q, k, v, { heads: 4, causal: true })],
  },
  {
    name: 'sparse',
    operands: (rng) => [
      tensor(Int32Array.of(0, 2, 2, 5)),
      tensor(Int32Array.of(1, 3, 0, 2, 3)),
      randn([5], rng),
      randn([4, 9], rng),
    ],
    compute: ([indptr, indices, values, x]) => [spmm(new CsrMatrix(indptr, indices, values, [3, 4]), x)],
  },
  {
    name: 'optimizer',
    operands: (rng) => [randn([300], rng), randn([300], rng), randn([300], rng), mul(randn([300], rng), 0)],
    compute: ([x, g, m, v]) => adamKernel([x, g, m, v], adamNumbers),
  },
  {
    name: 'SST',
    operands: (rng) => [[16, 40], [4, 30], [16, 30], [20], [4, 40], [16, 40]].map((shape) => randn(shape, rng)),
    compute: ([x, utActive, utFrozen, sigma, vtActive, vtFrozen]) => [
      sparseSpectralLinear(x, utActive, utFrozen, sigma, vtActive, vtFrozen),
      clampSigmaKernel([sigma], undefined),
      normaliseRowsKernel([utActive, utActive], undefined),
    ],
  },
];
