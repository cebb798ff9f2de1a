/** Möbius layers: the formulas of the paper, the same map on both models, and finite at every distance. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toLorentz } from '../../../src/hyperbolic/convert.ts';
import {
  glorotLinear,
  MobiusBias,
  MobiusLayer,
  MobiusLinear,
  translate,
} from '../../../src/hyperbolic/layers/mobius.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { mobiusAdd, mobiusMatvec } from '../../../src/hyperbolic/mobius.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import { DomainError, matmul, mul, Rng, randn, ShapeError, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { Linear, type Parameter } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { checkModule } from '../../harness/module.ts';

const float64 = { dtype: 'float64' } as const;
const seeds = fc.nat(1000);
const curvatures = fc.constantFrom(0.1, 1, 10);
const spaces = { poincare, lorentz };

/** Points of the ball, up to 3/√c from the origin. */
const ballPoints = (c: number, seed: number, shape = [5, 3]): Tensor =>
  poincare(c)
    .expOrigin(mul(randn(shape, new Rng(seed), float64), 0.7 / Math.sqrt(c)))
    .detach();

const dense = (m: number, n: number, seed: number): Linear =>
  new Linear(n, m, { rng: new Rng(seed), bias: false, ...float64 });

/** A bias that is not at the origin. */
function biased<M extends { readonly bias: Parameter | null }>(layer: M, seed: number, size = 1): M {
  const { bias } = layer;
  if (bias !== null) bias.assign_(mul(randn(bias.shape, new Rng(seed), { dtype: bias.dtype }), size));
  return layer;
}

for (const [name, space] of Object.entries(spaces)) {
  const n = space(0.1).coordinates(3);
  checkModule({
    name: `MobiusLinear on ${name}`,
    make: ({ rng, dtype, device }) =>
      new MobiusLinear(new Linear(3, 2, device ? { rng, dtype, device, bias: false } : { rng, dtype, bias: false }), {
        space,
        curvature: 0.1,
      }),
    inFeatures: n,
    outFeatures: space(0.1).coordinates(2),
    size: 8,
  });
  checkModule({
    name: `MobiusLayer on ${name}`,
    make: ({ rng, dtype, device }) =>
      new MobiusLayer(new Linear(3, 3, device ? { rng, dtype, device, bias: false } : { rng, dtype, bias: false }), {
        space,
        curvature: 0.1,
        activation: 'tanh',
      }),
    inFeatures: n,
    outFeatures: n,
    size: 12,
  });
}

