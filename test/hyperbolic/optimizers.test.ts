/** The ordinary optimizers on points: they are the Riemannian ones. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toPoincare } from '../../src/hyperbolic/convert.ts';
import { euclidean } from '../../src/hyperbolic/euclidean.ts';
import type { Geometry } from '../../src/hyperbolic/geometry.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { product } from '../../src/hyperbolic/product.ts';
import { add, backward, DomainError, mul, Rng, randn, scope, sum, type Tensor, tensor } from '../../src/index.ts';
import { adagrad, adam, adamW, type Optimizer, Parameter, rmsprop, sgd, type Trainable } from '../../src/nn/index.ts';
import { euclidean as flat } from '../../src/nn/manifold.ts';
import { assertAlike } from '../harness/manifoldCases.ts';
import { give } from '../harness/optimizer.ts';

type Make = (parameters: Trainable) => Optimizer;
const optimizers: Readonly<Record<string, Make>> = {
  sgd: (p) => sgd(p, { lr: 0.1 }),
  momentum: (p) => sgd(p, { lr: 0.05, momentum: 0.8 }),
  nesterov: (p) => sgd(p, { lr: 0.05, momentum: 0.8, nesterov: true }),
  adam: (p) => adam(p, { lr: 0.1 }),
  adamW: (p) => adamW(p, { lr: 0.1 }),
  rmsprop: (p) => rmsprop(p, { lr: 0.02, momentum: 0.5, centered: true }),
  adagrad: (p) => adagrad(p, { lr: 0.5 }),
};
const spaces: readonly Geometry[] = [lorentz(0.5), poincare(2), product([lorentz(1), 2], [euclidean, 1])];

/** A point to train and where it should go, 3 dimensions, 2 points. */
function task(geometry: Geometry, seed: number): { readonly p: Parameter; readonly goal: Tensor } {
  const options = { rng: new Rng(seed), dtype: 'float64', std: 0.7 } as const;
  const [start, goal] = [0, 1].map(() => geometry.random(3, [2], options));
  return { p: new Parameter(start, { manifold: geometry }), goal };
}

function descend(optimizer: Optimizer, loss: () => Tensor): number {
  optimizer.zeroGrad();
  const value = loss();
  backward(value);
  optimizer.step();
  return value.item();
}

describe('optimizers on points', () => {
  for (const geometry of spaces)
    test(`every one reaches the nearest point, on points all the way: ${geometry.name}`, () => {
      for (const [name, make] of Object.entries(optimizers)) {
        const { p, goal } = task(geometry, 1);
        const optimizer = make([p]);
        const start = sum(geometry.distance(p, goal)).item();
        for (let i = 0; i < 150; i++) {
          descend(optimizer, () => sum(geometry.squaredDistance(p, goal)));
          assert.deepEqual(geometry.check(p), { ok: true, reason: null }, `${name}, step ${i}`);
        }
        const left = sum(geometry.distance(p, goal)).item();
        assert.ok(left < 0.02 * start, `${name} on ${geometry.name}: ${left} left of ${start}`);
      }
    });

  test('a step of gradient descent on d²/2 goes a share lr of the geodesic', () =>
    fc.assert(
      fc.property(fc.nat(spaces.length - 1), fc.nat(50), (i, seed) => {
        const geometry = spaces[i];
        const { p, goal } = task(geometry, seed);
        const start = mul(p.detach(), 1);
        descend(sgd([p], { lr: 0.3 }), () => mul(sum(geometry.squaredDistance(p, goal)), 0.5));
        assertAlike(p, geometry.geodesic(start, goal, 0.3), 1e-8, 'the point');
      }),
      { numRuns: 30 },
    ));

  test('on the hyperboloid and on the ball every one takes the same way', () => {
    for (const [name, make] of Object.entries(optimizers))
      for (const c of [0.1, 1, 10]) {
        const [l, b] = [lorentz(c), poincare(c)];
        const { p, goal } = task(l, 7);
        const q = new Parameter(toPoincare(p.detach(), c), { manifold: b });
        const end = toPoincare(goal, c);
        const [above, below] = [make([p]), make([q])];
        for (let i = 0; i < 8; i++) {
          descend(above, () => sum(l.squaredDistance(p, goal)));
          descend(below, () => sum(b.squaredDistance(q, end)));
          assertAlike(toPoincare(p, c), q, 1e-7, `${name}, c = ${c}, step ${i}`);
        }
      }
  });

  test('the second moment is one number for a point, and momentum is tangent where the point is', () => {
    for (const geometry of [lorentz(1), poincare(1)]) {
      const { p, goal } = task(geometry, 3);
      const optimizer = adam([p], { lr: 0.1 });
      for (let i = 0; i < 5; i++) descend(optimizer, () => sum(geometry.squaredDistance(p, goal)));
      const { m, v } = optimizer.stateOf(p) as { readonly m: Tensor; readonly v: Tensor };
      assert.deepEqual([...v.shape], [2, 1]);
      assertAlike(geometry.projectTangent(p, m), m, 1e-12, 'momentum');
    }
  });

  test('a step within a scope is the same step', () => {
    const geometry = lorentz(1);
    const [one, two] = [0, 1].map(() => task(geometry, 5));
    const [a, b] = [one, two].map(({ p }) => adam([p], { lr: 0.1 }));
    for (let i = 0; i < 3; i++) {
      descend(a, () => sum(geometry.squaredDistance(one.p, one.goal)));
      scope(() => descend(b, () => sum(geometry.squaredDistance(two.p, two.goal))));
    }
    assert.deepEqual([...one.p.data], [...two.p.data]);
  });

  test('ordinary space as a geometry takes the steps of ordinary space, to the bit', () => {
    assert.equal(euclidean.flat, true);
    const gradients = [0, 1, 2].map((i) => [...randn([3], new Rng(i)).data]);
    for (const make of Object.values(optimizers)) {
      const [p, q] = [flat, euclidean].map((manifold) => new Parameter(tensor([1, -2, 3]), { manifold }));
      const optimizer = make([p, q]);
      for (const g of gradients) {
        for (const t of [p, q]) give(t, g);
        optimizer.step();
      }
      assert.deepEqual([...p.data], [...q.data]);
    }
  });
});

