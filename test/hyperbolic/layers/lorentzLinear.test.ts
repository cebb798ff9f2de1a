/** Lorentz linear layers: a module whatever its map is, points whatever its weights are, and the published formulas by hand. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type LorentzForm,
  LorentzLinear,
  type LorentzLinearOptions,
  lorentzMap,
} from '../../../src/hyperbolic/layers/lorentzLinear.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import {
  DomainError,
  gradcheck,
  matmul,
  noGrad,
  Rng,
  randn,
  reshape,
  slice,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { Linear } from '../../../src/nn/index.ts';
import { convert } from '../../../src/sst/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { checkModule, type Making } from '../../harness/module.ts';

const forms: readonly LorentzForm[] = ['code', 'paper'];
const float64 = { dtype: 'float64' } as const;
const forms2 = fc.constantFrom(...forms);
const curvatures = fc.constantFrom(0.1, 1, 10);

/** A layer from 4 to 5 coordinates in either form, with a bias that is not 0. */
function make(making: Making, options: LorentzLinearOptions = {}, heads = 1): LorentzLinear {
  const { rng, dtype, device } = making;
  const m = options.form === 'paper' ? 4 : 5;
  return new LorentzLinear(new Linear(4, m * heads, { rng, dtype, ...(device && { device }) }), { ...options, heads });
}

const seeded = (seed: number, options: LorentzLinearOptions = {}, heads = 1): LorentzLinear =>
  make({ rng: new Rng(seed), dtype: 'float64' }, options, heads);

const points = (seed: number, lead: readonly number[] = [6], c = 1): Tensor =>
  lorentz(c).random(3, lead, { rng: new Rng(seed), ...float64 });

for (const form of forms)
  checkModule({
    name: `LorentzLinear, form ${form}`,
    make: (making) => make(making, { form, c: 0.5, activation: 'tanh' }),
    inFeatures: 4,
    outFeatures: 5,
    size: form === 'code' ? 5 * 4 + 5 + 1 : 4 * 4 + 4,
  });

describe('what comes out is on the hyperboloid', () => {
  test('for any weights, forms, curvatures and heads', () => {
    const cases = fc.record({ form: forms2, c: curvatures, heads: fc.constantFrom(1, 3), seed: fc.nat(1000) });
    fc.assert(
      fc.property(cases, ({ form, c, heads, seed }) => {
        const layer = seeded(seed, { form, c }, heads);
        assert.equal(layer.outFeatures, 5 * heads);
        const y = noGrad(() => layer.call(points(seed, [2, 3])));
        assert.deepEqual(y.shape, [2, 3, 5 * heads]);
        const verdict = lorentz(c).check(reshape(y, [6 * heads, 5]));
        assert.ok(verdict.ok, `${verdict.reason}`);
      }),
    );
  });
  test('also when the map has become spectral, or has an adapter, and its function is then what it was', () => {
    for (const method of ['sst', 'lora'] as const) {
      const layer = seeded(3);
      const x = points(1);
      const before = noGrad(() => layer.call(x));
      const plan = convert(layer, { method, rank: 1, rng: new Rng(1) });
      assert.equal(plan.layers[0].path, 'map');
      assertClose(
        noGrad(() => layer.call(x)),
        before,
        1e-12,
        method,
      );
    }
  });
});

describe('the formulas', () => {
  test('paper: (√(|Wx + b|² + 1/c), Wx + b), which is Eq. 17 with −1/K = 1/c', () => {
    fc.assert(
      fc.property(fc.nat(1000), curvatures, (seed, c) => {
        const layer = seeded(seed, { form: 'paper', c });
        const x = points(seed);
        const space = noGrad(() => layer.map.call(x));
        const y = noGrad(() => layer.call(x));
        assertClose(slice(y, [null, [1]]), space, 1e-15, 'space');
        for (let i = 0; i < 6; i++) {
          const squares = [...space.data.slice(4 * i, 4 * i + 4)].reduce((sum, v) => sum + v * v, 1 / c);
          assert.ok(Math.abs(y.data[5 * i] / Math.sqrt(squares) - 1) < 1e-14, `time ${i}`);
        }
      }),
    );
  });
  test("code, c = 1: HyboNet's time and the direction of the other outputs", () => {
    const layer = seeded(4);
    const x = points(2);
    const [z, y] = noGrad(() => [layer.map.call(x), layer.call(x)]);
    for (let i = 0; i < 6; i++) {
      const [z0, ...zs] = z.data.slice(5 * i, 5 * i + 5);
      const time = 10 / (1 + Math.exp(-z0)) + 1.1;
      const stretch = Math.sqrt((time ** 2 - 1) / zs.reduce((sum, v) => sum + v * v, 0));
      const expected = tensor([time, ...zs.map((v) => v * stretch)], float64);
      assertClose(slice(y, [i]), expected, 1e-14, `point ${i}`);
    }
  });
  test('any c: the point of c = 1, divided by √c', () => {
    const [one, four] = [1, 4].map((c) => noGrad(() => seeded(5, { c }).call(points(3))));
    assertClose(four.mul(2), one, 1e-14, 'points');
  });
  test('the activation is of all coordinates, and comes before the map', () => {
    const x = points(4);
    const twice = (t: Tensor): Tensor => t.mul(2);
    assertClose(
      noGrad(() => seeded(6, { activation: twice }).call(x)),
      noGrad(() => seeded(6).call(x.mul(2))),
      1e-15,
      'y',
    );
  });
  test('a residual is added to what the map gives, in the form `paper` its space', () => {
    const residual = lorentz(1).random(4, [6], { rng: new Rng(9), ...float64 });
    for (const form of forms) {
      const layer = seeded(7, { form });
      const zero = seeded(7, { form });
      for (const p of zero.map.parameters()) p.assign_(p.detach().mul(0));
      const alone = noGrad(() => zero.call(points(5), { residual }));
      const map = new Linear(5, form === 'code' ? 5 : 4, {
        weight: form === 'code' ? eye5 : slice(eye5, [[1]]),
        bias: null,
      });
      assertClose(
        alone,
        noGrad(() => new LorentzLinear(map, { form }).call(residual)),
        1e-14,
        `${form}: identity`,
      );
      const moved = noGrad(() => layer.call(points(5), { residual }));
      assert.notDeepEqual([...moved.data], [...noGrad(() => layer.call(points(5))).data]);
    }
  });
  test('heads are layers side by side', () => {
    const x = points(6);
    for (const form of forms) {
      const wide = seeded(8, { form }, 3);
      const y = noGrad(() => wide.call(x));
      const m = form === 'code' ? 5 : 4;
      const { weight, bias } = wide.map as Linear;
      for (let h = 0; h < 3; h++) {
        const part = (t: Tensor): Tensor => slice(t.detach(), [[m * h, m * (h + 1)]]);
        const map = new Linear(4, m, { weight: part(weight), bias: part(bias as Tensor) });
        const one = noGrad(() => new LorentzLinear(map, { form }).call(x));
        assertClose(slice(y, [null, [5 * h, 5 * h + 5]]), one, 1e-14, `${form}, head ${h}`);
      }
    }
  });
});

