/** The second run of a checkpointed function: what it repeats, what it leaves alone, what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import { tap } from '../../src/autograd/ops/tap.ts';
import {
  allocations,
  backward,
  cast,
  concat,
  DomainError,
  DTypeError,
  dropout,
  exp,
  GradError,
  grad,
  greater,
  isRecording,
  meta,
  mul,
  noGrad,
  Rng,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses, assertSame } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

const drop = (x: Tensor, rng: Rng): Tensor => dropout(x, { rng });

type Stretch = (fn: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]) => Tensor;
const plain: Stretch = (fn, ...xs) => fn(...xs);

test('what fn made on the way can be collected before the backward pass', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const x = vector([1, 2]);
  let inner: WeakRef<Tensor> | null = null;
  const y = checkpoint((a: Tensor) => {
    const h = exp(a);
    inner ??= new WeakRef(h);
    return square(h);
  }, x);
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  assert.equal((inner as unknown as WeakRef<Tensor>).deref(), undefined);
  assert.ok(y.node !== null);
});

test('streams drawn from, forked, or made inside are wound back, and go on as if nothing had happened', () => {
  const bodies: ((rng: Rng) => (x: Tensor) => Tensor)[] = [
    (rng) => (x) => drop(x, rng),
    (rng) => (x) => drop(x, rng.fork('mask')),
    (rng) => (x) => drop(x, Rng.from(rng.state)),
    (rng) => (x) => mul(x, rng.normal() + rng.below(7) + rng.permutation(3)[0]),
    () => (x) => drop(x, new Rng(4)),
    (rng) => (x) => checkpoint((a: Tensor) => drop(drop(a, rng), rng), drop(x, rng)),
  ];
  for (const [i, body] of bodies.entries()) {
    const runs = [plain, checkpoint as Stretch].map((stretch) => {
      const rng = new Rng(9);
      const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true });
      const y = square(stretch(body(rng), x));
      const after = rng.uniform();
      const [dx] = grad(sum(y), [x]);
      return { y, dx, after, next: rng.uniform() };
    });
    assertSame(runs[1].y, runs[0].y, `value ${i}`);
    assertSame(runs[1].dx, runs[0].dx, `gradient ${i}`);
    assert.deepEqual([runs[1].after, runs[1].next], [runs[0].after, runs[0].next], `stream ${i}`);
  }
});

test('an error on the second run leaves streams and flags as they were', () => {
  const rng = new Rng(3);
  const x = vector([1]);
  let runs = 0;
  const y = checkpoint((a: Tensor) => {
    runs += 1;
    const u = rng.uniform();
    if (runs === 2) throw new RangeError('second');
    return mul(a, u);
  }, x);
  const { state } = rng;
  assert.throws(() => backward(y), RangeError);
  assert.deepEqual(rng.state, state);
  assert.ok(isRecording());
  x.zeroGrad();
  backward(y);
  assertHolds(x.grad as unknown as Tensor, [new Rng(3).uniform()]);
});

test('a function that gives something else the second time is refused', () => {
  const x = vector([1, 2]);
  let calls = 0;
  const count = (): number => (calls += 1);
  const bodies: ((a: Tensor) => Tensor | Tensor[])[] = [
    (a) => mul(a, count()),
    (a) => (count() % 2 ? a.mul(1) : concat([a, a])),
    (a) => (count() % 2 ? a.mul(1) : [a.mul(1), a]),
    (a) => (count() % 2 ? a.mul(2) : cast(a.mul(2), 'float32')),
  ];
  for (const body of bodies) {
    calls = 0;
    const y = checkpoint(body, x) as Tensor;
    assertRefuses(() => backward(sum(y)), GradError, 'checkpoint', /other values/);
  }
  const other = vector([1, 2]);
  calls = 0;
  const y = checkpoint((a: Tensor) => mul(a, count() % 2 ? x : square(other)), x);
  other.assign_(tensor([1, Math.SQRT2], { dtype: 'float64' }));
  assert.throws(() => backward(sum(y)), GradError);
});

test('a write in place to an operand or to a leaf that is closed over is refused', () => {
  for (const target of ['x', 'w'] as const) {
    const tensors = { x: vector([2]), w: vector([3]), h: vector([0]) };
    const y = checkpoint((a: Tensor) => mul(mul(a, tensors.w), 0), tensors.x);
    tensors[target].assign_(tensor([4], { dtype: 'float64' }));
    assertRefuses(() => backward(y), GradError, 'checkpoint', /written in place/);
  }
});

test('several results, results without gradient, and results that are operands', () => {
  const x = vector([2, 3]);
  const [a, b, mask] = checkpoint((h: Tensor) => [square(h), h, greater(h, 2.5)] as const, x);
  assert.deepEqual([a.requiresGrad, b.requiresGrad, mask.requiresGrad], [true, true, false]);
  assert.equal(mask.dtype, 'bool');
  assertHolds(grad(sum(mul(a, b)), [x], { retainGraph: true })[0], [12, 27]);
  assertHolds(grad(sum(b), [x], { retainGraph: true })[0], [1, 1]);
  assertHolds(grad(sum(a), [x])[0], [4, 6]);
  const frozen = tensor([1]);
  assert.equal(
    checkpoint((h: Tensor) => h, frozen),
    frozen,
  );
  const w = vector([1]);
  assertHolds(
    grad(
      checkpoint(() => mul(w, 3)),
      [w],
    )[0],
    [3],
  );
});

test('onGrad sees what it would see without, and so does tap', () => {
  const seen = [plain, checkpoint as Stretch].map((stretch) => {
    const calls: unknown[] = [];
    const x = vector([2, 3]);
    const watched = (a: Tensor): Tensor => tap(square(a), (dy) => void calls.push(['tap', dy.toArray()]) as undefined);
    const y = sum(exp(stretch((a) => mul(watched(a), 2), x)));
    const [dx] = grad(y, [x], { onGrad: (op, dy) => void calls.push([op, dy.toArray()]) as undefined });
    return [...calls, dx.toArray()];
  });
  assert.equal(seen[0].length, 7);
  assert.deepEqual(seen[1], seen[0]);
});

test('without recording it is the function alone', () => {
  const x = vector([2]);
  let runs = 0;
  const f = (a: Tensor): Tensor => {
    runs += 1;
    return square(a);
  };
  assert.ok(!noGrad(() => checkpoint(f, x)).requiresGrad);
  assert.equal(runs, 1);
  assertRefuses(
    () => grad(checkpoint(f, x), [tensor([1], { requiresGrad: true })]),
    GradError,
    'grad',
    /do not depend/,
  );
  assert.equal(runs, 2, 'and is not run again for a gradient that nobody asks for');
});

test('it works on meta', () => {
  const x = tensor([1, 2], { device: meta, requiresGrad: true });
  const before = allocations();
  backward(sum(checkpoint((a: Tensor) => exp(square(a)), x)));
  assert.deepEqual([x.grad?.shape, x.grad?.device], [[2], meta]);
  assert.deepEqual(allocations(), before);
});

test('what is no function, no tensor or a promise is refused by name', () => {
  const x = vector([1]);
  for (const bad of [undefined, null, 3, {}, x])
    assertRefuses(() => checkpoint(bad as unknown as (a: Tensor) => Tensor, x), DomainError, 'checkpoint');
  for (const bad of [undefined, null, 3, [x]])
    assertRefuses(() => checkpoint((a: Tensor) => a, bad as unknown as Tensor), DTypeError, 'checkpoint', /operand 0/);
  for (const bad of [undefined, null, 3, [3], { x }])
    assertRefuses(() => checkpoint((() => bad) as unknown as (a: Tensor) => Tensor, x), DTypeError, 'checkpoint');
  const later = (async () => x) as unknown as (a: Tensor) => Tensor;
  assertRefuses(() => checkpoint(later, x), GradError, 'checkpoint', /asynchronous/);
  assertRefuses(() => noGrad(() => checkpoint(later, x)), GradError, 'checkpoint', /asynchronous/);
  assert.ok(isRecording());
});
