/** Flags that hold inside a function: none leaks. And bad input to everything that controls gradients: a named error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectAnomaly } from '../../src/autograd/anomaly.ts';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import { customFunction } from '../../src/autograd/customFunction.ts';
import { onAccumulate } from '../../src/autograd/hooks.ts';
import { tap } from '../../src/autograd/ops/tap.ts';
import { enableGrad, flags } from '../../src/autograd/scoped.ts';
import { hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from '../../src/autograd/transforms.ts';
import { withRule } from '../../src/autograd/withRule.ts';
import {
  backward,
  DomainError,
  DTypeError,
  exp,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  isRecording,
  noGrad,
  square,
  type sum,
  type Tensor,
  TensorError,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

test('enableGrad records inside noGrad, and noGrad inside it does not', () => {
  const x = vector([3]);
  noGrad(() => {
    const y = enableGrad(() => {
      assert.ok(!noGrad(() => square(x)).requiresGrad);
      return square(x);
    });
    assert.ok(y.requiresGrad && !square(x).requiresGrad && !isRecording());
    assertHolds(grad(y, [x])[0], [6]);
  });
  assertRefuses(() => noGrad(() => enableGrad(async () => 1)), GradError, 'enableGrad', /asynchronous/);
  assert.ok(isRecording());
});

/** Not a Promise, and yet asynchronous. */
const thenable: object = Object.defineProperty({}, 'then', { value: (done: (value: number) => void) => done(1) });

/** Everything that runs a function under other flags. */
const scopes: Record<string, (fn: () => unknown) => unknown> = {
  noGrad,
  enableGrad,
  detectAnomaly,
  withRule: (fn) => withRule(exp, () => [null], fn),
  checkpoint: (fn) =>
    checkpoint(
      (x: Tensor) => {
        const result = fn();
        return result instanceof Promise ? (result as unknown as Tensor) : x;
      },
      vector([1]),
    ),
  jacobian: (fn) =>
    jacobian(
      (x) => {
        const result = fn();
        return result instanceof Promise ? (result as unknown as Tensor) : x;
      },
      vector([1]),
    ),
  customFunction: (fn) => {
    const run = (): Tensor => {
      const result = fn();
      return result instanceof Promise ? (result as unknown as Tensor) : tensor([1]);
    };
    return customFunction({ forward: run, backward: (_, dy) => dy })(vector([1]));
  },
};

test('whatever is nested in whatever, and whether it ends, throws or gives a promise: the flags are as before', () => {
  const names = Object.keys(scopes);
  const endings: Record<string, () => unknown> = {
    value: () => vector([1]),
    error: () => {
      throw new RangeError('inside');
    },
    promise: () => Promise.resolve(1),
    rejection: () => Promise.reject(new Error('later')),
    thenable: () => thenable,
  };
  const program = fc.tuple(
    fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }),
    fc.constantFrom(...Object.keys(endings)),
  );
  fc.assert(
    fc.property(program, ([chain, ending]) => {
      const before = { ...flags };
      const run = chain.reduceRight((inner, name) => () => scopes[name](inner), endings[ending]);
      try {
        run();
        assert.ok(ending === 'value' || ending === 'thenable', ending);
      } catch (error) {
        assert.ok(error instanceof RangeError || error instanceof GradError || ending === 'thenable', String(error));
      }
      assert.deepEqual(flags, before);
    }),
  );
  assert.deepEqual(flags, { recording: true, anomaly: false, rules: null, nested: false });
});

test('each refuses a promise and a thenable under its own name', () => {
  for (const [name, scope] of Object.entries(scopes)) {
    if (name === 'customFunction') continue;
    assertRefuses(() => scope(() => Promise.resolve(1)), GradError, name, /asynchronous/);
  }
  assertRefuses(() => noGrad(() => thenable), GradError, 'noGrad', /asynchronous/);
});

/** Arguments of every kind. */
const garbage: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, Number.NaN, -1, 0, '', 'x', true, Symbol('s')),
  fc.constantFrom([], [1], {}, { shape: [2] }, new Float64Array(2), new Date(0), /x/, new Map()),
  fc.constantFrom(
    () => undefined,
    () => 1,
    (x: unknown) => x,
    () => [tensor([1])],
    () => tensor([true]),
  ),
  fc.constantFrom(
    tensor([1, 2]),
    tensor([1, 2], { dtype: 'int32' }),
    tensor([true]),
    tensor([]),
    tensor([1, 2], { requiresGrad: true }),
    tensor(3, { dtype: 'float64', requiresGrad: true }),
    [tensor([1]), null],
    [tensor([1, 2], { requiresGrad: true })],
  ),
  fc.constantFrom(
    { createGraph: 1 },
    { retainGraph: 'yes' },
    { axis: 0 },
    { gradOutputs: 3 },
    { gradOutputs: [3] },
    { onGrad: 1 },
  ),
);

