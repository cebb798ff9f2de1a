/** Ops that users define: several results, saved intermediates, and rules that are wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  backward,
  concat,
  defineOp,
  exp,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  mul,
  type Op,
  ShapeError,
  slice,
  square,
  sub,
  sum,
  Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { mulKernel, squareKernel } from '../../src/tensor/cpu/arithmetic.ts';
import { tensors } from '../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';
import { checkOp } from '../harness/op.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

/** What the last rule of `split` was told. */
let told: readonly (Tensor | null)[] = [];

/** x [2n] → its first and its second half. */
const split: Op<1, undefined, 2> = defineOp<1, undefined, 2>({
  name: 'split',
  arity: 1,
  signature: 'm -> n, n',
  check([x]) {
    if (x.size % 2 !== 0) throw new ShapeError('split', 'the size is odd', [x.shape]);
  },
  forward({ inputs: [x] }) {
    const n = x.size / 2;
    return { ys: [slice(x, [[0, n]]), slice(x, [[n]])] };
  },
  backward({ dys, ys }) {
    told = dys;
    return [concat(dys.map((dy, i) => dy ?? zeros(ys[i].shape, { dtype: ys[i].dtype })))];
  },
});

/** x·e^x; saves e^x, computed with an op, so that a recorded pass can recompute it with its graph. */
const xexp: Op<1> = defineOp({
  name: 'xexp',
  arity: 1,
  signature: '… -> …',
  keeps: { inputs: [0] },
  forward({ inputs: [x] }) {
    const e = exp(x);
    return { y: mul(x, e), saved: [e] };
  },
  backward: ({ dy, inputs: [x], saved: [e] }) => [mul(dy, mul(add(x, 1), e))],
  reference: ([x]) => mul(x, exp(x)),
});

checkOp(xexp);
checkOp(split, {
  inputs: fc.nat(3).chain((n) => tensors([2 * n]).map((x) => ({ inputs: [x], attrs: undefined }))),
});

test('an op with several results gives them as a list; its rule gets null where a result is unused', () => {
  const x = vector([1, 2, 3, 4]);
  const [a, b] = split(x);
  assertHolds(a, [1, 2]);
  assertHolds(b, [3, 4]);
  assertHolds(grad(sum(square(b)), [x], { retainGraph: true })[0], [0, 0, 6, 8]);
  assert.equal(told[0], null);
  assertHolds(told[1] as Tensor, [6, 8]);
  assertHolds(grad(sum(mul(a, b)), [x])[0], [3, 4, 1, 2]);
  assert.ok(told.every((dy) => dy instanceof Tensor));
});

test('each result of one call is a tensor that gradients can be asked for', () => {
  const x = vector([1, 2, 3, 4]);
  const [a, b] = split(x);
  const [da, db] = grad(sum(mul(a, square(b))), [a, b]);
  assertHolds(da, [9, 16]);
  assertHolds(db, [6, 16]);
  assertRefuses(() => grad(sum(split(x)[0]), [split(x)[1]]), GradError, 'grad', /do not depend/);
});

test('saved intermediates are recomputed, recorded, under createGraph', () => {
  const x = vector([0.5]);
  const [dx] = grad(xexp(x), [x], { createGraph: true });
  const [d2x] = grad(dx, [x], { createGraph: true });
  const [d3x] = grad(d2x, [x]);
  for (const [i, d] of [dx, d2x, d3x].entries())
    assert.ok(Math.abs(d.item() - (1.5 + i) * Math.exp(0.5)) < 1e-14, `derivative ${i + 1}: ${d}`);
});

/** An op x² whose record is changed. */
const squared = (changes: Partial<typeof square.record>): Op<1> =>
  defineOp({ ...square.record, name: 'squared', ...changes });

test('a rule that reads an operand or result it does not keep is refused by name', () => {
  const rules: readonly Partial<typeof square.record>[] = [
    { keeps: {} },
    { backward: ({ inputs: [x] }) => [mul(x, 2)], keeps: {} },
    { backward: ({ dy, inputs: [x] }) => [mul(dy, x.data[0])], keeps: {} },
    { backward: ({ dy, y }) => [mul(dy, y)] },
  ];
  for (const changes of rules) {
    const x = vector([1, 2]);
    assertRefuses(() => backward(sum(squared(changes)(x))), GradError, 'squared', /does not keep/);
  }
});

