/** Embeddings: the loss, its gradient, and that both models of the space make the same steps. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toPoincare } from '../../src/hyperbolic/convert.ts';
import { PointEmbedding, rankingLoss } from '../../src/hyperbolic/embedding.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { product } from '../../src/hyperbolic/product.ts';
import { backward, DomainError, Rng, ShapeError, type Tensor, tensor, zeros } from '../../src/index.ts';
import { sgd } from '../../src/nn/index.ts';
import { assertClose, assertRefuses } from '../harness/compare.ts';

const spaces = { poincare, lorentz } as const;
const curvatures = fc.constantFrom(0.25, 1, 4);
const float64 = (seed: number, spread: number) => ({ rng: new Rng(seed), dtype: 'float64', spread }) as const;

/** A batch of numbers of nodes: anchors [b], candidates [b, k]. */
const batch = (nodes: number) =>
  fc.record({ b: fc.integer({ min: 1, max: 4 }), k: fc.integer({ min: 1, max: 4 }) }).chain(({ b, k }) => {
    const list = (size: number) => fc.array(fc.nat(nodes - 1), { minLength: size, maxLength: size });
    return fc.record({ anchors: list(b), candidates: list(b * k) }).map(({ anchors, candidates }) => ({
      anchors: tensor(anchors, { dtype: 'int32' }),
      candidates: tensor(candidates, { shape: [b, k], dtype: 'int32' }),
    }));
  });

const lossOf = (
  embedding: PointEmbedding,
  { anchors, candidates }: { readonly anchors: Tensor; readonly candidates: Tensor },
): Tensor => rankingLoss(embedding.distances(anchors, candidates));

for (const [name, make] of Object.entries(spaces))
  describe(`rankingLoss in ${name}`, () => {
    test('is the mean of −log of the share of e^−d that the first candidate has', () => {
      fc.assert(
        fc.property(curvatures, fc.nat(999), batch(5), (c, seed, sample) => {
          const embedding = new PointEmbedding(5, 2, make(c), float64(seed, 0.7));
          const d = embedding.geometry.pairwiseDistance(embedding.weight, embedding.weight).data;
          const [b, k] = sample.candidates.shape;
          let mean = 0;
          for (let i = 0; i < b; i++) {
            const near = Array.from({ length: k }, (_, j) =>
              Math.exp(-d[5 * sample.anchors.data[i] + sample.candidates.data[i * k + j]]),
            );
            mean -= Math.log(near[0] / near.reduce((sum, x) => sum + x, 0)) / b;
          }
          const loss = lossOf(embedding, sample).item();
          assert.ok(Math.abs(loss - mean) < 1e-9, `${loss}, expected ${mean}`);
        }),
      );
    });

    test('its gradient is 0 with one candidate alone', () => {
      const embedding = new PointEmbedding(3, 2, make(1), float64(1, 0.5));
      const sample = { anchors: tensor([0], { dtype: 'int32' }), candidates: tensor([[1]], { dtype: 'int32' }) };
      backward(lossOf(embedding, sample));
      const still = embedding.weight.grad?.data.every((g: number) => g === 0);
      assert.ok(still, `${embedding.weight.grad}`);
    });
  });

test('in a space without a kernel of its own distances are those of its geometry', () => {
  fc.assert(
    fc.property(fc.nat(999), batch(5), (seed, { anchors, candidates }) => {
      const space = product([lorentz(1), 2], [poincare(2), 2]);
      const embedding = new PointEmbedding(5, 4, space, float64(seed, 0.7));
      const all = space.pairwiseDistance(embedding.weight, embedding.weight).data;
      const found = embedding.distances(anchors, candidates);
      const k = candidates.shape[1];
      for (const [i, j] of candidates.data.entries()) {
        const exact = all[5 * anchors.data[Math.floor(i / k)] + j];
        assert.ok(Math.abs(found.data[i] - exact) < 1e-9, `${found.data[i]}, expected ${exact}`);
      }
    }),
    { numRuns: 20 },
  );
});