describe('stabilisation', () => {
  /** Points that drift: every step leaves the hyperboloid, and what is carried along its tangents. */
  const drifting: Geometry = {
    ...lorentz(1),
    retract: (x, u) => mul(lorentz(1).retract(x, u), 1.001),
    transport: (x, y, v) => add(lorentz(1).transport(x, y, v), mul(y, 1e-6)),
  };

  test('every n-th step puts points back and makes what is kept tangent; the steps between do not', () => {
    for (const [name, make] of Object.entries({ sgd, adam, adamW, rmsprop, adagrad })) {
      const { p, goal } = task(drifting, 2);
      const optimizer = make([p], { lr: 0.01, momentum: 0.9, stabilize: 3 } as never);
      const verdicts = Array.from({ length: 6 }, () => {
        descend(optimizer, () => sum(drifting.squaredDistance(p, goal)));
        return drifting.check(p).ok;
      });
      assert.deepEqual(verdicts, [false, false, true, false, false, true], name);
      const { m = p, momentum = m } = optimizer.stateOf(p) as { readonly m?: Tensor; readonly momentum?: Tensor };
      if (momentum !== p) assertAlike(drifting.projectTangent(p, momentum), momentum, 1e-12, name);
    }
  });

  test('the count of steps goes on where a run is taken up again', () => {
    const { p, goal } = task(drifting, 2);
    const q = new Parameter(mul(p.detach(), 1), { manifold: drifting });
    const [whole, first] = [p, q].map((t) => adam([t], { lr: 0.01, stabilize: 3 }));
    const step = (optimizer: Optimizer, t: Parameter): number =>
      descend(optimizer, () => sum(drifting.squaredDistance(t, goal)));
    for (let i = 0; i < 2; i++)
      for (const [o, t] of [
        [whole, p],
        [first, q],
      ] as const)
        step(o, t);
    const second = adam([q], { lr: 0.01, stabilize: 3 });
    second.restore(first.steps, new Map([[q, first.stateOf(q)]]));
    for (const [o, t] of [
      [whole, p],
      [second, q],
    ] as const)
      step(o, t);
    assert.ok(drifting.check(q).ok, 'the third step settles');
    assert.deepEqual([...p.data], [...q.data]);
  });

  test('it is a setting of a group too, and a whole number', () => {
    const [one, two] = [task(drifting, 2), task(drifting, 3)];
    const groups = [{ parameters: [one.p], hyper: { stabilize: 1 } }, { parameters: [two.p] }];
    const optimizer = sgd(groups, { lr: 0.01 });
    descend(optimizer, () =>
      sum(drifting.squaredDistance(one.p, one.goal)).add(sum(drifting.squaredDistance(two.p, two.goal))),
    );
    assert.deepEqual([drifting.check(one.p).ok, drifting.check(two.p).ok], [true, false]);
    for (const stabilize of [-1, 0.5, Number.NaN]) assert.throws(() => sgd([one.p], { lr: 1, stabilize }), DomainError);
  });
});
