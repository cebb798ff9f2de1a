/** Second derivatives of functions of one's own: right, or refused, never wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { customFunction } from '../../src/autograd/customFunction.ts';
import {
  add,
  cast,
  exp,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  greater,
  mul,
  noGrad,
  Rng,
  rand,
  square,
  sum,
  type Tensor,
  tensor,
  where,
} from '../../src/index.ts';
import { anyTensors } from '../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../harness/compare.ts';

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

/** e^x, out of a saved result. */
const exponential = customFunction({
  name: 'exponential',
  forward({ save }, x) {
    const y = exp(x);
    save(y);
    return y;
  },
  backward: ({ saved: [y] }, dy) => mul(dy, y),
});

/** x³, out of a saved intermediate x². */
const throughSquare = customFunction({
  name: 'throughSquare',
  forward({ save }, x) {
    const s = square(x);
    save(s);
    return mul(x, s);
  },
  backward: ({ saved: [s] }, dy) => mul(dy, mul(s, 3)),
});

test('saved operands, results and intermediates: first to third derivatives, and finite differences', () => {
  for (const [name, f, expected] of [
    ['operand', cube, [12, 12, 6]],
    ['result', exponential, [Math.exp(2), Math.exp(2), Math.exp(2)]],
    ['intermediate', throughSquare, [12, 12, 6]],
  ] as const) {
    const x = vector([2]);
    let y = f(x);
    const found = expected.map(() => {
      y = grad(y, [x], { createGraph: true })[0];
      return y.item();
    });
    for (const [i, v] of expected.entries())
      assert.ok(Math.abs(found[i] - v) < 1e-13, `${name}: derivative ${i + 1} is ${found[i]}`);
  }
  fc.assert(
    fc.property(anyTensors({ maxSize: 3 }), (x) => {
      x.requiresGrad = true;
      for (const f of [cube, exponential, throughSquare]) {
        const one = (...xs: Tensor[]): Tensor => f(...xs);
        assert.ok(gradcheck(one, [x], { fast: true }) && gradgradcheck(one, [x], { fast: true }));
      }
    }),
    { numRuns: 20 },
  );
});

test('an intermediate that no op on the operands made: first order works, second order is refused', () => {
  const makers: Record<string, (x: Tensor) => Tensor> = {
    'from numbers': (x) =>
      tensor(
        x.data.map((v) => v * v),
        { shape: x.shape },
      ),
    'cut off': (x) => square(x.detach()),
    unrecorded: (x) => noGrad(() => square(x)),
    'a float mask': (x) => cast(greater(x, 0), 'float64'),
  };
  for (const [what, make] of Object.entries(makers)) {
    const f = customFunction({
      name: 'blind',
      forward({ save }, x) {
        const s = make(x);
        save(s);
        return mul(x, s);
      },
      backward: ({ saved: [s] }, dy) => mul(dy, s),
    });
    const x = vector([2]);
    assert.ok(grad(f(x), [x])[0], what);
    assertRefuses(
      () => grad(f(x), [x], { createGraph: true }),
      GradError,
      'blind',
      /not made from the operands by ops/,
    );
  }
});

test('a saved result has the rule of the function behind it, whatever forward computes with', () => {
  const host = customFunction({
    forward({ save }, x) {
      const y = tensor(x.data.map(Math.exp), { shape: x.shape });
      save(y);
      return y;
    },
    backward: ({ saved: [y] }, dy) => mul(dy, y),
  });
  const x = vector([2]);
  const [dx] = grad(host(x), [x], { createGraph: true });
  assertHolds(grad(dx, [x])[0], [Math.exp(2)]);
});

test('a bool mask is constant, so it may be saved', () => {
  const rectify = customFunction({
    forward({ save }, x) {
      const on = greater(x, 0);
      save(on, x);
      return where(on, square(x), 0);
    },
    backward: ({ saved: [on, x] }, dy) => where(on, mul(dy, mul(x, 2)), 0),
  });
  const x = vector([3, -3]);
  const [dx] = grad(sum(rectify(x)), [x], { createGraph: true });
  assertHolds(dx, [6, 0]);
  assertHolds(grad(sum(dx), [x])[0], [2, 0]);
});

