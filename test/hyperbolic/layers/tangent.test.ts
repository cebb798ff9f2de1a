/** Layers that work in the tangent space of the origin, and that all of them are finite at every distance. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { curvatureOf, trainableCurvature } from '../../../src/hyperbolic/layers/curvature.ts';
import { MobiusLinear, translate } from '../../../src/hyperbolic/layers/mobius.ts';
import { TangentActivation, TangentDropout } from '../../../src/hyperbolic/layers/tangent.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import { DomainError, mul, Rng, randn } from '../../../src/index.ts';
import { Linear, Parameter } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { assertFinite, farCases, farPoints } from './tangentPoints.ts';

const float64 = { dtype: 'float64' } as const;
const seeds = fc.nat(1000);
const curvatures = fc.constantFrom(0.1, 1, 10);
const spaces = { poincare, lorentz };

describe('tangent layers', () => {
  test('the activation is f between log and exp, and changes the curvature on its way', () => {
    fc.assert(
      fc.property(curvatures, curvatures, seeds, fc.constantFrom(poincare, lorentz), (c, next, seed, space) => {
        const u = mul(randn([4, 3], new Rng(seed), float64), 0.5 / Math.sqrt(Math.max(c, next)));
        const layer = new TangentActivation('relu', { space, curvature: c, curvatureOut: next });
        const y = layer.call(space(c).expOrigin(u));
        assert.equal(space(next).check(y).reason, null);
        const expected = u.maximum(0);
        assertClose(mul(space(next).logOrigin(y), Math.sqrt(next)), mul(expected, Math.sqrt(next)), 1e-12, 'tangent');
      }),
    );
    const x = poincare(1).expOrigin(randn([4, 3], new Rng(1), float64));
    assertClose(new TangentActivation('none').call(x), x, 1e-14, 'none');
    for (const odd of ['softplus', '__proto__', 'constructor'])
      assertRefuses(() => new TangentActivation(odd as 'relu'), DomainError, 'TangentActivation');
  });

  test('dropout leaves points in their space, keeps the origin, and is nothing outside training', () => {
    for (const space of [poincare, lorentz]) {
      const layer = new TangentDropout(0.5, { space });
      const x = space(1).expOrigin(randn([200, 3], new Rng(1), float64));
      assert.equal(layer.call(x), x);
      const y = layer.call(x, { training: true, rng: new Rng(2) });
      assert.equal(space(1).check(y).reason, null);
      const dropped = space(1)
        .logOrigin(y)
        .data.filter((v) => v === 0).length;
      assert.ok(dropped > 250 && dropped < 350, `${dropped} of 600`);
      const origin = space(1).origin(3, [2], float64);
      assertSame(layer.call(origin, { training: true, rng: new Rng(2) }), origin, 'origin');
      assertRefuses(() => layer.call(x, { training: true }), DomainError, 'TangentDropout', /rng/);
    }
    for (const p of [-1, 2, Number.NaN]) assertRefuses(() => new TangentDropout(p), DomainError, 'TangentDropout');
  });
});

describe('no finite input gives NaN or infinity, in value or gradient', () => {
  for (const [name, space] of Object.entries(spaces))
    test(`${name}: linear, bias, activation and dropout, all radii, c fixed and trained`, () => {
      fc.assert(
        fc.property(farCases, fc.boolean(), fc.constantFrom(0, 1e-15, 1, 1e3), (far, trained, size) => {
          const { dtype, seed, c } = far;
          const curvature = trained ? trainableCurvature(c, { dtype }) : c;
          const linear = new Linear(3, 3, { rng: new Rng(seed), dtype, bias: false });
          const layer = new MobiusLinear(linear, { space, curvature, dropout: 0.5 });
          layer.bias?.assign_(mul(randn([3], new Rng(seed), { dtype }), size / Math.sqrt(c)));
          const act = new TangentActivation('relu', { space, curvature, curvatureOut: curvature });
          const x = new Parameter(farPoints(space(c), far, 3));
          const y = act.call(layer.call(x, { training: true, rng: new Rng(seed) }));
          assert.equal(space(curvatureOf(curvature)).check(y).reason, null);
          const moved = translate(space(curvatureOf(curvature)), y, layer.bias as Parameter);
          const leaves = [x, ...layer.parameters()];
          assertFinite(moved, leaves, seed, name);
          assertFinite(space(curvatureOf(curvature)).squaredDistance(x, act.call(layer.call(x))), leaves, seed, 'd²');
        }),
        { numRuns: 60 },
      );
    });
});
