/** The fully connected layer of the Poincaré ball: its coordinates are signed distances, it takes any map, and it is finite. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { trainableCurvature } from '../../../src/hyperbolic/layers/curvature.ts';
import { offsetLogits, pointLogits } from '../../../src/hyperbolic/layers/poincareHyperplanes.ts';
import { PoincareLinear, poincareStart } from '../../../src/hyperbolic/layers/poincareLinear.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import { DomainError, eye, mul, norm, Rng, randn, type Tensor, zeros } from '../../../src/index.ts';
import { Linear, Parameter, Sequential } from '../../../src/nn/index.ts';
import { convert } from '../../../src/sst/index.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { checkModule } from '../../harness/module.ts';
import { assertFinite, farCases, farPoints } from './tangentPoints.ts';

const float64 = { dtype: 'float64' } as const;
const seeds = fc.nat(1000);
const curvatures = fc.constantFrom(0.1, 1, 10);

const gauss = (shape: readonly number[], seed: number, size = 1): Tensor =>
  mul(randn(shape, new Rng(seed), float64), size);

/** A layer with offsets that are not 0. */
function layerOf(m: number, n: number, c: number, seed: number): PoincareLinear {
  const layer = new PoincareLinear(poincareStart(n, m, { rng: new Rng(seed), ...float64 }), { curvature: c });
  layer.offsets?.assign_(gauss([m], seed + 1, 0.2 / Math.sqrt(c)));
  return layer;
}

checkModule({
  name: 'PoincareLinear',
  make: ({ rng, dtype, device }) =>
    new PoincareLinear(poincareStart(3, 2, { rng, dtype, ...(device && { device }) }), { curvature: 0.1 }),
  inFeatures: 3,
  outFeatures: 2,
  size: 8,
});

describe('PoincareLinear', () => {
  test('gives the point whose signed distances to the planes across the axes are those of x to its planes', () => {
    fc.assert(
      fc.property(curvatures, seeds, (c, seed) => {
        const layer = layerOf(4, 3, c, seed);
        const { weight } = layer.linear as Linear;
        const x = poincare(c).expOrigin(gauss([5, 3], seed, 0.5 / Math.sqrt(c)));
        const y = layer.call(x).detach();
        assert.equal(poincare(c).check(y).reason, null);
        // A normal of length 1/2 scores the distance itself.
        const across = pointLogits(y, zeros([4, 4], float64), mul(eye(4, 4, float64), 0.5), c);
        const lengths = norm(weight, { axis: 1 });
        const scores = offsetLogits(layer.linear.call(x), lengths, x, layer.offsets as Tensor, c).detach();
        assertClose(mul(across, Math.sqrt(c)), mul(scores, Math.sqrt(c)), 1e-9, 'distances');
      }),
    );
  });

  test('as c → 0 it tends to 2·(Wx − r·|w|): an affine map', () => {
    const c = 1e-3;
    const layer = layerOf(4, 3, c, 1);
    layer.offsets?.assign_(gauss([4], 2, 0.1));
    const x = gauss([5, 3], 3, 0.1);
    const lengths = norm((layer.linear as Linear).weight, { axis: 1 });
    const flat = mul(layer.linear.call(x).sub(mul(layer.offsets as Tensor, lengths)), 2);
    assertClose(layer.call(x).detach(), flat.detach(), 1e-4, 'flat');
  });

  test('takes maps that are not dense: converted, it computes the same', () => {
    for (const method of ['sst', 'lora', 'relora', 'galore'] as const) {
      const model = new Sequential(layerOf(4, 3, 1, 1), layerOf(3, 4, 1, 2));
      const x = poincare(1).expOrigin(gauss([5, 3], 3, 0.5));
      const before = model.call(x).detach();
      convert(model, { method, rank: 2, rng: new Rng(1), exclude: [] });
      assertClose(model.call(x).detach(), before, 1e-12, method);
    }
  });

  test('a map with a bias is refused, and without offsets the origin stays', () => {
    const biased = new Linear(3, 2, { rng: new Rng(1) });
    assertRefuses(() => new PoincareLinear(biased), DomainError, 'PoincareLinear', /bias/);
    const layer = new PoincareLinear(poincareStart(3, 2, { rng: new Rng(1), ...float64 }), { bias: false });
    assertClose(layer.call(zeros([1, 3], float64)).detach(), zeros([1, 2], float64), 0, 'origin');
  });

  test('no finite input gives NaN or infinity, in value or gradient, and every result is in the ball', () => {
    fc.assert(
      fc.property(farCases, fc.boolean(), fc.constantFrom(0, 1e-30, 1, 1e3), (far, trained, size) => {
        const { c, dtype, seed } = far;
        const curvature = trained ? trainableCurvature(c, { dtype }) : c;
        const linear = poincareStart(3, 4, { rng: new Rng(seed), dtype });
        linear.weight.assign_(mul(linear.weight, size));
        const layer = new PoincareLinear(linear, { curvature });
        layer.offsets?.assign_(mul(randn([4], new Rng(seed), { dtype }), size / Math.sqrt(c)));
        const x = new Parameter(farPoints(poincare(c), far, 3));
        const y = layer.call(x);
        if (!trained) assert.equal(poincare(c).check(y).reason, null);
        assertFinite(y, [x, ...layer.parameters()], seed, 'y');
      }),
    );
  });
});
