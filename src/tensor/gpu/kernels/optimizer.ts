import type { AdamStep, AdamUpdate, Descent, MomentumDescent } from '../../cpu/optimizer.ts';
import { type GpuTable, gpuKernel } from '../overlay.ts';
import { divided, kernelText } from '../text.ts';
import { pointwise } from './pointwise.ts';

const adamStepText = kernelText(
  'adamStep',
  `function (m, v, per, step, root, eps) {
    const i = this.thread.x;
    ${divided('row', 'rest', 'i', 'per')}
    return m[i] * (step / (Math.sqrt(v[row]) / root + eps));
  }`,
);

/** m′: the average of gradients, decay of the point included. */
const adamFirstText = kernelText(
  'adam.first',
  `function (x, g, m, beta, rest, decay) {
    const i = this.thread.x;
    return beta * m[i] + rest * (g[i] + decay * x[i]);
  }`,
);

/** v′: the average of their squares. */
const adamSecondText = kernelText(
  'adam.second',
  `function (x, g, v, beta, rest, decay) {
    const i = this.thread.x;
    const gradient = g[i] + decay * x[i];
    return beta * v[i] + rest * gradient * gradient;
  }`,
);

/** x′, from the moments after the step. */
const adamPointText = kernelText(
  'adam.point',
  `function (x, m, v, step, root, eps, shrink) {
    const i = this.thread.x;
    return x[i] + (m[i] * (step / (Math.sqrt(v[i]) / root + eps)) - shrink * x[i]);
  }`,
);

/** b′, the gradients remembered. */
const momentumText = kernelText(
  'momentumDescent.momentum',
  `function (x, g, b, momentum, share, decay) {
    const i = this.thread.x;
    return momentum * b[i] + share * (g[i] + decay * x[i]);
  }`,
);

/** x′ along g′·share + b′·ahead: (0, 1) is plain momentum, (1, momentum) Nesterov's. */
const descendText = kernelText(
  'momentumDescent.point',
  `function (x, g, b, lr, decay, share, ahead) {
    const i = this.thread.x;
    let direction = ahead * b[i];
    if (share > 0) { direction = direction + (g[i] + decay * x[i]); }
    return x[i] - lr * direction;
  }`,
);

/** Steps of optimizers: one launch for each result. */
export const optimizerSteps: GpuTable = {
  ema: pointwise<number>('ema', 'beta * x + rest * y', {
    operands: 2,
    numbers: { names: ['beta', 'rest'], of: (beta) => [beta, 1 - beta] },
  }),
  adamStep: gpuKernel<AdamStep>({
    run(on, [m, v], { lr, eps, bias1, bias2 }) {
      const per = v.size === 0 ? 1 : m.size / v.size;
      return [on.launch(adamStepText, m.size, [m.array, v.array, per, -lr / bias1, Math.sqrt(bias2), eps])];
    },
  }),
  adam: gpuKernel<AdamUpdate>({
    run(on, [{ array: x, size }, g, m, v], { lr, eps, bias1, bias2, beta1, beta2, decay, shrink }) {
      const first = on.launch(adamFirstText, size, [x, g.array, m.array, beta1, 1 - beta1, decay]);
      const second = on.launch(adamSecondText, size, [x, g.array, v.array, beta2, 1 - beta2, decay]);
      const settings = [-lr / bias1, Math.sqrt(bias2), eps, lr * shrink];
      return [on.launch(adamPointText, size, [x, first, second, ...settings]), first, second];
    },
  }),
  descent: pointwise<Descent>('descent', 'x - lr * (y + decay * x)', {
    operands: 2,
    numbers: { names: ['lr', 'decay'], of: ({ lr, decay }) => [lr, decay] },
  }),
  momentumDescent: gpuKernel<MomentumDescent>({
    run(on, [{ array: x, size }, { array: g }, b], { lr, decay, momentum, dampening, nesterov }) {
      const after = on.launch(momentumText, size, [x, g, b.array, momentum, 1 - dampening, decay]);
      const ahead = nesterov ? [1, momentum] : [0, 1];
      return [on.launch(descendText, size, [x, g, after, lr, decay, ...ahead]), after];
    },
  }),
};