describe('MobiusLinear', () => {
  test('on the ball it is (W ⊗ x) ⊕ exp₀(b)', () => {
    fc.assert(
      fc.property(curvatures, seeds, (c, seed) => {
        const layer = biased(new MobiusLinear(dense(4, 3, seed), { curvature: c }), seed + 1, 0.3 / Math.sqrt(c));
        const x = ballPoints(c, seed);
        const bias = poincare(c).expOrigin(layer.bias as Parameter);
        const expected = mobiusAdd(mobiusMatvec((layer.linear as Linear).weight, x, c), bias, c);
        assertClose(mul(layer.call(x), Math.sqrt(c)).detach(), mul(expected, Math.sqrt(c)).detach(), 1e-12, 'formula');
      }),
    );
  });

  test('on the hyperboloid it is the same map: tangents at the origin are twice as long there', () => {
    fc.assert(
      fc.property(curvatures, seeds, (c, seed) => {
        const ball = biased(new MobiusLinear(dense(4, 3, seed), { curvature: c }), seed, 0.3 / Math.sqrt(c));
        const sheet = new MobiusLinear(ball.linear, { curvature: c, space: lorentz });
        sheet.bias?.assign_(mul(ball.bias as Parameter, 2));
        const x = ballPoints(c, seed);
        const scale = Math.sqrt(c);
        const image = mul(toLorentz(ball.call(x), c), scale).detach();
        assertClose(mul(sheet.call(toLorentz(x, c)), scale).detach(), image, 1e-10, 'image');
      }),
    );
  });

  test('products of maps are maps of products, the identity does nothing, and a bias at 0 neither', () => {
    fc.assert(
      fc.property(curvatures, seeds, fc.constantFrom(poincare, lorentz), (c, seed, space) => {
        const [a, b] = [dense(2, 3, seed), dense(3, 3, seed + 1)];
        const ab = new Linear(3, 2, { weight: matmul(a.weight, b.weight).detach(), bias: null });
        const through = (linear: Linear) => new MobiusLinear(linear, { curvature: c, space });
        const x = space(c).expOrigin(mul(randn([4, 3], new Rng(seed), float64), 0.5 / Math.sqrt(c)));
        const scale = Math.sqrt(c);
        const twice = through(a).call(through(b).call(x));
        assertClose(mul(twice, scale).detach(), mul(through(ab).call(x), scale).detach(), 1e-10, 'product');
        const one = new Linear(3, 3, {
          weight: tensor(
            [
              [1, 0, 0],
              [0, 1, 0],
              [0, 0, 1],
            ],
            float64,
          ),
          bias: null,
        });
        assertClose(mul(through(one).call(x), scale).detach(), mul(x, scale), 1e-12, 'identity');
      }),
    );
  });

  test('as c → 0 it tends to xWᵀ + b', () => {
    const c = 1e-3;
    for (const [name, space] of Object.entries(spaces)) {
      const layer = biased(new MobiusLinear(dense(2, 3, 1), { curvature: c, space }), 2, 0.1);
      const u = mul(randn([4, 3], new Rng(3), float64), 0.1);
      const flat = layer.linear.call(u).add(layer.bias as Parameter);
      assertClose(space(c).logOrigin(layer.fromTangent(u)).detach(), flat.detach(), 1e-4, name);
    }
  });

  test('a bias of the map itself is added to the tangent, and fromTangent is call after exp', () => {
    const linear = new Linear(3, 2, { rng: new Rng(1), ...float64 });
    for (const space of [poincare, lorentz]) {
      const layer = new MobiusLinear(linear, { space, bias: false });
      const u = mul(randn([4, 3], new Rng(2), float64), 0.5);
      assert.equal(layer.bias, null);
      const expected = space(1).expOrigin(linear.call(u)).detach();
      assertClose(layer.fromTangent(u).detach(), expected, 0, 'fromTangent');
      assertClose(layer.call(space(1).expOrigin(u)).detach(), expected, 1e-13, 'call');
    }
  });

  test('dropout acts in training alone, repeats with its rng, and without one is refused', () => {
    const layer = new MobiusLinear(dense(3, 3, 1), { dropout: 0.5 });
    const x = ballPoints(1, 1);
    const train = (seed: number): Tensor => layer.call(x, { training: true, rng: new Rng(seed) }).detach();
    assertSame(layer.call(x).detach(), new MobiusLinear(layer.linear).call(x).detach(), 'not training');
    assertSame(train(1), train(1), 'same seed');
    assert.notDeepEqual([...train(1).data], [...train(2).data]);
    assertRefuses(() => layer.call(x, { training: true }), DomainError, 'MobiusLinear', /rng/);
    for (const dropout of [-0.1, 1.1, Number.NaN])
      assertRefuses(() => new MobiusLinear(dense(3, 3, 1), { dropout }), DomainError, 'MobiusLinear');
  });
});

describe('translation', () => {
  test('takes the origin to exp₀(b), moves every point as far, and keeps distances between two biases', () => {
    fc.assert(
      fc.property(curvatures, seeds, fc.constantFrom(poincare, lorentz), (c, seed, space) => {
        const geometry = space(c);
        const b = mul(randn([3], new Rng(seed), float64), 0.5 / Math.sqrt(c));
        const layer = new MobiusBias(b, { space, curvature: c });
        const scale = Math.sqrt(c);
        const point = (k: number): Tensor =>
          geometry.expOrigin(mul(randn([4, 3], new Rng(seed + k), float64), 0.5 / Math.sqrt(c)));
        const origin = geometry.origin(3, [], float64);
        const end = geometry.expOrigin(b);
        assertClose(mul(layer.call(origin), scale).detach(), mul(end, scale), 1e-12, 'origin');
        const moved = geometry.distance(point(1), layer.call(point(1)));
        assertClose(mul(moved, scale).detach(), mul(geometry.distance(origin, end), scale).expand([4]), 1e-9, 'length');
        const other = mul(randn([3], new Rng(seed + 2), float64), 0.5 / Math.sqrt(c));
        const apart = geometry.distance(layer.call(point(1)), translate(geometry, point(1), other));
        const expected = geometry.distance(end, geometry.expOrigin(other));
        assertClose(mul(apart, scale).detach(), mul(expected, scale).expand([4]), 1e-9, 'distance');
      }),
    );
    assertRefuses(() => new MobiusBias(zeros([2, 2])), ShapeError, 'MobiusBias');
  });
});

describe('glorotLinear', () => {
  test('starts uniform on ±√2·√(6/(n + m)), without bias', () => {
    const { weight, bias } = glorotLinear(300, 100, { rng: new Rng(1), ...float64 });
    assert.equal(bias, null);
    const bound = Math.SQRT2 * Math.sqrt(6 / 400);
    assert.ok(
      weight.data.every((v) => Math.abs(v) <= bound),
      'within',
    );
    const variance = [...weight.data].reduce((s, v) => s + v * v, 0) / weight.size;
    assert.ok(Math.abs(variance / (bound ** 2 / 3) - 1) < 0.02, `${variance}`);
    for (const n of [0, 1.5]) assertRefuses(() => glorotLinear(n, 1, { rng: new Rng(1) }), DomainError, 'glorotLinear');
  });
});
