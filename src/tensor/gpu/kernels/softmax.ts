import type { ClassLossAttrs } from '../../cpu/loss.ts';
import { mostFinite } from '../functions.ts';
import type { GpuArray } from '../held.ts';
import { type GpuTable, gpuKernel, type Launcher, type Operand, rowsOf } from '../overlay.ts';
import { type Blocks, largest, type Reduction, reduction, sums } from '../reduce.ts';
import { piecesOf } from '../sums.ts';
import { divided, kernelText } from '../text.ts';

/** Rows of the last axis as blocks. */
export function rowBlocks(x: Operand): Blocks {
  const [outer, middle] = rowsOf(x);
  return { outer, middle, inner: 1 };
}

/** Σ e^(x − top). */
const powerSums = reduction('powerSums', {
  arrays: ['x', 'top'],
  start: 'let total = 0;',
  each: 'total += expOf(x[at] - top[row]);',
  merge: 'total += part;',
  nothing: 0,
});

/** What a row has instead of its largest number when that is none: then 1/Σ is NaN, and so is this. */
const checked = (top: string): string => `if (Math.abs(${top}) > ${mostFinite}) { ${top} = ${top} - ${top}; }`;

const pairText = kernelText(
  'rowStats.pair',
  `function (tops, totals) {
    ${divided('row', 'which', 'this.thread.x', '2')}
    let top = tops[row];
    ${checked('top')}
    if (which === 1) { top = 1 / totals[row]; }
    return top;
  }`,
);
const statsText = kernelText(
  'rowStats',
  `function (x, n) {
    ${divided('row', 'which', 'this.thread.x', '2')}
    const from = row * n;
    let top = x[from];
    for (let i = 1; i < n; i++) {
      const v = x[from + i];
      let next = top + v;
      if (v > top) { next = v; }
      if (v <= top) { next = top; }
      top = next;
    }
    let y = top;
    ${checked('y')}
    if (which === 1) {
      let total = 0;
      for (let j = 0; j < n; j++) { total += expOf(x[from + j] - top); }
      y = 1 / total;
    }
    return y;
  }`,
);

/** The largest number of every row and 1/Σ e^(x − largest), side by side: short rows in one launch. */
function rowStats(on: Launcher, x: Operand): GpuArray {
  const blocks = rowBlocks(x);
  if (piecesOf(blocks.middle, blocks.outer) === 1)
    return on.launch(statsText, 2 * blocks.outer, [x.array, blocks.middle]);
  const top = largest(on, blocks, [x.array]);
  return on.launch(pairText, 2 * blocks.outer, [top, powerSums(on, blocks, [x.array, top])]);
}

/** A text for each element `at` of `row`, which starts with these lines. */
const perElement = (name: string, arrays: string, value: string): ReturnType<typeof kernelText> =>
  kernelText(
    name,
    `function (${arrays}, n) {
      const at = this.thread.x;
      ${divided('row', 'i', 'at', 'n')}
      return ${value};
    }`,
  );

const softmaxText = perElement('softmax', 'x, stats', 'expOf(x[at] - stats[2 * row]) * stats[2 * row + 1]');
const logSoftmaxText = perElement('logSoftmax', 'x, stats', '(x[at] - stats[2 * row]) + logOf(stats[2 * row + 1])');
const softmaxGradText = perElement('softmaxGrad', 'dy, y, along', 'y[at] * (dy[at] - along[row])');
const logSoftmaxGradText = perElement('logSoftmaxGrad', 'dy, y, total', 'dy[at] - expOf(y[at]) * total[row]');

/** Σ x·y of every row. */
export const rowProducts: Reduction = reduction('rowProducts', {
  arrays: ['x', 'y'],
  start: 'let total = 0;',
  each: 'total += x[at] * y[at];',
  merge: 'total += part;',
  nothing: 0,
});

/** Σ (x − largest) of every row. */
const belowTop = reduction('belowTop', {
  arrays: ['x', 'stats'],
  start: 'let total = 0;',
  each: 'total += x[at] - stats[2 * row];',
  merge: 'total += part;',
  nothing: 0,
});

/** Statements for a row with a target that counts. */
const counted = (statements: string): string => `
    const chosen = target[row];
    let y = 0;
    if (chosen < ignored || chosen > ignored) { ${statements} }
    return y;`;

