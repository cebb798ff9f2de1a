/**
 * Appendix E: zero distortion with SVD initialisation.
 *
 * v1's definition of distortion is not available. Each candidate has a correct theorem:
 * E-fun   the full SVD leaves W unchanged; cut at r < k it leaves √Σ_{i > r} σ_i².
 * E-iso   for orthonormal U_S, U_S·U_Sᵀ·G is the orthogonal projection of G: unit gain in every retained direction. The σ step
 *         −η·Σ<G, D_i>D_i is *exactly* projected dense descent on span{D_i}, whose Gram matrix is (UᵀU)∘(VᵀV) = I.
 * E-tan   the first-order changes {dU_S·Σ·Vᵀ + U·dΣ·Vᵀ + U·Σ·dV_Sᵀ} have dimension r·max(m, n) + (k − r)(r + 1) when all sampled σ > 0;
 *         for r = k with z zero singular values m·n − z(z − 1) − z·|n − m|.
 * E-stat  m <= n, all vectors trained, all σ > 0: ‖∂L/∂V‖ >= σ_min·‖G‖; the enhanced gradient needs no σ > 0. At ReLoRA*'s B = 0 the
 *         gradient of A is 0 for every G.
 *
 * Where they stop: random B (no projection), unit vectors that are not orthogonal, tangent dimensions with zero σ.
 * Reading: E-iso fits the words best; E-iso and E-tan are the strongest.
 */
import { strict as assert } from 'node:assert';
import type { Tensor } from '../../../src/index.ts';
import { Linear } from '../../../src/nn/index.ts';
import { relora, truncate } from '../../../src/sst/index.ts';
import { pull } from '../../harness/method.ts';
import { asTensor, distance, type Matrix, matrix, product } from '../plain.ts';
import {
  between,
  chain,
  column,
  compose,
  diagonal,
  type Frame,
  frameOf,
  frobenius,
  gaussian,
  hadamard,
  identity,
  inner,
  minus,
  plus,
  randomFrame,
  rankOf,
  T,
  times,
  whole,
} from './matrices.ts';
import { prove, refute } from './prove.ts';

const shapes = [
  [4, 7],
  [7, 4],
  [5, 5],
  [1, 6],
  [6, 1],
] as const;

prove({ theorem: 'E-fun the full SVD is W; cut at r the error is √Σσ²', cases: 100, tolerance: 1e-12 }, (rng) => {
  const [m, n] = shapes[rng.below(shapes.length)];
  const W = gaussian(m, n, rng);
  const { s } = frameOf(W);
  const linear = new Linear(n, m, { weight: asTensor(W), bias: null });
  const cut = Array.from({ length: s.length - 1 }, (_, i) =>
    Math.abs(truncate(linear, i + 1).error - Math.hypot(...s.slice(i + 1))),
  );
  return Math.max(distance(compose(frameOf(W)), W), ...cut);
});

/** How far X is from an orthogonal projection of G on the span of the columns of B: idempotent, symmetric, unit gain. */
const projectionDefect = (B: Matrix, G: Matrix): number => {
  const P = product(B, T(B));
  return Math.max(distance(product(P, product(P, G)), product(P, G)), distance(product(P, B), B));
};
prove({ theorem: 'E-iso U_S·U_Sᵀ·G is the projection of G', cases: 200, tolerance: 1e-12 }, (rng) => {
  const { U } = frameOf(gaussian(8, 3, rng));
  return projectionDefect(U, gaussian(8, 5, rng));
});
refute({ theorem: 'E-iso with a Gaussian B in place of U_S', cases: 100, tolerance: 1e-3, least: 100 }, (rng) =>
  projectionDefect(gaussian(8, 3, rng), gaussian(8, 5, rng)),
);

/** The Gram matrix of the D_i, against (UᵀU)∘(VᵀV), and a finite σ step against dense descent projected on span{D_i}. */
function sigmaStep({ U, s, V }: Frame, G: Matrix): { gram: number; step: number } {
  const D = s.map((_, i) => product(column(U, i), T(column(V, i))));
  const gram = matrix(s.length, s.length, (i, j) => inner(D[i], D[j]));
  const expected = hadamard(product(T(U), U), product(T(V), V));
  const eta = 0.3;
  const moved = compose({ U, V, s: s.map((v, i) => v - eta * inner(G, D[i])) });
  // The projection on a span is by the Gram matrix's inverse: coefficients solve gram·c = <G, D>.
  const { U: P, s: g, V: R } = frameOf(gram);
  const rhs = D.map((d) => [inner(G, d)]);
  const c = chain(R, diagonal(g.map((v) => 1 / v)), T(P), rhs);
  const projected = plus(...D.map((d, i) => times(d, c[i][0])));
  return { gram: distance(gram, expected), step: distance(moved, minus(compose({ U, s, V }), times(projected, eta))) };
}

