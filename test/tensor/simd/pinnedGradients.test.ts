/** Gradients of pinned leaves: they stay beyond the scope, in memory that the next ones use again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allocations,
  backward,
  exp,
  matmul,
  mul,
  pin,
  Rng,
  randn,
  reshape,
  scope,
  sum,
  type Tensor,
  unpin,
} from '../../../src/index.ts';
import { Parameter, sgd } from '../../../src/nn/index.ts';
import { isPassing, isPinned } from '../../../src/tensor/scope.ts';
import { roomUse } from '../../../src/tensor/simd/memory.ts';
import { assertSame } from '../../harness/compare.ts';

/** A leaf, a loss of it, and a step in a scope that leaves its gradient. */
function squares(): { readonly w: Tensor; loss(): Tensor; step(): void } {
  const w = randn([8, 8], new Rng(1), { requiresGrad: true });
  const loss = (): Tensor => sum(exp(mul(matmul(w, w), 0.01)));
  const step = (): void =>
    scope(() => {
      w.zeroGrad();
      backward(loss());
    });
  return { w, loss, step };
}

test('a gradient that stays beside a pinned leaf takes the place of the one before, and says so to who still holds that', () => {
  const { w, loss, step } = squares();
  scope(() => backward(loss()));
  const expected = [...(w.grad as Tensor).data];
  const { pinned } = roomUse();
  pin(w);
  step();
  const first = w.grad as Tensor;
  const view = reshape(first, [64]);
  assert.ok(isPinned(first) && isPassing(view), 'beside the leaf, until zeroGrad');
  assert.deepEqual([...first.data], expected);
  const { count } = allocations();
  for (let i = 0; i < 1000; i++) step();
  assert.equal(allocations().count, count, 'no ordinary array');
  assert.equal(roomUse().pinned, pinned + 512, 'the leaf and one gradient');
  for (const gone of [first, view])
    assert.throws(() => gone.data, { name: 'DisposedError', message: /zeroGrad\(\) or a further backward\(\)/ });
  scope(() => backward(loss()));
  assert.deepEqual(
    [...(w.grad as Tensor).data],
    expected.map((g) => 2 * g),
    'accumulated',
  );
  assert.equal(roomUse().pinned, pinned + 512, 'still one gradient');
  const kept = scope(() => {
    w.zeroGrad();
    backward(loss());
    return w.grad as Tensor;
  });
  w.zeroGrad();
  assert.deepEqual([...kept.data], expected, 'one that was returned is an ordinary array');
  step();
  unpin(w);
  assert.deepEqual([...(w.grad as Tensor).data], expected, 'gradients come along');
  assert.deepEqual([(w.grad as Tensor).storage.address, roomUse().pinned], [0, pinned]);
  w.zeroGrad();
});

test('the state of an optimizer never shares memory that zeroGrad takes back', () => {
  const runs = [true, false].map((pinned) => {
    const w = randn([16, 16], new Rng(2), { requiresGrad: true });
    const p = new Parameter(w);
    const optimizer = sgd([p], { lr: 0.1, momentum: 0.9 });
    if (pinned) pin(p);
    for (let i = 0; i < 4; i++) {
      optimizer.zeroGrad();
      if (pinned) scope(() => backward(sum(exp(mul(p, 0.1)))));
      else backward(sum(exp(mul(p, 0.1))));
      // Outside the scope: the gradient lies in memory that the next step uses again.
      optimizer.step();
    }
    unpin(p);
    return p;
  });
  assertSame(runs[0], runs[1], 'momentum');
});
