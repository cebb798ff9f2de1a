import { type GpuTable, gpuKernel } from '../../tensor/gpu/overlay.ts';
import { summed } from '../../tensor/gpu/sums.ts';
import { kernelText } from '../../tensor/gpu/text.ts';
import { endsOf, overEnds, unseen } from './ends.ts';

const productText = kernelText(
  'lorentzPairs',
  `function (x, pairs, n) {
    const at = 2 * this.thread.x;
    const front = pairs[at];
    const back = pairs[at + 1];
    const from = front * n;
    const to = back * n;
    const space = n - 1;
    ${summed('total', 'space', (k) => `x[from + 1 + ${k}] * x[to + 1 + ${k}]`)}
    return total - x[from] * x[to];
  }`,
);

/** Σ dy·x[other] over the pairs that a row is in, its time negated. */
const gradientText = kernelText(
  'lorentzPairsGrad',
  `function (dy, x, starts, ends, others, n) {
    ${overEnds(`
      const pair = Math.floor(0.5 * end);
      total += dy[pair] * x[other * n + k];`)}
    if (k < 1) { total = 0 - total; }
    return total;
  }`,
);

/** Inner products of the pairs of a list. */
export const pairKernels: GpuTable = {
  lorentzPairs: gpuKernel({
    run: (on, [x, pairs], _, [{ shape }]) => [on.launch(productText, shape[0], [x.array, pairs.array, x.shape[1]])],
  }),
  lorentzPairsGrad: gpuKernel({
    refuses: ([, , pairs]) => unseen([pairs]),
    run(on, [dy, x, pairs]) {
      const [rows, n] = x.shape;
      const { starts, ends, others } = endsOf(on, Int32Array.from(pairs.tensor.data), rows);
      return [on.launch(gradientText, x.size, [dy.array, x.array, starts, ends, others, n])];
    },
  }),
};
