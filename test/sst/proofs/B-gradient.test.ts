/**
 * Appendix B: the gradient of the sparse spectral layer (printed in the ICML version as appendix D).
 *
 * Theorem. Let L be differentiable in W = U·diag(σ)·Vᵀ, U m×k, V n×k, σ in Rᵏ *arbitrary*: no orthonormality, no sign, any k. With
 * G = ∂L/∂W,  ∂L/∂U = G·V·diag(σ),  ∂L/∂V = Gᵀ·U·diag(σ),  ∂L/∂σ = diag(UᵀGV).
 * The enhanced gradients are g̃(U) = G·V and g̃(V) = Gᵀ·U (Eq. 9): default = enhanced·diag(σ).
 *
 * Where it stops: the enhanced direction descends only while σ >= 0; and at σ_i = 0 the default gradient of u_i and v_i vanishes.
 * Reading: the statement is the paper's own; Eq. 14 prints ∂L/∂Σ as the full matrix UᵀGV, of which only the diagonal is a derivative.
 */
import { strict as assert } from 'node:assert';
import { eye, grad, type Rng, softplus, type Tensor, tensor } from '../../../src/index.ts';
import { enhancedGradient, modes, sigmaGradient, spectralLinear } from '../../../src/sst/index.ts';
import { clampSigmaKernel, normaliseRowsKernel } from '../../../src/sst/kernels.ts';
import { asTensor, distance, type Matrix, plain } from '../plain.ts';
import { chain, diagonalOf, frameOf, frobenius, gaussian, inner, T, whole } from './matrices.ts';
import { prove, refute } from './prove.ts';

const shapes = [
  [3, 5, 2],
  [5, 3, 4],
  [4, 4, 4],
  [1, 6, 3],
  [6, 1, 1],
] as const;

/** A layer with arbitrary factors, a batch, and the weights of a softplus-type loss L = Σ C∘ln(1 + eʸ). */
function layer(rng: Rng): { x: Matrix; ut: Matrix; s: number[]; vt: Matrix; c: Matrix } {
  const [m, n, k] = shapes[rng.below(shapes.length)];
  const s = Array.from({ length: k }, () => rng.normal());
  s[rng.below(k)] = 0;
  return { x: gaussian(3, n, rng), ut: gaussian(k, m, rng), s, vt: gaussian(k, n, rng), c: gaussian(3, m, rng) };
}

const loss = ([x, ut, s, vt]: readonly Tensor[], c: Matrix, enhanced: boolean): Tensor =>
  softplus(spectralLinear(x, ut, s, vt, { enhanced }))
    .mul(asTensor(c))
    .sum();

const operands = ({ x, ut, s, vt }: ReturnType<typeof layer>): Tensor[] =>
  [asTensor(x), asTensor(ut), tensor(s, { dtype: 'float64' }), asTensor(vt)].map((t) => {
    t.requiresGrad = true;
    return t;
  });

/** What the library's rule gives. */
const gradients = (found: ReturnType<typeof layer>, enhanced: boolean): Tensor[] => {
  const xs = operands(found);
  return [...grad(loss(xs, found.c, enhanced), xs)];
};

/** G = ∂L/∂W = Σ δxᵀ and δ = ∂L/∂Y, from the dense form. */
function dense({ x, ut, s, vt, c }: ReturnType<typeof layer>): { G: Matrix; delta: Matrix; W: Matrix } {
  const W = chain(
    T(ut),
    s.map((v, i) => s.map((_, j) => (i === j ? v : 0))),
    vt,
  );
  const delta = chain(x, T(W)).map((row, b) => row.map((y, i) => c[b][i] / (1 + Math.exp(-y))));
  return { G: chain(T(delta), x), delta, W };
}

const relative = (found: Matrix, expected: Matrix): number => distance(found, expected);

prove({ theorem: 'B1 the rule is the derivative: central differences', cases: 100, tolerance: 1e-6 }, (rng) => {
  const found = layer(rng);
  const rule = gradients(found, false);
  const h = 1e-6;
  return Math.max(
    ...rule.map((g, which) => {
      const at = rng.below(g.size);
      const value = (shift: number): number => {
        const xs = operands(found);
        xs[which].data[at] += shift;
        return loss(xs, found.c, false).item();
      };
      const difference = (value(h) - value(-h)) / (2 * h);
      return Math.abs(difference - g.data[at]) / Math.max(1, Math.abs(difference));
    }),
  );
});

prove({ theorem: 'B2 activation forms = G-based forms, dX too', cases: 100, tolerance: 1e-10 }, (rng) => {
  const found = layer(rng);
  const { G, delta, W } = dense(found);
  const [dx, dut, ds, dvt] = gradients(found, false);
  const { ut, s, vt } = found;
  const [GV, GtU] = [chain(G, T(vt)), chain(T(G), T(ut))];
  return Math.max(
    relative(plain(dx), chain(delta, W)),
    relative(
      T(plain(dut)),
      GV.map((row) => row.map((v, i) => v * s[i])),
    ),
    relative(
      T(plain(dvt)),
      GtU.map((row) => row.map((v, i) => v * s[i])),
    ),
    relative([[...ds.data]], [diagonalOf(chain(ut, GV))]),
  );
});