type Anything = (...args: unknown[]) => unknown;

/** Everything of this issue that takes arguments. */
const functions: Record<string, unknown> = {
  grad,
  backward,
  tap,
  vjp,
  jvp,
  jacobian,
  hessian,
  hvp,
  valueAndGrad,
  withRule,
  checkpoint,
  customFunction,
  detectAnomaly,
  noGrad,
  enableGrad,
  onAccumulate,
  gradcheck,
  gradgradcheck,
};

test('garbage in any place is refused by a named error, or does no harm', () => {
  const calls = fc.tuple(fc.constantFrom(...Object.keys(functions)), fc.array(garbage, { maxLength: 4 }));
  fc.assert(
    fc.property(calls, ([name, args]) => {
      const before = { ...flags };
      try {
        const result = (functions[name] as Anything)(...args);
        if (typeof result === 'function') (result as Anything)(...args);
      } catch (error) {
        assert.ok(error instanceof TensorError, `${name}: ${error instanceof Error ? error.stack : String(error)}`);
      }
      assert.deepEqual(flags, before);
    }),
    { numRuns: 3000 },
  );
});

test('options by another name, and options that are none, are refused', () => {
  const x = vector([1]);
  const options: readonly [object, RegExp][] = [
    [{ create_graph: true }, /has no option 'create_graph'/],
    [{ createGraph: 1 }, /createGraph is true or false/],
  ];
  for (const [bad, message] of options) {
    const given = bad as { createGraph?: boolean };
    assertRefuses(() => grad(square(x), [x], given), DomainError, 'grad', message);
    assertRefuses(() => backward(square(x), given), DomainError, 'backward', message);
    assertRefuses(() => vjp(square, x, given), DomainError, 'vjp', message);
    assertRefuses(() => jvp(square, x, x, given), DomainError, 'jvp', message);
    assertRefuses(() => jacobian(square, x, given), DomainError, 'jacobian', message);
    assertRefuses(() => hessian(square, x, given), DomainError, 'hessian', message);
    assertRefuses(() => hvp(square, x, x, given), DomainError, 'hvp', message);
    assertRefuses(() => valueAndGrad((a: Tensor) => square(a), given)(x), DomainError, 'valueAndGrad', message);
  }
  assertRefuses(() => backward(square(x), { retainGraph: 1 as unknown as boolean }), DomainError, 'backward');
  assertRefuses(
    () => backward(square(x), { onGrad: 1 as unknown as () => undefined }),
    DomainError,
    'backward',
    /onGrad/,
  );
});

test('what is no tensor, or no list of them, is refused with what it is', () => {
  const x = vector([1]);
  const y = (): Tensor => square(x);
  assertRefuses(
    () => grad(y(), x as unknown as Tensor[]),
    DTypeError,
    'grad',
    /inputs are a list of tensors, got a tensor/,
  );
  assertRefuses(
    () => grad(3 as unknown as Tensor, [x]),
    DTypeError,
    'grad',
    /outputs are a list of tensors, got number/,
  );
  assertRefuses(() => grad([y(), 3 as unknown as Tensor], [x]), DTypeError, 'grad', /output 1 is a tensor, got number/);
  assertRefuses(() => grad(y(), [x, null as unknown as Tensor]), DTypeError, 'grad', /input 1 is a tensor, got null/);
  assertRefuses(() => grad(y(), [x], { gradOutputs: [3 as unknown as Tensor] }), DTypeError, 'grad', /gradient 0/);
  assertRefuses(() => backward(null as unknown as Tensor), DTypeError, 'backward', /output 0/);
  assertRefuses(() => backward(y(), { gradOutput: 1 as unknown as Tensor }), DTypeError, 'backward', /gradient 0/);
  assertRefuses(() => vjp(square, 3 as unknown as Tensor), DTypeError, 'vjp', /inputs are a list/);
  assertRefuses(() => jacobian(3 as unknown as typeof sum, x), DomainError, 'jacobian', /is a function, got number/);
});
