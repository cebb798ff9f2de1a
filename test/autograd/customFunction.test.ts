/** Functions of one's own with a backward of one's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CustomFunction, customFunction } from '../../src/autograd/customFunction.ts';
import {
  add,
  backward,
  DomainError,
  DTypeError,
  GradError,
  grad,
  isRecording,
  mul,
  noGrad,
  ones,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

/** x³, out of a saved operand. */
const cube = customFunction({
  name: 'cube',
  forward({ save }, x) {
    save(x);
    return mul(x, square(x));
  },
  backward: ({ saved: [x] }, dy) => mul(dy, mul(square(x), 3)),
});

test('value and first derivative are what forward and backward say', () => {
  const x = vector([2, -1]);
  assertHolds(cube(x), [8, -1]);
  backward(sum(mul(cube(x), tensor([1, 10], { dtype: 'float64' }))));
  assertHolds(x.grad as Tensor, [12, 30]);
  assert.equal((cube(x).node as unknown as { record: { name: string } }).record.name, 'cube');
});

test('several operands and results: needs says what is wanted, unused results bring zeros', () => {
  const asked: unknown[] = [];
  const sumAndDifference = customFunction({
    forward: (_, a, b) => [add(a, b), sub(a, b)],
    backward({ needs }, ds, dd) {
      asked.push(needs, dd.toArray());
      return [needs[0] && add(ds, dd), needs[1] && sub(ds, dd)];
    },
  });
  const [a, b] = [vector([5]), vector([3])];
  const [s, d] = sumAndDifference(a, b);
  assert.deepEqual([s.item(), d.item()], [8, 2]);
  assert.deepEqual(
    grad(add(mul(s, 2), mul(d, 10)), [a, b]).map((g) => g.item()),
    [12, -8],
  );
  assert.equal(grad(sumAndDifference(a, b)[0], [b])[0].item(), 1);
  assert.deepEqual(asked, [[true, true], [10], [false, true], [0]]);
});

test('numbers become tensors, and what comes after the operands is attrs', () => {
  const scale = customFunction<Tensor, { readonly by: number }>({
    forward: ({ attrs: { by } }, x, y) => mul(add(x, y), by),
    backward: ({ attrs: { by } }, dy) => [mul(dy, by), null],
  });
  const x = vector([2]);
  const y = scale(x, 3, { by: 10 });
  assertHolds(y, [50]);
  assert.equal(y.dtype, 'float64');
  assertHolds(grad(y, [x])[0], [10]);
});

test('forward may give back an operand', () => {
  const same = customFunction({ forward: (_, x) => x, backward: (_, dy) => mul(dy, 5) });
  const x = vector([2]);
  assert.ok(same(x) !== x);
  assertHolds(grad(same(x), [x])[0], [5]);
});

test('nothing is recorded outside a graph, and forward may use plain numbers', () => {
  assert.ok(!cube(tensor([1])).requiresGrad);
  assert.ok(!noGrad(() => cube(vector([1]))).requiresGrad);
  const host = customFunction({
    forward: (_, x) => tensor(x.data.map(Math.cbrt), { shape: x.shape }),
    backward: (_, dy) => dy,
  });
  assertHolds(host(vector([8])), [2]);
  assert.ok(isRecording());
});

test('a write in place to what was saved is refused', () => {
  const x = vector([2]);
  const y = cube(x);
  x.assign_(tensor([3], { dtype: 'float64' }));
  assertRefuses(() => backward(y), GradError, 'cube', /a tensor that it saved was written in place/);
});

test('faults of forward and backward are refused under the name of the function', () => {
  const x = vector([1, 2]);
  const make = (changes: Partial<CustomFunction<Tensor>>) =>
    customFunction<Tensor>({ name: 'faulty', forward: (_, a) => square(a), backward: (_, dy) => dy, ...changes });
  const forward = (made: unknown) => ({ forward: () => made as Tensor });
  for (const made of [undefined, null, 3, 'y', {}, [1]])
    assertRefuses(() => make(forward(made))(x), DTypeError, 'faulty', /result/);
  assertRefuses(() => make(forward(Promise.reject(new Error('no'))))(x), GradError, 'faulty', /asynchronous/);
  const saving = make({
    forward({ save }, a) {
      save(3 as unknown as Tensor);
      return a;
    },
  });
  assertRefuses(() => saving(x), DTypeError, 'faulty', /saved value 0 is a tensor, got number/);
  let late: ((x: Tensor) => void) | null = null;
  make({
    forward({ save }, a) {
      late = save;
      return a;
    },
  })(x);
  assertRefuses(() => (late as unknown as (x: Tensor) => void)(x), GradError, 'faulty', /while it runs/);
  const gradients: readonly [unknown, RegExp][] = [
    [undefined, /a tensor or a list/],
    [3, /a tensor or a list/],
    [[3], /no tensor/],
    [[], /0 gradients for 1/],
    [[x, x], /2 gradients for 1/],
    [zeros([3], { dtype: 'float64' }), /another shape/],
    [ones([2]), /float32/],
    [Promise.resolve(x), /asynchronous/],
  ];
  for (const [given, message] of gradients)
    assertRefuses(() => backward(sum(make({ backward: () => given as Tensor })(x))), GradError, 'faulty', message);
  assert.ok(isRecording());
});

test('what is no definition, and operands that are no tensors, are refused', () => {
  for (const bad of [undefined, null, 3, {}, { forward: 1 }, { forward: () => 1 }])
    assertRefuses(() => customFunction(bad as unknown as CustomFunction<Tensor>), DomainError, 'customFunction');
  for (const bad of ['x', null, [1]])
    assertRefuses(() => cube(bad as unknown as Tensor, vector([1])), DTypeError, 'cube', /operand 0/);
});
