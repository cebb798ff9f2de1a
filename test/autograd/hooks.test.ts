/** Hooks on leaves: after `.grad` was added to, once per backward pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import { type AccumulateHook, onAccumulate } from '../../src/autograd/hooks.ts';
import {
  add,
  backward,
  DTypeError,
  GradError,
  grad,
  isRecording,
  mul,
  noGrad,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

/** A hook that keeps what `.grad` was at each call. */
function watching(): [AccumulateHook, unknown[]] {
  const seen: unknown[] = [];
  return [(leaf) => void seen.push(leaf.grad?.toArray()), seen];
}

test('a hook is called after .grad was added to, once a pass, with the sum so far', () => {
  const x = vector([1, 2]);
  const [hook, seen] = watching();
  onAccumulate(x, hook);
  const loss = (): Tensor => sum(add(mul(x, 2), square(x)));
  backward(loss());
  backward(loss());
  assert.deepEqual(seen, [
    [4, 6],
    [8, 12],
  ]);
  grad(loss(), [x]);
  assert.equal(seen.length, 2, 'grad adds to no leaf');
});

test('a weight used in several places, and inside checkpoint, is reported once with the whole gradient', () => {
  const w = vector([3]);
  const [hook, seen] = watching();
  onAccumulate(w, hook);
  const twice = (h: Tensor): Tensor => mul(mul(h, w), w);
  const x = tensor([2], { dtype: 'float64' });
  backward(mul(twice(x), w));
  assert.deepEqual(seen, [[3 * 9 * 2]]);
  w.zeroGrad();
  backward(mul(checkpoint(twice, x), w));
  assert.deepEqual(seen, [[54], [54]]);
  w.zeroGrad();
  backward(checkpoint((h: Tensor) => mul(checkpoint(twice, h), w), x));
  assert.deepEqual(seen, [[54], [54], [54]]);
});

test('only leaves that the pass reaches are reported', () => {
  const [x, unused] = [vector([1]), vector([1])];
  const [hook, seen] = watching();
  onAccumulate(unused, hook);
  backward(square(x));
  assert.deepEqual(seen, []);
});

test('every .grad is up to date when the first hook runs', () => {
  const [a, b] = [vector([2]), vector([5])];
  const seen: unknown[] = [];
  for (const leaf of [a, b]) onAccumulate(leaf, () => seen.push([a.grad?.item(), b.grad?.item()]));
  backward(mul(a, b));
  assert.deepEqual(seen, [
    [5, 2],
    [5, 2],
  ]);
});

test('a hook may step and clear: an optimizer in one line', () => {
  const w = new Parameter(tensor([1, 2], { dtype: 'float64' }));
  onAccumulate(w, (leaf) => {
    leaf.assign_(leaf.detach().sub((leaf.grad as Tensor).mul(0.25)));
    leaf.zeroGrad();
  });
  for (let i = 0; i < 2; i++) backward(sum(square(w)));
  assertHolds(w, [0.25, 0.5]);
  assert.equal(w.grad, null);
});

test('hooks run in the order of registration, the same function twice if registered twice, and can be taken away', () => {
  const x = vector([1]);
  const calls: string[] = [];
  const hook = (): void => void calls.push('a');
  const [off] = [onAccumulate(x, hook), onAccumulate(x, () => void calls.push('b')), onAccumulate(x, hook)];
  backward(square(x));
  assert.deepEqual(calls, ['a', 'b', 'a']);
  off();
  off();
  calls.length = 0;
  backward(square(x));
  assert.deepEqual(calls, ['b', 'a']);
});

test('a hook that takes itself away is called once; one added by a hook waits for the next pass', () => {
  const x = vector([1]);
  let calls = 0;
  const off = onAccumulate(x, () => {
    calls += 1;
    off();
    onAccumulate(x, () => {
      calls += 10;
    });
  });
  backward(square(x));
  assert.equal(calls, 1);
  backward(square(x));
  assert.equal(calls, 11);
});

test('hooks run unrecorded, recorded under createGraph; an error in one leaves the flags alone', () => {
  const x = vector([1]);
  const states: boolean[] = [];
  const off = onAccumulate(x, () => void states.push(isRecording()));
  backward(square(x));
  backward(square(x), { createGraph: true });
  const y = square(x);
  noGrad(() => backward(y));
  off();
  assert.deepEqual(states, [false, true, false]);
  onAccumulate(x, () => {
    throw new RangeError('in the hook');
  });
  assert.throws(() => backward(square(x)), RangeError);
  assert.ok(isRecording());
});

test('what has no .grad, or is no hook, is refused by name', () => {
  const x = vector([1]);
  assertRefuses(() => onAccumulate(square(x), () => {}), GradError, 'onAccumulate', /use tap/);
  for (const bad of [tensor([1], { dtype: 'int32' }), 3, null, undefined, {}])
    assertRefuses(() => onAccumulate(bad as Tensor, () => {}), DTypeError, 'onAccumulate', /takes a leaf/);
  for (const bad of [3, null, undefined, {}])
    assertRefuses(() => onAccumulate(x, bad as unknown as AccumulateHook), GradError, 'onAccumulate', /a function/);
  onAccumulate(x, (async () => {}) as unknown as AccumulateHook);
  assertRefuses(() => backward(square(x)), GradError, 'onAccumulate', /asynchronous/);
});

test('a leaf that is frozen may have hooks: they wait until it is thawed', () => {
  const x = tensor([3], { dtype: 'float64' });
  const [hook, seen] = watching();
  onAccumulate(x, hook);
  x.requiresGrad = true;
  backward(square(x));
  assert.deepEqual(seen, [[6]]);
});
