import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';
import type { UnaryKernel } from './pointwise.ts';

/** The largest of n numbers from `at`, and log Σ e^(x − largest): both finite when every x is, however large. */
export function normalizer(x: ArrayLike<number>, at: number, n: number): { max: number; log: number } {
  let max = -Infinity;
  for (let i = 0; i < n; i++) if (x[at + i] > max || Number.isNaN(x[at + i])) max = x[at + i];
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.exp(x[at + i] - max);
  return { max, log: Math.log(sum) };
}

/** y = e^x / Σ e^x along the last axis. */
export const softmaxKernel: UnaryKernel = defineKernel({
  name: 'softmax',
  infer: ([x]) => x,
  cpu([y], [x]) {
    const n = x.shape[x.rank - 1];
    for (let at = 0; at < y.data.length; at += n) {
      const { max, log } = normalizer(x.data, at, n);
      for (let i = 0; i < n; i++) y.data[at + i] = Math.exp(x.data[at + i] - max - log);
    }
  },
});

/** y = x − log Σ e^x along the last axis. */
export const logSoftmaxKernel: UnaryKernel = defineKernel({
  name: 'logSoftmax',
  infer: ([x]) => x,
  cpu([y], [x]) {
    const n = x.shape[x.rank - 1];
    for (let at = 0; at < y.data.length; at += n) {
      const { max, log } = normalizer(x.data, at, n);
      for (let i = 0; i < n; i++) y.data[at + i] = x.data[at + i] - max - log;
    }
  },
});

/** Two operands of one shape: the gradient of the result, and the result. */
export type TangentKernel = Kernel<readonly [dy: Tensor, y: Tensor], undefined, Spec>;

/** dx = y·(dy − Σ dy·y) along the last axis: what `softmax` does to a gradient. */
export const softmaxGradKernel: TangentKernel = defineKernel({
  name: 'softmaxGrad',
  infer: ([dy]) => dy,
  cpu([dx], [dy, y]) {
    const n = y.shape[y.rank - 1];
    const [to, g, p] = [dx.data, dy.data, y.data];
    for (let at = 0; at < to.length; at += n) {
      let along = 0;
      for (let i = at; i < at + n; i++) along += g[i] * p[i];
      for (let i = at; i < at + n; i++) to[i] = p[i] * (g[i] - along);
    }
  },
});

/** dx = dy − e^y·Σ dy along the last axis: what `logSoftmax` does to a gradient. */
export const logSoftmaxGradKernel: TangentKernel = defineKernel({
  name: 'logSoftmaxGrad',
  infer: ([dy]) => dy,
  cpu([dx], [dy, y]) {
    const n = y.shape[y.rank - 1];
    const [to, g] = [dx.data, dy.data];
    for (let at = 0; at < to.length; at += n) {
      let total = 0;
      for (let i = at; i < at + n; i++) total += g[i];
      for (let i = at; i < at + n; i++) to[i] = g[i] - Math.exp(y.data[i]) * total;
    }
  },
});

/** Row b of the result is 1 at column `index[b]`, else 0. */
export const oneHotKernel: Kernel<
  readonly [Tensor],
  { readonly classes: number; readonly dtype: Tensor['dtype'] },
  Spec
> = defineKernel({
  name: 'oneHot',
  infer: ([index], { classes, dtype }) => ({ shape: [...index.shape, classes], dtype }),
  cpu([y], [index], { classes }) {
    for (let row = 0; row < index.data.length; row++) y.data[row * classes + index.data[row]] = 1;
  },
});