test('a tensor that slips past save is found when it would make a second derivative wrong', () => {
  let hidden: Tensor | null = null;
  const leaky = (pick: (x: Tensor, s: Tensor, y: Tensor) => Tensor) =>
    customFunction({
      name: 'leaky',
      forward(_, x) {
        const s = square(x);
        const y = mul(x, s);
        hidden = pick(x, s, y);
        return y;
      },
      backward: (_, dy) => mul(dy, hidden as Tensor),
    });
  const x = vector([2]);
  for (const pick of [
    (a: Tensor) => a,
    (_: Tensor, s: Tensor) => s,
    (_: Tensor, __: Tensor, y: Tensor) => y,
    (_: Tensor, s: Tensor) => add(s, 1),
  ]) {
    assert.ok(grad(leaky(pick)(x), [x])[0], 'a first derivative is what backward says');
    const second = (): unknown => grad(leaky(pick)(x), [x], { createGraph: true });
    assertRefuses(second, GradError, 'leaky', /did not go through save/);
  }
  const constant = leaky(() => tensor([5], { dtype: 'float64' }));
  assertHolds(grad(constant(x), [x], { createGraph: true })[0], [5], 'a constant does no harm');
});

test('a forward that draws random numbers draws the same ones when it is run again; other changes are refused', () => {
  const rng = new Rng(5);
  const noisy = customFunction({
    name: 'noisy',
    forward({ save }, x) {
      const s = mul(x, rand(x.shape, rng, { dtype: 'float64' }));
      save(s);
      return square(s);
    },
    backward: ({ saved: [s] }, dy) => mul(dy, s),
  });
  const x = vector([1, 2]);
  const y = sum(noisy(x));
  const state = rng.state;
  const [dx] = grad(y, [x], { createGraph: true });
  const twin = new Rng(5);
  const u = rand([2], twin, { dtype: 'float64' });
  assertHolds(dx, [u.data[0], 2 * u.data[1]]);
  assertHolds(grad(sum(dx), [x])[0], [u.data[0], u.data[1]]);
  assert.deepEqual(rng.state, state, 'the stream goes on from where it was');
  let calls = 0;
  const counting = customFunction({
    name: 'counting',
    forward({ save }, a) {
      calls += 1;
      const s = mul(a, calls);
      save(s);
      return s.mul(1);
    },
    backward: ({ saved: [s] }, dy) => mul(dy, s),
  });
  assertRefuses(() => grad(sum(counting(x)), [x], { createGraph: true }), GradError, 'counting', /another value 0/);
});

test('an intermediate of an operand without gradient serves like every other', () => {
  const f = customFunction({
    forward({ save }, x, c) {
      const s = square(c);
      save(s, x);
      return mul(square(x), s);
    },
    backward: ({ saved: [s, x], needs }, dy) => [needs[0] && mul(dy, mul(mul(x, s), 2)), null],
  });
  const [x, c] = [vector([3]), tensor([2], { dtype: 'float64' })];
  const [dx] = grad(f(x, c), [x], { createGraph: true });
  assertHolds(dx, [24]);
  assertHolds(grad(dx, [x])[0], [8]);
});

test('gradients are those of the same function out of ops', () => {
  fc.assert(
    fc.property(anyTensors({ maxSize: 3 }), (x) => {
      x.requiresGrad = true;
      const plain = (a: Tensor): Tensor => mul(a, square(a));
      const second = (f: (a: Tensor) => Tensor): Tensor => {
        const [dx] = grad(sum(f(x)), [x], { createGraph: true });
        return grad(sum(dx), [x])[0];
      };
      for (const f of [cube, throughSquare])
        assertClose(
          second((a) => f(a)),
          second(plain),
          1e-14,
          'second derivative',
        );
    }),
    { numRuns: 30 },
  );
});
