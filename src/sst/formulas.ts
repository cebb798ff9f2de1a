/**
 * The formulas of Sparse Spectral Training, one function each, in the layout of this library: the i-th singular vectors are
 * the i-th rows of Ut [k, m] and Vt [k, n], activations are rows, W = Utᵀ·diag(σ)·Vt. With G = ∂L/∂W nothing here ever forms
 * an m×n matrix: products with G go through the activations, G = dYᵀ·X.
 */
import { defineFormula, type Formula } from '../autograd/formula.ts';
import { mul } from '../autograd/ops/arithmetic.ts';
import { matmul } from '../autograd/ops/matmul.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { rows, rowsTimes } from '../nn/rows.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * What each mode sees of the input, Z = X·V, or how hard each is pulled by the output's gradient, P = dY·U.
 * @param x […, n]
 * @param vt [k, n]
 * @returns […, k]
 */
export const modes = (x: Tensor, vt: Tensor): Tensor => rowsTimes(x, vt, { transB: true });

/**
 * Y = (Z∘σ)·Uᵀ: the layer's output from its modes; with P, σ and Vt in their places, dX = (P∘σ)·Vᵀ.
 * @param z […, k]
 * @param sigma [k]
 * @param ut [k, m]
 * @returns […, m]
 * @source arXiv 2405.15481, section 4.1
 */
export const spectralForward: Formula<readonly [z: Tensor, sigma: Tensor, ut: Tensor]> = /* @__PURE__ */ defineFormula(
  'spectralForward',
  '… k, k, k m -> … m',
  (z, sigma, ut) => rowsTimes(mul(z, sigma), ut),
);

/**
 * ∂L/∂σ_i = u_iᵀ·G·v_i = Σ_b P[b, i]·Z[b, i].
 * @param p […, k]
 * @param z […, k]
 * @returns [k]
 * @source arXiv 2405.15481, Eq. 8 and 15
 */
export const sigmaGradient: Formula<readonly [p: Tensor, z: Tensor]> = /* @__PURE__ */ defineFormula(
  'sigmaGradient',
  '… k, … k -> k',
  (p, z) => sum(rows(mul(p, z)), { axis: 0 }),
);

/**
 * ∂L/∂u_i = σ_i·G·v_i, as rows: (Z∘σ)ᵀ·dY. With P and X in the places of Z and dY, ∂L/∂v_i = σ_i·Gᵀ·u_i.
 * @param z […, k]
 * @param sigma [k]
 * @param dy […, m]
 * @returns [k, m]
 * @source arXiv 2405.15481, Eq. 8 and 14
 */
export const defaultGradient: Formula<readonly [z: Tensor, sigma: Tensor, dy: Tensor]> = /* @__PURE__ */ defineFormula(
  'defaultGradient',
  '… k, k, … m -> k m',
  (z, sigma, dy) => matmul(rows(mul(z, sigma)), rows(dy), { transA: true }),
);

/**
 * g̃(u_i) = G·v_i, as rows: Zᵀ·dY. The default gradient without its factor σ_i, so that a direction with a small singular
 * value still turns. With P and X in the places of Z and dY, g̃(v_i) = Gᵀ·u_i. Not a derivative: default = σ_i·enhanced.
 * @param z […, k]
 * @param dy […, m]
 * @returns [k, m]
 * @source arXiv 2405.15481, Eq. 9
 */
export const enhancedGradient: Formula<readonly [z: Tensor, dy: Tensor]> = /* @__PURE__ */ defineFormula(
  'enhancedGradient',
  '… k, … m -> k m',
  (z, dy) => matmul(rows(z), rows(dy), { transA: true }),
);