const crossEntropyText = kernelText(
  'crossEntropy',
  `function (x, target, stats, n, ignored) {
    const row = this.thread.x;
    ${counted('y = (stats[2 * row] - x[row * n + chosen]) - logOf(stats[2 * row + 1]);')}
  }`,
);
const smoothedText = kernelText(
  'crossEntropy.smoothed',
  `function (x, target, stats, below, n, ignored, smoothing) {
    const row = this.thread.x;
    ${counted(`
      const log = logOf(stats[2 * row + 1]);
      y = (smoothing - 1) * ((x[row * n + chosen] - stats[2 * row]) + log) - smoothing * (below[row] / n + log);`)}
  }`,
);
const crossEntropyGradText = kernelText(
  'crossEntropyGrad',
  `function (g, x, target, stats, n, ignored, smoothing) {
    const at = this.thread.x;
    ${divided('row', 'i', 'at', 'n')}
    ${counted(`
      y = expOf(x[at] - stats[2 * row]) * stats[2 * row + 1] - smoothing / n;
      if (i === chosen) { y = y - (1 - smoothing); }
      y = g[row] * y;`)}
  }`,
);
const classLossText = kernelText(
  'classLoss',
  `function (x, target, n, ignored, smoothing) {
    const row = this.thread.x;
    ${counted('y = (smoothing - 1) * x[row * n + chosen];')}
  }`,
);
const smoothedClassText = kernelText(
  'classLoss.smoothed',
  `function (x, target, total, n, ignored, smoothing) {
    const row = this.thread.x;
    ${counted('y = (smoothing - 1) * x[row * n + chosen] - smoothing / n * total[row];')}
  }`,
);
const classLossGradText = kernelText(
  'classLossGrad',
  `function (g, target, n, ignored, smoothing) {
    ${divided('row', 'i', 'this.thread.x', 'n')}
    ${counted(`
      y = smoothing / n;
      if (i === chosen) { y = y + (1 - smoothing); }
      y = (0 - g[row]) * y;`)}
  }`,
);

/** Softmax, and the losses of classes. */
export const softmaxes: GpuTable = {
  softmax: gpuKernel({
    run: (on, [x]) => [on.launch(softmaxText, x.size, [x.array, rowStats(on, x), rowsOf(x)[1]])],
  }),
  logSoftmax: gpuKernel({
    run: (on, [x]) => [on.launch(logSoftmaxText, x.size, [x.array, rowStats(on, x), rowsOf(x)[1]])],
  }),
  softmaxGrad: gpuKernel({
    run(on, [dy, y]) {
      const along = rowProducts(on, rowBlocks(y), [dy.array, y.array]);
      return [on.launch(softmaxGradText, y.size, [dy.array, y.array, along, rowsOf(y)[1]])];
    },
  }),
  logSoftmaxGrad: gpuKernel({
    run(on, [dy, y]) {
      const total = sums(on, rowBlocks(dy), [dy.array]);
      return [on.launch(logSoftmaxGradText, y.size, [dy.array, y.array, total, rowsOf(y)[1]])];
    },
  }),
  crossEntropy: gpuKernel<ClassLossAttrs>({
    run(on, [x, target], { ignoreIndex, labelSmoothing }) {
      const [rows, n] = rowsOf(x);
      const stats = rowStats(on, x);
      const args = [x.array, target.array, stats];
      if (labelSmoothing === 0) return [on.launch(crossEntropyText, rows, [...args, n, ignoreIndex]), stats];
      const below = belowTop(on, rowBlocks(x), [x.array, stats]);
      return [on.launch(smoothedText, rows, [...args, below, n, ignoreIndex, labelSmoothing]), stats];
    },
  }),
  crossEntropyGrad: gpuKernel<ClassLossAttrs>({
    run(on, inputs, { ignoreIndex, labelSmoothing }) {
      const [, x] = inputs;
      const args = [...inputs.map(({ array }) => array), rowsOf(x)[1], ignoreIndex, labelSmoothing];
      return [on.launch(crossEntropyGradText, x.size, args)];
    },
  }),
  classLoss: gpuKernel<ClassLossAttrs>({
    run(on, [x, target], { ignoreIndex, labelSmoothing }) {
      const [rows, n] = rowsOf(x);
      const numbers = [n, ignoreIndex, labelSmoothing];
      if (labelSmoothing === 0) return [on.launch(classLossText, rows, [x.array, target.array, ...numbers])];
      const total = sums(on, rowBlocks(x), [x.array]);
      return [on.launch(smoothedClassText, rows, [x.array, target.array, total, ...numbers])];
    },
  }),
  classLossGrad: gpuKernel<ClassLossAttrs & { readonly classes: number }>({
    run(on, [g, target], { classes, ignoreIndex, labelSmoothing }) {
      const args = [g.array, target.array, classes, ignoreIndex, labelSmoothing];
      return [on.launch(classLossGradText, g.size * classes, args)];
    },
  }),
};
