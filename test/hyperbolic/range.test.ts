/** The functions beside the geometries, from the origin to the margin; and how many digits distances keep, near and far. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { tangentToLorentz, tangentToPoincare, toLorentz, toPoincare } from '../../src/hyperbolic/convert.ts';
import { checkCurvature } from '../../src/hyperbolic/curvature.ts';
import { edge, farthest } from '../../src/hyperbolic/guards.ts';
import { lorentzHyperplaneLogits } from '../../src/hyperbolic/hyperplanes.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { gyration, mobiusAdd, mobiusLinear, mobiusScale } from '../../src/hyperbolic/mobius.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { product } from '../../src/hyperbolic/product.ts';
import { wrappedNormalLogDensity } from '../../src/hyperbolic/wrappedNormal.ts';
import {
  cast,
  DomainError,
  type DType,
  grad,
  mul,
  norm,
  Rng,
  randn,
  ShapeError,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import { probes } from '../harness/arbitraries.ts';
import { assertFinite } from '../harness/manifoldCases.ts';
import { assertNear } from '../harness/optimizer.ts';

type C = number | Tensor;
type Ball = (x: Tensor, y: Tensor, u: Tensor, c: C) => Tensor;

/** Functions of two points of the ball and a vector. */
const onBall: Readonly<Record<string, Ball>> = {
  mobiusAdd: (x, y, _u, c) => mobiusAdd(x, y, c),
  mobiusScale: (x, _y, u, c) => mobiusScale(sum(u, { axis: -1 }), x, c),
  mobiusLinear: (x, _y, u, c) => mobiusLinear(x, u, c),
  gyration: (x, y, u, c) => gyration(x, y, u, c),
  toLorentz: (x, _y, _u, c) => toLorentz(x, c),
  toPoincare: (x, _y, _u, c) => toPoincare(toLorentz(x, c), c),
  tangentToLorentz: (x, _y, u, c) => tangentToLorentz(x, u, c),
  tangentToPoincare: (x, _y, u, c) => tangentToPoincare(toLorentz(x, c), tangentToLorentz(x, u, c), c),
  hyperplanes: (x, _y, u, c) => lorentzHyperplaneLogits(toLorentz(x, c), u, sum(u, { axis: -1 }), c),
  density: (x, y, _u, c) => wrappedNormalLogDensity(poincare(c), x, y, 0.5),
};
const names = Object.keys(onBall);

describe('from the origin to the margin', () => {
  test('Möbius operations, conversions, hyperplanes and densities give neither NaN nor infinity, in values or gradients', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 5),
        fc.constantFrom(1e-3, 0.1, 1, 100),
        fc.constantFrom<DType>('float32', 'float64'),
        fc.constantFrom(0, 1e-15, 1e-4, 0.5, 0.999, 1, 2),
        fc.constantFrom(0, 1e-15, 1e-4, 0.5, 0.999, 1, 2),
        fc.constantFrom(0, 1e-15, 1e-3, 1, 1e3),
        fc.constantFrom(1, -1, 0),
        probes,
        (d, c, dtype, r, q, length, turn, probe) => {
          const rng = new Rng(probe);
          const ray = (): Tensor => {
            const v = randn([2, d], rng, { dtype });
            return v.div(norm(v, { axis: -1, keepDims: true }));
          };
          const first = ray();
          const curvature = tensor(c, { dtype, requiresGrad: true });
          const { project } = poincare(c);
          const [x, y] = [
            project(mul(first, r / Math.sqrt(c))),
            project(mul(turn === 0 ? ray() : first, ((turn || 1) * q) / Math.sqrt(c))),
          ].map((t) => t.detach());
          const u = mul(ray(), length).detach();
          const leaves = [x, y, u];
          for (const t of leaves) t.requiresGrad = true;
          for (const name of names) {
            const made = onBall[name](x, y, u, curvature);
            assertFinite(made, name);
            for (const slope of grad(sum(made), [...leaves, curvature], { allowUnused: true }))
              if (slope !== null) assertFinite(slope, `gradient of ${name}`);
          }
        },
      ),
    ));

  test('what would go beyond the margin is put there', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const c of [0.01, 1, 100]) {
        const far = tensor([[3e4, 4e4]], { dtype });
        const origin = lorentz(c).origin(2, [1], { dtype });
        const [R, root] = [farthest(dtype), Math.sqrt(c)];
        assertNear(lorentz(c).distance(origin, lorentz(c).expOrigin(far)).data, [R / root], 1e-5, 'Lorentz');
        const p = poincare(c).expOrigin(far);
        assertNear([Math.hypot(...p.data) * root], [edge(dtype)], 1e-6, 'Poincaré');
        assert.ok(poincare(c).check(p).ok && lorentz(c).check(lorentz(c).expOrigin(far)).ok, 'both are points');
        assert.ok(poincare(c).check(poincare(c).project(far)).ok, 'projected');
        assertNear(norm(poincare(c).logOrigin(p)).data, [R / 2 / root], 2e-2, 'log at the edge');
      }
  });
});

