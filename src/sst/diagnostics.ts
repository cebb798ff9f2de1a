import { matmul } from '../autograd/ops/matmul.ts';
import { concat } from '../autograd/ops/slice.ts';
import { norm } from '../autograd/ops/statistics.ts';
import { svdvals } from '../autograd/ops/svd.ts';
import { noGrad } from '../autograd/scoped.ts';
import type { Hook } from '../nn/fit.ts';
import { Linear, type LinearMap } from '../nn/linear.ts';
import { checkCount } from '../nn/optim/schedule.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { accounting } from './accounting.ts';
import type { Plan } from './convert.ts';
import type { LayerDiagnostics, MethodEvent } from './events.ts';
import { SpectralLinear } from './linear.ts';

/**
 * A hook for `fit` that reports on the layers of a plan after every `every`-th step, the first among them: spectra, sampled vectors,
 * orthogonality, gradient norms, effective steps. A dense layer costs an SVD each time.
 * @throws DomainError when `every` is not a whole number >= 1
 * @source arXiv 2405.15481, Figures 2 and 8 and appendix I for what is worth watching
 */
export function diagnostics(plan: Plan, { every = 100 }: { readonly every?: number } = {}): Hook<MethodEvent> {
  checkCount('diagnostics', 'every', every, 1);
  return {
    afterStep(step) {
      if (step % every !== 0) return [];
      const { trainable } = accounting(plan.model);
      const layers = plan.layers.map(({ path, layer }) => noGrad(() => describe(plan, path, layer)));
      return [{ type: 'diagnostics', step, effectiveSteps: (step + 1) * trainable, layers }];
    },
  };
}

function describe({ method }: Plan, path: string, layer: LinearMap): LayerDiagnostics {
  const own = new Set<Tensor>(method.ownParameters(layer));
  const norms = layer
    .namedParameters()
    .filter(([, p]) => own.has(p))
    .map(([name, p]) => [name, p.grad === null ? null : norm(p.grad).item()]);
  return {
    path,
    spectrum: spectrumOf(layer),
    gradientNorms: Object.fromEntries(norms),
    spectral: layer instanceof SpectralLinear ? describeSpectral(layer) : null,
  };
}

function spectrumOf(layer: LinearMap): readonly number[] | null {
  if (layer instanceof SpectralLinear) return Array.from(layer.sigma.data).sort((a, b) => b - a);
  return layer instanceof Linear ? Array.from(svdvals(layer.weight.detach()).data) : null;
}

function describeSpectral(layer: SpectralLinear): NonNullable<LayerDiagnostics['spectral']> {
  const { order, rank, sigma, utActive, utFrozen, vtActive, vtFrozen } = layer;
  return {
    active: Array.from(order.data.subarray(0, rank)),
    defectU: defect(concat([utActive, utFrozen])),
    defectV: defect(concat([vtActive, vtFrozen])),
    clamped: Array.from(sigma.data).filter((s) => s === 0).length,
  };
}

/** ‖X·Xᵀ − I‖_F for rows of X. */
function defect(rows: Tensor): number {
  const gram = matmul(rows, rows, { transB: true });
  const k = rows.shape[0];
  let squares = 0;
  for (const [i, v] of gram.data.entries()) squares += (v - Number(i % (k + 1) === 0)) ** 2;
  return Math.sqrt(squares);
}
