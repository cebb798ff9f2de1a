/** RMSprop and Adagrad against the published algorithms, and the schedules that decay. PyTorch's numbers: test/golden. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '../../src/index.ts';
import { cosine } from '../../src/nn/index.ts';
import { type AdagradHyper, adagrad, adagradRule } from '../../src/nn/optim/adagrad.ts';
import { cosineRestarts, exponential, stepDecay } from '../../src/nn/optim/decaySchedule.ts';
import { type RMSpropHyper, rmsprop, rmspropRule } from '../../src/nn/optim/rmsprop.ts';
import { assertNear, checkOptimizer, parameterOf, stepAlong } from '../harness/optimizer.ts';

const rates = fc.constantFrom(0.5, 0.1, 0.01, 0);
const decays = fc.constantFrom(0, 0.1, 1);
/** No smaller: at 1e-8 a gradient of 0 after others is divided by what rounding left. */
const guards = fc.constantFrom(1e-2, 1e-3);

/** RMSprop on one number, arXiv 1308.0850, Eq. 38–45. */
function scalarRmsprop({
  lr,
  alpha = 0.99,
  eps = 1e-8,
  momentum = 0,
  centered = false,
  weightDecay = 0,
}: RMSpropHyper) {
  let [v, average, b] = [0, 0, 0];
  return (x: number, gradient: number): number => {
    const g = gradient + weightDecay * x;
    v = alpha * v + (1 - alpha) * g * g;
    average = alpha * average + (1 - alpha) * g;
    b = momentum * b + g / (Math.sqrt(Math.max(0, v - (centered ? average * average : 0))) + eps);
    return x - lr * b;
  };
}

checkOptimizer<RMSpropHyper>({
  name: 'rmsprop',
  make: rmsprop,
  rule: rmspropRule,
  hypers: fc.record(
    {
      lr: rates,
      weightDecay: decays,
      eps: guards,
      alpha: fc.constantFrom(0.99, 0.5, 0),
      momentum: fc.constantFrom(0, 0.9),
    },
    { requiredKeys: ['lr', 'eps'] },
  ),
  scalar: scalarRmsprop,
  stateValues: ({ momentum = 0 }) => 1 + (momentum === 0 ? 0 : 1),
});

checkOptimizer<AdagradHyper>({
  name: 'adagrad',
  make: adagrad,
  rule: adagradRule,
  hypers: fc.record(
    {
      lr: rates,
      weightDecay: decays,
      eps: guards,
      lrDecay: fc.constantFrom(0, 0.1),
      initialAccumulator: fc.constantFrom(0, 0.5),
    },
    { requiredKeys: ['lr', 'eps'] },
  ),
  scalar({ lr, eps = 1e-10, lrDecay = 0, initialAccumulator = 0, weightDecay = 0 }) {
    let [v, t] = [initialAccumulator, 0];
    return (x, gradient) => {
      const g = gradient + weightDecay * x;
      v += g * g;
      const rate = lr / (1 + t * lrDecay);
      t += 1;
      return x - (rate * g) / (Math.sqrt(v) + eps);
    };
  },
  stateValues: () => 1,
});

