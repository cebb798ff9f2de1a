import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  abs,
  add,
  concat,
  defineOp,
  exp,
  GradError,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  type Op,
  type OpRecord,
  Rng,
  square,
  sum,
  Tensor,
  tanh,
  tensor,
} from '../../src/index.ts';
import { assertRefuses } from '../harness/compare.ts';

const input = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });
const x = input([0.5, -1.25, 2]);

/** x² with another rule. */
const squareWith = (backward: NonNullable<OpRecord<1, undefined, 1>['backward']>): Op<1> =>
  defineOp({ ...square.record, name: 'squareWith', backward });

test('right rules pass, in full and along a random direction, first order and second', () => {
  const f = (a: Tensor, b: Tensor): Tensor => tanh(add(matmul(a, b), exp(sum(a))));
  const inputs = [
    input([
      [0.1, 0.2],
      [0.3, -0.4],
    ]),
    input([
      [1, 0.5],
      [-0.5, 0.25],
    ]),
  ];
  for (const fast of [false, true]) {
    assert.equal(gradcheck(f, inputs, { fast }), true);
    assert.equal(gradgradcheck(f, inputs, { fast }), true);
  }
});

const wrong: readonly [string, NonNullable<OpRecord<1, undefined, 1>['backward']>][] = [
  ['a missing factor', ({ dy, inputs: [v] }) => [mul(dy, v)]],
  ['a wrong sign', ({ dy, inputs: [v] }) => [mul(dy, mul(v, -2))]],
  ['half a percent too much', ({ dy, inputs: [v] }) => [mul(dy, mul(v, 2.01))]],
  ['a constant added', ({ dy, inputs: [v] }) => [add(mul(dy, mul(v, 2)), 1e-3)]],
  ['one element dropped', ({ dy, inputs: [v] }) => [mul(dy, mul(v, tensor([2, 0, 2], { dtype: 'float64' })))]],
  ['dy forgotten', ({ inputs: [v] }) => [mul(v, 2)]],
  ['no gradient at all', () => [null]],
  ['NaN', ({ dy }) => [mul(dy, Number.NaN)]],
];
for (const [name, rule] of wrong)
  test(`a wrong rule is caught: ${name}`, () => {
    for (const fast of [false, true])
      assertRefuses(
        () => gradcheck(squareWith(rule), [x], { fast }),
        GradError,
        'gradcheck',
        /the rule gives .* the finite difference/,
      );
  });

test('the error names the operand and the elements, with both values', () => {
  const rule = squareWith(({ dy, inputs: [v] }) => [mul(dy, v)]);
  assertRefuses(
    () => gradcheck((a, b) => add(a, rule(b)), [x, x]),
    GradError,
    'gradcheck',
    /∂y\[0\]\/∂x1\[0\]: the rule gives 0\.5, the finite difference 0\.99999/,
  );
});

test('a rule right in value but wrong in its own derivative passes gradcheck and fails gradgradcheck', () => {
  const frozen = squareWith(({ dy, inputs: [v] }) => [mul(dy, mul(v.detach(), 2))]);
  assert.ok(gradcheck(frozen, [x]));
  for (const fast of [false, true]) assertRefuses(() => gradgradcheck(frozen, [x], { fast }), GradError, 'gradcheck');
  const deaf = squareWith(({ dy, inputs: [v] }) => [mul(dy.detach(), mul(v, 2))]);
  assert.ok(gradcheck(deaf, [x]));
  assertRefuses(() => gradgradcheck(deaf, [x]), GradError, 'gradcheck');
});

test('gradgradcheck passes on the refusal of a second derivative', () => {
  const once: Op<1> = defineOp({ ...square.record, name: 'onceOnly', once: true });
  assertRefuses(() => gradgradcheck(once, [x]), GradError, 'onceOnly', /no second derivative/);
});

test('float32 is refused unless both tolerances are given', () => {
  const single = tensor([0.5, 1], { requiresGrad: true });
  for (const options of [{}, { atol: 1e-2 }, { rtol: 1e-2 }])
    assertRefuses(() => gradcheck(square, [single], options), GradError, 'gradcheck', /float32/);
  assert.ok(gradcheck(square, [single], { atol: 1e-2, rtol: 1e-2, eps: 1e-2 }));
});

test('something must require a gradient; what does not is held fixed', () => {
  assertRefuses(
    () => gradcheck(square, [tensor([1], { dtype: 'float64' })]),
    GradError,
    'gradcheck',
    /no input requires/,
  );
  const index = tensor([2], { dtype: 'int32' });
  const blind = squareWith(() => [null]);
  assert.ok(gradcheck((a, b, n) => concat([mul(a, n.data[0]), blind(b)]), [x, x.detach(), index]));
});

test('a function that does not depend on an input has derivative 0 there', () => {
  assert.ok(gradcheck((a) => square(a), [x, input([1])]));
  assert.ok(gradcheck(() => tensor([3, 4], { dtype: 'float64' }), [x]));
  assert.ok(gradgradcheck((a) => mul(a, 3), [x]));
});

test('a kink is found where it lies within the step', () => {
  assertRefuses(() => gradcheck(abs, [input([1e-8])]), GradError, 'gradcheck');
  assert.ok(gradcheck(abs, [input([1e-3])]));
});

test('inputs are neither changed nor given gradients; the random direction is the caller’s', () => {
  const before = [...x.data];
  const [one, two] = [new Rng(1), new Rng(1)];
  gradcheck(square, [x], { fast: true, rng: one });
  gradcheck(square, [x], { fast: true, rng: two });
  assert.deepEqual(one.state, two.state);
  assert.notDeepEqual(one.state, new Rng(1).state);
  assert.deepEqual([...x.data], before);
  assert.equal(x.grad, null);
  assert.ok(x instanceof Tensor && x.storage.version === 0);
});