prove(
  { theorem: 'B3 enhanced gradients are G·V and Gᵀ·U: default = σ·enhanced', cases: 100, tolerance: 1e-10 },
  (rng) => {
    const found = layer(rng);
    const { G } = dense(found);
    const [dx, dut, ds, dvt] = gradients(found, true);
    const [dx0, dut0, ds0, dvt0] = gradients(found, false);
    const scaled = (g: Tensor): Matrix => plain(g).map((row, i) => row.map((v) => v * found.s[i]));
    return Math.max(
      relative(T(plain(dut)), chain(G, T(found.vt))),
      relative(T(plain(dvt)), chain(T(G), T(found.ut))),
      relative(scaled(dut), plain(dut0)),
      relative(scaled(dvt), plain(dvt0)),
      relative(plain(dx), plain(dx0)),
      relative([[...ds.data]], [[...ds0.data]]),
    );
  },
);

/** Derivative of L along (−GV, −diag M, −GᵀU), over the size of what it is a sum of. */
function slope(rng: Rng, sigma: () => number): number {
  const [m, n] = [whole(rng, 1, 6), whole(rng, 1, 6)];
  const k = whole(rng, 1, 6);
  const [U, V, G] = [gaussian(m, k, rng), gaussian(n, k, rng), gaussian(m, n, rng)];
  const s = Array.from({ length: k }, sigma);
  const [GV, GtU] = [chain(G, V), chain(T(G), U)];
  const M = diagonalOf(chain(T(U), GV));
  const part = (X: Matrix): number =>
    inner(
      X,
      X.map((row) => row.map((v, i) => v * s[i])),
    );
  const along = -(part(GV) + part(GtU) + M.reduce((sum, v) => sum + v * v, 0));
  return along / (1 + frobenius(GV) ** 2 + frobenius(GtU) ** 2);
}

prove({ theorem: 'B4 the enhanced direction descends while σ >= 0', cases: 2000, tolerance: 1e-12 }, (rng) =>
  Math.max(
    0,
    slope(rng, () => Math.max(0, rng.normal())),
  ),
);
refute({ theorem: 'B4 with negative σ', cases: 500, tolerance: 1e-12 }, (rng) =>
  slope(rng, () => -Math.abs(rng.normal())),
);

prove(
  { theorem: 'B5 (u, v) → (−u, −v) flips both gradients and leaves ∂L/∂σ', cases: 100, tolerance: 1e-12 },
  (rng) => {
    const found = layer(rng);
    const negative = { ...found, ut: found.ut.map((r) => r.map((v) => -v)), vt: found.vt.map((r) => r.map((v) => -v)) };
    const [, dut, ds, dvt] = gradients(found, true);
    const [, dut2, ds2, dvt2] = gradients(negative, true);
    return Math.max(
      relative(plain(dut2), plain(dut.neg())),
      relative(plain(dvt2), plain(dvt.neg())),
      relative([[...ds2.data]], [[...ds.data]]),
    );
  },
);

/** SST's steps on a constant gradient: σ_4 = 0 with u_4ᵀGv_4 > 0, 400 steps of size 0.01. The last σ_4 comes out. */
function revive(enhanced: boolean): number {
  const G: Matrix = [
    [1, 0.3, -0.2, 0.5],
    [-0.4, 0.8, 0.1, -0.3],
    [0.2, -0.6, 1.1, 0.4],
    [0.7, 0.1, -0.5, 0.9],
  ];
  const { U, V } = frameOf([
    [2, 0.1, 0, 0],
    [0, 1.5, 0.2, 0],
    [0.1, 0, 1, 0],
    [0, 0, 0, 0.5],
  ]);
  let [ut, vt] = [asTensor(T(U)), asTensor(T(V))];
  let sigma = tensor([2, 1.5, 1, 0], { dtype: 'float64' });
  const [x, dy] = [eye(4, 4, { dtype: 'float64' }), asTensor(T(G))];
  const row = (v: Tensor): Tensor => v.reshape([4, 1]);
  for (let step = 0; step < 400; step++) {
    const [z, p] = [modes(x, vt), modes(dy, ut)];
    const [gu, gv] = [enhancedGradient(z, dy), enhancedGradient(p, x)];
    const [du, dv] = enhanced ? [gu, gv] : [gu.mul(row(sigma)), gv.mul(row(sigma))];
    const ds = sigmaGradient(p, z);
    if (step === 0) assert.ok(ds.data[3] > 0, 'σ_4 is pressed against 0');
    sigma = clampSigmaKernel([sigma.sub(ds.mul(0.01))], undefined);
    ut = normaliseRowsKernel([ut.sub(du.mul(0.01)), ut], undefined);
    vt = normaliseRowsKernel([vt.sub(dv.mul(0.01)), vt], undefined);
  }
  return sigma.data[3];
}

prove({ theorem: 'B6 σ pressed to 0 revives: enhanced yes, default stays 0', cases: 1, tolerance: 0 }, () =>
  Math.max(Number(!(revive(true) > 0.1)), revive(false)),
);
