/** Leaving out small singular values: what stays, what it costs, and how exact it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, noGrad, Rng, randn, type Tensor } from '../../src/index.ts';
import { svdvals } from '../../src/linalg.ts';
import { Linear, ReLU, Sequential } from '../../src/nn/index.ts';
import { FactoredLinear, lora, prune, reduceModel, reducer, SpectralLinear, truncate } from '../../src/sst/index.ts';

const f64 = { dtype: 'float64' } as const;
const layers = fc
  .record({
    n: fc.integer({ min: 1, max: 8 }),
    m: fc.integer({ min: 1, max: 8 }),
    seed: fc.nat(1e6),
    bias: fc.boolean(),
  })
  .map(({ n, m, seed, bias }) => new Linear(n, m, { rng: new Rng(seed), bias, ...f64 }));
const forms = fc.constantFrom('smaller', 'factored', 'dense' as const);

const valuesOf = (layer: Linear): number[] => Array.from(svdvals(layer.weight.detach()).data);
const dense = (layer: Linear | FactoredLinear): Tensor => (layer instanceof Linear ? layer : layer.merge()).weight;
const distance = (a: Tensor, b: Tensor): number => Math.hypot(...Array.from(a.data, (v, i) => v - b.data[i]));

describe('truncate and prune', () => {
  test('the error is √Σσ² of what is left out, the count exact, the layer computes with what is kept', () => {
    fc.assert(
      fc.property(layers, fc.integer({ min: 1, max: 9 }), forms, (linear, rank, form) => {
        const sigma = valuesOf(linear);
        const found = truncate(linear, rank, { form: form as 'dense' });
        assert.equal(found.rank, Math.min(rank, sigma.length));
        assert.ok(Math.abs(found.error - Math.hypot(...sigma.slice(rank))) <= 1e-14, `${found.error}`);
        assert.ok(
          Math.abs(distance(dense(found.layer), linear.weight) - found.error) <= 1e-13,
          'the error that is there',
        );
        const [m, n] = linear.weight.shape;
        const size = found.layer instanceof Linear ? m * n : found.rank * (m + n);
        assert.equal(found.parameters, size + (linear.bias?.size ?? 0));
        if (form === 'smaller') assert.ok(size <= m * n, 'smaller than the dense layer');
        const x = randn([3, n], new Rng(1), f64);
        const [y, z] = noGrad(() => [
          found.layer.call(x),
          (found.layer instanceof Linear ? found.layer : found.layer.merge()).call(x),
        ]);
        assert.ok(distance(y, z) <= 1e-13, 'factored and dense compute the same');
        assert.equal(found.layer.bias, linear.bias);
      }),
    );
  });

  test('prune keeps the fewest largest values whose sum is the share asked for', () => {
    fc.assert(
      fc.property(layers, fc.double({ min: 1e-6, max: 1, noNaN: true }), (linear, keep) => {
        const sigma = valuesOf(linear);
        const total = sigma.reduce((a, b) => a + b, 0);
        const sumOf = (r: number): number => sigma.slice(0, r).reduce((a, b) => a + b, 0);
        const { rank, removed } = prune(linear, { keep });
        assert.ok(sumOf(rank) >= keep * total - 1e-12, `${rank} is too few`);
        assert.ok(rank === 1 || sumOf(rank - 1) < keep * total + 1e-12, `${rank} is too many`);
        assert.ok(Math.abs(removed - (1 - rank / sigma.length)) <= 1e-15, `${removed}`);
      }),
    );
  });

  test('keep 1 is the whole layer; zero and repeated values', () => {
    const linear = new Linear(4, 3, { rng: new Rng(2), ...f64 });
    assert.equal(prune(linear, { keep: 1 }).rank, 3);
    assert.ok(prune(linear, { keep: 1 }).error === 0, 'nothing is lost');
    linear.weight.assign_(linear.weight.mul(0).detach());
    assert.equal(prune(linear, { keep: 0.9 }).rank, 1);
    const identity = new Linear(4, 4, { rng: new Rng(2), ...f64 });
    identity.weight.data.fill(0);
    for (let i = 0; i < 4; i++) identity.weight.data[5 * i] = 2;
    assert.deepEqual(
      [0.2, 0.25, 0.3, 0.75, 0.76].map((keep) => prune(identity, { keep }).rank),
      [1, 1, 2, 3, 4],
    );
  });

  test('layers of a method are reduced as the dense layers they merge into', () => {
    const linear = new Linear(6, 5, { rng: new Rng(3), ...f64 });
    const spectral = new SpectralLinear(linear, { rank: 2 });
    const adapted = lora({ rank: 2, rng: new Rng(1) }).attach(linear);
    for (const layer of [spectral, adapted]) {
      const [found, expected] = [truncate(layer, 2), truncate(linear, 2)];
      assert.equal(found.parameters, expected.parameters);
      assert.ok(distance(dense(found.layer), dense(expected.layer)) <= 1e-13, 'the same weight');
    }
  });

  test('bad settings are refused', () => {
    const linear = new Linear(2, 2, { rng: new Rng(1) });
    for (const keep of [0, -1, 1.01, Number.NaN]) assert.throws(() => prune(linear, { keep }), DomainError, `${keep}`);
    for (const rank of [0, 1.5, -1]) assert.throws(() => truncate(linear, rank), DomainError, `${rank}`);
    assert.throws(() => truncate(linear, 1, { form: 'tiny' as 'dense' }), /tiny/);
  });
});

test('reduceModel: every selected layer is replaced, the head stays, and the counts are those of the model', () => {
  const rng = new Rng(4);
  const model = new Sequential(
    new Linear(9, 8, { rng }),
    new ReLU(),
    new Linear(8, 7, { rng }),
    new ReLU(),
    new Linear(7, 3, { rng }),
  );
  const found = reduceModel(model, { rank: 2 });
  assert.deepEqual(
    found.layers.map(({ path, rank }) => [path, rank]),
    [
      ['0', 2],
      ['2', 2],
    ],
  );
  assert.ok(model[0] instanceof FactoredLinear && model[4] instanceof Linear, 'what was replaced');
  assert.equal(found.parameters, 2 * (9 + 8) + 8 + 2 * (8 + 7) + 7 + 7 * 3 + 3);
  assert.ok(Math.abs(found.removed - (1 - 4 / 15)) < 1e-12, `${found.removed}`);
  assert.throws(() => reduceModel(model, { keep: 0.5, include: ['none'] }), /selected/);
});

test('reducer: each extent is cut from the layers that there were at first, whatever was cut before', () => {
  const make = (): Sequential => {
    const rng = new Rng(5);
    return new Sequential(new Linear(6, 5, { rng, ...f64 }), new ReLU(), new Linear(5, 4, { rng, ...f64 }));
  };
  const model = make();
  const whole = model.call(randn([3, 6], new Rng(1), f64));
  const every = reducer(model, { exclude: [] });
  const extents = fc.oneof(
    fc.record({ keep: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
    fc.record({ rank: fc.integer({ min: 1, max: 6 }) }),
  );
  fc.assert(
    fc.property(extents, forms, (extent, form) => {
      const other = make();
      const options = { ...extent, form: form as 'dense' };
      const [found, expected] = [every.reduce(options), reduceModel(other, { ...options, exclude: [] })];
      assert.deepEqual([found.parameters, found.removed], [expected.parameters, expected.removed]);
      const x = randn([3, 6], new Rng(1), f64);
      assert.deepEqual(model.call(x).data, other.call(x).data);
    }),
  );
  const before = model.call(randn([3, 6], new Rng(1), f64)).data;
  assert.throws(() => every.reduce({ keep: 2 }), /reduceModel: keep is in/);
  assert.deepEqual(model.call(randn([3, 6], new Rng(1), f64)).data, before);
  every.reduce({ keep: 1 });
  assert.ok(distance(model.call(randn([3, 6], new Rng(1), f64)), whole) <= 1e-13, 'all is there again');
});
