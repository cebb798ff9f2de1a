/** The wrapped normal distribution: its density integrates to 1 and is that of what is drawn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { euclidean } from '../../src/hyperbolic/euclidean.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { wrappedNormal, wrappedNormalLogDensity } from '../../src/hyperbolic/wrappedNormal.ts';
import { grad, gradcheck, mean, Rng, sum, type Tensor, tensor } from '../../src/index.ts';
import { assertNear } from '../harness/optimizer.ts';

const dtype = 'float64' as const;
const meanOf = (geometry: { expOrigin(u: Tensor): Tensor }): Tensor =>
  geometry.expOrigin(tensor([[0.4, -0.2]], { dtype }));

describe('the wrapped normal distribution', () => {
  test('in two dimensions its density integrates to 1, in polar coordinates around another point', () => {
    for (const c of [0.1, 1, 3]) {
      const g = lorentz(c);
      const [rings, turns, far] = [300, 64, 8];
      const rows: number[][] = [];
      const areas: number[] = [];
      for (let i = 0; i < rings; i++)
        for (let j = 0; j < turns; j++) {
          const [r, a] = [((i + 0.5) * far) / rings, (j * 2 * Math.PI) / turns];
          rows.push([r * Math.cos(a), r * Math.sin(a)]);
          areas.push((Math.sinh(Math.sqrt(c) * r) / Math.sqrt(c)) * (far / rings) * ((2 * Math.PI) / turns));
        }
      const density = wrappedNormalLogDensity(g, g.expOrigin(tensor(rows, { dtype })), meanOf(g), 0.6).exp();
      const total = sum(density.mul(tensor(areas, { dtype }))).item();
      assert.ok(Math.abs(total - 1) < 1e-3, `c = ${c}: the density integrates to ${total}`);
    }
  });

  test('points are drawn around the mean with the deviation asked for, on every space', () => {
    for (const g of [lorentz(0.5), poincare(2), euclidean]) {
      const centre = meanOf(g);
      const many = centre.expand([4000, centre.shape[1]]);
      const x = wrappedNormal(g, many, 0.3, new Rng(5));
      assert.deepEqual(g.check(x), { ok: true, reason: null });
      const square = mean(g.squaredDistance(many, x)).item();
      assert.ok(Math.abs(square / (2 * 0.09) - 1) < 0.06, `${g.name}: mean of d² is ${square}`);
      assert.ok(g.distance(g.midpoint(x.reshape([1, 4000, -1])), centre).item() < 0.02, `${g.name}: the centre`);
    }
  });

  test('mean and deviation get gradients, of draws and of the density; deviations may differ by direction', () => {
    for (const g of [lorentz(0.5), poincare(2)]) {
      const at = tensor([0.3, -0.5], { dtype, requiresGrad: true });
      const std = tensor([0.5, 1.5], { dtype, requiresGrad: true });
      gradcheck((u, s) => wrappedNormal(g, g.expOrigin(u), s, new Rng(3)), [at, std], { atol: 1e-6, rtol: 1e-6 });
      const x = g.expOrigin(tensor([0.1, 0.2], { dtype }));
      gradcheck((u, s) => wrappedNormalLogDensity(g, x, g.expOrigin(u), s), [at, std], { atol: 1e-6, rtol: 1e-6 });
    }
  });

  test('at the mean the density is that of the normal distribution there', () => {
    const g = lorentz(1);
    const density = wrappedNormalLogDensity(g, meanOf(g), meanOf(g), 0.5);
    assertNear(density.data, [-Math.log(2 * Math.PI * 0.25)], 1e-12);
    const x = meanOf(g).detach();
    x.requiresGrad = true;
    assertNear(grad(sum(wrappedNormalLogDensity(g, x, meanOf(g), 0.5)), [x])[0].data, [0, 0, 0], 1e-12);
  });
});
