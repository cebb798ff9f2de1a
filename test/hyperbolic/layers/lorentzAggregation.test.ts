/** Centroids of neighbours, with and without attention; activations, dropout and residuals of points. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  LorentzActivation,
  LorentzDropout,
  lorentzResidual,
} from '../../../src/hyperbolic/layers/lorentzActivation.ts';
import {
  LorentzAggregation,
  LorentzNeighbourAttention,
  neighbourCentroid,
} from '../../../src/hyperbolic/layers/lorentzAggregation.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import {
  add,
  backward,
  CsrMatrix,
  DomainError,
  gradcheck,
  matmul,
  noGrad,
  Rng,
  relu,
  slice,
  sum,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';

const float64 = { dtype: 'float64' } as const;
const curvatures = fc.constantFrom(0.1, 1, 10);
const nodes = 5;

/** A sparse matrix of weights >= 0 in which every row has an entry, or as given. */
const weights = (seed: number): CsrMatrix => {
  const rng = new Rng(seed);
  const rows = Array.from({ length: nodes }, (_, i) =>
    Array.from({ length: nodes }, (_, j) => (i === j || rng.uniform() < 0.4 ? 0.1 + rng.uniform() : 0)),
  );
  return CsrMatrix.fromDense(tensor(rows, float64));
};

const points = (seed: number, c = 1, n = nodes): Tensor =>
  lorentz(c).random(3, [n], { rng: new Rng(seed), ...float64 });

/** The boost with rapidity a along the first spatial axis: an isometry. */
const boost = (a: number): Tensor =>
  tensor(
    [
      [Math.cosh(a), Math.sinh(a), 0, 0],
      [Math.sinh(a), Math.cosh(a), 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
    float64,
  );

describe('neighbourCentroid', () => {
  test('is on the hyperboloid, and of all points there the one with the least weighted sum of squared Lorentzian distances', () => {
    fc.assert(
      fc.property(fc.nat(1000), curvatures, (seed, c) => {
        const [a, x, others] = [weights(seed), points(seed, c), points(seed + 1, c)];
        const y = neighbourCentroid(a, x, c);
        assert.ok(lorentz(c).check(y).ok, `${lorentz(c).check(y).reason}`);
        const weighed = (p: Tensor, q: Tensor): readonly number[] => [
          ...sum(a.toDense().mul(matmul(p, q, { transB: true })), { axis: 1 }).data,
        ];
        // Σ a·d², without the Σ a·2/c that every candidate has. Its terms cancel: it is as exact as they are large.
        const cost = (p: Tensor): readonly number[] => weighed(p, x.mul(tensor([2, -2, -2, -2], float64)));
        const size = (p: Tensor): readonly number[] => weighed(p.abs(), x.abs());
        const [best, bestSize] = [cost(y), size(y)];
        const near = [others, x].map((towards) => lorentz(c).geodesic(y, towards, 1e-5));
        for (const candidate of [others, x, ...near]) {
          const sizes = size(candidate);
          for (const [i, v] of cost(candidate).entries())
            assert.ok(v >= best[i] - 1e-13 * (bestSize[i] + sizes[i]), `node ${i}: ${v} < ${best[i]}`);
        }
      }),
    );
  });
  test('moves with the points, and does not see the sum of a row', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: -2, max: 2, noNaN: true }), (seed, a) => {
        const [w, x, turn] = [weights(seed), points(seed), boost(a)];
        assertClose(neighbourCentroid(w, matmul(x, turn), 1), matmul(neighbourCentroid(w, x, 1), turn), 1e-12, 'boost');
        assertClose(neighbourCentroid(w.withValues(w.values.mul(7)), x, 1), neighbourCentroid(w, x, 1), 1e-13, 'scale');
      }),
    );
  });
  test('of one neighbour is the neighbour, and of none the origin', () => {
    const w = CsrMatrix.fromEdges(tensor(Int32Array.of(0)), tensor(Int32Array.of(3)), {
      shape: [2, nodes],
      ...float64,
    });
    const x = points(1, 4);
    const y = neighbourCentroid(w, x, 4);
    assertClose(slice(y, [0]), slice(x, [3]), 1e-14, 'one');
    assertClose(slice(y, [1]), tensor([0.5, 0, 0, 0], float64), 0, 'none');
  });
});

