/** Each law of `checkOp` fails for an op that breaks it, and all hold for one that breaks none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, cast, defineOp, mul, type Op, ones, square, sum, type Tensor, tensor } from '../../src/index.ts';
import { type CheckOptions, lawsOf } from './op.ts';

/** The names of the laws that fail. */
function broken<A>(op: Op<1, A> | Op<2, A>, options: CheckOptions<A> = {}): string[] {
  return lawsOf(op as Op<2, A>, options as CheckOptions<NoInfer<A>>).flatMap((law) => {
    try {
      law.run();
      return [];
    } catch {
      return [law.name];
    }
  });
}

function expectBroken<A>(op: Op<1, A> | Op<2, A>, law: RegExp, options: CheckOptions<A> = {}): void {
  const failed = broken(op, options);
  assert.ok(
    failed.some((name) => law.test(name)),
    `${law} held; broken: ${failed.join(' | ') || 'none'}`,
  );
}

const like = (changes: Partial<typeof square.record>): Op<1> => defineOp({ ...square.record, ...changes });
const pair = (changes: Partial<typeof mul.record>): Op<2> => defineOp({ ...mul.record, ...changes });
/** An op whose call does something else than its record says. */
const called = <N extends 1 | 2>(op: Op<N>, call: (...xs: Tensor[]) => Tensor): Op<N> =>
  Object.assign(call, { record: op.record }) as unknown as Op<N>;

/** The second value; the first was computed for its side effect. */
const second = (_: unknown, y: Tensor): Tensor => y;

test('no law fails for a sound op', () => {
  assert.deepEqual(broken(square), []);
  assert.deepEqual(broken(mul), []);
  assert.deepEqual(broken(scale, { attrs: [{}, { straight: true }] }), []);
});

test('a wrong factor is not the derivative', () => {
  expectBroken(like({ backward: ({ dy, inputs: [x] }) => [mul(dy, x)] }), /rule is the central difference/);
  expectBroken(
    like({ backward: ({ dy, inputs: [x] }) => [mul(dy, mul(x, 2 + 1e-4))] }),
    /rule is the central difference/,
  );
});

test('a rule that cuts the graph has the wrong second order', () => {
  const op = like({ backward: ({ dy, inputs: [x] }) => [mul(dy, mul(x.detach(), 2))] });
  assert.deepEqual(broken(op), ['the rule can be differentiated: second order is the central difference']);
});

test('an op that says once must refuse', () => {
  const op = defineOp({ ...square.record, name: 'once' });
  expectBroken(
    Object.assign(
      called(op, (x) => square(x)),
      { record: { ...op.record, once: true } },
    ),
    /refused by name/,
  );
});

test('a value or a gradient off its reference is found', () => {
  expectBroken(like({ reference: ([x]) => add(mul(x, x), 1e-10) }), /reference/);
  expectBroken(like({ reference: ([x]) => mul(x, x.detach()) }), /reference/);
});

/** x·s whose gradient by x may be passed straight through: a surrogate that the true gradient is s times of. */
const scaleRecord: Op<2, { readonly straight?: boolean }>['record'] = {
  name: 'scale',
  arity: 2,
  signature: '…, … -> …',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs: [x, s] }) => mul(x, s),
  backward: ({ dy, inputs: [x, s], attrs: { straight = false } }) => [straight ? mul(dy, 1) : mul(dy, s), mul(dy, x)],
  reference: ([x, s]) => mul(x, s),
  surrogate: {
    when: ({ straight = false }) => straight,
    operands: [0],
    source: 'this test',
    law: (gradients, truth, [, s]) => [[mul(gradients[0], s), truth[0]]],
  },
};
const scale = defineOp(scaleRecord);

test('a surrogate that breaks its own law, or touches another operand, is found', () => {
  const attrs = [{}, { straight: true }];
  const rules: readonly (typeof scaleRecord.backward)[] = [
    ({ dy, inputs: [x, s], attrs: a }) => [a.straight ? mul(dy, 2) : mul(dy, s), mul(dy, x)],
    ({ dy, inputs: [x, s], attrs: a }) => [a.straight ? dy : mul(dy, s), a.straight ? dy : mul(dy, x)],
  ];
  for (const backward of rules)
    expectBroken(defineOp({ ...scaleRecord, backward } as typeof scaleRecord), /surrogate/, { attrs });
  const { reference: _, ...plainly } = scaleRecord;
  assert.deepEqual(broken(defineOp(plainly), { attrs, plain: () => ({}) }), []);
});

