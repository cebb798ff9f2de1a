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

/** Numbers of one Adam step on a point of Euclidean space. */
export interface AdamUpdate extends AdamStep {
  readonly beta1: number;
  readonly beta2: number;
  /** What is added to the gradient, times the point: weight decay of Adam. */
  readonly decay: number;
  /** What is taken from the point, times lr and the point: weight decay of AdamW. */
  readonly shrink: number;
}

/**
 * A whole step of Adam or AdamW: g′ = g + decay·x, m′ = β1·m + (1 − β1)·g′, v′ = β2·v + (1 − β2)·g′² and
 * x′ = x − lr·(m′/bias1)/(√(v′/bias2) + eps) − lr·shrink·x. Shapes are equal; the results are x′, m′ and v′.
 */
export const adamKernel: Kernel<
  readonly [x: Tensor, g: Tensor, m: Tensor, v: Tensor],
  AdamUpdate,
  readonly [Spec, Spec, Spec]
> = defineKernel({
  name: 'adam',
  infer: ([x, , m, v]) => [x, m, v],
  cpu(outputs, inputs, { lr, eps, bias1, bias2, beta1, beta2, decay, shrink }) {
    const [x, g, m, v] = inputs.map((t) => t.data);
    const [nextX, nextM, nextV] = outputs.map((t) => t.data);
    const step = -lr / bias1;
    const root = Math.sqrt(bias2);
    for (let i = 0; i < x.length; i++) {
      const gradient = g[i] + decay * x[i];
      nextM[i] = beta1 * m[i] + (1 - beta1) * gradient;
      nextV[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      const u = nextM[i] * (step / (Math.sqrt(nextV[i]) / root + eps));
      nextX[i] = x[i] + (u - lr * shrink * x[i]);
    }
  },
});

/** Numbers of one step of gradient descent on a point of Euclidean space. */
export interface Descent {
  readonly lr: number;
  /** What is added to the gradient, times the point. */
  readonly decay: number;
}

/** x − lr·(g + decay·x). */
export const descentKernel: Kernel<readonly [x: Tensor, g: Tensor], Descent, Spec> = defineKernel({
  name: 'descent',
  infer: ([x]) => x,
  cpu([y], [x, g], { lr, decay }) {
    const [to, p, q] = [y.data, x.data, g.data];
    for (let i = 0; i < to.length; i++) to[i] = p[i] - lr * (q[i] + decay * p[i]);
  },
});

/** The same with momentum. */
export interface MomentumDescent extends Descent {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
}

/**
 * g′ = g + decay·x, b′ = momentum·b + (1 − dampening)·g′ and x′ = x − lr·d, where d is b′, or with Nesterov g′ + momentum·b′. The
 * results are x′ and b′.
 */
export const momentumDescentKernel: Kernel<
  readonly [x: Tensor, g: Tensor, b: Tensor],
  MomentumDescent,
  readonly [Spec, Spec]
> = defineKernel({
  name: 'momentumDescent',
  infer: ([x, , b]) => [x, b],
  cpu(outputs, inputs, { lr, decay, momentum, dampening, nesterov }) {
    const [x, g, b] = inputs.map((t) => t.data);
    const [nextX, nextB] = outputs.map((t) => t.data);
    for (let i = 0; i < x.length; i++) {
      const gradient = g[i] + decay * x[i];
      nextB[i] = momentum * b[i] + (1 - dampening) * gradient;
      nextX[i] = x[i] - lr * (nesterov ? gradient + momentum * nextB[i] : nextB[i]);
    }
  },
});
