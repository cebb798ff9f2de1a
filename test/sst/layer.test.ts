/** The spectral layer: its weight is the one it was made from, whatever is active, and whenever it is decomposed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { add, DomainError, type DType, matmul, mul, noGrad, Rng, randn, type Tensor, tensor } from '../../src/index.ts';
import { Linear, type Parameter } from '../../src/nn/index.ts';
import { drawDistinct, SpectralLinear } from '../../src/sst/index.ts';
import { assertSame } from '../harness/compare.ts';
import { checkLinearMap } from '../harness/module.ts';
import { distance, plain } from './plain.ts';

const sizes = fc.record({
  m: fc.integer({ min: 1, max: 7 }),
  n: fc.integer({ min: 1, max: 7 }),
  rank: fc.integer({ min: 1, max: 8 }),
  seed: fc.integer({ min: 0, max: 10_000 }),
});
type Sizes = typeof sizes extends fc.Arbitrary<infer T> ? T : never;

function made(
  { m, n, rank, seed }: Sizes,
  dtype: DType = 'float64',
): { linear: Linear; layer: SpectralLinear; rng: Rng } {
  const rng = new Rng(seed);
  const linear = new Linear(n, m, { rng, dtype });
  return { linear, layer: new SpectralLinear(linear, { rank }), rng };
}

const tensorsOf = ({ utActive, utFrozen, sigma, vtActive, vtFrozen, order }: SpectralLinear): readonly Tensor[] => [
  utActive,
  utFrozen,
  sigma,
  vtActive,
  vtFrozen,
  order,
];
const versions = (layer: SpectralLinear): number[] => tensorsOf(layer).map((t) => t.storage.version);
const values = (layer: SpectralLinear): number[][] => tensorsOf(layer).map((t) => [...t.data]);

/** Every triplet (u, σ, v) under its name. */
function triplets(layer: SpectralLinear): Map<number, number[]> {
  const [u, v] = [
    [...plain(layer.utActive), ...plain(layer.utFrozen)],
    [...plain(layer.vtActive), ...plain(layer.vtFrozen)],
  ];
  return new Map(Array.from(layer.order.data, (name, i) => [name, [...u[i], layer.sigma.data[i], ...v[i]]]));
}

const draw = (layer: SpectralLinear, rng: Rng): Int32Array =>
  drawDistinct(new Float64Array(layer.sigma.size).fill(1), layer.rank, rng);

/** Move everything away from where the decomposition left it. */
function disturb(layer: SpectralLinear, rng: Rng, size: number): void {
  for (const p of [layer.utActive, layer.utFrozen, layer.sigma, layer.vtActive, layer.vtFrozen])
    p.assign_(add(p, mul(randn(p.shape, rng, { dtype: p.dtype }), size)).detach());
}

checkLinearMap({
  name: 'SpectralLinear, default gradient',
  make: (options) => new SpectralLinear(new Linear(4, 3, options), { rank: 2, enhanced: false }),
  inFeatures: 4,
  outFeatures: 3,
  size: 3 * (3 + 4) + 3 + 3,
});

describe('attaching', () => {
  for (const [dtype, tolerance] of [
    ['float64', 1e-12],
    ['float32', 1e-5],
  ] as const)
    test(`keeps weight, function and bias: ${dtype} to ${tolerance}; m < n, m = n, m > n, any rank`, () => {
      fc.assert(
        fc.property(sizes, (s) => {
          const { linear, layer, rng } = made(s, dtype);
          const x = randn([3, s.n], rng, { dtype });
          assert.ok(distance(plain(layer.weight()), plain(linear.weight)) <= tolerance, 'weight()');
          assert.ok(distance(plain(layer.call(x)), plain(linear.call(x))) <= tolerance, 'call');
          assert.ok(distance(plain(layer.merge().weight), plain(linear.weight)) <= tolerance, 'merge()');
          assert.ok(layer.bias === linear.bias && layer.merge().bias === linear.bias, 'the bias is shared');
          assert.deepEqual([layer.inFeatures, layer.outFeatures, layer.rank], [s.n, s.m, Math.min(s.rank, s.m, s.n)]);
        }),
      );
    });

  test('trains r vectors of each side and all of σ; the rest is frozen; the order is that of σ', () => {
    fc.assert(
      fc.property(sizes, (s) => {
        const { layer } = made(s);
        const [k, r] = [Math.min(s.m, s.n), Math.min(s.rank, s.m, s.n)];
        const shape = (p: Parameter): string => `${p.shape}${p.requiresGrad ? ' trained' : ''}`;
        assert.deepEqual([layer.utActive, layer.utFrozen, layer.sigma, layer.vtActive, layer.vtFrozen].map(shape), [
          `${r},${s.m} trained`,
          `${k - r},${s.m}`,
          `${k} trained`,
          `${r},${s.n} trained`,
          `${k - r},${s.n}`,
        ]);
        assert.deepEqual(layer.spectral, [layer.utActive, layer.sigma, layer.vtActive]);
        assert.deepEqual(
          [...layer.order.data],
          Array.from({ length: k }, (_, i) => i),
        );
        assert.deepEqual(
          layer.namedBuffers().map(([path]) => path),
          ['order'],
        );
        const own = new Set([layer.utActive, layer.utFrozen, layer.vtActive, layer.vtFrozen].map((p) => p.storage));
        assert.equal(own.size, 4, 'parts share no storage');
      }),
    );
  });

  test('a rank that is not a whole number >= 1 is refused, and so is a weight that is not finite', () => {
    for (const rank of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => new SpectralLinear(new Linear(2, 2, { rng: new Rng(1) }), { rank }), DomainError);
    const broken = new Linear(1, 1, { weight: tensor([[Number.NaN]]), bias: null });
    assert.throws(() => new SpectralLinear(broken, { rank: 1 }), DomainError);
  });
});