prove({ theorem: 'E-iso the σ step is projected dense descent, exactly', cases: 200, tolerance: 1e-12 }, (rng) => {
  const frame = randomFrame(5, 8, rng, () => between(rng, 0.5, 2));
  const { gram, step } = sigmaStep(frame, gaussian(5, 8, rng));
  const { s, U, V } = frame;
  const D = s.map((_, i) => product(column(U, i), T(column(V, i))));
  return Math.max(
    gram,
    step,
    distance(
      matrix(5, 5, (i, j) => inner(D[i], D[j])),
      identity(5),
    ),
  );
});
refute(
  { theorem: 'E-iso the σ step with vectors that are 30 % noise', cases: 100, tolerance: 1e-3, least: 95 },
  (rng) => {
    const { U, s, V } = randomFrame(5, 8, rng, () => 1);
    const noisy = (X: Matrix): Matrix => {
      const Y = plus(X, times(gaussian(X.length, X[0].length, rng), 0.3));
      const lengths = T(Y).map((c) => Math.hypot(...c));
      return Y.map((row) => row.map((v, j) => v / lengths[j]));
    };
    return sigmaStep({ U: noisy(U), s, V: noisy(V) }, gaussian(5, 8, rng)).step;
  },
);

/** Dimension of the first-order changes of W when the first r vectors and all of σ may move: the rank of all of them as rows. */
function tangentDimension({ U, s, V }: Frame, r: number): number {
  const [m, n] = [U.length, V.length];
  const unit = (size: number, at: number): Matrix => matrix(size, 1, (i) => Number(i === at));
  const rows: Matrix[] = s.map((_, i) => product(column(U, i), T(column(V, i))));
  for (let i = 0; i < r; i++) {
    for (let b = 0; b < m; b++) rows.push(times(product(unit(m, b), T(column(V, i))), s[i]));
    for (let b = 0; b < n; b++) rows.push(times(product(column(U, i), T(unit(n, b))), s[i]));
  }
  return rankOf(
    rows.map((X) => X.flat()),
    1e-8,
  );
}

for (const [m, n] of [
  [4, 4],
  [3, 5],
  [5, 3],
  [4, 6],
])
  prove({ theorem: `E-tan dimension of the reachable changes, ${m}×${n}, all r`, cases: 3, tolerance: 0 }, (rng) => {
    const frame = randomFrame(m, n, rng, () => between(rng, 0.5, 2));
    const k = Math.min(m, n);
    return Math.max(
      ...Array.from({ length: k + 1 }, (_, r) =>
        Math.abs(tangentDimension(frame, r) - (r * Math.max(m, n) + (k - r) * (r + 1))),
      ),
    );
  });

prove({ theorem: 'E-tan with z zeros and r = k: 16, 14 of 16; 22, 18 of 24', cases: 3, tolerance: 0 }, (rng) =>
  Math.max(
    ...[
      [4, 4, 1, 16],
      [4, 4, 2, 14],
      [4, 6, 1, 22],
      [4, 6, 2, 18],
    ].map(([m, n, z, expected]) => {
      const frame = randomFrame(m, n, rng, (i) => (i < Math.min(m, n) - z ? 1 + i : 0));
      assert.equal(expected, m * n - z * (z - 1) - z * Math.abs(n - m));
      return Math.abs(tangentDimension(frame, Math.min(m, n)) - expected);
    }),
  ),
);

prove({ theorem: 'E-stat gradients vanish only with G: ‖∂L/∂V‖ >= σ_min·‖G‖', cases: 300, tolerance: 1e-12 }, (rng) => {
  const m = whole(rng, 1, 6);
  const n = m + whole(rng, 0, 3);
  const { U, s } = randomFrame(m, n, rng, () => between(rng, 0.01, 2));
  const G = gaussian(m, n, rng);
  const GtU = product(T(G), U);
  const standard = frobenius(GtU.map((row) => row.map((v, i) => v * s[i])));
  const size = frobenius(G);
  return Math.max(0, Math.min(...s) * size - standard, Math.abs(frobenius(GtU) - size) / size);
});

prove({ theorem: 'E-stat at ReLoRA*’s B = 0: dA is exactly 0, dB is not', cases: 20, tolerance: 0 }, (rng) => {
  const layer = relora({ rank: 2, rng }).attach(new Linear(6, 5, { rng, dtype: 'float64' }));
  pull(layer, rng);
  const size = (g: Tensor | null): number => Math.hypot(...(g?.data ?? [Number.NaN]));
  return Math.max(size(layer.loraA.grad), Number(!(size(layer.loraB.grad) > 0)));
});
