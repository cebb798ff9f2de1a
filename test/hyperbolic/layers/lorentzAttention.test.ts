/** Attention between points, and scores of classes that are points. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LorentzAttention, type LorentzAttentionOptions } from '../../../src/hyperbolic/layers/lorentzAttention.ts';
import { LorentzLogits } from '../../../src/hyperbolic/layers/lorentzLogits.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import {
  backward,
  concat,
  DomainError,
  flip,
  gradcheck,
  matmul,
  noGrad,
  Rng,
  ShapeError,
  slice,
  softmax,
  sum,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { adam, DecodingCache } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';

const float64 = { dtype: 'float64' } as const;
const make = (options: Partial<LorentzAttentionOptions> = {}, heads = 2): LorentzAttention =>
  new LorentzAttention(6, heads, { rng: new Rng(1), ...float64, ...options });
const points = (seed: number, lead: readonly number[] = [4], c = 1): Tensor =>
  lorentz(c).random(5, lead, { rng: new Rng(seed), ...float64 });
const call = (model: LorentzAttention, x: Tensor, context: object = {}): Tensor => noGrad(() => model.call(x, context));

const time = tensor([-1, 1, 1], float64);

describe('LorentzAttention', () => {
  test('is the softmax of scaled negative squared distances, and the centroid, of each head', () => {
    const c = 0.5;
    const model = make({ c });
    const x = points(1, [4], c);
    const [q, k, v] = noGrad(() => [model.q_proj, model.k_proj, model.v_proj].map((layer) => layer.call(x)));
    const heads = [0, 1].map((h) => {
      const of = (t: Tensor): Tensor => slice(t, [null, [3 * h, 3 * h + 3]]);
      const products = matmul(of(q).mul(time), of(k), { transB: true });
      const distances = products.mul(-2).sub(2 / c);
      const sums = matmul(softmax(distances.mul(-c / Math.sqrt(6))), of(v));
      const squares = sum(sums.mul(sums).mul(time), { axis: 1, keepDims: true });
      const centroids = sums.div(squares.mul(-c).sqrt());
      assert.ok(lorentz(c).check(centroids).ok, `head ${h}`);
      return centroids;
    });
    const flat = concat(heads, { axis: 1 });
    assertClose(
      call(model, x),
      noGrad(() => model.out_proj.call(flat)),
      1e-13,
      'y',
    );
  });

  test('gives points, for any leading axes, heads and curvature; does not see the order of the keys', () => {
    const cases = fc.record({
      lead: fc.constantFrom([3], [2, 3], [2, 1, 3]),
      heads: fc.constantFrom(1, 2, 3),
      c: fc.constantFrom(0.1, 1, 10),
    });
    fc.assert(
      fc.property(cases, fc.nat(100), ({ lead, heads, c }, seed) => {
        const model = make({ c, rng: new Rng(seed) }, heads);
        const x = points(seed, lead, c);
        const y = call(model, x);
        assert.deepEqual(y.shape, [...lead, 6]);
        assert.ok(lorentz(c).check(y).ok, `${lorentz(c).check(y).reason}`);
        assertClose(call(model, x, { key: flip(x, x.rank - 2) }), y, 1e-12, 'keys turned round');
      }),
      { numRuns: 40 },
    );
  });

  test('causal, a query does not see what follows; a masked key is as if it were not there', () => {
    const x = points(2);
    const model = make();
    const y = call(model, x, { causal: true });
    for (let t = 1; t <= 4; t++)
      assertClose(y.rawView([t, 6]), call(model, x.rawView([t, 6]), { causal: true }), 1e-14, `${t}`);
    const mask = tensor([true, true, false, false]);
    assertClose(call(model, x, { mask }), call(model, x, { key: x.rawView([2, 6]) }), 1e-14, 'mask');
  });

  test('with a cache, queries in two calls get what they get in one; a key that is not there is as if it were not', () => {
    const [x, model, cache] = [points(7), make(), new DecodingCache()];
    const whole = call(model, x, { causal: true, residual: x });
    for (const [from, to] of [
      [0, 1],
      [1, 4],
    ]) {
      const part = slice(x, [[from, to]]);
      const y = call(model, part, { causal: true, cache, residual: part });
      assertClose(y, slice(whole, [[from, to]]), 1e-14, `${from}`);
    }
    const keyMask = tensor([true, true, false, false]);
    assertClose(call(model, x, { keyMask }), call(model, x, { key: x.rawView([2, 6]) }), 1e-14, 'keyMask');
  });

  test('a query that may see nothing has the origin in each head', () => {
    const model = make();
    const y = call(model, points(3), { mask: tensor([false, false, false, false]) });
    const origin = tensor([1, 0, 0, 1, 0, 0], float64);
    assertClose(
      slice(y, [0]),
      noGrad(() => model.out_proj.call(origin)),
      1e-15,
      'y',
    );
  });

  test('the residual is added before the last point is made', () => {
    const [model, x] = [make(), points(4)];
    const y = call(model, x, { residual: x });
    assert.ok(lorentz(1).check(y).ok, 'points');
    assert.notDeepEqual([...y.data], [...call(model, x).data]);
  });

  test('its gradient agrees with finite differences, and every parameter gets one', () => {
    const model = make();
    const x = points(5);
    x.requiresGrad = true;
    gradcheck((t) => model.call(t, { causal: true, residual: t }), [x], { fast: true, rng: new Rng(1) });
    backward(sum(model.call(x)));
    for (const [name, p] of model.namedParameters()) assert.ok(p.grad !== null, name);
  });

  test('dropout acts in training alone, repeats with its rng, and without one is refused', () => {
    const x = points(6);
    const model = make({ dropout: 0.5 });
    assertSame(call(model, x), call(make(), x), 'not training');
    const train = (seed: number): Tensor => call(model, x, { training: true, rng: new Rng(seed) });
    assertSame(train(1), train(1), 'same seed');
    assert.notDeepEqual([...train(1).data], [...train(2).data]);
    assert.ok(lorentz(1).check(train(3)).ok, 'points');
    assertRefuses(() => model.call(x, { training: true }), DomainError, 'LorentzAttention', /rng/);
    const inputs = make({ inputDropout: 0.5 });
    assertSame(call(inputs, x), call(make(), x), 'inputs, not training');
    assert.notDeepEqual([...call(inputs, x, { training: true, rng: new Rng(1) }).data], [...call(make(), x).data]);
    assertRefuses(() => inputs.call(x, { training: true }), DomainError, 'LorentzLinear', /rng/);
  });

  test('bad settings and operands are refused by name', () => {
    for (const heads of [0, 4, 6, 1.5, Number.NaN])
      assertRefuses(() => make({}, heads), DomainError, 'LorentzAttention');
    for (const dropout of [-1, 2, Number.NaN]) assertRefuses(() => make({ dropout }), DomainError, 'LorentzAttention');
    assertRefuses(() => make().call(points(1, [])), ShapeError, 'LorentzAttention');
    assert.throws(() => make().call(lorentz(1).random(3, [4], { rng: new Rng(1), ...float64 })), ShapeError);
  });
});

describe('LorentzLogits', () => {
  test('are −c times the squared Lorentzian distance to the point of each class, and its bias', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(0.1, 1, 10), (seed, c) => {
        const model = new LorentzLogits(6, 3, { rng: new Rng(seed), c, ...float64 });
        const bias = tensor([1, -2, 3], float64);
        model.bias?.assign_(bias);
        const x = points(seed, [4], c);
        const gap = (i: number, k: number): number => {
          const d = [...x.data.slice(6 * i, 6 * i + 6)].map((v, j) => v - model.points.data[6 * k + j]);
          return d.reduce((total, v, j) => total + (j === 0 ? -v * v : v * v), 0);
        };
        const expected = Array.from({ length: 4 }, (_, i) => [0, 1, 2].map((k) => bias.data[k] - c * gap(i, k)));
        assertClose(
          noGrad(() => model.call(x)),
          tensor(expected, float64),
          1e-10,
          'scores',
        );
      }),
    );
  });
  test('their points start at distance 1/√c from the origin, and stay on the hyperboloid while they are trained', () => {
    const c = 4;
    const model = new LorentzLogits(6, 3, { rng: new Rng(1), c, ...float64 });
    const space = lorentz(c);
    const distances = space.distance(model.points.detach(), space.origin(5, [3], float64));
    assertClose(distances, tensor([0.5, 0.5, 0.5], float64), 1e-12, 'distance');
    const optimizer = adam(model.parameters(), { lr: 0.1 });
    const before = [...model.points.data];
    for (let step = 0; step < 20; step++) {
      model.zeroGrad();
      backward(sum(model.call(points(step, [4], c))));
      optimizer.step();
    }
    assert.notDeepEqual([...model.points.data], before);
    assert.ok(space.check(model.points).ok, `${space.check(model.points).reason}`);
  });
  test('points that are given are taken as they are, if they fit', () => {
    const { points: given } = new LorentzLogits(6, 3, { rng: new Rng(1), ...float64 });
    assert.equal(new LorentzLogits(6, 3, { rng: new Rng(2), ...float64, points: given }).points, given);
    for (const [n, classes] of [
      [5, 3],
      [6, 4],
    ])
      assertRefuses(
        () => new LorentzLogits(n, classes, { rng: new Rng(1), points: given }),
        ShapeError,
        'LorentzLogits',
        /points are not/,
      );
  });
  test('the bias may be left out; bad settings are refused', () => {
    assert.equal(new LorentzLogits(6, 3, { rng: new Rng(1), bias: false }).bias, null);
    for (const [n, classes] of [
      [1, 3],
      [6, 0],
    ])
      assertRefuses(() => new LorentzLogits(n, classes, { rng: new Rng(1) }), DomainError, 'LorentzLogits');
    assert.throws(() => new LorentzLogits(6, 3, { rng: new Rng(1), c: 0 }), DomainError);
    assert.throws(() => new LorentzLogits(5, 3, { rng: new Rng(1), ...float64 }).call(points(1)), ShapeError);
  });
});
