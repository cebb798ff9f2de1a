import { defineOp, type Op } from '../autograd/define.ts';
import { add, mul } from '../autograd/ops/arithmetic.ts';
import { reshape } from '../autograd/ops/layout.ts';
import { concat, slice } from '../autograd/ops/slice.ts';
import { ShapeError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defaultGradient, enhancedGradient, modes, sigmaGradient, spectralForward } from './formulas.ts';

/** Which gradient the singular vectors get. */
export interface SpectralAttrs {
  /** G·v_i and Gᵀ·u_i instead of the derivative σ_i·G·v_i, σ_i·Gᵀ·u_i. Default false. */
  readonly enhanced?: boolean;
}

/** The gradient of the singular vectors on one side, by the rule asked for. */
const vectorGradient = (z: Tensor, sigma: Tensor, dy: Tensor, enhanced: boolean): Tensor =>
  enhanced ? enhancedGradient(z, dy) : defaultGradient(z, sigma, dy);

/** Gradients scaled row by row with σ: what the enhanced ones must be multiplied with to give the true ones. */
const timesSigma = (g: Tensor, sigma: Tensor): Tensor => mul(g, reshape(sigma, [sigma.size, 1]));

/**
 * y = x·V·diag(σ)·Uᵀ: a linear map kept as W = U·diag(σ)·Vᵀ, all of it trainable. The textbook form; the layer uses
 * `sparseSpectralLinear`.
 *
 * x […, n], ut [k, m] and vt [k, n] with singular vectors as rows, sigma [k] → y […, m]. The rule never forms an m×n matrix.
 * @throws ShapeError when n, m or k differ; DTypeError when the dtypes differ
 * @source arXiv 2405.15481, Eq. 8, 9, 14, 15
 */
export const spectralLinear: Op<4, SpectralAttrs> = /* @__PURE__ */ defineOp({
  name: 'spectralLinear',
  arity: 4,
  signature: '… n, k m, k, k n -> … m',
  keeps: { inputs: [0, 1, 2, 3] },
  forward({ inputs: [x, ut, sigma, vt] }) {
    const z = modes(x, vt);
    return { y: spectralForward(z, sigma, ut), saved: [z] };
  },
  backward({ dy, inputs: [x, ut, sigma, vt], saved: [z], needs, attrs: { enhanced = false } }) {
    const p = modes(dy, ut);
    return [
      needs[0] && spectralForward(p, sigma, vt),
      needs[1] && vectorGradient(z, sigma, dy, enhanced),
      needs[2] && sigmaGradient(p, z),
      needs[3] && vectorGradient(p, sigma, x, enhanced),
    ];
  },
  reference: ([x, ut, sigma, vt]) => spectralForward(modes(x, vt), sigma, ut),
  surrogate: {
    when: ({ enhanced = false }) => enhanced,
    operands: [1, 3],
    source: 'arXiv 2405.15481, Eq. 9',
    law: (gradients, truth, [, , sigma]) => [1, 3].map((i) => [timesSigma(gradients[i], sigma), truth[i]]),
  },
});

/**
 * The same map with its vectors in two parts: r active rows first, the others frozen. y = x·V·diag(σ)·Uᵀ with
 * Ut = [utActive; utFrozen], Vt likewise, and sigma in that order. Frozen parts are ordinary operands that happen not to
 * require a gradient, so neither their gradients nor any optimizer state for them exist.
 *
 * x […, n], utActive [r, m], utFrozen [k−r, m], sigma [k], vtActive [r, n], vtFrozen [k−r, n] → y […, m].
 * @throws ShapeError when n, m, r or k differ; DTypeError when the dtypes differ
 * @source arXiv 2405.15481, section 4.6 and Figure 3
 */
export const sparseSpectralLinear: Op<6, SpectralAttrs> = /* @__PURE__ */ defineOp({
  name: 'sparseSpectralLinear',
  arity: 6,
  signature: '… n, r m, f m, k, r n, f n -> … m',
  keeps: { inputs: [0, 1, 2, 3, 4, 5] },
  check([, utActive, utFrozen, sigma]) {
    if (sigma.shape[0] !== utActive.shape[0] + utFrozen.shape[0])
      throw new ShapeError('sparseSpectralLinear', 'sigma has one entry per vector, active and frozen', [
        utActive.shape,
        utFrozen.shape,
        sigma.shape,
      ]);
  },
  forward({ inputs: [x, utActive, utFrozen, sigma, vtActive, vtFrozen] }) {
    const [active, frozen] = split(sigma, utActive.shape[0]);
    const zActive = modes(x, vtActive);
    const zFrozen = modes(x, vtFrozen);
    const y = add(spectralForward(zActive, active, utActive), spectralForward(zFrozen, frozen, utFrozen));
    return { y, saved: [zActive, zFrozen] };
  },
  backward({ dy, inputs, saved: [zActive, zFrozen], needs, attrs: { enhanced = false } }) {
    const [x, utActive, utFrozen, sigma, vtActive, vtFrozen] = inputs;
    const [active, frozen] = split(sigma, utActive.shape[0]);
    const pActive = modes(dy, utActive);
    const pFrozen = modes(dy, utFrozen);
    return [
      needs[0] && add(spectralForward(pActive, active, vtActive), spectralForward(pFrozen, frozen, vtFrozen)),
      needs[1] && vectorGradient(zActive, active, dy, enhanced),
      needs[2] && vectorGradient(zFrozen, frozen, dy, enhanced),
      needs[3] && concat([sigmaGradient(pActive, zActive), sigmaGradient(pFrozen, zFrozen)]),
      needs[4] && vectorGradient(pActive, active, x, enhanced),
      needs[5] && vectorGradient(pFrozen, frozen, x, enhanced),
    ];
  },
  reference: ([x, utActive, utFrozen, sigma, vtActive, vtFrozen]) =>
    spectralLinear(x, concat([utActive, utFrozen]), sigma, concat([vtActive, vtFrozen])),
  surrogate: {
    when: ({ enhanced = false }) => enhanced,
    operands: [1, 2, 4, 5],
    source: 'arXiv 2405.15481, Eq. 9',
    law(gradients, truth, [, utActive, , sigma]) {
      const [active, frozen] = split(sigma, utActive.shape[0]);
      return [1, 2, 4, 5].map((i) => [timesSigma(gradients[i], i === 1 || i === 4 ? active : frozen), truth[i]]);
    },
  },
});

/** The first r entries and the others. */
const split = (sigma: Tensor, r: number): [Tensor, Tensor] => [slice(sigma, [[0, r]]), slice(sigma, [[r]])];
