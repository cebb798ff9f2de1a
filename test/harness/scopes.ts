/** What tests of scopes share: calls on tensors, and what is left of a tensor whose scope has ended. */
import assert from 'node:assert/strict';
import {
  add,
  attention,
  backward,
  CsrMatrix,
  concat,
  conv2d,
  crossEntropy,
  cumsum,
  DisposedError,
  embedding,
  exp,
  gelu,
  greater,
  indexSelect,
  layerNorm,
  logSoftmax,
  matmul,
  max,
  mean,
  mul,
  permute,
  Rng,
  randn,
  reshape,
  rmsNorm,
  scatterAdd,
  sigmoid,
  slice,
  softmax,
  spmm,
  sum,
  type Tensor,
  tanh,
  tensor,
  where,
  zeros,
} from '../../src/index.ts';

/** Fails unless every way to the values of a tensor is closed. */
export function assertGone(x: Tensor, what: string): void {
  const other = zeros(x.shape, { dtype: x.dtype });
  const ways: readonly (() => unknown)[] = [
    () => x.data,
    () => x.toArray(),
    () => x.toString(),
    () => x.item(),
    () => add(x, other),
    () => add(other, x),
    () => sum(x),
    () => exp(x),
    () => x.assign_(other),
    () => other.assign_(x),
  ];
  for (const way of x.size === 1 ? ways : ways.filter((_, i) => i !== 3))
    assert.throws(way, DisposedError, `${what}: ${way}`);
}

/** Random calls, each on results of earlier ones; some share storage. */
export function program(seed: number): Tensor[] {
  const rng = new Rng(seed);
  const made: Tensor[] = [randn([8, 8], rng), randn([8, 8], rng)];
  const pick = (): Tensor => made[rng.below(made.length)];
  for (let i = 0; i < 12; i++) {
    const [a, b] = [pick(), pick()];
    const flat = reshape(a, [64]);
    const calls = [
      () => add(a, b),
      () => mul(a, b),
      () => matmul(a, b),
      () => exp(mul(a, tensor(-1))),
      () => reshape(slice(flat, [[0, 64]]), [8, 8]),
      () => a,
    ];
    made.push(calls[rng.below(calls.length)]());
  }
  return made;
}

/** Results and gradients of kernels of all kinds, on random operands of ragged sizes. */
export function everything(): Tensor[] {
  const rng = new Rng(3);
  const random = (...shape: number[]): Tensor => randn(shape, rng, { requiresGrad: true });
  const [a, b, x, row, column] = [random(70, 91), random(91, 130), random(210, 257), random(257), random(210, 1)];
  const [heads, image, filters] = [random(2, 3, 33, 16), random(2, 3, 17, 19), random(5, 3, 3, 3)];
  const index = tensor(
    Array.from({ length: 300 }, () => rng.below(210)),
    { dtype: 'int32' },
  );
  const positive = greater(x, 0);
  const ys = [
    ...[
      matmul(a, b),
      matmul(x, x, { transA: true }),
      matmul(a, a, { transB: true }),
      matmul(heads, heads, { transB: true }),
    ],
    ...[exp(x), gelu(x), tanh(x), sigmoid(x), softmax(x), logSoftmax(x), layerNorm(x, { weight: row }), rmsNorm(x)],
    ...[
      add(x, row),
      mul(x, column),
      where(positive, x, column),
      sum(x, { axis: 0 }),
      mean(x, { axis: 1 }),
      max(x, { axis: 1 }),
    ],
    ...[
      permute(x, [1, 0]),
      permute(heads, [0, 2, 1, 3]),
      concat([x, x], { axis: 1 }),
      slice(x, [null, [3, 100]]),
      cumsum(x),
    ],
    ...[
      embedding(x, index),
      indexSelect(x, index, { axis: 0 }),
      scatterAdd(a, tensor([[3, 3, 5]], { dtype: 'int32' }), random(1, 3)),
    ],
    ...[attention([heads, heads, heads], { causal: true }), conv2d(image, filters, { padding: [1, 1] })],
    spmm(CsrMatrix.fromDense(a.detach()), b),
    crossEntropy(
      x,
      tensor(
        Array.from({ length: 210 }, () => rng.below(257)),
        { dtype: 'int32' },
      ),
    ),
  ];
  for (const y of ys) backward(sum(mul(y, randn(y.shape, rng))));
  return [...ys, ...[a, b, x, row, column, heads, image, filters].map((leaf) => leaf.grad as Tensor)];
}
