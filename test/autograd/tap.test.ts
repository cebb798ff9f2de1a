/** Gradients seen and replaced on their way: `tap` at one place, `onGrad` at every call. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GradHook } from '../../src/autograd/hooks.ts';
import { tap } from '../../src/autograd/ops/tap.ts';
import {
  add,
  backward,
  DomainError,
  DTypeError,
  exp,
  GradError,
  grad,
  isRecording,
  meta,
  mul,
  neg,
  ones,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';
import { checkOp } from '../harness/op.ts';

checkOp(tap, { attrs: [() => undefined, (dy) => dy, (dy) => dy.mul(1)] });

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

test('tap is the identity, over the same storage', () => {
  const x = vector([1, 2]);
  const y = tap(x, () => undefined);
  assertHolds(y, [1, 2]);
  assert.ok(y !== x && y.storage === x.storage && y.requiresGrad);
  assert.ok(!tap(tensor([1]), () => undefined).requiresGrad);
});

test('tap sees the whole gradient once, however often its result is used', () => {
  const x = vector([1, 2]);
  const seen: Tensor[] = [];
  const h = tap(mul(x, 3), (dy) => {
    seen.push(dy);
    return undefined;
  });
  backward(add(sum(mul(h, 2)), sum(square(h))));
  assert.equal(seen.length, 1);
  assertHolds(seen[0], [2 + 2 * 3, 2 + 2 * 6]);
  assertHolds(x.grad as Tensor, [3 * 8, 3 * 14]);
});

test('what tap returns goes on in place of the gradient, and other paths are not affected', () => {
  const x = vector([1, 2]);
  const y = add(sum(tap(mul(x, 3), (dy) => dy.mul(10))), sum(mul(x, 5)));
  assertHolds(grad(y, [x])[0], [35, 35]);
  const reversed = sum(tap(mul(x, 3), neg));
  assertHolds(grad(reversed, [x])[0], [-3, -3]);
});

test('the hook runs unrecorded, and recorded under createGraph: second derivatives see it', () => {
  const x = vector([2]);
  const states: boolean[] = [];
  const y = (): Tensor =>
    mul(
      tap(square(x), (dy) => {
        states.push(isRecording());
        return square(dy);
      }),
      x,
    );
  // dy = x, so the gradient is x²·2x + x² = 2x³ + x², and its derivative 6x² + 2x.
  assertHolds(grad(y(), [x])[0], [20]);
  const [dx] = grad(y(), [x], { createGraph: true });
  assertHolds(dx, [20]);
  assertHolds(grad(dx, [x])[0], [28]);
  assert.deepEqual(states, [false, true, false], 'the third pass goes through the tap as well');
});

test('a replacement that is no gradient is refused by name', () => {
  const x = vector([1, 2]);
  const bad: readonly [unknown, RegExp][] = [
    [5, /got number/],
    ['dy', /got string/],
    [[1, 2], /got a list/],
    [ones([3], { dtype: 'float64' }), /shapes differ, got \[3\] · \[2\]/],
    [ones([2]), /float32 on cpu for a gradient that is float64/],
    [ones([2], { dtype: 'float64', device: meta }), /on meta/],
    [Promise.resolve(x), /asynchronous/],
    [Promise.reject(new Error('late')), /asynchronous/],
  ];
  for (const [given, message] of bad) {
    assertRefuses(() => backward(sum(tap(x, (() => given) as GradHook))), GradError, 'tap', message);
    const onGrad = (op: string) => (op === 'mul' ? (given as Tensor) : undefined);
    assertRefuses(() => backward(sum(mul(x, 2)), { onGrad }), GradError, 'backward', message);
  }
  for (const nothing of [undefined, null])
    assertHolds(grad(sum(tap(x, (() => nothing) as unknown as GradHook)), [x])[0], [1, 1]);
  assert.ok(isRecording());
});

test('tap refuses what is no function, and a tensor without gradients', () => {
  for (const hook of [undefined, 3, {}, 'f', null])
    assertRefuses(() => tap(vector([1]), hook as unknown as GradHook), DomainError, 'tap', /the hook is a function/);
  assertRefuses(() => tap(tensor([1], { dtype: 'int32' }), () => undefined), DTypeError, 'tap');
});

test('onGrad sees every call from the newest to the oldest, once, with the gradient of its result', () => {
  const x = vector([2]);
  const h = square(x);
  const y = add(mul(h, 3), exp(h));
  const seen: [string, number, number][] = [];
  const onGrad = (op: string, dy: Tensor, output: number): undefined => {
    seen.push([op, dy.item(), output]);
  };
  grad(y, [x], { onGrad, retainGraph: true });
  assert.deepEqual(seen, [
    ['add', 1, 0],
    ['exp', 1, 0],
    ['mul', 1, 0],
    ['square', 3 + Math.exp(4), 0],
  ]);
  seen.length = 0;
  backward(y, { onGrad });
  assert.equal(seen.length, 4);
});

test('what onGrad returns goes on, also to an intermediate that was asked for', () => {
  const x = vector([2]);
  const h = square(x);
  const y = mul(h, 3);
  const onGrad = (op: string, dy: Tensor): Tensor | undefined => (op === 'square' ? dy.mul(100) : undefined);
  const [dh, dx] = grad(y, [h, x], { onGrad });
  assertHolds(dh, [300]);
  assertHolds(dx, [1200]);
});

test('onGrad is recorded under createGraph', () => {
  const x = vector([2]);
  const onGrad = (op: string, dy: Tensor): Tensor | undefined => (op === 'square' ? mul(dy, x) : undefined);
  const [dx] = grad(square(x), [x], { onGrad, createGraph: true });
  assertHolds(dx, [8]);
  assertHolds(grad(dx, [x])[0], [8]);
});

test('a nested pass inside a hook does not disturb the one around it', () => {
  const x = vector([3]);
  const h = square(x);
  const inner = mul(h, x);
  const y = mul(
    tap(h, (dy) => add(dy, grad(inner, [x], { retainGraph: true })[0])),
    2,
  );
  // The inner gradient is 3x² = 27, so 2 + 27 arrives at x².
  assertHolds(grad(y, [x])[0], [29 * 6]);
});