test('operands that should be refused and are not are found', () => {
  const lax = called(mul, (a) => square(a));
  expectBroken(lax, /raises ShapeError/);
  expectBroken(lax, /raise DTypeError/);
  const renamed = called(mul, (a, b) => add(a, b));
  expectBroken(renamed, /raises ShapeError/);
  assert.deepEqual(
    broken(
      called(mul, (a, b) => mul(a, b ?? a)),
      { wider: true },
    ),
    [],
  );
});

test('a result that the signature does not describe is found', () => {
  expectBroken(like({ signature: '… n -> …' }), /shape and dtype/);
  expectBroken(like({ signature: '… -> … :bool' }), /shape and dtype/);
  expectBroken(like({ signature: '… -> …, …' }), /shape and dtype/);
});

test('reading values, or allocating, on meta is found', () => {
  expectBroken(like({ forward: ({ inputs: [x] }) => mul(square(x), x.data.length > 0 ? 1 : 1) }), /on meta/);
  expectBroken(like({ forward: ({ inputs: [x] }) => second(ones([2]), square(x)) }), /on meta/);
});

test('something kept or saved that no rule reads is found; something missing too', () => {
  expectBroken(defineOp({ ...add.record, keeps: { inputs: [0] } }), /kept or saved/);
  expectBroken(like({ keeps: { inputs: [0], outputs: [0] } }), /kept or saved/);
  expectBroken(like({ forward: ({ inputs: [x] }) => ({ y: square(x), saved: [mul(x, 1)] }) }), /kept or saved/);
  expectBroken(pair({ keeps: { inputs: [0] } }), /rule is the central difference/);
});

test('a rule that remembers its operand behind the graph’s back is found', () => {
  let held: Tensor = tensor(0);
  const op = like({
    keeps: {},
    forward({ inputs: [x] }) {
      held = x;
      return square(x);
    },
    backward: ({ dy }) => [mul(dy, mul(held, 2))],
  });
  expectBroken(op, /write between call and backward/);
});

test('numbers that change from run to run are found', () => {
  let calls = 0;
  expectBroken(like({ forward: ({ inputs: [x] }) => mul(square(x), 1 + (calls++ % 2) * 2 ** -52) }), /same bits/);
  expectBroken(
    like({ backward: ({ dy, inputs: [x] }) => [mul(dy, mul(x, 2 + (calls++ % 2) * 2 ** -50))] }),
    /same bits/,
  );
});

test('float32 that is further off than its rounding is found', () => {
  const coarse = like({ forward: ({ inputs: [x] }) => mul(square(x), x.dtype === 'float32' ? 1 + 1e-4 : 1) });
  assert.deepEqual(broken(coarse), ['float32 agrees with float64 within 0.000002']);
  assert.deepEqual(broken(coarse, { tolerance: 2e-4 }), []);
});

test('an operand that is written to is found, with or without its version', () => {
  expectBroken(
    like({ forward: ({ inputs: [x] }) => second(x.assign_(tensor(x.data, { shape: x.shape })), square(x)) }),
    /never written/,
  );
  const sly = like({
    forward({ inputs: [x] }) {
      const y = square(x);
      if (x.device.hasData && x.size > 0) x.data[0] += 1;
      return y;
    },
  });
  expectBroken(sly, /never written/);
});

test('an op without a rule must not keep anything, nor give results with a gradient', () => {
  const { backward: _, ...rest } = square.record;
  expectBroken(defineOp(rest), /not differentiable/);
  const { keeps: __, ...bare } = rest;
  expectBroken(
    called(defineOp(bare), (x) => square(x)),
    /not differentiable/,
  );
  assert.deepEqual(broken(defineOp(bare)), []);
});

test('an op that fails on, or fills, an empty tensor is found', () => {
  const fails = like({
    forward({ inputs: [x] }) {
      if (x.size === 0) throw new RangeError('empty');
      return square(x);
    },
  });
  assert.deepEqual(broken(fails), ['empty operands pass through, and an empty result has zero gradients']);
  const leaks = pair({
    backward: ({ dy, inputs: [a, b] }) =>
      dy.size === 0
        ? [ones(a.shape, { dtype: a.dtype }), ones(b.shape, { dtype: b.dtype })]
        : (mul.record.backward?.({ dy, inputs: [a, b] } as never) ?? []),
  });
  expectBroken(leaks, /empty operands/);
});

test('an op without a signature must be given its operands', () => {
  const { signature: _, ...rest } = square.record;
  assert.throws(() => lawsOf(defineOp(rest)), /has no signature/);
  assert.equal(sum(cast(ones([2]), 'float64')).item(), 2);
});
