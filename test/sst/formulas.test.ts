/**
 * The formulas that work on activations are those of the paper, which are stated with the gradient G = ∂L/∂W of the weight
 * (Eq. 8, 9, 14, 15): with explicit G = dYᵀ·X, ∂L/∂U = G·V·diag(σ), ∂L/∂V = Gᵀ·U·diag(σ), ∂L/∂σ = diag(UᵀGV),
 * g̃(U) = G·V, g̃(V) = Gᵀ·U, for arbitrary U, σ, V: no orthonormality, no sign of σ, any k. And no m×n matrix is made.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { allocations, backward, noGrad, Rng, rand, reshape, type Tensor } from '../../src/index.ts';
import { adam, Linear } from '../../src/nn/index.ts';
import {
  defaultGradient,
  enhancedGradient,
  modes,
  SpectralLinear,
  sigmaGradient,
  spectralForward,
  spectralLinear,
} from '../../src/sst/index.ts';
import { tensors } from '../harness/arbitraries.ts';
import { anyOp, direction, run } from '../harness/gradients.ts';
import { buffers } from '../harness/module.ts';
import { distance, dot, type Matrix, plain, product, scaled, transposed } from './plain.ts';

const size = fc.integer({ min: 1, max: 6 });
const layers = fc
  .record({ lead: fc.constantFrom<readonly number[]>([], [1], [4], [2, 3]), m: size, n: size, k: size })
  .chain(({ lead, m, n, k }) =>
    fc.record({
      operands: fc.tuple(...[[...lead, n], [k, m], [k], [k, n]].map((shape) => tensors(shape))),
      probe: fc.nat(1000),
    }),
  );

const flat = (x: Tensor): Matrix => plain(reshape(x, [-1, x.shape[x.rank - 1]]));

/** The paper's quantities, from W and G formed explicitly. Columns of U and V are singular vectors. */
function byDefinition([x, ut, sigma, vt]: readonly Tensor[], dy: Tensor) {
  const [X, dY, U, V, s] = [flat(x), flat(dy), transposed(plain(ut)), transposed(plain(vt)), [...sigma.data]];
  const G = product(transposed(dY), X);
  const W = product(scaled(U, s), transposed(V));
  const [GV, GtU] = [product(G, V), product(transposed(G), U)];
  return {
    y: product(X, transposed(W)),
    dx: product(dY, W),
    dsigma: [transposed(U).map((u, i) => dot(u, transposed(GV)[i]))],
    default: [scaled(GV, s), scaled(GtU, s)].map(transposed),
    enhanced: [GV, GtU].map(transposed),
  };
}

const near = (actual: Tensor, expected: Matrix, what: string): void => {
  const off = distance(flat(actual), expected);
  assert.ok(off <= 1e-12, `${what}: off by ${off}`);
};

describe('the activation form is the G form', () => {
  test('in the gradients of the op, default and enhanced', () => {
    fc.assert(
      fc.property(layers, fc.boolean(), ({ operands, probe }, enhanced) => {
        const { ys, gradients } = run(anyOp(spectralLinear), { inputs: operands, attrs: { enhanced } }, { probe });
        const [dx, du, dsigma, dv] = gradients as Tensor[];
        const paper = byDefinition(operands, direction(ys[0], probe));
        near(ys[0], paper.y, 'Y = X·Wᵀ');
        near(dx, paper.dx, 'dX = dY·W');
        near(reshape(dsigma, [1, -1]), paper.dsigma, 'dσ = diag(UᵀGV)');
        const [u, v] = paper[enhanced ? 'enhanced' : 'default'];
        near(du, u, 'dU');
        near(dv, v, 'dV');
      }),
    );
  });

  test('in the named formulas', () => {
    fc.assert(
      fc.property(layers, ({ operands, probe }) => {
        const [x, ut, sigma, vt] = operands;
        const z = modes(x, vt);
        const y = spectralForward(z, sigma, ut);
        const dy = direction(y, probe);
        const p = modes(dy, ut);
        const paper = byDefinition(operands, dy);
        near(y, paper.y, 'Y');
        near(spectralForward(p, sigma, vt), paper.dx, 'dX');
        near(reshape(sigmaGradient(p, z), [1, -1]), paper.dsigma, 'dσ');
        near(defaultGradient(z, sigma, dy), paper.default[0], 'default dU');
        near(defaultGradient(p, sigma, x), paper.default[1], 'default dV');
        near(enhancedGradient(z, dy), paper.enhanced[0], 'enhanced dU');
        near(enhancedGradient(p, x), paper.enhanced[1], 'enhanced dV');
      }),
    );
  });

  test('with σ >= 0 the step along both kinds of gradient descends: −Σ[σ‖Gv‖² + (uᵀGv)² + σ‖Gᵀu‖²] <= 0; with σ < 0 it may not', () => {
    const slope = (operands: readonly Tensor[], dy: Tensor): number => {
      const truth = byDefinition(operands, dy);
      const along = (a: Matrix, b: Matrix): number => a.reduce((sum, row, i) => sum + dot(row, b[i]), 0);
      return -(
        along(truth.default[0], truth.enhanced[0]) +
        along(truth.dsigma, truth.dsigma) +
        along(truth.default[1], truth.enhanced[1])
      );
    };
    fc.assert(
      fc.property(layers, ({ operands: [x, ut, sigma, vt], probe }) => {
        const dy = direction(spectralLinear(x, ut, sigma, vt), probe);
        assert.ok(slope([x, ut, sigma.abs(), vt], dy) <= 1e-12, 'not a descent direction');
      }),
    );
    const one = rand([1, 1], new Rng(1), { dtype: 'float64' });
    assert.ok(slope([one, one, reshape(one, [1]).mul(-9), one], one) > 0, 'an ascent where σ < 0');
  });
});

describe('no m×n matrix', () => {
  for (const [m, n] of [
    [60, 80],
    [80, 60],
  ])
    test(`a training step of a ${m}×${n} layer, batch 3, r = 4, makes no tensor larger than 4·80 values`, () => {
      for (const enhanced of [true, false]) {
        const rng = new Rng(1);
        const layer = new SpectralLinear(new Linear(n, m, { rng }), { rank: 4, enhanced });
        const optimizer = adam(
          layer.parameters().filter((p) => p.requiresGrad),
          { lr: 1e-3 },
        );
        const x = rand([3, n], rng, { requiresGrad: true });
        const step = (): void => {
          backward(layer.call(x).square().sum());
          optimizer.step();
        };
        const before = allocations().bytes;
        const sizes = buffers(step);
        assert.ok(sizes.length > 0 && Math.max(...sizes) <= 4 * 80, `largest ${Math.max(...sizes)}`);
        assert.equal(allocations().bytes - before, 4 * sizes.reduce((a, b) => a + b, 0), 'the counter saw the same');
        assert.ok(buffers(() => noGrad(() => layer.weight())).includes(m * n), 'the watch sees an m×n tensor');
      }
    });
});