describe('activate', () => {
  test('loses no vector, σ or name: the triplets stay the same set, bit for bit, through any number of choices', () => {
    fc.assert(
      fc.property(sizes, (s) => {
        const { layer, rng } = made(s);
        const before = triplets(layer);
        for (let i = 0; i < 4; i++) {
          const [chosen, names] = [draw(layer, rng), [...layer.order.data]];
          layer.activate(chosen);
          const wanted = Array.from(chosen, (slot) => names[slot]);
          const now = [...layer.order.data];
          assert.deepEqual(triplets(layer), new Map(now.map((name) => [name, before.get(name) as number[]])));
          assert.equal(new Set(now).size, before.size, 'names are a permutation');
          assert.deepEqual(new Set(now.slice(0, layer.rank)), new Set(wanted), 'the chosen are active');
          for (const slot of chosen) if (slot < layer.rank) assert.equal(now[slot], names[slot], 'chosen twice stays');
          for (let slot = layer.rank; slot < now.length; slot++)
            if (!chosen.includes(slot)) assert.equal(now[slot], names[slot], 'frozen twice stays');
        }
      }),
    );
  });

  test('refuses anything but r distinct slots, before anything changes', () => {
    const { layer } = made({ m: 4, n: 5, rank: 2, seed: 1 });
    const [before, written] = [values(layer), versions(layer)];
    for (const slots of [[], [1], [0, 1, 2], [1, 1], [0, 4], [-1, 0], [0.5, 1], [Number.NaN, 1], [1, 1, 2]])
      assert.throws(() => layer.activate(slots), DomainError, String(slots));
    assert.deepEqual(values(layer), before);
    assert.deepEqual(versions(layer), written);
  });

  test('a graph recorded before it is refused afterwards, not silently wrong', () => {
    const { layer, rng } = made({ m: 4, n: 5, rank: 2, seed: 1 });
    const y = layer.call(randn([2, 5], rng, { dtype: 'float64' })).sum();
    layer.activate([2, 3]);
    assert.throws(() => y.backward(), /written in place/);
  });
});

describe('decompose', () => {
  const off = (rows: Tensor): number => {
    const gram = plain(matmul(rows, rows, { transB: true }));
    return Math.max(0, ...gram.flatMap((row, i) => row.map((v, j) => Math.abs(v - (i === j ? 1 : 0)))));
  };

  test('keeps W, makes vectors orthonormal to 1e-13 and σ fall, and names the vectors anew', () => {
    fc.assert(
      fc.property(sizes, (s) => {
        const { layer, rng } = made(s);
        noGrad(() => {
          layer.activate(draw(layer, rng));
          disturb(layer, rng, 0.3);
          const before = plain(layer.weight());
          layer.decompose();
          assert.ok(distance(plain(layer.weight()), before) <= 1e-13, 'W changed');
          const [ut, vt] = [
            [layer.utActive, layer.utFrozen],
            [layer.vtActive, layer.vtFrozen],
          ].map((parts) => tensor(parts.flatMap((t) => plain(t)) as number[][], { dtype: 'float64' }));
          assert.ok(off(ut) <= 1e-13 && off(vt) <= 1e-13, `${off(ut)} ${off(vt)}`);
          const sigma = [...layer.sigma.data];
          assert.ok(
            sigma.every((v, i) => v >= 0 && (i === 0 || v <= sigma[i - 1])),
            `σ is ${sigma}`,
          );
          assert.deepEqual([...layer.order.data], [...sigma.keys()]);
        });
      }),
    );
  });

  test('is a fixed point: a second time changes W by rounding only, and a NaN is refused, not stored', () => {
    const { layer, rng } = made({ m: 5, n: 3, rank: 2, seed: 3 });
    disturb(layer, rng, 0.1);
    layer.decompose();
    const [sigma, before] = [layer.sigma.detach().mul(1), plain(layer.weight())];
    layer.decompose();
    assert.ok(distance([[...layer.sigma.data]], [[...sigma.data]]) <= 1e-14, 'σ changed');
    assert.ok(distance(plain(layer.weight()), before) <= 1e-14, 'W changed');
    layer.sigma.assign_(tensor([1, Number.NaN, 1], { dtype: 'float64' }));
    const kept = layer.utActive.detach().mul(1);
    assert.throws(() => layer.decompose(), DomainError);
    assertSame(layer.utActive.detach(), kept, 'vectors');
  });
});