test('a rule that gives another shape, dtype or number of gradients is refused by name', () => {
  const rules: readonly [Partial<typeof square.record>, RegExp][] = [
    [{ backward: ({ dy }) => [sum(dy)] }, /gradient, or one of another shape, got \[\] · \[2\]/],
    [{ backward: () => [zeros([2])] }, /operand 0 \(float64\) a float32 gradient/],
    [{ backward: ({ dy }) => [dy, dy] }, /2 gradients for 1 operands/],
    [{ backward: () => [] }, /0 gradients for 1 operands/],
    [{ backward: (() => undefined) as unknown as NonNullable<typeof square.record.backward> }, /0 gradients/],
  ];
  for (const [changes, message] of rules)
    assertRefuses(() => backward(sum(squared(changes)(vector([1, 2])))), GradError, 'squared', message);
});

test('a rule may give null, false or nothing for an operand that has no gradient', () => {
  for (const nothing of [null, false, undefined] as const) {
    const x = vector([1, 2]);
    const y = sum(squared({ backward: () => [nothing] })(x));
    assert.deepEqual(grad(y, [x], { allowUnused: true }), [null]);
  }
});

test('once: a first derivative works, a recorded one is refused by name', () => {
  const op = squared({ once: true });
  const x = vector([3]);
  assertHolds(grad(op(x), [x])[0], [6]);
  assertRefuses(() => grad(op(x), [x], { createGraph: true }), GradError, 'squared', /no second derivative/);
});

test('needs tells a rule which gradients are wanted, and others are not asked for', () => {
  const asked: (readonly boolean[])[] = [];
  const watched: Op<2> = defineOp({
    ...mul.record,
    backward(context) {
      asked.push(context.needs);
      return (mul.record.backward as NonNullable<typeof mul.record.backward>)(context);
    },
  });
  const [a, b, c] = [vector([1]), vector([2]), tensor([3], { dtype: 'float64' })];
  grad(watched(a, c), [a]);
  grad(watched(a, b), [b]);
  grad(watched(a, b), [a, b]);
  backward(watched(a, square(b)));
  assert.deepEqual(asked, [
    [true, false],
    [false, true],
    [true, true],
    [true, true],
  ]);
});

test('a rule is not run at all when no wanted input lies behind it', () => {
  let runs = 0;
  const counted = squared({
    backward: ({ dy, inputs: [x] }) => {
      runs += 1;
      return [mul(dy, mul(x, 2))];
    },
  });
  const [a, b] = [vector([1]), vector([2])];
  grad(add(counted(a), square(b)), [b]);
  assert.equal(runs, 0);
});

test('an op without a rule cuts the graph', () => {
  const { backward: _, keeps: __, ...rest } = square.record;
  const blind: Op<1> = defineOp({ ...rest, name: 'blind' });
  const y = blind(vector([3]));
  assert.ok(!y.requiresGrad && y.node === null);
});

test('forward must return new tensors, not its operands', () => {
  const same: Op<1> = defineOp({ name: 'same', arity: 1, forward: ({ inputs: [x] }) => x, backward: ({ dy }) => [dy] });
  assertRefuses(() => same(vector([1])), GradError, 'same', /new tensors/);
});

test('what forward computes with ops is not recorded', () => {
  const x = vector([2]);
  const y = xexp(x);
  assert.equal((y.node as unknown as { edges: readonly unknown[] }).edges[0], x);
});

test('a kernel in place of an op in forward leaves saved values without a graph: gradgradcheck finds it', () => {
  const wrong: Op<1> = defineOp({
    ...square.record,
    name: 'quartic',
    forward({ inputs: [x] }) {
      const s = squareKernel([x], undefined);
      return { y: mulKernel([s, s], undefined), saved: [s] };
    },
    backward: ({ dy, inputs: [x], saved: [s] }) => [mul(dy, mul(mul(x, s), 4))],
  });
  const x = vector([0.5, 1]);
  assert.ok(gradcheck(wrong, [x]));
  assert.throws(() => gradgradcheck(wrong, [x]), GradError);
});

test('the name, record and attributes of an op', () => {
  assert.equal(xexp.name, 'xexp');
  assert.equal(xexp.record.name, 'xexp');
  const power: Op<1, { readonly n: number }> = defineOp({
    name: 'power',
    arity: 1,
    forward: ({ inputs: [x], attrs: { n } }) => (n === 2 ? square(x) : mul(x, 1)),
    backward: ({ dy, attrs: { n } }) => [mul(dy, n)],
  });
  const x = vector([3]);
  assertHolds(power(x, { n: 2 }), [9]);
  assertHolds(grad(power(x, { n: 2 }), [x])[0], [2]);
});

test('gradients do not flow to operands that require none, and sums of both kinds work', () => {
  const x = vector([1, 2]);
  const c = tensor([5, 6], { dtype: 'float64' });
  backward(sum(sub(mul(x, c), c)));
  assertHolds(x.grad as Tensor, [5, 6]);
  assert.equal(c.grad, null);
});
