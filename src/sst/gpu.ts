/**
 * The kernels and formulas of Sparse Spectral Training as texts for a GPU, in the layout of `formulas.ts`: rows of Ut and Vt are singular
 * vectors, activations are rows. Nothing here forms an m×n matrix either.
 */
import { lengths } from '../tensor/gpu/kernels/reduction.ts';
import { type GpuTable, gpuKernel, rowsOf } from '../tensor/gpu/overlay.ts';
import { type Reduction, reduction } from '../tensor/gpu/reduce.ts';
import { summed } from '../tensor/gpu/sums.ts';
import { divided, kernelText } from '../tensor/gpu/text.ts';
import { shortest } from './kernels.ts';

/** max(σ, 0). @source arXiv 2405.15481, Eq. 4 */
const clampSigmaText = kernelText(
  'clampSigma',
  `function (sigma) {
    let y = sigma[this.thread.x];
    if (y < 0) { y = 0; }
    return y;
  }`,
);

/** x_i/‖x_i‖, or the row before. @source arXiv 2405.15481, Eq. 7 */
const normaliseRowsText = kernelText(
  'normaliseRows',
  `function (x, before, norms, n, least) {
    const i = this.thread.x;
    ${divided('row', 'column', 'i', 'n')}
    let y = x[i] / norms[row];
    if (norms[row] < least) { y = before[i]; }
    return y;
  }`,
);

/** Y[b, j] = Σ_i Z[b, i]·σ_i·Ut[i, j]. @source arXiv 2405.15481, section 4.1: h = U·diag(σ)·Vᵀ·x */
const spectralForwardText = kernelText(
  'spectralForward',
  `function (z, sigma, ut, k, m) {
    ${divided('row', 'j', 'this.thread.x', 'm')}
    const from = row * k;
    ${summed('y', 'k', (i) => `z[from + ${i}] * sigma[${i}] * ut[${i} * m + j]`)}
    return y;
  }`,
);

/** ∂L/∂σ_i = Σ_b P[b, i]·Z[b, i]. @source arXiv 2405.15481, Eq. 8 and 15 */
const sigmaGradients: Reduction = reduction('sigmaGradient', {
  arrays: ['p', 'z'],
  start: 'let total = 0;',
  each: 'total += p[at] * z[at];',
  merge: 'total += part;',
  nothing: 0,
});

/** ∂L/∂u_i = σ_i·G·v_i: element [i, j] is σ_i·Σ_b Z[b, i]·dY[b, j]. @source arXiv 2405.15481, Eq. 8 and 14 */
const defaultGradientText = kernelText(
  'defaultGradient',
  `function (z, sigma, dy, rows, k, m) {
    ${divided('i', 'j', 'this.thread.x', 'm')}
    ${summed('product', 'rows', (b) => `z[${b} * k + i] * dy[${b} * m + j]`)}
    return sigma[i] * product;
  }`,
);

/** g̃(u_i) = G·v_i: element [i, j] is Σ_b Z[b, i]·dY[b, j]. @source arXiv 2405.15481, Eq. 9 */
const enhancedGradientText = kernelText(
  'enhancedGradient',
  `function (z, dy, rows, k, m) {
    ${divided('i', 'j', 'this.thread.x', 'm')}
    ${summed('product', 'rows', (b) => `z[${b} * k + i] * dy[${b} * m + j]`)}
    return product;
  }`,
);

/** What `./gpu` has for `./sst`: its kernels, and its formulas by name. */
export const sstKernels: GpuTable = {
  clampSigma: gpuKernel({
    run: (on, [sigma]) => [on.launch(clampSigmaText, sigma.size, [sigma.array])],
  }),
  normaliseRows: gpuKernel({
    run(on, [x, before]) {
      const [outer, middle] = rowsOf(x);
      const norms = lengths(on, { outer, middle, inner: 1 }, [x.array]);
      return [on.launch(normaliseRowsText, x.size, [x.array, before.array, norms, middle, shortest])];
    },
  }),
  spectralForward: gpuKernel({
    run(on, [z, sigma, ut]) {
      const [k, m] = ut.shape;
      const [rows] = rowsOf(z);
      return [on.launch(spectralForwardText, rows * m, [z.array, sigma.array, ut.array, k, m])];
    },
  }),
  sigmaGradient: gpuKernel({
    run(on, [p, z]) {
      const [rows, k] = rowsOf(p);
      return [sigmaGradients(on, { outer: 1, middle: rows, inner: k }, [p.array, z.array])];
    },
  }),
  defaultGradient: gpuKernel({
    run(on, [z, sigma, dy]) {
      const [[rows, k], [, m]] = [rowsOf(z), rowsOf(dy)];
      return [on.launch(defaultGradientText, k * m, [z.array, sigma.array, dy.array, rows, k, m])];
    },
  }),
  enhancedGradient: gpuKernel({
    run(on, [z, dy]) {
      const [[rows, k], [, m]] = [rowsOf(z), rowsOf(dy)];
      return [on.launch(enhancedGradientText, k * m, [z.array, dy.array, rows, k, m])];
    },
  }),
};
