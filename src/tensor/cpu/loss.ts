import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';

/** How a class loss reads its targets. */
export interface ClassLossAttrs {
  /** An example with this target counts for nothing. */
  readonly ignoreIndex: number;
  /** The share of the target that is spread evenly over all classes. */
  readonly labelSmoothing: number;
}

/** y[b] = −(1 − ε)·x[b, t[b]] − ε/c·Σ x[b, :], 0 where the target is ignored; ε is the smoothing. */
export const classLossKernel: Kernel<readonly [x: Tensor, target: Tensor], ClassLossAttrs, Spec> = defineKernel({
  name: 'classLoss',
  infer: ([x, target]) => ({ shape: target.shape, dtype: x.dtype }),
  cpu([y], [x, target], { ignoreIndex, labelSmoothing }) {
    const c = x.shape[x.rank - 1];
    const [to, from, classes] = [y.data, x.data, target.data];
    for (let row = 0; row < to.length; row++) {
      if (classes[row] === ignoreIndex) continue;
      const chosen = from[row * c + classes[row]];
      let sum = 0;
      // Not a sum times 0: one class of probability 0 would make it NaN.
      if (labelSmoothing !== 0) for (let i = 0; i < c; i++) sum += from[row * c + i];
      to[row] = -(1 - labelSmoothing) * chosen - (labelSmoothing / c) * sum;
    }
  },
});

/** dx[b, i] = −g[b]·((1 − ε)·[i = t[b]] + ε/c), 0 where the target is ignored: the adjoint of `classLoss`. */
export const classLossGradKernel: Kernel<
  readonly [g: Tensor, target: Tensor],
  ClassLossAttrs & { readonly classes: number },
  Spec
> = defineKernel({
  name: 'classLossGrad',
  infer: ([g], { classes }) => ({ shape: [...g.shape, classes], dtype: g.dtype }),
  cpu([dx], [g, target], { classes: c, ignoreIndex, labelSmoothing }) {
    const [to, from, classes] = [dx.data, g.data, target.data];
    for (let row = 0; row < from.length; row++) {
      if (classes[row] === ignoreIndex) continue;
      if (labelSmoothing !== 0) to.fill((-from[row] * labelSmoothing) / c, row * c, (row + 1) * c);
      to[row * c + classes[row]] -= from[row] * (1 - labelSmoothing);
    }
  },
});

/** How many targets are not `ignoreIndex`, as a number of the dtype of the losses. */
export const countTargetsKernel: Kernel<
  readonly [target: Tensor],
  { readonly ignoreIndex: number; readonly dtype: Tensor['dtype'] },
  Spec
> = defineKernel({
  name: 'countTargets',
  infer: (_, { dtype }) => ({ shape: [], dtype }),
  cpu([y], [target], { ignoreIndex }) {
    const classes = target.data;
    let count = 0;
    for (let i = 0; i < classes.length; i++) if (classes[i] !== ignoreIndex) count += 1;
    y.data[0] = count;
  },
});

/** Operands of one shape. */
type LossKernel<A = undefined> = Kernel<readonly [x: Tensor, target: Tensor], A, Spec>;

/** d²/2 where |d| <= delta, delta·(|d| − delta/2) beyond, d = x − t. */
export const huberKernel: LossKernel<number> = defineKernel({
  name: 'huber',
  infer: ([x]) => x,
  cpu([y], [x, target], delta) {
    const [to, p, t] = [y.data, x.data, target.data];
    for (let i = 0; i < to.length; i++) {
      const d = Math.abs(p[i] - t[i]);
      to[i] = d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
    }
  },
});

/** −t·ln p − (1 − t)·ln(1 − p), no logarithm below −100. */
export const bceKernel: LossKernel = defineKernel({
  name: 'bce',
  infer: ([p]) => p,
  cpu([y], [p, target]) {
    const [to, from, t] = [y.data, p.data, target.data];
    for (let i = 0; i < to.length; i++)
      to[i] = 0 - t[i] * Math.max(Math.log(from[i]), -100) - (1 - t[i]) * Math.max(Math.log1p(-from[i]), -100);
  },
});

/**
 * t·ln(1 + e^−x) + (1 − t)·ln(1 + eˣ): both terms are positive for targets in 0..1, so nothing cancels. A term whose factor is 0 is 0,
 * infinite x included.
 */
export const bceWithLogitsKernel: LossKernel = defineKernel({
  name: 'bceWithLogits',
  infer: ([x]) => x,
  cpu([y], [x, target]) {
    const [to, from, t] = [y.data, x.data, target.data];
    for (let i = 0; i < to.length; i++) {
      const tail = Math.log1p(Math.exp(-Math.abs(from[i])));
      const yes = t[i] === 0 ? 0 : t[i] * (Math.max(-from[i], 0) + tail);
      const no = t[i] === 1 ? 0 : (1 - t[i]) * (Math.max(from[i], 0) + tail);
      to[i] = yes + no;
    }
  },
});
