/**
 * Appendix D: advantage of the enhanced over the default gradient.
 *
 * The formulas of v1 are not available; its text measures closeness by the Frobenius norm of (SST's update − 3·full-rank update). The
 * strongest correct form: let U, V be an orthonormal thin frame and σ_i in [0, 1] for i in S. Then for every G, every S, every shape
 *   D   ‖ΔW_enh − 3·ΔW_full‖_F <= ‖ΔW_def − 3·ΔW_full‖_F   to first order, without and with normalisation.
 * Exact condition for σ >= 0, entry by entry: (s_def − s_enh)(s_def + s_enh − 2c) >= 0. It also holds when every sampled σ >= 2.
 *   D'  with the full-matrix Σ move U(UᵀGV)Vᵀ of Eq. 14 and square orthogonal U, V: for Σ = I the update is exactly 3·G, and the
 *       inequality holds when all σ <= 1 or all σ >= 1.
 *
 * Where they stop: c = 3 is sharp; σ between 1 and 1.3; unit vectors that are not orthogonal; the scale-free version (cosines).
 * Reading: D; D' explains the factor 3 best. Neither covers finite steps or Adam.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Rng } from '../../../src/index.ts';
import { type Matrix, matrix, product } from '../plain.ts';
import {
  between,
  chain,
  diagonal,
  diagonalOf,
  type Frame,
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

/** A case of the inequality. */
interface Case {
  readonly frame: Frame;
  readonly G: Matrix;
  readonly chosen: readonly boolean[];
  readonly normalised: boolean;
}

/** −ΔW/η of one step to first order (C5), for any frame: the product rule. */
function update({ frame: { U, s, V }, G, chosen, normalised }: Case, enhanced: boolean): Matrix {
  const moved = (X: Matrix, g: Matrix): Matrix => {
    const along = X[0].map((_, i) => X.reduce((sum, row, b) => sum + row[i] * g[b][i], 0));
    return g.map((row, b) =>
      row.map((v, i) => (chosen[i] ? (enhanced ? 1 : s[i]) * (normalised ? v - X[b][i] * along[i] : v) : 0)),
    );
  };
  const [dU, dV] = [moved(U, product(G, V)), moved(V, product(T(G), U))];
  const M = diagonal(diagonalOf(chain(T(U), G, V)));
  return plus(chain(dU, diagonal(s), T(V)), chain(U, M, T(V)), chain(U, diagonal(s), T(dV)));
}

/** By how much the enhanced update is farther from c·G than the default one, over their size; at most 0 where D holds. */
function excess(found: Case, c: number = 3): number {
  const far = (enhanced: boolean): number => frobenius(minus(update(found, enhanced), times(found.G, c)));
  const [enhanced, standard] = [far(true), far(false)];
  return (enhanced - standard) / Math.max(standard, 1e-300);
}

const heavy = (m: number, n: number, rng: Rng): Matrix => gaussian(m, n, rng).map((row) => row.map((v) => v ** 3));

function anyCase(rng: Rng, low: number, high: number): Case {
  const [m, n] = [whole(rng, 1, 7), whole(rng, 1, 7)];
  const frame = randomFrame(m, n, rng, () => between(rng, low, high));
  return { frame, G: heavy(m, n, rng), chosen: randomSet(Math.min(m, n), rng), normalised: rng.uniform() < 0.5 };
}

prove({ theorem: 'D enhanced is closer to 3·G for σ in [0, 1]', cases: 3000, tolerance: 1e-12 }, (rng) =>
  excess(anyCase(rng, 0, 1)),
);
prove({ theorem: 'D holds for σ in [2, 6] too, any S', cases: 1000, tolerance: 1e-12 }, (rng) =>
  excess(anyCase(rng, 2, 6)),
);
prove({ theorem: 'D with normalisation: c = 2 suffices', cases: 1000, tolerance: 1e-12 }, (rng) =>
  excess({ ...anyCase(rng, 0, 1), normalised: true }, 2),
);
refute({ theorem: 'D with c = 2.99 at σ = 0.999, 1×1', cases: 1, tolerance: 0 }, () =>
  excess({ frame: { U: [[1]], s: [0.999], V: [[1]] }, G: [[1]], chosen: [true], normalised: false }, 2.99),
);
refute({ theorem: 'D with normalisation and c = 1', cases: 500, tolerance: 1e-12 }, (rng) =>
  excess({ ...anyCase(rng, 0.5, 1), normalised: true }, 1),
);
refute(
  { theorem: 'D for σ in [1.05, 1.25], square, all sampled', cases: 3000, tolerance: 1e-12, least: 1000 },
  (rng) => {
    const m = whole(rng, 1, 7);
    const frame = randomFrame(m, m, rng, () => between(rng, 1.05, 1.25));
    return excess({ frame, G: heavy(m, m, rng), chosen: frame.s.map(() => true), normalised: rng.uniform() < 0.5 });
  },
);
refute({ theorem: 'D with unit but skewed vectors', cases: 3000, tolerance: 1e-12 }, (rng) => {
  const unit = (): Matrix => {
    const X = gaussian(3, 3, rng);
    const lengths = T(X).map((c) => Math.hypot(...c));
    return X.map((row) => row.map((v, j) => v / lengths[j]));
  };
  const frame = { U: unit(), V: unit(), s: [0, 1, 2].map(() => between(rng, 0, 1)) };
  return excess({ frame, G: gaussian(3, 3, rng), chosen: [true, true, true], normalised: rng.uniform() < 0.5 });
});

