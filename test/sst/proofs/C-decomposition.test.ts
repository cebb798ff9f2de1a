/**
 * Appendix C: decomposition of the gradient of the weight.
 *
 * The wording of v1 is not available; these are the strongest correct statements of that name. With M = UᵀGV, R = UᵀG − MVᵀ,
 * Q = GV − UM, D_i = u_i·v_iᵀ:
 * C1  U, V orthonormal: G = U·diag(M_ii)·Vᵀ [magnitude] + U·offdiag(M)·Vᵀ + U·R + Q·Vᵀ + (I−UUᵀ)G(I−VVᵀ) [direction], all orthogonal.
 * C2  Σ g̃(u_i)v_iᵀ = G·V·Vᵀ and Σ u_i·g̃(v_i)ᵀ = U·Uᵀ·G: for m <= n the second is G, for m >= n the first.
 * C3  unit u_i, v_i, σ_i > 0: G = (∂L/∂σ_i)·D_i + (1/σ_i)·(tangential part of ∂L/∂D_i).
 * C4  simple σ_i > 0: a dense step changes it by −η·u_iᵀGv_i + O(η²), as SST's σ step does.
 * C5  the first-order change of W in one SST step, C_ij = a_i + a_j off the diagonal and on it 1 + 2a_i, or 1 with normalisation,
 *     a_i = σ_i² (default) or σ_i (enhanced) for i in S, else 0:  −ΔW/η = U(C∘M)Vᵀ + U·diag(a)·R + Q·diag(a)·Vᵀ + O(η).
 *
 * Where they stop: C1 and C2 need orthonormal frames, C4 a simple σ_i.
 * Reading: C3 fits the title's words best; C1 and the product rule (appendix B) are the other candidates.
 */

import type { Rng } from '../../../src/index.ts';
import { distance, type Matrix, matrix, product } from '../plain.ts';
import {
  between,
  chain,
  column,
  compose,
  coordinates,
  diagonal,
  diagonalOf,
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
  randomSet,
  T,
  times,
  whole,
} from './matrices.ts';
import { prove, refute } from './prove.ts';

/** A weight's frame and a gradient, of any shape. */
function situation(rng: Rng): { frame: Frame; G: Matrix; m: number; n: number } {
  const [m, n] = [whole(rng, 1, 7), whole(rng, 1, 7)];
  return { frame: frameOf(gaussian(m, n, rng)), G: gaussian(m, n, rng), m, n };
}

/** The magnitude part of G and the four parts of its direction. */
function split(G: Matrix, frame: Frame): readonly Matrix[] {
  const { U, V } = frame;
  const { M, R, Q } = coordinates(G, frame);
  const own = diagonal(diagonalOf(M));
  const [left, right] = [U, V].map((X) => minus(identity(X.length), product(X, T(X))));
  return [chain(U, own, T(V)), chain(U, minus(M, own), T(V)), product(U, R), product(Q, T(V)), chain(left, G, right)];
}

/** How far the parts are from summing to G, from being orthogonal, and from Pythagoras. */
function splitResidual(G: Matrix, frame: Frame): number {
  const parts = split(G, frame);
  const size = frobenius(G) ** 2 || 1;
  const pairs = parts.flatMap((a, i) => parts.slice(i + 1).map((b) => Math.abs(inner(a, b)) / size));
  const squares = parts.reduce((sum, part) => sum + inner(part, part), 0);
  return Math.max(distance(plus(...parts), G), Math.abs(squares - size) / size, ...pairs);
}

/** A frame whose vectors have length 1 but are not orthogonal. */
const skewed = ({ U, s, V }: Frame, rng: Rng): Frame => {
  const disturb = (X: Matrix): Matrix => {
    const noisy = plus(X, times(gaussian(X.length, X[0].length, rng), 0.3));
    const lengths = T(noisy).map((c) => Math.hypot(...c));
    return noisy.map((row) => row.map((v, j) => v / lengths[j]));
  };
  return { U: disturb(U), s, V: disturb(V) };
};

prove({ theorem: 'C1 orthogonal split of G into magnitude and direction', cases: 300, tolerance: 1e-10 }, (rng) => {
  const { frame, G } = situation(rng);
  return splitResidual(G, frame);
});
prove(
  { theorem: 'C1 for a thin frame the last part is 0, and Q (m <= n) or R (m >= n)', cases: 300, tolerance: 1e-10 },
  (rng) => {
    const { frame, G, m, n } = situation(rng);
    const [, , ur, qv, rest] = split(G, frame);
    return Math.max(frobenius(rest), m <= n ? frobenius(qv) : 0, m >= n ? frobenius(ur) : 0) / frobenius(G);
  },
);
refute({ theorem: 'C1 with unit but skewed vectors', cases: 100, tolerance: 1e-6, least: 90 }, (rng) => {
  const { G, m, n } = { G: gaussian(4, 5, rng), m: 4, n: 5 };
  return splitResidual(G, skewed(frameOf(gaussian(m, n, rng)), rng));
});

/** ‖recombined − G‖ for the side that carries all of G. */
function recombination({ frame: { U, V }, G, m, n }: ReturnType<typeof situation>): number {
  const left = T(V).reduce<Matrix>(
    (sum, _, i) => plus(sum, product(product(G, column(V, i)), T(column(V, i)))),
    times(G, 0),
  );
  const right = T(U).reduce<Matrix>(
    (sum, _, i) => plus(sum, product(column(U, i), T(product(T(G), column(U, i))))),
    times(G, 0),
  );
  return Math.max(m >= n ? distance(left, G) : 0, m <= n ? distance(right, G) : 0);
}

