import type { Run } from '../../cpu/cumulative.ts';
import { around } from '../../cpu/gather.ts';
import type { GpuArray } from '../held.ts';
import { type GpuKernel, type GpuTable, gpuKernel, type Launcher, type Operand } from '../overlay.ts';
import { divided, type KernelText, kernelText } from '../text.ts';

/**
 * A text for each element `at`, which is number `k` of its run: `before` is where the element `gap` places before it lies. Backward runs go the
 * other way.
 */
const alongRun = (name: string, arrays: string, statements: string): KernelText =>
  kernelText(
    name,
    `function (${arrays}, n, inner, way, gap) {
      const at = this.thread.x;
      ${divided('line', 'i', 'at', 'inner')}
      ${divided('o', 'place', 'line', 'n')}
      let k = place;
      if (way < 0) { k = n - 1 - place; }
      const before = at - way * gap * inner;
      ${statements}
      return y;
    }`,
  );

const sumText = alongRun('cumsum', 'x', 'let y = x[at]; if (k >= gap) { y += x[before]; }');
const productText = alongRun('cumprod', 'x', 'let y = x[at]; if (k >= gap) { y = y * x[before]; }');
/** Two steps h ↦ a·h + b in one: this is what is added, `cumprod` what is multiplied. */
const scanText = alongRun('linearScan', 'a, b', 'let y = b[at]; if (k >= gap) { y += a[at] * b[before]; }');
/** What leaves its own element out: the result before, and that of nothing. */
const shiftText = alongRun('shift', 'x, nothing', 'let y = nothing; if (k >= gap) { y = x[before]; }');

/** Launches texts over a run, by how far back they look. */
function along(on: Launcher, x: Operand, { axis, reverse }: Run) {
  const [, n, inner] = around(x.shape, axis);
  const launch = (text: KernelText, arrays: readonly (GpuArray | number)[], gap: number): GpuArray =>
    on.launch(text, x.size, [...arrays, n, inner, reverse ? -1 : 1, gap]);
  return { n, launch };
}

/** Results of all elements up to each: of 2, of 4, of 8 of them, and so on. */
const doubling = (text: KernelText, nothing: number): GpuKernel =>
  gpuKernel<Run>({
    refuses: ([x]) => (x.dtype === 'int32' ? 'adds up and multiplies float32 numbers only' : null),
    run(on, [x], run) {
      const { n, launch } = along(on, x, run);
      let y = run.exclusive ? launch(shiftText, [x.array, nothing], 1) : x.array;
      for (let gap = 1; gap < n; gap *= 2) y = launch(text, [y], gap);
      return [y];
    },
  });

/** What each element becomes of those before it. */
export const cumulatives: GpuTable = {
  cumsum: doubling(sumText, 0),
  cumprod: doubling(productText, 1),
  linearScan: gpuKernel<Run>({
    run(on, [a, b], run) {
      const { n, launch } = along(on, b, run);
      let [factor, y] = [a.array, b.array];
      for (let gap = 1; gap < n; gap *= 2) {
        y = launch(scanText, [factor, y], gap);
        if (2 * gap < n) factor = launch(productText, [factor], gap);
      }
      return [run.exclusive ? launch(shiftText, [y, 0], 1) : y];
    },
  }),
};
