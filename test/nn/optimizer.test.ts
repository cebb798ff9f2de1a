/** SGD, Adam and AdamW against the published algorithms; groups of parameters with settings of their own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backward, DomainError, mul, square, sum } from '../../src/index.ts';
import {
  type AdamHyper,
  adam,
  adamRule,
  adamW,
  adamWRule,
  euclidean,
  type Manifold,
  Parameter,
  type ParameterGroup,
  type Rule,
  type SGDHyper,
  sgd,
  sgdRule,
} from '../../src/nn/index.ts';
import { assertNear, checkOptimizer, parameterOf, stepAlong } from '../harness/optimizer.ts';

const rates = fc.constantFrom(0.5, 0.1, 0.01, 0);
const decays = fc.constantFrom(0, 0.1, 1);

/** Gradient descent on one number, as PyTorch's documentation of SGD states it. */
function scalarSgd({ lr, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 }: SGDHyper) {
  let b: number | null = null;
  return (x: number, g: number): number => {
    const decayed = g + weightDecay * x;
    b = b === null ? decayed : momentum * b + (1 - dampening) * decayed;
    return x - lr * (momentum === 0 ? decayed : nesterov ? decayed + momentum * b : b);
  };
}

/** Adam on one number, arXiv 1412.6980, Algorithm 1; `decoupled` as arXiv 1711.05101, Algorithm 2. */
function scalarAdam(
  { lr, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0 }: AdamHyper,
  decoupled: boolean,
) {
  let [m, v, t] = [0, 0, 0];
  return (x: number, gradient: number): number => {
    const g = decoupled ? gradient : gradient + weightDecay * x;
    t += 1;
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g ** 2;
    const direction = m / (1 - b1 ** t) / (Math.sqrt(v / (1 - b2 ** t)) + eps);
    return x - lr * direction - (decoupled ? lr * weightDecay * x : 0);
  };
}

const sgdHypers: fc.Arbitrary<SGDHyper> = fc.oneof(
  fc.record({ lr: rates, weightDecay: decays }),
  fc.record({
    lr: rates,
    weightDecay: decays,
    momentum: fc.constantFrom(0.5, 0.9),
    dampening: fc.constantFrom(0, 0.3),
  }),
  fc.record({ lr: rates, weightDecay: decays, momentum: fc.constantFrom(0.5, 0.9), nesterov: fc.constant(true) }),
);
const adamHypers: fc.Arbitrary<AdamHyper> = fc.record(
  {
    lr: rates,
    betas: fc.constantFrom<[number, number]>([0.9, 0.999], [0.5, 0.9], [0, 0.99]),
    eps: fc.constantFrom(1e-8, 1e-2),
    weightDecay: decays,
  },
  { requiredKeys: ['lr', 'weightDecay', 'eps'] },
);

checkOptimizer<SGDHyper>({
  name: 'sgd',
  make: sgd,
  rule: sgdRule,
  hypers: sgdHypers,
  scalar: scalarSgd,
  stateValues: ({ momentum = 0 }) => (momentum === 0 ? 0 : 1),
});
checkOptimizer<AdamHyper>({
  name: 'adam',
  make: adam,
  rule: adamRule,
  hypers: adamHypers,
  scalar: (hyper) => scalarAdam(hyper, false),
  stateValues: () => 2,
});
checkOptimizer<AdamHyper>({
  name: 'adamW',
  make: adamW,
  rule: adamWRule,
  hypers: adamHypers,
  scalar: (hyper) => scalarAdam(hyper, true),
  stateValues: () => 2,
});

