/** DoRA, VeRA and PiSSA beyond the laws that all methods share: their formulas, against plain matrices. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, grad, noGrad, Rng, randn, type Tensor } from '../../src/index.ts';
import { svdvals } from '../../src/linalg.ts';
import { Linear } from '../../src/nn/index.ts';
import { DoraLinear, dora, LoraLinear, pissa, type VeraLinear, vera } from '../../src/sst/index.ts';
import { checkLinearMap } from '../harness/module.ts';
import { distance, type Matrix, plain, transposed } from './plain.ts';

const f64 = { dtype: 'float64' } as const;
const sizes = fc.record({
  m: fc.integer({ min: 1, max: 6 }),
  n: fc.integer({ min: 1, max: 6 }),
  rank: fc.integer({ min: 1, max: 7 }),
  seed: fc.nat(1000),
});
const norm = (row: readonly number[]): number => Math.hypot(...row);
const random = (x: Tensor, rng: Rng): Tensor => randn(x.shape, rng, { dtype: x.dtype, device: x.device });

for (const along of ['columns', 'rows'] as const)
  checkLinearMap({
    name: `DoraLinear, ${along}`,
    make(options) {
      const layer = new DoraLinear(new Linear(4, 3, options), {
        rank: 2,
        along,
        rng: options.rng,
        constantNorm: false,
      });
      layer.loraB.assign_(random(layer.loraB, options.rng));
      return layer;
    },
    inFeatures: 4,
    outFeatures: 3,
    size: 3 * 4 + 2 * (3 + 4) + 3 + (along === 'columns' ? 4 : 3),
  });
checkLinearMap({
  name: 'VeraLinear',
  make(options) {
    const layer = vera({ rank: 2, rng: options.rng }).attach(new Linear(4, 3, options)) as VeraLinear;
    layer.b.assign_(random(layer.b, options.rng));
    return layer;
  },
  inFeatures: 4,
  outFeatures: 3,
  size: 3 * 4 + 2 * (3 + 4) + 2 + 3 + 3,
});

describe('DoRA', () => {
  const lengths = (w: Matrix, along: 'columns' | 'rows'): number[] => (along === 'rows' ? w : transposed(w)).map(norm);

  for (const along of ['columns', 'rows'] as const)
    test(`the ${along} of W' have the lengths μ and the directions of W0 + B·A`, () => {
      fc.assert(
        fc.property(sizes, ({ m, n, rank, seed }) => {
          const rng = new Rng(seed);
          const layer = dora({ rank, rng, along }).attach(new Linear(n, m, { rng, ...f64 })) as DoraLinear;
          layer.loraB.assign_(random(layer.loraB, rng));
          layer.magnitude.assign_(random(layer.magnitude, rng));
          const w = plain(layer.merge().weight);
          const direction = plain(noGrad(() => layer.weight.add(layer.deltaWeight())));
          const [found, own, mu] = [lengths(w, along), lengths(direction, along), [...layer.magnitude.data]];
          for (const [i, length] of found.entries()) assert.ok(Math.abs(length - Math.abs(mu[i])) <= 1e-12, `${i}`);
          const expected = direction.map((row, i) =>
            row.map((v, j) => {
              const at = along === 'columns' ? j : i;
              return (v * mu[at]) / own[at];
            }),
          );
          assert.ok(distance(w, expected) <= 1e-12, 'directions');
        }),
      );
    });

  test('the norm counts as a constant: dB is that of LoRA on a weight scaled by μ/‖D‖', () => {
    const rng = new Rng(3);
    const linear = new Linear(4, 3, { rng, bias: false, ...f64 });
    const layer = new DoraLinear(linear, { rank: 2, rng });
    const plainLora = new LoraLinear(linear, { rank: 2, rng });
    plainLora.loraA.assign_(layer.loraA.detach());
    const [x, c] = [randn([5, 4], rng, f64), randn([5, 3], rng, f64)];
    const [a] = grad(layer.call(x).mul(c).sum(), [layer.loraB]);
    const [b] = grad(plainLora.call(x).mul(c).sum(), [plainLora.loraB]);
    assert.ok(distance(plain(a), plain(b)) <= 1e-12, 'at the start μ/‖D‖ is 1');
  });

  test('a column of zeros stays without NaN; an unknown option is refused', () => {
    const linear = new Linear(2, 2, { rng: new Rng(1), ...f64 });
    linear.weight.data.fill(0);
    const layer = new DoraLinear(linear, { rank: 1, rng: new Rng(1) });
    assert.ok(
      plain(layer.merge().weight)
        .flat()
        .every((v) => v === 0),
      'zero',
    );
    assert.throws(() => dora({ rank: 1, rng: new Rng(1), along: 'both' as 'rows' }), /both/);
    assert.throws(() => dora({ rank: 0, rng: new Rng(1) }), DomainError);
  });
});

describe('VeRA', () => {
  test('layers of one shape share A and B; other shapes see parts of the same directions', () => {
    const rng = new Rng(1);
    const method = vera({ rank: 3, rng });
    const make = (n: number, m: number): VeraLinear => method.attach(new Linear(n, m, { rng, ...f64 })) as VeraLinear;
    const [one, two, wide, tall] = [make(4, 5), make(4, 5), make(6, 5), make(4, 7)];
    assert.ok(one.sharedA === two.sharedA && one.sharedB === two.sharedB, 'one shape');
    assert.ok(one.sharedA === tall.sharedA && one.sharedB === wide.sharedB, 'one side');
    const [a, b] = [plain(one.sharedA), plain(wide.sharedA)];
    const scale = Math.sqrt(4 / 6);
    assert.ok(
      distance(
        b.map((row) => row.slice(0, 4)),
        a.map((row) => row.map((v) => v * scale)),
      ) <= 1e-15,
      'columns of one A',
    );
    assert.ok(distance(plain(tall.sharedB).slice(0, 5), plain(one.sharedB)) === 0, 'rows of one B');
    const bound = Math.sqrt(6 / 4);
    assert.ok(
      a.flat().every((v) => Math.abs(v) <= bound),
      'Kaiming-uniform',
    );
    assert.deepEqual([...one.d.data], [0.1, 0.1, 0.1]);
  });

  test('the stream is not advanced, and another gives other matrices', () => {
    const rng = new Rng(1);
    const { state } = rng;
    const linear = new Linear(3, 3, { rng: new Rng(2) });
    const one = vera({ rank: 2, rng }).attach(linear) as VeraLinear;
    assert.deepEqual(rng.state, state);
    const other = vera({ rank: 2, rng: new Rng(5) }).attach(linear) as VeraLinear;
    assert.notDeepEqual([...one.sharedA.data], [...other.sharedA.data]);
    assert.throws(() => vera({ rank: 2, rng, initialD: Number.NaN }), DomainError);
  });
});

describe('PiSSA', () => {
  test('B·A is the best approximation of rank r; what is frozen has the other singular values; factors are of one size', () => {
    fc.assert(
      fc.property(sizes, ({ m, n, rank, seed }) => {
        const linear = new Linear(n, m, { rng: new Rng(seed), ...f64 });
        const layer = pissa({ rank }).attach(linear) as LoraLinear;
        const r = Math.min(rank, m, n);
        const sigma = [...svdvals(linear.weight.detach()).data];
        const [low, rest] = [layer.deltaWeight(), layer.weight].map((w) => [...svdvals(w.detach()).data]);
        const close = (a: readonly number[], b: readonly number[]): boolean =>
          a.every((v, i) => Math.abs(v - b[i]) <= 1e-13);
        assert.ok(close(low, [...sigma.slice(0, r), ...sigma.slice(r).map(() => 0)]), `${low}`);
        assert.ok(close(rest, [...sigma.slice(r), ...sigma.slice(0, r).map(() => 0)]), `${rest}`);
        const [a, b] = [plain(layer.loraA).map(norm), transposed(plain(layer.loraB)).map(norm)];
        assert.ok(close(a, b), `${a}, ${b}`);
        assert.equal(layer.weight.requiresGrad, false);
      }),
    );
  });
});
