import { defineKernel, type Kernel, type Spec } from '../../tensor/kernel.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { guardOf } from './lorentzGuard.ts';
import { lengthOf } from './lorentzLift.kernel.ts';

/**
 * The point of the hyperboloid on the ray through each row s. With w = ss/s0 and q = 1 − |w|²: y = (1, w)/√(c·q). Where q falls below the
 * margin, w becomes its direction with the |w| that has the margin; where s0 is not positive, y is the origin. In float64.
 */
export const lorentzNormaliseKernel: Kernel<readonly [s: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lorentzNormalise',
  infer: ([s]) => s,
  cpu([y], [s, c]) {
    const { shortest, margin } = guardOf(s.dtype);
    const n = s.shape[s.rank - 1];
    const [to, from, unit] = [y.data, s.data, 1 / Math.sqrt(c.data[0])];
    for (let at = 0; at < to.length; at += n) {
      const time = from[at];
      if (time <= shortest) {
        to[at] = unit;
        continue;
      }
      let q = 1;
      for (let i = at + 1; i < at + n; i++) q -= (from[i] / time) ** 2;
      const far = q < margin;
      to[at] = unit / Math.sqrt(far ? margin : q);
      const by = far ? Math.sqrt(1 - margin) / lengthOf(from, at + 1, at + n) : 1 / time;
      for (let i = at + 1; i < at + n; i++) to[i] = from[i] * by * to[at];
    }
  },
});

/**
 * Gradients of `lorentzNormalise` by s and c. With y0 = 1/√(c·q): dw = y0·(dys + (dy0 + <dys, w>)·w/q), dss = dw/s0,
 * ds0 = −<dw, w>/s0; at the margin dss = y0·|w|·(dys − <dys, u>·u)/|ss|, u = ss/|ss|, ds0 = 0; dc = −Σ <dy, y>/2c. Sums run in
 * float64, row by row.
 */
export const lorentzNormaliseGradKernel: Kernel<
  readonly [dy: Tensor, s: Tensor, c: Tensor],
  undefined,
  readonly [Spec, Spec]
> = defineKernel({
  name: 'lorentzNormaliseGrad',
  infer: ([, s, c]) => [s, c] as const,
  cpu([ds, dc], [dy, s, c]) {
    const { shortest, margin } = guardOf(s.dtype);
    const n = s.shape[s.rank - 1];
    const [to, g, from, curvature] = [ds.data, dy.data, s.data, c.data[0]];
    const unit = 1 / Math.sqrt(curvature);
    let total = 0;
    for (let at = 0; at < to.length; at += n) {
      const time = from[at];
      if (time <= shortest) {
        total += g[at] * unit;
        continue;
      }
      let q = 1;
      for (let i = at + 1; i < at + n; i++) q -= (from[i] / time) ** 2;
      const far = q < margin;
      const by = far ? 1 / lengthOf(from, at + 1, at + n) : 1 / time;
      let along = 0;
      for (let i = at + 1; i < at + n; i++) along += g[i] * (from[i] * by);
      const point = unit / Math.sqrt(far ? margin : q);
      if (far) {
        const reach = Math.sqrt(1 - margin);
        for (let i = at + 1; i < at + n; i++) to[i] = (g[i] - along * (from[i] * by)) * point * reach * by;
        total += point * (g[at] + along * reach);
        continue;
      }
      const pull = (g[at] + along) / q;
      for (let i = at + 1; i < at + n; i++) to[i] = point * by * (g[i] + pull * (from[i] * by));
      // <dw, w>/y0 = <dys, w> + pull·|w|², and |w|² = 1 − q.
      to[at] = -point * by * (along + pull * (1 - q));
      total += point * (g[at] + along);
    }
    dc.data[0] = -total / (2 * curvature);
  },
});
