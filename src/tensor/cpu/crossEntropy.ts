import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';
import type { ClassLossAttrs } from './loss.ts';
import { normalizer } from './softmax.ts';

/**
 * The cross-entropy of each row of logits x and its target t, and what `crossEntropyGrad` wants to know of the row. With z = log Σ e^x the
 * loss is (1 − ε)·(z − x[t]) + ε·(z − mean x), 0 where the target is ignored; ε is the smoothing. Second result: the largest x of
 * each row and 1/Σ e^(x − largest); NaN both where that is none.
 */
export const crossEntropyKernel: Kernel<
  readonly [x: Tensor, target: Tensor],
  ClassLossAttrs,
  readonly [losses: Spec, stats: Spec]
> = defineKernel({
  name: 'crossEntropy',
  infer: ([x, { shape }]) =>
    [
      { shape, dtype: x.dtype },
      { shape: [...shape, 2], dtype: x.dtype },
    ] as const,
  cpu([losses, stats], [x, target], { ignoreIndex, labelSmoothing }) {
    const n = x.shape[x.rank - 1];
    const [to, from, chosen] = [losses.data, x.data, target.data];
    for (let row = 0, at = 0; row < to.length; row++, at += n) {
      const { max, log } = normalizer(from, at, n);
      stats.data.set(Number.isNaN(log) ? [log, log] : [max, Math.exp(-log)], 2 * row);
      if (chosen[row] === ignoreIndex) continue;
      let sum = 0;
      // Not a sum times 0: one class of probability 0 would make it NaN.
      if (labelSmoothing !== 0) for (let i = at; i < at + n; i++) sum += from[i] - max - log;
      to[row] = (labelSmoothing - 1) * (from[at + chosen[row]] - max - log) - (labelSmoothing / n) * sum;
    }
  },
});

/**
 * dx[b, i] = g[b]·(e^(x[b, i] − largest)/Σ − (1 − ε)·[i = t[b]] − ε/c), 0 where the target is ignored: what `crossEntropy` does to a
 * gradient, given its second result.
 */
export const crossEntropyGradKernel: Kernel<
  readonly [g: Tensor, x: Tensor, target: Tensor, stats: Tensor],
  ClassLossAttrs,
  Spec
> = defineKernel({
  name: 'crossEntropyGrad',
  infer: ([, x]) => x,
  cpu([dx], [g, x, target, stats], { ignoreIndex, labelSmoothing }) {
    const n = x.shape[x.rank - 1];
    const [to, from, chosen] = [dx.data, x.data, target.data];
    for (let row = 0, at = 0; row < chosen.length; row++, at += n) {
      if (chosen[row] === ignoreIndex) continue;
      const [max, inverse] = [stats.data[2 * row], stats.data[2 * row + 1]];
      for (let i = 0; i < n; i++) {
        const own = i === chosen[row] ? 1 - labelSmoothing : 0;
        to[at + i] = g.data[row] * (Math.exp(from[at + i] - max) * inverse - labelSmoothing / n - own);
      }
    }
  },
});