const eye5 = tensor(
  Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => (i === j ? 1 : 0))),
  float64,
);

test('a trained curvature and scale get their gradients', () => {
  for (const form of forms) {
    const x = points(7);
    const call = (c: Tensor): Tensor => seeded(9, { form, c }).call(x);
    gradcheck(call, [tensor(0.7, { ...float64, requiresGrad: true })], { rng: new Rng(1) });
  }
});

test('dropout is of the input, in training alone, repeats with its rng, and without one is refused', () => {
  const x = points(8);
  const layer = seeded(10, { dropout: 0.5 });
  const call = (seed: number): Tensor => noGrad(() => layer.call(x, { training: true, rng: new Rng(seed) }));
  assertSame(
    noGrad(() => layer.call(x)),
    noGrad(() => seeded(10).call(x)),
    'not training',
  );
  assertSame(call(1), call(1), 'same seed');
  assert.notDeepEqual([...call(1).data], [...call(2).data]);
  assertRefuses(() => layer.call(x, { training: true }), DomainError, 'LorentzLinear', /rng/);
});

describe('lorentzMap', () => {
  test('starts uniform on ±1/√m, blind to the times, with bias 0', () => {
    const { weight, bias } = lorentzMap(60, 16, { rng: new Rng(1), heads: 3 });
    const columns = [...weight.data].map((v, i) => [v, i % 60] as const);
    const largest = Math.max(...weight.data.map(Math.abs));
    assert.ok(largest <= 0.25 && largest > 0.24, `${largest}`);
    assert.ok(
      columns.every(([v, j]) => (v === 0) === (j % 20 === 0)),
      'exactly the times are 0',
    );
    assert.ok(
      bias?.data.every((v) => v === 0),
      'bias',
    );
    assert.equal(lorentzMap(4, 2, { rng: new Rng(1), bias: false }).bias, null);
  });
  test('so that at first time does not count', () => {
    const map = lorentzMap(4, 5, { rng: new Rng(2), ...float64 });
    const x = randn([3, 4], new Rng(3), float64);
    const blind = tensor([0, 1, 1, 1], float64);
    assertClose(
      noGrad(() => map.call(x)).detach(),
      matmul(x.mul(blind), map.weight.detach(), { transB: true }),
      1e-15,
      'y',
    );
  });
});

test('bad settings are refused by name', () => {
  const bad: readonly [object, RegExp][] = [
    [{ form: 'other' }, /form/],
    [{ dropout: 1.5 }, /dropout/],
    [{ dropout: Number.NaN }, /dropout/],
    [{ c: 0 }, /c is/],
    [{ c: Number.NaN }, /c is/],
    [{ scale: 0 }, /scale/],
    [{ scale: Infinity }, /scale/],
    [{ heads: 2 }, /heads/],
    [{ heads: 5 }, /heads/],
    [{ heads: 0 }, /heads/],
    [{ activation: 'swish' }, /activation/],
  ];
  const map = new Linear(4, 5, { rng: new Rng(1) });
  for (const [options, what] of bad)
    assertRefuses(() => new LorentzLinear(map, options), DomainError, 'LorentzLinear', what);
  assertRefuses(() => new LorentzLinear(new Linear(4, 1, { rng: new Rng(1) })), DomainError, 'LorentzLinear', /points/);
  for (const [n, m, heads] of [
    [0, 2, 1],
    [4, 0, 1],
    [4, 2, 3],
    [4, 2, 0],
  ])
    assertRefuses(() => lorentzMap(n, m, { heads, rng: new Rng(1) }), DomainError, 'lorentzMap');
});
