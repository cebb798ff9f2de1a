/** One step of Sparse Spectral Training: the optimizer's own, then σ clamped at 0 and the active vectors normalised. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { add, backward, eye, mul, Rng, randn, sum, type Tensor, tensor } from '../../src/index.ts';
import { adam, adamW, Linear, type Optimizer, sgd } from '../../src/nn/index.ts';
import { nonNegative, SpectralLinear, sst, unitRows } from '../../src/sst/index.ts';
import { tensors } from '../harness/arbitraries.ts';
import { assertSame } from '../harness/compare.ts';
import { asTensor, dot, type Matrix, matrix, plain, product, transposed } from './plain.ts';

const f64 = (values: number[][] | number[]): Tensor => tensor(values, { dtype: 'float64' });
const norm = (row: readonly number[]): number => Math.sqrt(dot(row, row));

describe('constraints', () => {
  test('nonNegative: max(σ + u, 0), entry by entry; NaN stays NaN', () => {
    fc.assert(
      fc.property(tensors([5]), tensors([5]), (x, u) => {
        const y = nonNegative.retract(x.abs(), u);
        assert.deepEqual(
          [...y.data],
          Array.from(u.data, (d, i) => Math.max(Math.abs(x.data[i]) + d, 0)),
        );
      }),
    );
    assert.deepEqual([...nonNegative.retract(f64([1, 1]), f64([Number.NaN, -2])).data], [Number.NaN, 0]);
  });

  test('unitRows: (x + u)/‖x + u‖, row by row, of length 1 to 1e-15', () => {
    fc.assert(
      fc.property(tensors([3, 4]), tensors([3, 4]), (x, u) => {
        const [y, moved] = [plain(unitRows.retract(x, u)), plain(add(x, u))];
        for (const [i, row] of y.entries()) {
          const length = norm(moved[i]);
          if (length === 0) assert.deepEqual(row, plain(x)[i]);
          else
            assert.ok(
              row.every((v, j) => Math.abs(v - moved[i][j] / length) <= 1e-15),
              `row ${i} is ${row}`,
            );
        }
      }),
    );
  });

  test('a row whose step would make it vanish (below 1e-12) is kept bit for bit; its neighbours are not', () => {
    const x = f64([
      [0.6, 0.8],
      [0.6, 0.8],
      [0, 1],
    ]);
    for (const rest of [0, 9e-13]) {
      const y = unitRows.retract(
        x,
        f64([
          [-0.6 + rest, -0.8],
          [0, 0],
          [3, -1],
        ]),
      );
      assert.deepEqual(plain(y)[0], [0.6, 0.8]);
      assert.deepEqual(plain(y)[2], [1, 0]);
    }
    assert.deepEqual(plain(unitRows.retract(f64([[1, 0]]), f64([[-1, 1e-11]]))), [[0, 1]]);
  });

  test('a row with a NaN in its step becomes NaN throughout, so the loss shows it; other rows do not', () => {
    const y = plain(
      unitRows.retract(
        f64([
          [1, 0],
          [1, 0],
        ]),
        f64([
          [0, Number.NaN],
          [0, 0],
        ]),
      ),
    );
    assert.ok(y[0].every(Number.isNaN), 'the row is NaN throughout');
    assert.deepEqual(y[1], [1, 0]);
  });

  test('neither lets weight decay in: gradient and momentum pass unchanged', () => {
    const [x, g] = [f64([[1, 2]]), f64([[3, 4]])];
    for (const manifold of [nonNegative, unitRows]) {
      assert.equal(manifold.decays, false);
      assert.ok(manifold.toRiemannian(x, g) === g && manifold.transport(x, x, g) === g, manifold.name);
      assert.deepEqual(plain(manifold.componentInner(x, g)), [[9, 16]]);
    }
  });
});

const makers = fc.constantFrom(
  (layer: SpectralLinear, lr: number): Optimizer => sgd(layer.spectral, { lr, momentum: 0.9, weightDecay: 0.1 }),
  (layer: SpectralLinear, lr: number): Optimizer => adam(layer.spectral, { lr }),
  (layer: SpectralLinear, lr: number): Optimizer => adamW(layer.spectral, { lr, weightDecay: 0.1 }),
);
const runs = fc.record({
  m: fc.integer({ min: 1, max: 6 }),
  n: fc.integer({ min: 1, max: 6 }),
  rank: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(1000),
  lr: fc.constantFrom(0.003, 0.1, 2),
  make: makers,
  enhanced: fc.boolean(),
});

describe('after every step', () => {
  test('σ >= 0, active rows have length 1 to 1e-12, frozen rows keep every bit, with any optimizer and any lr', () => {
    fc.assert(
      fc.property(runs, ({ m, n, rank, seed, lr, make, enhanced }) => {
        const rng = new Rng(seed);
        const layer = new SpectralLinear(new Linear(n, m, { rng, dtype: 'float64' }), { rank, enhanced });
        const optimizer = make(layer, lr);
        const state = (): number[][] => [layer.utFrozen, layer.vtFrozen].map((t) => [...t.data, t.storage.version]);
        const frozen = state();
        for (let step = 0; step < 6; step++) {
          optimizer.zeroGrad();
          const dtype = 'float64';
          backward(sum(mul(layer.call(randn([4, n], rng, { dtype })), randn([4, m], rng, { dtype }))));
          optimizer.step();
          assert.ok(
            layer.sigma.data.every((v) => v >= 0),
            `σ is ${layer.sigma.data}`,
          );
          for (const row of [...plain(layer.utActive), ...plain(layer.vtActive)])
            assert.ok(Math.abs(norm(row) - 1) <= 1e-12, `length ${norm(row)}`);
        }
        assert.deepEqual(state(), frozen);
        assert.ok(
          [layer.utFrozen, layer.vtFrozen].every((t) => t.grad === null),
          'a frozen part has a gradient',
        );
      }),
    );
  });

  test('a NaN gradient is visible at once: in the parameters, in the output, and at the next sampling', () => {
    const rng = new Rng(1);
    const layer = new SpectralLinear(new Linear(3, 3, { rng }), { rank: 2 });
    const optimizer = sgd(layer.spectral, { lr: 0.1 });
    backward(sum(mul(layer.call(eye(3)), Number.NaN)));
    optimizer.step();
    for (const p of layer.spectral) assert.ok(p.data.every(Number.isNaN), 'a parameter hides the NaN');
    assert.ok(layer.call(eye(3)).data.every(Number.isNaN), 'the output hides the NaN');
    assert.throws(() => sst({ rank: 2, rng }).onStep?.(0, [layer], optimizer), /finite/);
  });
});

describe('σ exactly 0 (PAPER 4.1, corollary 4)', () => {
  /** A gradient with uᵀGv = 1 for the pair (u, v), otherwise random. */
  function pulling(u: readonly number[], v: readonly number[], rng: Rng): Matrix {
    const G = plain(randn([4, 4], rng, { dtype: 'float64' }));
    const now = dot(
      u,
      product(
        G,
        v.map((x) => [x]),
      ).flat(),
    );
    return matrix(4, 4, (i, j) => G[i][j] + (1 - now) * u[i] * v[j]);
  }

  function train(enhanced: boolean, seed: number): { sigma: number; moved: boolean } {
    const rng = new Rng(seed);
    const weight = mul(eye(4, 4, { dtype: 'float64' }), f64([3, 2, 1, 0]));
    const layer = new SpectralLinear(new Linear(4, 4, { weight, bias: null }), { rank: 4, enhanced });
    const [u, v] = [plain(layer.utActive)[3], plain(layer.vtActive)[3]];
    const [identity, G] = [eye(4, 4, { dtype: 'float64' }), asTensor(transposed(pulling(u, v, rng)))];
    const optimizer = sgd(layer.spectral, { lr: 0.05 });
    for (let step = 0; step < 400; step++) {
      layer.zeroGrad();
      backward(sum(mul(layer.call(identity), G)));
      optimizer.step();
    }
    return { sigma: layer.sigma.data[3], moved: plain(layer.utActive)[3].some((x, i) => x !== u[i]) };
  }

  test('the enhanced gradient turns the pair until σ revives; under the default gradient it is frozen forever', () => {
    for (let seed = 0; seed < 3; seed++) {
      const [enhanced, plainRule] = [train(true, seed), train(false, seed)];
      assert.ok(enhanced.sigma > 1 && enhanced.moved, `σ = ${enhanced.sigma}`);
      assert.deepEqual(plainRule, { sigma: 0, moved: false });
    }
  });
});

test('merging and weight() agree bit for bit', () => {
  const layer = new SpectralLinear(new Linear(3, 5, { rng: new Rng(2) }), { rank: 2 });
  assertSame(layer.merge().weight.detach(), layer.weight().detach(), 'weight');
});
