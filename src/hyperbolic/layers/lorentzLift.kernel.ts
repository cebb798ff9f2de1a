import { defineKernel, type Kernel, type Spec } from '../../tensor/kernel.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { guardOf } from '../lorentzGuard.ts';
import { lengthOf } from '../rows.kernel.ts';

/** 1/(1 + e^−x). */
const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : 1 - 1 / (1 + Math.exp(x)));

/**
 * Rows z of n numbers as points of the hyperboloid: time t = (σ(z0)·e^s + 1.1)/√c, space √(t² − 1/c)·zs/|zs|; the origin where zs has
 * no direction. In float64.
 */
export const lorentzLiftKernel: Kernel<readonly [z: Tensor, scale: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lorentzLift',
  infer: ([z]) => z,
  cpu([y], [z, scale, c]) {
    const { shortest, steepest } = guardOf(z.dtype);
    const n = z.shape[z.rank - 1];
    const [to, from] = [y.data, z.data];
    const widest = Math.exp(Math.min(scale.data[0], steepest));
    const unit = 1 / Math.sqrt(c.data[0]);
    for (let at = 0; at < to.length; at += n) {
      const length = lengthOf(from, at + 1, at + n);
      if (length <= shortest) {
        to[at] = unit;
        continue;
      }
      const time = logistic(from[at]) * widest + 1.1;
      const radius = Math.sqrt(time * time - 1) * unit;
      to[at] = time * unit;
      const by = radius / length;
      for (let i = at + 1; i < at + n; i++) to[i] = from[i] * by;
    }
  },
});

/**
 * Gradients of `lorentzLift` by z, s and c. With t√c = q, r = √(q² − 1), u = zs/|zs| and a = dy0 + <dys, u>·q/r: dz0 = a·σ(1 − σ)·e^s/√c,
 * dzs = (dys − <dys, u>·u)·r/(√c·|zs|), ds = Σ a·σ·e^s/√c, dc = −Σ <dy, y>/2c. Sums run in float64, row by row.
 */
export const lorentzLiftGradKernel: Kernel<
  readonly [dy: Tensor, z: Tensor, scale: Tensor, c: Tensor],
  undefined,
  readonly [Spec, Spec, Spec]
> = defineKernel({
  name: 'lorentzLiftGrad',
  infer: ([, z, scale, c]) => [z, scale, c] as const,
  cpu([dz, ds, dc], [dy, z, scale, c]) {
    const { shortest, steepest } = guardOf(z.dtype);
    const n = z.shape[z.rank - 1];
    const [to, g, from, s, curvature] = [dz.data, dy.data, z.data, scale.data[0], c.data[0]];
    const widest = Math.exp(Math.min(s, steepest));
    const unit = 1 / Math.sqrt(curvature);
    let [byScale, byCurvature] = [0, 0];
    for (let at = 0; at < to.length; at += n) {
      const length = lengthOf(from, at + 1, at + n);
      if (length <= shortest) {
        byCurvature += g[at] * unit;
        continue;
      }
      const share = logistic(from[at]);
      const time = share * widest + 1.1;
      const radius = Math.sqrt(time * time - 1);
      const by = 1 / length;
      let along = 0;
      for (let i = at + 1; i < at + n; i++) along += g[i] * (from[i] * by);
      const pull = (g[at] + (along * time) / radius) * unit;
      to[at] = pull * share * (1 - share) * widest;
      const stretch = radius * unit * by;
      const back = along * by;
      for (let i = at + 1; i < at + n; i++) to[i] = (g[i] - back * from[i]) * stretch;
      byScale += pull * share * widest;
      byCurvature += (g[at] * time + along * radius) * unit;
    }
    ds.data[0] = s > steepest ? 0 : byScale;
    dc.data[0] = -byCurvature / (2 * curvature);
  },
});
