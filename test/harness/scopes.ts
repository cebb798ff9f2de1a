/** What tests of scopes share: calls on tensors, and what is left of a tensor whose scope has ended. */
import assert from 'node:assert/strict';
import {
  add,
  DisposedError,
  exp,
  matmul,
  mul,
  Rng,
  randn,
  reshape,
  slice,
  sum,
  type Tensor,
  tensor,
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
