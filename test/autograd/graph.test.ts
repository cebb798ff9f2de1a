/** What is recorded, for how long, and what happens to it: scope of recording, depth, order, writes in place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  backward,
  DTypeError,
  div,
  exp,
  GradError,
  grad,
  isRecording,
  matmul,
  mul,
  neg,
  noGrad,
  type Operand,
  Rng,
  randn,
  relu,
  reshape,
  slice,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses, assertSame } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

test('attributes are those of the call: a caller may write to its lists afterwards', () => {
  const x = vector([1, 2, 3]);
  const range: [number, number] = [0, 2];
  const ranges = [range];
  const y = slice(x, ranges);
  range[0] = 1;
  ranges.length = 0;
  const dy = tensor([10, 100], { dtype: 'float64' });
  const [dx] = grad(y, [x], { gradOutputs: [dy] });
  assertSame(dx, tensor([10, 100, 0], { dtype: 'float64' }), 'the gradient');
});

test('noGrad switches recording off inside, and restores it, also after an error and when nested', () => {
  const x = vector([1]);
  assert.ok(isRecording());
  noGrad(() => {
    assert.ok(!isRecording());
    noGrad(() => {});
    assert.ok(!isRecording());
    assert.ok(!square(x).requiresGrad);
  });
  assert.throws(
    () =>
      noGrad(() => {
        throw new RangeError('inside');
      }),
    RangeError,
  );
  assert.ok(isRecording() && square(x).requiresGrad);
  assert.equal(
    noGrad(() => 5),
    5,
  );
});

test('noGrad refuses an asynchronous function, and recording goes on', () => {
  assertRefuses(() => noGrad(async () => 1), GradError, 'noGrad', /asynchronous/);
  assert.ok(isRecording());
});

test('gradients can be taken inside noGrad', () => {
  const x = vector([3]);
  const y = square(x);
  assertHolds(
    noGrad(() => grad(y, [x])[0]),
    [6],
  );
  assert.ok(isRecording());
});

test('an error inside a backward pass leaves recording on', () => {
  const x = vector([3]);
  const y = sum(square(x));
  x.assign_(tensor([4], { dtype: 'float64' }));
  assertRefuses(() => backward(y, {}), GradError, 'square');
  assert.ok(isRecording());
});

test('200,000 chained calls go forward and backward without overflowing the stack', () => {
  const x = vector([1]);
  let y: Tensor = x;
  for (let i = 0; i < 200_000; i++) y = neg(y);
  assertHolds(y, [1]);
  assertHolds(grad(y, [x])[0], [1]);
});

test('50,000 calls on one leaf add up without overflowing the stack', () => {
  const x = vector([1]);
  let y: Tensor = mul(x, 0);
  for (let i = 0; i < 50_000; i++) y = add(y, x);
  assertHolds(grad(y, [x])[0], [50_000]);
});

/** A random network in which every value is used several times, in an order that a seed decides. */
function tangle(seed: number): Tensor[] {
  const rng = new Rng(seed);
  const leaves = Array.from({ length: 4 }, () => {
    const x = randn([3, 3], rng, { requiresGrad: true });
    return x;
  });
  const values = [...leaves];
  const pick = (): Tensor => values[rng.below(values.length)];
  for (let i = 0; i < 30; i++) {
    const made = [add(pick(), pick()), mul(pick(), pick()), tanh(pick()), matmul(pick(), pick(), { transA: true })];
    values.push(tanh(made[rng.below(4)]));
  }
  const y = values.reduce((total, v) => add(total, sum(v)), tensor(0));
  return grad(y, leaves, { allowUnused: true }).map((g) => g ?? tensor(0));
}

test('gradients are equal to the bit from run to run, in any graph', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [one, two] = [tangle(seed), tangle(seed)];
      for (const [i, g] of one.entries()) assertSame(g, two[i], `leaf ${i}`);
    }),
    { numRuns: 20 },
  );
});

test('contributions are added from the newest call to the oldest', () => {
  const x = tensor([1], { requiresGrad: true });
  const big = 2 ** 24;
  const parts = [1, 1, big].map((k) => mul(x, k));
  const y = add(add(parts[2], parts[0]), parts[1]);
  // (2^24 + 1) + 1 rounds to 2^24 in float32, while (1 + 1) + 2^24 does not.
  assertHolds(grad(y, [x])[0], [big]);
});

test('a write in place after the call is refused where the rule needs the value, under the name of its op', () => {
  const write = (x: Tensor): Tensor => x.assign_(mul(x.detach(), 2));
  const [a, b] = [vector([1, 2]), vector([3, 4])];
  const product = sum(mul(a, b));
  write(b);
  assertRefuses(() => backward(product), GradError, 'mul', /operand 1 was written in place/);
  const total = sum(add(a, b));
  write(a);
  assertHolds(grad(total, [a])[0], [1, 1]);
  const e = exp(a);
  write(e);
  assertRefuses(() => grad(sum(e), [a]), GradError, 'exp', /result 0 was written/);
});

test('a write through a view counts as a write to what it shares storage with', () => {
  const x = vector([1, 2, 3]);
  const y = sum(square(x));
  slice(reshape(x.detach(), [3, 1]), [[2]]).assign_(tensor([[9]], { dtype: 'float64' }));
  assertRefuses(() => backward(y), GradError, 'square', /operand 0 was written/);
});

test('a write before the call does no harm', () => {
  const x = vector([1]);
  x.assign_(tensor([5], { dtype: 'float64' }));
  assertHolds(grad(square(x), [x])[0], [10]);
});

test('operands that are no tensors are refused by name, with what they are', () => {
  const x = vector([1]);
  for (const [bad, what] of [
    [undefined, /got undefined/],
    ['3', /got string/],
    [[1, 2], /got an array: use tensor/],
    [null, /got null/],
    [true, /got boolean/],
    [{}, /got object/],
  ] as const) {
    assertRefuses(() => add(x, bad as unknown as Operand), DTypeError, 'add', what);
    assertRefuses(() => div(bad as unknown as Operand, x), DTypeError, 'div', what);
    assertRefuses(() => relu(bad as unknown as Operand), DTypeError, 'relu', what);
  }
});
