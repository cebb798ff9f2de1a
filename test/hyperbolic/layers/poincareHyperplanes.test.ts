/** Hyperplanes of the Poincaré ball: their scores are signed distances, both forms name the same planes, and all is finite. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { curvatureOf, reproject, trainableCurvature } from '../../../src/hyperbolic/layers/curvature.ts';
import {
  offsetLogits,
  PoincareHyperplanes,
  PoincarePointHyperplanes,
  pointLogits,
} from '../../../src/hyperbolic/layers/poincareHyperplanes.ts';
import { mobiusSub } from '../../../src/hyperbolic/mobius.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import {
  backward,
  DomainError,
  mul,
  neg,
  norm,
  Rng,
  randn,
  softplus,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { adam, Parameter } from '../../../src/nn/index.ts';
import { rowsTimes } from '../../../src/nn/rows.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { checkModule } from '../../harness/module.ts';
import { assertFinite, farCases, farPoints } from './tangentPoints.ts';

const float64 = { dtype: 'float64' } as const;
const seeds = fc.nat(1000);
const curvatures = fc.constantFrom(0.1, 1, 10);

const gauss = (shape: readonly number[], seed: number, size = 1): Tensor =>
  mul(randn(shape, new Rng(seed), float64), size);

for (const [name, make] of [
  ['PoincareHyperplanes', PoincareHyperplanes],
  ['PoincarePointHyperplanes', PoincarePointHyperplanes],
] as const)
  checkModule({
    name,
    make: ({ rng, dtype, device }) => new make(3, 4, { rng, dtype, curvature: 0.1, ...(device && { device }) }),
    inFeatures: 3,
    outFeatures: 4,
    size: name === 'PoincareHyperplanes' ? 16 : 24,
  });

describe('scores of hyperplanes', () => {
  test('are 2·|a|·t at the distance t from the plane, along its normal, on either side; 0 on the plane', () => {
    fc.assert(
      fc.property(curvatures, seeds, fc.double({ min: -3, max: 3, noNaN: true }), (c, seed, t) => {
        const ball = poincare(c);
        const root = Math.sqrt(c);
        const p = ball.expOrigin(gauss([1, 3], seed, 0.4 / root));
        const a = gauss([1, 3], seed + 1);
        const unit = a.div(norm(a, { axis: -1, keepDims: true }));
        // A tangent of length |t|/√c at p, along the normal, which has the direction that it has at the origin.
        const tangent = mul(unit, t / root).div(ball.norm(p, unit).reshape([1, 1]));
        const x = ball.exp(p, tangent);
        const score = pointLogits(x, p, a, c);
        assertClose(score, mul(norm(a, { axis: -1, keepDims: true }), (2 * t) / root), 1e-9, 'distance');
        assertClose(pointLogits(p, p, a, c), zeros([1, 1], float64), 1e-9, 'on the plane');
      }),
    );
  });

  test('by points are those of Ganea et al. as they write them', () => {
    fc.assert(
      fc.property(curvatures, seeds, (c, seed) => {
        const root = Math.sqrt(c);
        const [x, p] = [1, 2].map((k) => poincare(c).expOrigin(gauss([3], seed + k, 0.5 / root)));
        const a = gauss([3], seed);
        const z = mobiusSub(p, x, c);
        const [za, zz, aa] = [sum(mul(z, a)), sum(mul(z, z)), Math.sqrt(sum(mul(a, a)).item())];
        const expected = ((2 * aa) / root) * Math.asinh((2 * root * za.item()) / ((1 - c * zz.item()) * aa));
        const score = pointLogits(x.reshape([1, 3]), p.reshape([1, 3]), a.reshape([1, 3]), c);
        assertClose(score, tensor([[expected]], float64), 1e-9, 'formula');
      }),
    );
  });

  test('by offsets are those by the points exp₀(r·z/|z|)', () => {
    fc.assert(
      fc.property(curvatures, seeds, (c, seed) => {
        const root = Math.sqrt(c);
        const x = poincare(c).expOrigin(gauss([5, 3], seed, 0.5 / root));
        const z = gauss([4, 3], seed + 1);
        const r = gauss([4], seed + 2, 0.5 / root);
        const lengths = norm(z, { axis: -1 });
        const points = poincare(c).expOrigin(mul(z, r.div(lengths).reshape([4, 1])));
        const scores = offsetLogits(rowsTimes(x, z, { transB: true }), lengths, x, r, c);
        assertClose(mul(scores, root), mul(pointLogits(x, points, z, c), root), 1e-9, 'scores');
      }),
    );
  });

  test('tend to 4·(<x, z> − r·|z|) as c → 0', () => {
    const c = 1e-3;
    const [x, z, r] = [gauss([5, 3], 1, 0.1), gauss([4, 3], 2), gauss([4], 3, 0.1)];
    const products = rowsTimes(x, z, { transB: true });
    const lengths = norm(z, { axis: -1 });
    assertClose(offsetLogits(products, lengths, x, r, c), mul(products.sub(mul(r, lengths)), 4), 1e-3, 'flat');
  });
});

describe('modules of hyperplanes', () => {
  test('separate what a plane separates, with c fixed and trained', () => {
    for (const make of [PoincareHyperplanes, PoincarePointHyperplanes])
      for (const trained of [false, true]) {
        const curvature = trained ? trainableCurvature(1, float64) : 1;
        const model = new make(2, 2, { rng: new Rng(1), ...float64, curvature });
        const x = poincare(1).expOrigin(gauss([40, 2], 1, 0.5));
        const side = (i: number): number => (x.data[2 * i] > 0.1 ? 1 : -1);
        const signs = tensor(Float64Array.from({ length: 80 }, (_, i) => (i % 2 === 1 ? 1 : -1) * side(i >> 1)));
        const optimizer = adam(model.parameters(), { lr: 0.05 });
        const margin = (): Tensor => mul(model.call(x), signs.reshape([40, 2]));
        for (let i = 0; i < 150; i++) {
          optimizer.zeroGrad();
          backward(sum(softplus(neg(margin()))));
          optimizer.step();
          reproject(model);
        }
        const right = [...margin().detach().data].filter((v) => v > 0).length;
        assert.ok(right >= 76, `${make.name}, trained ${trained}: ${right} of 80`);
      }
  });

  test('sizes that are none are refused', () => {
    for (const make of [PoincareHyperplanes, PoincarePointHyperplanes])
      for (const n of [0, -1, 1.5]) {
        assertRefuses(() => new make(n, 2, { rng: new Rng(1) }), DomainError, make.name);
        assertRefuses(() => new make(2, n, { rng: new Rng(1) }), DomainError, make.name);
      }
  });

  test('no finite input gives NaN or infinity, in value or gradient', () => {
    fc.assert(
      fc.property(farCases, fc.boolean(), fc.constantFrom(0, 1e-30, 1e-15, 1, 1e3), (far, trained, size) => {
        const { c, dtype, seed } = far;
        const curvature = trained ? trainableCurvature(c, { dtype }) : c;
        const options = { rng: new Rng(seed), dtype, curvature };
        const x = new Parameter(farPoints(poincare(c), far, 3));
        const offset = new PoincareHyperplanes(3, 3, options);
        offset.normals.assign_(mul(offset.normals, size));
        offset.offsets.assign_(mul(randn([3], new Rng(seed), { dtype }), size / Math.sqrt(c)));
        assertFinite(offset.call(x), [x, ...offset.parameters()], seed, 'offsets');
        const point = new PoincarePointHyperplanes(3, 3, options);
        point.normals.assign_(mul(point.normals, size));
        point.points.assign_(farPoints(poincare(curvatureOf(curvature)), { ...far, seed: seed + 1 }, 3));
        assertFinite(point.call(x), [x, ...point.parameters()], seed, 'points');
      }),
    );
  });
});
