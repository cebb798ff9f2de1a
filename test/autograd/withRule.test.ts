/** The same op under another gradient rule, inside a function. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import { withRule } from '../../src/autograd/withRule.ts';
import {
  add,
  backward,
  concat,
  DomainError,
  defineOp,
  exp,
  GradError,
  grad,
  isRecording,
  mul,
  type Op,
  relu,
  sign,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

test('inside, calls are recorded with the other rule; the values stay; outside nothing changes', () => {
  const x = vector([-1, 2]);
  const inside = withRule(
    relu,
    ({ dy }) => [dy],
    () => relu(x),
  );
  assertHolds(inside, [0, 2]);
  assertHolds(grad(sum(inside), [x])[0], [1, 1]);
  assertHolds(grad(sum(relu(x)), [x])[0], [0, 1]);
});

test('the rule of a call is decided where it is made, not where the backward pass runs', () => {
  const x = vector([3]);
  const tenfold = <T>(fn: () => T): T => withRule(square, ({ dy }) => [mul(dy, 10)], fn);
  const before = square(x);
  tenfold(() => backward(before));
  assertHolds(x.grad as Tensor, [6]);
  const after = tenfold(() => square(x));
  assertHolds(grad(after, [x])[0], [10]);
});

test('an op without a rule becomes differentiable: a straight-through estimator', () => {
  const x = vector([-3, 5]);
  const { backward: _, keeps: __, ...rest } = sign.record;
  const step: Op<1> = defineOp({ ...rest, name: 'step' });
  assert.ok(!step(x).requiresGrad);
  const y = withRule(
    step,
    ({ dy, inputs: [a] }) => [mul(dy, a)],
    () => mul(step(x), 7),
  );
  assertHolds(y, [-7, 7]);
  assertHolds(grad(sum(y), [x])[0], [-21, 35]);
});

test('nested, the inner rule holds inside, and the outer one again after; two ops do not mix', () => {
  const x = vector([3]);
  const times = (k: number) => (context: { readonly dy: Tensor }) => [mul(context.dy, k)];
  const seen: Tensor[] = [];
  withRule(square, times(10), () => {
    seen.push(square(x));
    withRule(square, times(100), () => seen.push(square(x)));
    withRule(exp, times(1000), () => seen.push(square(x), exp(x)));
    seen.push(square(x), exp(x));
  });
  const slopes = seen.map((y) => grad(y, [x])[0].item());
  assert.deepEqual(slopes, [10, 100, 10, 1000, 10, Math.exp(3)]);
});

test('the rule is put back after an error, and a promise is refused', () => {
  const x = vector([3]);
  assert.throws(
    () =>
      withRule(
        square,
        () => [null],
        () => {
          throw new RangeError('inside');
        },
      ),
    RangeError,
  );
  assertHolds(grad(square(x), [x])[0], [6]);
  const later = async (): Promise<number> => 1;
  assertRefuses(() => withRule(square, () => [null], later), GradError, 'withRule', /asynchronous/);
  assertHolds(grad(square(x), [x])[0], [6]);
  assert.ok(isRecording());
});

test('by default every operand and result is kept; with keeps only what it names', () => {
  const [a, b] = [vector([2]), vector([5])];
  const both = withRule(
    mul,
    ({ dy, inputs: [p, q], y }) => [mul(dy, p), add(mul(dy, q), y)],
    () => mul(a, b),
  );
  assert.deepEqual(
    grad(both, [a, b]).map((g) => g.item()),
    [2, 15],
  );
  const rule = { backward: ({ dy, inputs: [, q] }: { dy: Tensor; inputs: readonly Tensor[] }) => [mul(dy, q), dy] };
  const kept = withRule(mul, { ...rule, keeps: { inputs: [1] } }, () => mul(a, b));
  assert.equal(grad(kept, [a])[0].item(), 5);
  for (const keeps of [{}, { inputs: [0] }, { outputs: [0] }]) {
    const y = withRule(mul, { ...rule, keeps }, () => mul(a, b));
    assertRefuses(() => grad(y, [a]), GradError, 'mul', /does not keep/);
  }
});

test('an op that takes a list keeps all of it by default', () => {
  const [a, b] = [vector([1, 2]), vector([3])];
  const y = withRule(
    concat,
    ({ inputs }) => inputs.map((x) => mul(x, 2)),
    () => concat([a, b]),
  );
  const [da, db] = grad(sum(y), [a, b]);
  assertHolds(da, [2, 4]);
  assertHolds(db, [6]);
});

test('the rule sees what the op saves, recomputed under createGraph', () => {
  const saving: Op<1> = defineOp({
    name: 'saving',
    arity: 1,
    keeps: { inputs: [0] },
    forward({ inputs: [x] }) {
      const e = exp(x);
      return { y: mul(e, 2), saved: [e] };
    },
    backward: ({ dy, saved: [e] }) => [mul(dy, mul(e, 2))],
  });
  const x = vector([0]);
  const y = withRule(
    saving,
    ({ dy, saved: [e] }) => [mul(dy, square(e))],
    () => saving(x),
  );
  const [dx] = grad(y, [x], { createGraph: true });
  assertHolds(dx, [1]);
  assertHolds(grad(dx, [x])[0], [2]);
});

test('second derivatives go through the rule; once refuses them by name', () => {
  const x = vector([2]);
  const cubic = withRule(
    square,
    ({ dy, inputs: [a] }) => [mul(dy, mul(a, square(a)))],
    () => square(x),
  );
  const [dx] = grad(cubic, [x], { createGraph: true });
  assertHolds(dx, [8]);
  assertHolds(grad(dx, [x])[0], [12]);
  const once = withRule(square, { backward: ({ dy }) => [dy], once: true }, () => square(x));
  assertHolds(grad(once, [x], { retainGraph: true })[0], [1]);
  assertRefuses(() => grad(once, [x], { createGraph: true }), GradError, 'square', /no second derivative/);
});

test('checkpoint keeps to the rules that held when it was called', () => {
  const x = vector([3]);
  const y = withRule(
    square,
    ({ dy }) => [mul(dy, 10)],
    () => checkpoint((a: Tensor) => square(a), x),
  );
  assertHolds(grad(y, [x])[0], [10]);
  const z = checkpoint((a: Tensor) => square(a), x);
  withRule(
    square,
    ({ dy }) => [mul(dy, 10)],
    () => assertHolds(grad(z, [x])[0], [6]),
  );
});

test('what is no op or no rule is refused by name', () => {
  const rule = (): [null] => [null];
  for (const bad of [undefined, null, 3, {}, stack, () => 1])
    assertRefuses(() => withRule(bad as unknown as typeof exp, rule, () => 1), DomainError, 'withRule', /defineOp/);
  for (const bad of [undefined, null, 3, {}, { backward: 1 }])
    assertRefuses(() => withRule(exp, bad as unknown as typeof rule, () => 1), DomainError, 'withRule', /of exp/);
  for (const inputs of [[1], [-1], [0.5], [Number.NaN]])
    assertRefuses(
      () => withRule(exp, { backward: rule, keeps: { inputs } }, () => 1),
      DomainError,
      'withRule',
      /no operand/,
    );
  assertRefuses(() => withRule(exp, rule, 5 as unknown as () => number), GradError, 'withRule', /a function/);
  const x = vector([1]);
  const wrong = withRule(
    exp,
    () => [sum(x)],
    () => exp(x),
  );
  assertRefuses(() => backward(wrong), GradError, 'exp', /another shape/);
});
