/** Gyrovector laws of the Poincaré ball. */
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  gyration,
  mobiusAdd,
  mobiusApply,
  mobiusLinear,
  mobiusMatvec,
  mobiusScale,
  mobiusSub,
} from '../../src/hyperbolic/mobius.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { add, atanh, div, matmul, mul, neg, norm, Rng, randn, sub, sum, type Tensor, tensor } from '../../src/index.ts';
import { probes } from '../harness/arbitraries.ts';
import { assertAlike, coordinates, type ManifoldClaim, settingOf } from '../harness/manifoldCases.ts';

const claim: ManifoldClaim = { name: 'poincare', make: poincare };
const tolerance = 1e-9;

/** Three points a, b, w of the ball, and a seed. */
type Holds = (s: { a: Tensor; b: Tensor; w: Tensor; c: number; d: number }, probe: number) => void;
const law = (name: string, holds: Holds): void =>
  void test(name, () =>
    fc.assert(
      fc.property(coordinates(claim, 5), probes, (drawn, probe) => {
        const { x, y, z, c, d } = settingOf(claim, drawn);
        holds({ a: x, b: y, w: z, c, d }, probe);
      }),
    ),
  );

const rowSum = (t: Tensor): Tensor => sum(t, { axis: -1, keepDims: true });

describe('Möbius addition', () => {
  law('is the textbook formula', ({ a, b, c }) => {
    const [ab, aa, bb] = [mul(rowSum(mul(a, b)), c), mul(rowSum(mul(a, a)), c), mul(rowSum(mul(b, b)), c)];
    const above = add(mul(a, add(add(mul(ab, 2), bb), 1)), mul(b, sub(1, aa)));
    assertAlike(mobiusAdd(a, b, c), div(above, add(add(mul(ab, 2), mul(aa, bb)), 1)), tolerance, 'a ⊕ b');
  });

  law('has a zero and inverses, and cancels from the left', ({ a, b, c }) => {
    assertAlike(mobiusAdd(a, mul(a, 0), c), a, 1e-15, 'a ⊕ 0');
    assertAlike(mobiusAdd(mul(a, 0), a, c), a, 1e-12, '0 ⊕ a');
    assertAlike(mobiusAdd(neg(a), a, c), mul(a, 0), tolerance, '−a ⊕ a');
    assertAlike(mobiusAdd(neg(a), mobiusAdd(a, b, c), c), b, tolerance, '−a ⊕ (a ⊕ b)');
  });

  law('gives the distance: d(a, b) is that of −a ⊕ b from the origin, along the log', ({ a, b, c }) => {
    const g = poincare(c);
    const seen = mobiusSub(a, b, c);
    assertAlike(g.distance(mul(a, 0), seen), g.distance(a, b), tolerance, 'distance');
    const half = div(mul(g.inner(a, a, a), 0), 1);
    assertAlike(add(half, norm(g.logOrigin(seen), { axis: -1 })), mul(g.distance(a, b), 0.5), tolerance, 'log');
  });

  law('is a translation: it keeps distances', ({ a, b, w, c }) => {
    const g = poincare(c);
    const moved = g.distance(mobiusAdd(w, a, c), mobiusAdd(w, b, c));
    assertAlike(moved, g.distance(a, b), 1e-7, 'd(w ⊕ a, w ⊕ b)');
  });

  law('is that of numbers at dimension 1', ({ a, b, c, d }) => {
    if (d > 1) return;
    const numbers = div(add(a, b), add(mul(mul(a, b), c), 1));
    assertAlike(mobiusAdd(a, b, c), numbers, tolerance, 'velocities');
  });
});

describe('gyration', () => {
  law('is what ⊕ lacks of being associative', ({ a, b, w, c }) => {
    const left = mobiusAdd(a, mobiusAdd(b, w, c), c);
    const turned = gyration(a, b, w, c);
    assertAlike(mobiusAdd(mobiusAdd(a, b, c), turned, c), left, 1e-7, '(a ⊕ b) ⊕ gyr[a, b]w');
    assertAlike(mobiusAdd(a, b, c), gyration(a, b, mobiusAdd(b, a, c), c), 1e-7, 'gyr[a, b](b ⊕ a)');
  });

  law('is a rotation, undone by the opposite one', ({ a, b, w, c }) => {
    const turned = gyration(a, b, w, c);
    assertAlike(rowSum(mul(turned, turned)), rowSum(mul(w, w)), tolerance, 'length');
    assertAlike(gyration(b, a, turned, c), w, tolerance, 'gyr[b, a]');
    assertAlike(gyration(a, mul(a, 0), w, c), w, 1e-12, 'with the origin');
  });
});

describe('Möbius multiplication', () => {
  law('by numbers is a scaling of the distance from the origin', ({ a, c }) => {
    assertAlike(mobiusScale(1, a, c), a, tolerance, '1 ⊗ a');
    assertAlike(mobiusScale(0, a, c), mul(a, 0), 0, '0 ⊗ a');
    assertAlike(mobiusScale(2, a, c), mobiusAdd(a, a, c), 1e-7, '2 ⊗ a');
    assertAlike(mobiusScale(0.3, mobiusScale(0.5, a, c), c), mobiusScale(0.15, a, c), tolerance, '(rs) ⊗ a');
    assertAlike(
      mobiusAdd(mobiusScale(0.3, a, c), mobiusScale(0.5, a, c), c),
      mobiusScale(0.8, a, c),
      tolerance,
      '(r + s) ⊗ a',
    );
    const each = tensor([0.3, 0.5], { dtype: 'float64' });
    assertAlike(mobiusScale(each, a, c), mobiusAdd(mul(a, 0), mobiusScale(each, a, c), c), tolerance, 'one for each');
  });

  law('by matrices is the textbook formula, linear through the origin, and 0 where Mx is 0', ({ a, c, d }, probe) => {
    const m = randn([3, d], new Rng(probe), { dtype: 'float64' });
    const k = randn([2, 3], new Rng(probe + 1), { dtype: 'float64' });
    const ma = matmul(a, m, { transB: true });
    const [size, image] = [a, ma].map((t) => add(norm(t, { axis: -1, keepDims: true }), 1e-300));
    const reach = mul(div(image, size), atanh(mul(size, Math.sqrt(c))));
    const formula = mul(div(ma, image), mul(reach.tanh(), 1 / Math.sqrt(c)));
    assertAlike(mobiusMatvec(m, a, c), formula, tolerance, 'M ⊗ a');
    assertAlike(mobiusLinear(a, ma, c), formula, tolerance, 'given Ma');
    assertAlike(
      mobiusApply((u) => matmul(u, m, { transB: true }), a, c),
      formula,
      tolerance,
      'applied to the tangent',
    );
    const small = mobiusScale(0.01, a, c);
    assertAlike(
      mobiusMatvec(k, mobiusMatvec(m, small, c), c),
      mobiusMatvec(matmul(k, m), small, c),
      tolerance,
      '(KM) ⊗ a',
    );
    assertAlike(mobiusMatvec(mul(m, 0), a, c), mul(ma, 0), 0, '0 ⊗ a');
  });
});