describe('settings', () => {
  test('the first step of Adam is lr·sign(g), whatever the size of g: both bias corrections at work', () => {
    for (const g of [1e-3, -7, 1e4]) {
      const p = parameterOf([1]);
      stepAlong(adam([p], { lr: 0.1 }), new Map([[p, [g]]]));
      assertNear(p.data, [1 - 0.1 * Math.sign(g)], 1e-4);
    }
  });

  test('adamW decays by 0.01 unless told otherwise, adam by nothing', () => {
    const [p, q, none] = [parameterOf([2]), parameterOf([2]), parameterOf([2])];
    stepAlong(adamW([p], { lr: 0.1 }), new Map([[p, [0]]]));
    stepAlong(adam([q], { lr: 0.1 }), new Map([[q, [0]]]));
    stepAlong(adamW([none], { lr: 0.1, weightDecay: 0 }), new Map([[none, [0]]]));
    assertNear([...p.data, ...q.data, ...none.data], [2 * (1 - 0.1 * 0.01), 2, 2], 1e-15);
  });

  test('settings out of range are refused by name', () => {
    const p = [parameterOf([1])];
    for (const bad of [{ betas: [1, 0.9] }, { betas: [0.9, -0.1] }, { eps: -1 }, { eps: Number.NaN }] as const) {
      assert.throws(() => adam(p, { lr: 1, ...bad }), /^DomainError: adam: /);
      assert.throws(() => adamW(p, { lr: 1, ...bad }), /^DomainError: adamW: /);
    }
    for (const bad of [{ momentum: -1 }, { nesterov: true }, { nesterov: true, momentum: 0.9, dampening: 0.1 }])
      assert.throws(() => sgd(p, { lr: 1, ...bad }), DomainError);
  });

  test('one kernel in ordinary space takes the steps that the calls of a manifold do', () => {
    const general: Manifold = { ...euclidean, name: 'general', flat: false };
    fc.assert(
      fc.property(fc.oneof(sgdHypers, adamHypers), fc.constantFrom(sgd, adam, adamW), (hyper, make) => {
        const [p, q] = [parameterOf([1, -2]), new Parameter(parameterOf([1, -2]), { manifold: general })];
        const optimizer = make([p, q], hyper);
        for (const g of [
          [1, 0.5],
          [-2, 0],
          [0.25, 3],
        ])
          stepAlong(optimizer, new Map([p, q].map((t) => [t, g])));
        assertNear(p.data, q.data, 1e-14);
      }),
    );
  });

  test('weight decay does not touch what lives where shrinking means nothing', () => {
    for (const flat of [true, false])
      for (const make of [sgd, adam, adamW]) {
        const rigid: Manifold = { ...euclidean, name: 'rigid', decays: false, flat };
        const p = new Parameter(parameterOf([1, -2]), { manifold: rigid });
        stepAlong(make([p], { lr: 0.1, weightDecay: 1 }), new Map([[p, [0, 0]]]));
        assert.deepEqual([...p.data], [1, -2], `${make.name}, ${flat ? 'flat' : 'in general'}`);
      }
  });
});

describe('groups', () => {
  test('a group trains like an optimizer of its own with its lr and schedule; the global schedule multiplies all', () => {
    const own = { lr: 0.3, weightDecay: 0.5 };
    const halve = (step: number): number => 1 / (1 + step);
    fc.assert(
      fc.property(fc.constantFrom(sgd, adam, adamW), rates, (make, lr) => {
        const [p, q, alone, plain] = [1, 2, 1, 2].map((x) => parameterOf([x]));
        const group: ParameterGroup = { parameters: [p], hyper: own, schedule: halve };
        const together = make([group, { parameters: [q] }], { lr });
        const [a, b] = [make([alone], own), make([plain], { lr })];
        together.schedule = (step) => (step % 2 === 0 ? 1 : 0.5);
        b.schedule = together.schedule;
        a.schedule = (step) => halve(step) * together.schedule(step);
        for (let i = 0; i < 6; i++) {
          assert.equal(together.lrOf(group), 0.3 * together.schedule(i) * halve(i));
          stepAlong(together, new Map([p, q].map((t) => [t, [1 - i]])));
          stepAlong(a, new Map([[alone, [1 - i]]]));
          stepAlong(b, new Map([[plain, [1 - i]]]));
        }
        assertNear([...p.data, ...q.data], [...alone.data, ...plain.data], 1e-15);
      }),
    );
  });

  test('wrapRule of one group leaves the other groups alone', () => {
    const [p, q] = [parameterOf([1]), parameterOf([1])];
    const still = (): Rule => (x, _g, state) => ({ x, state });
    const optimizer = sgd([{ parameters: [p], wrapRule: still }, { parameters: [q] }], { lr: 0.5 });
    stepAlong(optimizer, new Map([p, q].map((t) => [t, [1]])));
    assert.deepEqual([...p.data, ...q.data], [1, 0.5]);
  });

  test('a rule sees the gradient cut from its graph, so state never keeps a graph alive', () => {
    const p = parameterOf([1, 2]);
    const optimizer = sgd([p], { lr: 0.1, momentum: 0.9 });
    backward(sum(mul(square(p), p)), { createGraph: true });
    assert.notEqual(p.grad?.node, null);
    optimizer.step();
    const { momentum } = optimizer.stateOf(p);
    assert.ok(
      typeof momentum === 'object' && momentum.node === null && !momentum.requiresGrad,
      'momentum has no graph',
    );
  });
});
