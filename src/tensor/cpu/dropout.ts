import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';

/** y = scale·x where the mask holds, 0 elsewhere. */
export const maskedScaleKernel: Kernel<readonly [x: Tensor, mask: Tensor], number, Spec> = defineKernel({
  name: 'maskedScale',
  infer: ([x]) => x,
  cpu([y], [x, mask], scale) {
    const [to, from, kept] = [y.data, x.data, mask.data];
    for (let i = 0; i < to.length; i++) to[i] = kept[i] === 0 ? 0 : from[i] * scale;
  },
});
