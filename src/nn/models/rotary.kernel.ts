import { defineKernel, type Kernel, type Spec } from '../../tensor/kernel.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * Rows of heads (a, b), each half h numbers, turned: (a·cos − b·sin, b·cos + a·sin). x […, n], n a multiple of 2h; cos and sin hold h numbers for
 * each row of x, or fewer rows, which are used again from the first on.
 */
export const rotaryKernel: Kernel<readonly [x: Tensor, cos: Tensor, sin: Tensor], undefined, Spec> = defineKernel({
  name: 'rotary',
  infer: ([x]) => x,
  cpu([y], [x, cos, sin]) {
    const half = cos.shape[cos.rank - 1];
    const n = x.shape[x.rank - 1];
    const [to, from, c, s] = [y.data, x.data, cos.data, sin.data];
    for (let row = 0, turn = 0; row < to.length; row += n, turn = turn + half === c.length ? 0 : turn + half)
      for (let head = row; head < row + n; head += 2 * half)
        for (let i = 0; i < half; i++) {
          const [a, b] = [from[head + i], from[head + half + i]];
          to[head + i] = a * c[turn + i] - b * s[turn + i];
          to[head + half + i] = b * c[turn + i] + a * s[turn + i];
        }
  },
});