describe('LorentzAggregation with attention', () => {
  const make = (seed = 1, c = 1): LorentzNeighbourAttention =>
    new LorentzNeighbourAttention(4, { rng: new Rng(seed), c, ...float64 });

  test('weighs the entries of the adjacency, and no other pairs, by σ((2 + 2c<q, k>)/scale + bias)', () => {
    const attention = make(2, 0.5);
    attention.bias.assign_(tensor(1, float64));
    const [a, x] = [weights(1), points(1, 0.5)];
    const weighed = noGrad(() => attention.weigh(a, x, { adjacency: a }));
    assert.equal(weighed.indices, a.indices);
    const [q, k] = noGrad(() => [attention.query.call(x), attention.key.call(x)]);
    const flipped = q.mul(tensor([-1, 1, 1, 1], float64));
    const scores = matmul(flipped, k, { transB: true })
      .mul(0.5 * 2)
      .add(2)
      .div(2)
      .add(1);
    assertClose(weighed.toDense(), a.toDense().mul(scores.sigmoid()), 1e-14, 'weights');
  });
  test('leaves no neighbour out at first: with bias 20 it is nearly the plain centroid', () => {
    const [a, x] = [weights(2), points(2)];
    const attention = make(3);
    attention.bias.assign_(tensor(1000, float64));
    const [with_, without] = [attention, null].map((t) => new LorentzAggregation(1, t));
    const context = { adjacency: a };
    assertClose(
      noGrad(() => with_.call(x, context)),
      noGrad(() => without.call(x, context)),
      1e-12,
      'y',
    );
    assert.equal(make().bias.item(), 20);
    assert.equal(make().scale.item(), 2);
  });
  test('its gradient agrees with finite differences', () => {
    const a = weights(3);
    const attention = make(4);
    attention.bias.assign_(tensor(0.5, float64));
    const x = points(3);
    x.requiresGrad = true;
    gradcheck((t) => new LorentzAggregation(1, attention).call(t, { adjacency: a }), [x], { rng: new Rng(1) });
    backward(sum(attention.call(x, { adjacency: a })));
    for (const [name, p] of attention.namedParameters()) assert.ok(p.grad !== null, name);
  });
});

describe('activation, dropout and residual of points', () => {
  test('LorentzActivation: f of the space, and the time that follows', () => {
    fc.assert(
      fc.property(fc.nat(1000), curvatures, (seed, c) => {
        const x = points(seed, c);
        const y = new LorentzActivation('relu', c).call(x);
        assertClose(slice(y, [null, [1]]), relu(slice(x, [null, [1]])), 0, 'space');
        assert.ok(lorentz(c).check(y).ok, 'a point');
      }),
    );
  });
  test('LorentzDropout: in training alone, still points, repeats with its rng', () => {
    const x = points(1, 2);
    const drop = new LorentzDropout(0.5, 2);
    assert.equal(drop.call(x), x);
    const y = drop.call(x, { training: true, rng: new Rng(1) });
    assert.ok(lorentz(2).check(y).ok, 'points');
    assertSame(y, drop.call(x, { training: true, rng: new Rng(1) }), 'same seed');
    assert.notDeepEqual([...y.data], [...x.data]);
    assertRefuses(() => drop.call(x, { training: true }), DomainError, 'LorentzDropout', /rng/);
  });
  test('lorentzResidual: the midpoint, or nearer to the heavier', () => {
    const [x, y] = [points(1, 3), points(2, 3)];
    const middle = lorentzResidual(x, y, 3);
    assertClose(middle, lorentz(3).geodesic(x, y, 0.5), 1e-12, 'midpoint');
    assertClose(lorentzResidual(x, y, 3, 0), x, 1e-14, 'weight 0');
    const far = lorentz(3).distance(lorentzResidual(x, y, 3, 5), y);
    assert.ok(
      far.data.every((d, i) => d < lorentz(3).distance(middle, y).data[i]),
      'weight 5',
    );
    assertClose(add(middle, 0), middle, 0, 'finite');
  });
  test('bad settings are refused by name', () => {
    assertRefuses(() => new LorentzDropout(2), DomainError, 'LorentzDropout');
    assertRefuses(() => new LorentzDropout(0.5, -1), DomainError, 'LorentzDropout');
    assertRefuses(() => new LorentzActivation('relu', 0), DomainError, 'LorentzActivation');
    assertRefuses(() => new LorentzAggregation(0), DomainError, 'LorentzAggregation');
  });
});
