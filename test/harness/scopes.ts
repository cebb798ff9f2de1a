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

/** Leaves of ragged sizes. */
function leaves(
  rng: Rng,
): Readonly<Record<'a' | 'b' | 'x' | 'row' | 'column' | 'heads' | 'image' | 'filters', Tensor>> {
  const random = (...shape: number[]): Tensor => randn(shape, rng, { requiresGrad: true });
  const [a, b, x, row, column] = [random(70, 91), random(91, 130), random(210, 257), random(257), random(210, 1)];
  return {
    a,
    b,
    x,
    row,
    column,
    heads: random(2, 3, 33, 16),
    image: random(2, 3, 17, 19),
    filters: random(5, 3, 3, 3),
  };
}
type Leaves = ReturnType<typeof leaves>;

const whole = (n: number, count: number): Tensor =>
  tensor(
    Array.from({ length: count }, (_, i) => (i * 7919) % n),
    { dtype: 'int32' },
  );

/** Kernels of all kinds. */
const kinds: readonly ((all: Leaves) => readonly Tensor[])[] = [
  ({ a, b, x }) => [matmul(a, b), matmul(x, x, { transA: true }), matmul(a, a, { transB: true })],
  ({ heads }) => [matmul(heads, heads, { transB: true }), attention([heads, heads, heads], { causal: true })],
  ({ x, row, column }) => [exp(x), gelu(x), tanh(x), sigmoid(x), add(x, row), where(greater(x, 0), x, column)],
  ({ x, row }) => [softmax(x), logSoftmax(x), layerNorm(x, { weight: row }), rmsNorm(x)],
  ({ x }) => [
    crossEntropy(x, whole(257, 210)),
    sum(x, { axis: 0 }),
    mean(x, { axis: 1 }),
    max(x, { axis: 1 }),
    cumsum(x),
  ],
  ({ x, heads }) => [permute(x, [1, 0]), permute(heads, [0, 2, 1, 3]), concat([x, x], { axis: 1 })],
  ({ x }) => [slice(x, [null, [3, 100]]), embedding(x, whole(210, 300)), indexSelect(x, whole(210, 300), { axis: 0 })],
  ({ a, b }) => [spmm(CsrMatrix.fromDense(a.detach()), b)],
  ({ image, filters }) => [conv2d(image, filters, { padding: [1, 1] })],
];

/** Their results and gradients, on random operands. */
export function everything(): Tensor[] {
  const rng = new Rng(3);
  const all = leaves(rng);
  const ys = kinds.flatMap((kind) => kind(all));
  for (const y of ys) backward(sum(mul(y, randn(y.shape, rng))));
  return [...ys, ...Object.values(all).map((leaf) => leaf.grad as Tensor)];
}