test('gradient descent makes the same steps in the Poincaré ball and in the Lorentz model', () => {
  fc.assert(
    fc.property(curvatures, fc.nat(999), fc.array(batch(6), { minLength: 1, maxLength: 4 }), (c, seed, samples) => {
      const [ball, sheet] = [poincare(c), lorentz(c)].map((space) => {
        // Tangents at the origin are half as long in the ball.
        const spread = space.name === 'lorentz' ? 1 : 0.5;
        const embedding = new PointEmbedding(6, 3, space, float64(seed, spread));
        const optimizer = sgd(embedding.parameters(), { lr: 0.3 });
        for (const sample of samples) {
          embedding.zeroGrad();
          backward(lossOf(embedding, sample));
          optimizer.step();
        }
        assert.ok(space.check(embedding.weight).ok, `${space.name}: ${space.check(embedding.weight).reason}`);
        return embedding.weight.detach();
      });
      assertClose(toPoincare(sheet, c), ball, 1e-9, 'points');
    }),
    { numRuns: 30 },
  );
});

test('a step leaves alone the points that are not in the batch', () => {
  for (const make of Object.values(spaces)) {
    const embedding = new PointEmbedding(8, 2, make(1), float64(3, 0.8));
    const before = embedding.weight.toArray() as number[][];
    const sample = { anchors: tensor([1], { dtype: 'int32' }), candidates: tensor([[4, 6]], { dtype: 'int32' }) };
    backward(lossOf(embedding, sample));
    sgd(embedding.parameters(), { lr: 1 }).step();
    const apart = (embedding.weight.toArray() as number[][]).map((point, i) =>
      Math.max(...point.map((x, k) => Math.abs(x - before[i][k]))),
    );
    for (const [i, d] of apart.entries())
      assert.ok([1, 4, 6].includes(i) ? d > 1e-3 : d < 1e-14, `point ${i} moved by ${d}`);
  }
});

test('points begin near the origin, the same from the same seed, and are looked up by number in any shape', () => {
  for (const make of Object.values(spaces)) {
    const space = make(2);
    const embedding = new PointEmbedding(9, 3, space, { rng: new Rng(5) });
    assert.deepEqual(embedding.weight.shape, [9, space.coordinates(3)]);
    assert.equal(embedding.weight.dtype, 'float32');
    const radii = space.distance(space.origin(3), embedding.weight.detach()).data;
    for (const r of radii) assert.ok(r > 0 && r < 2 * Math.sqrt(3) * 1e-3, `radius ${r}`);
    assert.deepEqual(new PointEmbedding(9, 3, space, { rng: new Rng(5) }).weight.data, embedding.weight.data);
    assert.deepEqual(embedding.call(zeros([2, 0], { dtype: 'int32' })).shape, [2, 0, space.coordinates(3)]);
    assert.deepEqual(
      embedding.call(tensor(7, { dtype: 'int32' })).data,
      embedding.weight.data.slice(-2 * space.coordinates(3), -space.coordinates(3)),
    );
  }
});

test('sizes that are none are refused, and points that do not meet', () => {
  for (const [count, dim] of [
    [0, 2],
    [3, 0],
    [1.5, 2],
    [3, Number.NaN],
  ])
    assertRefuses(
      () => new PointEmbedding(count, dim, poincare(1), { rng: new Rng(1) }),
      DomainError,
      'PointEmbedding',
    );
  for (const spread of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assertRefuses(
      () => new PointEmbedding(3, 2, poincare(1), { rng: new Rng(1), spread }),
      DomainError,
      'PointEmbedding',
    );
  for (const shape of [[], [3], [2, 0], [2, 3, 1]])
    assertRefuses(() => rankingLoss(zeros(shape)), ShapeError, 'rankingLoss');
});