prove({ theorem: 'C2 the enhanced gradients of all vectors recombine to G', cases: 300, tolerance: 1e-10 }, (rng) =>
  recombination(situation(rng)),
);
refute({ theorem: 'C2 with unit but skewed vectors', cases: 100, tolerance: 1e-6, least: 100 }, (rng) => {
  const frame = skewed(frameOf(gaussian(4, 5, rng)), rng);
  return recombination({ frame, G: gaussian(4, 5, rng), m: 4, n: 5 });
});

/** G against ∂L/∂σ_i·D_i + tangential/σ_i, and the second part against being tangential. */
function polar(G: Matrix, { U, s, V }: Frame): number {
  return Math.max(
    ...s.map((sigma, i) => {
      const D = product(column(U, i), T(column(V, i)));
      const slope = inner(G, D);
      const whole = times(G, sigma);
      const tangential = minus(whole, times(D, inner(whole, D)));
      const rebuilt = plus(times(D, slope), times(tangential, 1 / sigma));
      return Math.max(distance(rebuilt, G), Math.abs(inner(tangential, D)) / (frobenius(whole) || 1));
    }),
  );
}

prove({ theorem: 'C3 polar form of every component', cases: 300, tolerance: 1e-10 }, (rng) => {
  const { frame, G } = situation(rng);
  return polar(G, { ...frame, s: frame.s.map((v) => v + 0.1) });
});
prove({ theorem: 'C3 holds for skewed unit vectors too', cases: 100, tolerance: 1e-10 }, (rng) => {
  const { frame, G } = situation(rng);
  return polar(G, skewed({ ...frame, s: frame.s.map((v) => v + 0.1) }, rng));
});

/** How far a dense step of size η moves the singular values from σ − η·diag(M), over η. */
function followed(W: Matrix, G: Matrix, eta: number): number {
  const frame = frameOf(W);
  const expected = diagonalOf(coordinates(G, frame).M).map((v, i) => frame.s[i] - eta * v);
  const { s } = frameOf(minus(W, times(G, eta)));
  return Math.max(...s.map((v, i) => Math.abs(v - expected[i]))) / eta;
}

prove(
  { theorem: 'C4 simple singular values follow dense descent to first order', cases: 200, tolerance: 1e-3 },
  (rng) => {
    const [m, n] = [whole(rng, 2, 6), whole(rng, 2, 6)];
    const k = Math.min(m, n);
    let sigma = between(rng, 0.1, 0.5);
    const falling = Array.from({ length: k }, () => {
      sigma += between(rng, 0.11, 1);
      return sigma;
    }).reverse();
    return followed(compose(randomFrame(m, n, rng, (i) => falling[i])), gaussian(m, n, rng), 1e-6);
  },
);
refute({ theorem: 'C4 at W = I, where σ is repeated', cases: 50, tolerance: 1e-3, least: 45 }, (rng) =>
  followed(identity(3), gaussian(3, 3, rng), 1e-6),
);
prove({ theorem: 'C4 at W = I the split is that of the symmetric part of G', cases: 50, tolerance: 1e-4 }, (rng) => {
  const [G, eta] = [gaussian(3, 3, rng), 1e-6];
  const { s } = frameOf(minus(identity(3), times(G, eta)));
  // The singular values of I + E are to first order 1 plus the eigenvalues of (E + Eᵀ)/2; shifted so that they are positive.
  const shift = 50;
  const E = times(plus(G, T(G)), -0.5);
  const eigenvalues = frameOf(plus(E, times(identity(3), shift))).s.map((v) => v - shift);
  return Math.max(...s.map((v, i) => Math.abs((v - 1) / eta - eigenvalues[i])));
});

/** One SST step of size η with plain gradients: what becomes of W. */
function step(
  frame: Frame,
  G: Matrix,
  chosen: readonly boolean[],
  enhanced: boolean,
  normalised: boolean,
  eta: number,
): Matrix {
  const { U, s, V } = frame;
  const moved = (X: Matrix, g: Matrix): Matrix => {
    const next = X.map((row, b) => row.map((v, i) => (chosen[i] ? v - eta * (enhanced ? 1 : s[i]) * g[b][i] : v)));
    const lengths = T(next).map((c) => Math.hypot(...c));
    return next.map((row) => row.map((v, i) => (chosen[i] && normalised ? v / lengths[i] : v)));
  };
  const M = diagonalOf(chain(T(U), G, V));
  return compose({ U: moved(U, product(G, V)), V: moved(V, product(T(G), U)), s: s.map((v, i) => v - eta * M[i]) });
}

prove({ theorem: 'C5 first-order change of W in one step, all four variants', cases: 300, tolerance: 1e-3 }, (rng) => {
  const { G, m, n } = situation(rng);
  const k = Math.min(m, n);
  const frame = randomFrame(m, n, rng, () => between(rng, 0.2, 2));
  const chosen = randomSet(k, rng);
  const [enhanced, normalised, eta] = [rng.uniform() < 0.5, rng.uniform() < 0.5, 1e-7];
  const { U, s, V } = frame;
  const { M, R, Q } = coordinates(G, frame);
  const a = s.map((v, i) => (chosen[i] ? (enhanced ? v : v * v) : 0));
  const C = matrix(k, k, (i, j) => (i !== j ? a[i] + a[j] : normalised ? 1 : 1 + 2 * a[i]));
  const predicted = plus(chain(U, hadamard(C, M), T(V)), chain(U, diagonal(a), R), chain(Q, diagonal(a), T(V)));
  const found = times(minus(compose(frame), step(frame, G, chosen, enhanced, normalised, eta)), 1 / eta);
  return frobenius(minus(found, predicted)) / frobenius(predicted);
});
