/** What GaLore does beyond the laws that all methods share. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng, type Tensor } from '../../src/index.ts';
import { adam, adamW, type Hyper, Linear, type Optimizer, sgd, type Trainable } from '../../src/nn/index.ts';
import { galore, type Method } from '../../src/sst/index.ts';
import { assertClose } from '../harness/compare.ts';
import { pull } from '../harness/method.ts';
import { distance, plain } from './plain.ts';

const f64 = { dtype: 'float64' } as const;
const sizes = fc.record({ m: fc.integer({ min: 1, max: 6 }), n: fc.integer({ min: 1, max: 6 }), seed: fc.nat(1000) });

describe('GaLore', () => {
  type Make = (parameters: Trainable, hyper: Hyper) => Optimizer;

  /** Train one dense layer on the same pulls, with the rule wrapped or plain; hands out every gradient. */
  function trained(
    make: Make,
    method: Method | null,
    { m, n, seed }: { m: number; n: number; seed: number },
    steps: number,
  ) {
    const layer = new Linear(n, m, { rng: new Rng(seed), bias: false, ...f64 });
    const group = { parameters: [layer.weight], wrapRule: method?.wrapRule ?? ((rule) => rule) } as const;
    const optimizer = make([group], { lr: 0.05, weightDecay: 0.1 });
    const rng = new Rng(seed + 1);
    const moves: { g: Tensor; before: Tensor; state: ReturnType<Optimizer['stateOf']> }[] = [];
    for (let i = 0; i < steps; i++) {
      const before = layer.weight.detach().mul(1);
      pull(layer, rng);
      const g = layer.weight.grad as Tensor;
      optimizer.step();
      moves.push({ g, before, state: optimizer.stateOf(layer.weight) });
    }
    return { W: layer.weight.detach(), optimizer, moves };
  }

  test('r = min(m, n) with plain SGD is SGD on W itself: the projection is orthogonal (1e-10; decay and momentum too)', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(0, 0.9), (s, momentum) => {
        const make: Make = (parameters, hyper) =>
          sgd(parameters, { ...hyper, momentum, weightDecay: momentum === 0 ? 0.1 : 0 });
        const wide = galore({ rank: 6, refreshInterval: momentum === 0 ? 2 : 100 });
        assert.ok(distance(plain(trained(make, wide, s, 6).W), plain(trained(make, null, s, 6).W)) <= 1e-10, 'not SGD');
      }),
    );
  });

  test('projects the shorter side: state is r·max(m, n) per moment and r·min(m, n) for P, whose rows are orthonormal', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), (s, rank) => {
        const { optimizer, moves } = trained(adam, galore({ rank }), s, 2);
        const [short, long, r] = [Math.min(s.m, s.n), Math.max(s.m, s.n), Math.min(rank, s.m, s.n)];
        const { m, v, projector } = moves[1].state as Record<string, Tensor>;
        const low = s.m <= s.n ? [r, s.n] : [s.m, r];
        assert.deepEqual([m.shape, v.shape, projector.shape], [low, low, [r, short]]);
        assert.equal(projector.storage.data?.length, r * short, 'the projector holds no more memory than it counts');
        assert.equal(optimizer.stateBytes, 8 * r * (2 * long + short));
        const gram = plain(projector.matmul(projector, { transB: true }));
        assert.ok(
          distance(
            gram,
            gram.map((row, i) => row.map((_, j) => (i === j ? 1 : 0))),
          ) <= 1e-13,
          'P is not orthonormal',
        );
        if (3 * r <= short)
          assert.ok(optimizer.stateBytes < trained(adam, null, s, 1).optimizer.stateBytes, 'more state than Adam');
      }),
    );
  });

  test('a step of rank r along the leading singular vectors of the gradient at the last refresh, which comes when it is due', () => {
    for (const [m, n] of [
      [4, 6],
      [6, 4],
      [5, 5],
    ]) {
      const { moves } = trained(
        (p, h) => sgd(p, { ...h, weightDecay: 0 }),
        galore({ rank: 2, refreshInterval: 3 }),
        { m, n, seed: 5 },
        8,
      );
      const projectors = moves.map(({ state }) => state.projector as Tensor);
      for (const [i, { g, before }] of moves.entries()) {
        const P = projectors[i];
        assert.equal(i > 0 && P === projectors[i - 1], i % 3 !== 0, `refresh at ${i}`);
        const back = m <= n ? P.matmul(P.matmul(g), { transA: true }) : g.matmul(P, { transB: true }).matmul(P);
        if (i + 1 < moves.length) assertClose(moves[i + 1].before, before.sub(back.mul(0.05)), 1e-12, `step ${i}`);
        if (i % 3 !== 0) continue;
        const kept = back.square().sum().item();
        const rest = g.sub(back);
        const others = (m <= n ? P.matmul(rest) : rest.matmul(P, { transB: true })).abs().max().item();
        assert.ok(
          others <= 1e-12 && kept >= (2 / Math.min(m, n)) * g.square().sum().item(),
          'P spans the leading directions',
        );
      }
    }
  });

  test('scale multiplies the step; weight decay acts on the whole of W, decoupled, once', () => {
    const s = { m: 3, n: 5, seed: 1 };
    const none: Make = (parameters, hyper) => adamW(parameters, { ...hyper, weightDecay: 0 });
    const [one, half, decays] = [
      trained(none, galore({ rank: 1 }), s, 1),
      trained(none, galore({ rank: 1, scale: 0.5 }), s, 1),
      trained(adamW, galore({ rank: 1 }), s, 1),
    ];
    const start = one.moves[0].before;
    assertClose(half.W.sub(start).mul(2), one.W.sub(start), 1e-15, 'half the step');
    assertClose(decays.W, one.W.sub(start.mul(0.05 * 0.1)), 1e-15, 'decay');
  });

  test('a randomised projection finds the same P where as many directions are sought as there are, without drawing twice', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 4 }), (s, rank) => {
        const rng = new Rng(s.seed);
        const method = galore({ rank, refreshInterval: 2, projection: 'randomised', rng });
        const after = rng.bits();
        const { moves } = trained(adam, method, s, 3);
        const exact = trained(adam, galore({ rank, refreshInterval: 2 }), s, 3);
        for (const [i, { state }] of moves.entries())
          assertClose(state.projector as Tensor, exact.moves[i].state.projector as Tensor, 0, `P of step ${i}`);
        const twin = new Rng(s.seed);
        galore({ rank, projection: 'randomised', rng: twin });
        assert.equal(twin.bits(), after, 'training draws nothing');
      }),
    );
  });

  test('a randomised projection of a large gradient leads to the same vectors where they stand out, and differs with the seed', () => {
    const s = { m: 40, n: 50, seed: 3 };
    const find = (seed: number | null) =>
      trained(
        adam,
        galore({ rank: 2, ...(seed === null ? {} : { projection: 'randomised', rng: new Rng(seed) }) }),
        s,
        1,
      ).moves[0];
    const exact = find(null);
    const [one, again, two] = [find(1), find(1), find(2)].map(({ state }) => state.projector as Tensor);
    const overlap = one
      .matmul(exact.state.projector as Tensor, { transB: true })
      .square()
      .sum()
      .item();
    assert.ok(overlap > 2 - 1e-6, `the planes meet in ${overlap} of 2 dimensions`);
    assert.deepEqual(one.data, again.data);
    assert.ok(distance(plain(one), plain(two)) > 0, 'another seed, another search');
  });

  test('settings out of range are refused', () => {
    for (const bad of [
      { rank: 0 },
      { refreshInterval: 0 },
      { scale: Number.NaN },
      { projection: 'random' as 'exact' },
      { projection: 'randomised' as const },
    ])
      assert.throws(() => galore({ rank: 1, ...bad }), DomainError);
  });
});