describe('settings', () => {
  test('centered RMSprop is that of the published algorithm, and keeps the mean too', () => {
    const gradients = fc.array(
      fc.integer({ min: -32, max: 32 }).map((k) => k / 16),
      { minLength: 20, maxLength: 20 },
    );
    fc.assert(
      fc.property(gradients, fc.constantFrom(0.5, 0.9), fc.constantFrom(0, 0.9), (each, alpha, momentum) => {
        const hyper = { lr: 0.1, alpha, momentum, centered: true, eps: 0.1 };
        const [p, advance] = [parameterOf([1]), scalarRmsprop(hyper)];
        const optimizer = rmsprop([p], hyper);
        let x = 1;
        for (const g of each) {
          x = advance(x, g);
          stepAlong(optimizer, new Map([[p, [g]]]));
          assertNear(p.data, [x], 1e-6);
        }
        assert.equal(optimizer.stateBytes, 8 * (momentum === 0 ? 2 : 3));
      }),
    );
  });

  test('a gradient that never changes has no variance: centered RMSprop stays finite', () => {
    for (const g of [0.1, 0.3, 0.7, 1.1, 1 / 3]) {
      const p = parameterOf([1]);
      const optimizer = rmsprop([p], { lr: 0.001, alpha: 0.5, centered: true, eps: 1 });
      for (let i = 0; i < 80; i++) stepAlong(optimizer, new Map([[p, [g]]]));
      assert.ok(p.data[0] < 1, `${g}: ${p.data[0]}`);
    }
  });

  test('out of range: refused by name', () => {
    const p = [parameterOf([1])];
    for (const bad of [{ alpha: 1 }, { alpha: -0.1 }, { eps: -1 }, { momentum: -1 }, { alpha: Number.NaN }])
      assert.throws(() => rmsprop(p, { lr: 1, ...bad }), /^DomainError: rmsprop: /);
    for (const bad of [{ eps: -1 }, { lrDecay: -1 }, { initialAccumulator: -1 }, { eps: Number.NaN }])
      assert.throws(() => adagrad(p, { lr: 1, ...bad }), /^DomainError: adagrad: /);
  });
});

describe('schedules', () => {
  const steps = fc.integer({ min: 0, max: 300 });

  test('stepDecay: gamma to the number of milestones passed', () => {
    assertNear([0, 4, 5, 9, 10].map(stepDecay(5)), [1, 1, 0.1, 0.1, 0.01], 1e-15);
    assertNear([0, 2, 3, 6, 7].map(stepDecay([3, 7], { gamma: 0.5 })), [1, 1, 0.5, 0.5, 0.25], 1e-15);
    assert.equal(stepDecay([])(100), 1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), steps, (every, step) => {
        const milestones = Array.from({ length: 301 }, (_, i) => (i + 1) * every);
        assertNear([stepDecay(every)(step)], [stepDecay(milestones)(step)], 1e-15);
      }),
    );
  });

  test('exponential: each step gamma times the last', () => {
    fc.assert(
      fc.property(fc.constantFrom(0.5, 0.9, 1), steps, (gamma, step) => {
        const schedule = exponential(gamma);
        assert.equal(schedule(0), 1);
        assertNear([schedule(step + 1)], [gamma * schedule(step)], 1e-14);
      }),
    );
  });

  test('cosineRestarts: every period is a cosine of its own length, and begins at 1', () => {
    assert.deepEqual([0, 4, 8].map(cosineRestarts(4)), [1, 1, 1]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), steps, (period, factor, step) => {
        let [begin, length] = [0, period];
        while (begin + length <= step) {
          begin += length;
          length *= factor;
        }
        const expected = cosine(length, { floor: 0.1 })(step - begin);
        assertNear([cosineRestarts(period, { factor, floor: 0.1 })(step)], [expected], 1e-14);
      }),
    );
  });

  test('bad settings are refused by name', () => {
    const refused = (op: string, make: () => unknown): void =>
      assert.throws(make, (e) => e instanceof DomainError && e.op === op, op);
    for (const at of [0, -1, 1.5, Number.NaN, [3, 3], [5, 2], [-1], [1.5], 'x', null])
      refused('stepDecay', () => stepDecay(at as never));
    for (const gamma of [-1, Number.NaN, Infinity]) {
      refused('stepDecay', () => stepDecay(1, { gamma }));
      refused('exponential', () => exponential(gamma));
    }
    for (const period of [0, -1, 1.5]) refused('cosineRestarts', () => cosineRestarts(period));
    refused('cosineRestarts', () => cosineRestarts(2, { factor: 0 }));
    refused('cosine', () => cosineRestarts(2, { floor: 2 }));
  });
});
