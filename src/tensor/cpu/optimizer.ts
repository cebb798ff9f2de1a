import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';

/** y = β·a + (1 − β)·b: one step of an exponential moving average. Shapes are equal. */
export const emaKernel: Kernel<readonly [Tensor, Tensor], number, Spec> = defineKernel({
  name: 'ema',
  infer: ([a]) => a,
  cpu([y], [a, b], beta: number) {
    const [to, p, q] = [y.data, a.data, b.data];
    for (let i = 0; i < to.length; i++) to[i] = beta * p[i] + (1 - beta) * q[i];
  },
});

/** Numbers of one Adam step, bias corrections included. */
export interface AdamStep {
  readonly lr: number;
  readonly eps: number;
  /** 1 − β1ᵗ and 1 − β2ᵗ. */
  readonly bias1: number;
  readonly bias2: number;
}

/** u = −lr·(m/bias1) / (√(v/bias2) + eps), v as m or with one entry per row of m. */
export const adamStepKernel: Kernel<readonly [Tensor, Tensor], AdamStep, Spec> = defineKernel({
  name: 'adamStep',
  infer: ([m]) => m,
  cpu([u], [m, v], { lr, eps, bias1, bias2 }: AdamStep) {
    const [to, p, q] = [u.data, m.data, v.data];
    const per = q.length === 0 ? 1 : to.length / q.length;
    const step = -lr / bias1;
    const root = Math.sqrt(bias2);
    for (let j = 0; j < q.length; j++) {
      const scale = step / (Math.sqrt(q[j]) / root + eps);
      for (let i = j * per; i < (j + 1) * per; i++) to[i] = p[i] * scale;
    }
  },
});