prove({ theorem: 'D entry by entry: the exact condition decides, σ in [0, 3]', cases: 2000, tolerance: 0 }, (rng) => {
  const [a, b] = [between(rng, 0, 3), between(rng, 0, 3)];
  const pairs = [
    [a + b, a * a + b * b],
    [1 + 2 * a, 1 + 2 * a * a],
    [a, a * a],
  ];
  return Math.max(
    ...pairs.map(([enhanced, standard]) => {
      const predicted = (standard - enhanced) * (standard + enhanced - 6) >= 0;
      const closer = (enhanced - 3) ** 2 <= (standard - 3) ** 2;
      const tie = Math.abs((standard - enhanced) * (standard + enhanced - 6)) < 1e-12;
      return Number(predicted !== closer && !tie);
    }),
  );
});

const cosine = (a: Matrix, b: Matrix): number => inner(a, b) / (frobenius(a) * frobenius(b));

/** The two updates' cosines with G = (cos α, sin α) in entries (1, 2) and (2, 2), σ = (1, 0.3), at the α of the counter-example. */
function counterexample(): readonly number[] {
  let best: number[] = [];
  for (let i = 0; i <= 200 && best.length === 0; i++) {
    const G = [
      [0, Math.cos((i * Math.PI) / 400)],
      [0, Math.sin((i * Math.PI) / 400)],
    ];
    const found: Case = {
      frame: { U: identity(2), s: [1, 0.3], V: identity(2) },
      G,
      chosen: [true, true],
      normalised: false,
    };
    const [enhanced, standard] = [cosine(update(found, true), G), cosine(update(found, false), G)];
    if (enhanced.toFixed(4) === '0.9947' && standard > enhanced) best = [enhanced, standard];
  }
  return best;
}

prove({ theorem: 'D is false for directions: cosines 0.9947 < 0.9992', cases: 1, tolerance: 0 }, () =>
  Number(
    counterexample()
      .map((v) => v.toFixed(4))
      .join() !== '0.9947,0.9992',
  ),
);

test('D typically also holds for directions: Gaussian G, 8×8, σ uniform on [0, 1], normalised', (t) => {
  let better = 0;
  for (let i = 0; i < 300; i++) {
    const rng = new Rng(i);
    const frame = randomFrame(8, 8, rng, () => rng.uniform());
    const found: Case = { frame, G: gaussian(8, 8, rng), chosen: frame.s.map(() => true), normalised: true };
    better += Number(cosine(update(found, true), found.G) > cosine(update(found, false), found.G));
  }
  t.diagnostic(`${better} of 300`);
  assert.ok(better >= 290, `${better}`);
});

/** −ΔW/η with the full-matrix move of Σ. */
function fullUpdate({ U, s, V }: Frame, G: Matrix, enhanced: boolean): Matrix {
  const k = s.length;
  const a = s.map((v) => (enhanced ? v : v * v));
  const weights = matrix(k, k, (i, j) => 1 + a[i] + a[j]);
  return chain(U, hadamard(weights, chain(T(U), G, V)), T(V));
}
const fullExcess = (frame: Frame, G: Matrix): number => {
  const far = (enhanced: boolean): number => frobenius(minus(fullUpdate(frame, G, enhanced), times(G, 3)));
  return (far(true) - far(false)) / Math.max(far(false), 1e-300);
};

prove({ theorem: "D' full-matrix Σ move: Σ = I gives exactly 3·G", cases: 100, tolerance: 1e-12 }, (rng) => {
  const m = whole(rng, 1, 6);
  const G = gaussian(m, m, rng);
  return (
    frobenius(
      minus(
        fullUpdate(
          randomFrame(m, m, rng, () => 1),
          G,
          true,
        ),
        times(G, 3),
      ),
    ) / frobenius(G)
  );
});
prove({ theorem: "D' full-matrix Σ move: σ in [0, 1], and in [1, 4]", cases: 1000, tolerance: 1e-12 }, (rng) => {
  const m = whole(rng, 1, 6);
  const [low, high] = rng.uniform() < 0.5 ? [0, 1] : [1, 4];
  return fullExcess(
    randomFrame(m, m, rng, () => between(rng, low, high)),
    heavy(m, m, rng),
  );
});
refute({ theorem: "D' for mixed σ = (1.39, 0.41)", cases: 1, tolerance: 1e-6 }, () =>
  fullExcess({ U: identity(2), s: [1.39, 0.41], V: identity(2) }, [
    [0, 1],
    [0, 0],
  ]),
);