describe('digits of distances', () => {
  /** Points at radius r and r + gap on rays an angle apart, in float32 as in float64, and their distance by the law of cosines. */
  function pair(r: number, gap: number, angle: number) {
    const at = (radius: number, turn: number): number[] => [
      Math.sinh(radius) * Math.cos(turn),
      Math.sinh(radius) * Math.sin(turn),
    ];
    const half = Math.sinh(gap / 2) ** 2 + Math.sinh(r) * Math.sinh(r + gap) * Math.sin(angle / 2) ** 2;
    return { x: at(r, 0), y: at(r + gap, angle), d: 2 * Math.asinh(Math.sqrt(half)) };
  }

  test('on the hyperboloid, near or far: 12 digits in float64, and in float32 what rounding of its points leaves', () => {
    const g = lorentz(1);
    for (const r of [0, 1e-6, 0.1, 1, 4, 8, 11])
      for (const gap of [0, 1e-6, 1e-3, 1])
        for (const angle of [0, 1e-3, 1, Math.PI]) {
          const { x, y, d } = pair(r, gap, angle);
          for (const [dtype, eps] of [
            ['float64', 2 ** -52],
            ['float32', 2 ** -23],
          ] as const) {
            const [p, q] = [x, y].map((s) => g.project(tensor([[1, ...s]], { dtype })));
            const got = g.distance(p, q).data[0];
            // A coordinate is off by eps/2 of itself: along the ray by as much, across it by sinh r times as much.
            const room = 4 * eps * (1 + Math.sinh(r + gap) * Math.min(1, angle)) + 4 * eps * d;
            assert.ok(Math.abs(got - d) <= room, `${dtype}, r = ${r}, gap ${gap}, angle ${angle}: ${got}, not ${d}`);
          }
        }
  });

  test('far out in float32 the gradient along the ray keeps its digits', () => {
    for (const r of [1, 4, 8, 11]) {
      const g = lorentz(1);
      const x = g.project(tensor([[1, Math.sinh(r), 0, 0]])).detach();
      const y = g.project(tensor([[1, Math.sinh(r - 0.5), 0, 0]])).detach();
      x.requiresGrad = true;
      const slope = g.toRiemannian(x, grad(sum(g.distance(x, y)), [x])[0]);
      const along = g.norm(x.detach(), slope).item();
      assert.ok(Math.abs(along - 1) < 1e-4, `the slope of the distance at radius ${r} is ${along}`);
    }
  });

  test('tiny distances are not lost', () => {
    for (const make of [lorentz, poincare])
      for (const size of [1e-6, 1e-10, 1e-15]) {
        const g = make(1);
        const [x, y] = [0, size].map((t) => g.expOrigin(tensor([[t, 0]])));
        const d = g.distance(x, y).item() / (g.name === 'poincare' ? 2 : 1);
        assert.ok(Math.abs(d / size - 1) < 1e-5, `${g.name}: ${d}, not ${size}`);
      }
  });
});

test('of neighbouring points the distance has all digits that their coordinates have', () => {
  for (const c of [0.1, 1, 10]) {
    const at = Math.SQRT1_2;
    const step = at + 2 ** -40 - at;
    const g = lorentz(c);
    const [x, y] = [at, at + step].map((s) => g.project(tensor([[1, s, 0.5]], { dtype: 'float64' })));
    // |ds|² − (xs·ds)²/x_0², up to the second order in the step.
    const unit = Math.sqrt(1 - at ** 2 / (1 / c + at ** 2 + 0.25));
    assertNear([g.distance(x, y).item() / step / unit], [1], 1e-9, `c = ${c}`);
  }
});

describe('what is refused', () => {
  test('a curvature that is not a positive number or scalar', () => {
    for (const c of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, tensor(-1)])
      for (const make of [lorentz, poincare]) assert.throws(() => make(c), DomainError);
    assert.throws(() => checkCurvature('lorentz', tensor([1, 2])), ShapeError);
  });

  test('products of nothing, of no dimension, and coordinates that do not add up', () => {
    assert.throws(() => product(), DomainError);
    assert.throws(() => product([lorentz(1), 0]), DomainError);
    const g = product([lorentz(1), 2], [poincare(1), 3]);
    assert.equal(g.coordinates(5), 6);
    assert.throws(() => g.coordinates(4), DomainError);
    assert.throws(() => g.project(tensor([[1, 0, 0]])), ShapeError);
  });

  test('points that are none are told, with the reason', () => {
    const off = cast(
      tensor([
        [1, 0, 0],
        [1.1, 0, 0],
      ]),
      'float64',
    );
    assert.match(lorentz(1).check(off).reason ?? '', /c·<x, x> \+ 1 is -0\.2.* at point 1/);
    assert.match(lorentz(1).check(tensor([[-1, 0]])).reason ?? '', /time of point 0 is -1/);
    assert.match(lorentz(1).check(tensor([[Number.NaN, 0]])).reason ?? '', /NaN/);
    assert.match(
      poincare(4).check(
        tensor([
          [0, 0.1],
          [0.6, 0],
        ]),
      ).reason ?? '',
      /is 1\.2.* at point 1/,
    );
    assert.match(poincare(1).check(tensor([[Number.NaN]])).reason ?? '', /NaN/);
    const g = product([poincare(1), 1], [lorentz(1), 1]);
    assert.match(g.check(tensor([[0, 2, 0]])).reason ?? '', /factor 1 \(lorentz\)/);
  });
});
