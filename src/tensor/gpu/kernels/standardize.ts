import type { StandardizeAttrs } from '../../cpu/standardize.ts';
import type { Shape } from '../../errors.ts';
import { sizeOf } from '../../shape.ts';
import type { GpuArray } from '../held.ts';
import { type GpuTable, gpuKernel, type Launcher, type Operand } from '../overlay.ts';
import { type Blocks, offsets, reduction, sums } from '../reduce.ts';
import { divided, kernelText } from '../text.ts';
import { rowProducts } from './softmax.ts';

/** Rows that span the last axes, as blocks. */
const rowsOver = ({ shape }: { readonly shape: Shape }, axes: number): Blocks => ({
  outer: sizeOf(shape.slice(0, shape.length - axes)),
  middle: sizeOf(shape.slice(shape.length - axes)),
  inner: 1,
});

/** 1/√(mean (x − μ)² + eps), μ the first number plus a shift; or of x itself. */
const scaling = (name: string, arrays: readonly string[], d: string) =>
  reduction(name, {
    arrays,
    numbers: ['n', 'eps'],
    start: 'let total = 0;',
    each: `const d = ${d}; total += d * d;`,
    merge: 'total += part;',
    result: '1 / Math.sqrt(total / n + eps)',
    nothing: 0,
  });
const scales = scaling('scales', ['x', 'shift'], 'x[at] - x[base] - shift[row]');
const plainScales = scaling('scales.plain', ['x'], 'x[at]');

/** What rows are normalised with: a shift from the first number, and a scale. */
interface Moments {
  readonly shift: GpuArray;
  readonly scale: GpuArray;
}

function momentsOf(on: Launcher, x: Operand, blocks: Blocks, { centre, eps }: StandardizeAttrs): Moments {
  const n = blocks.middle;
  // Rows without numbers have the scale of 0.
  if (n === 0) return { shift: on.full(blocks.outer, 0), scale: on.full(blocks.outer, 1 / Math.sqrt(eps)) };
  if (!centre) return { shift: x.array, scale: plainScales(on, blocks, [x.array], { n, eps }) };
  const shift = offsets(on, blocks, [x.array], { n });
  return { shift, scale: scales(on, blocks, [x.array, shift], { n, eps }) };
}

/** Lines that declare `d`, what x is from the mean of its row; from 0 where rows are not centred. */
const distance = `
    const at = this.thread.x;
    ${divided('row', 'i', 'at', 'n')}
    let d = x[at];
    if (centre === 1) { d = d - x[row * n] - shift[row]; }`;

const standardizeText = kernelText(
  'standardize',
  `function (x, shift, scale, n, centre) { ${distance} return d * scale[row]; }`,
);
const affineNormText = kernelText(
  'affineNorm',
  `function (x, shift, scale, weight, bias, n, centre) { ${distance} return d * scale[row] * weight[i] + bias[i]; }`,
);
/** The mean rounded, what rounding took from it, and the scale. */
const affineStatsText = kernelText(
  'affineNorm.stats',
  `function (x, shift, scale, n, centre) {
    ${divided('row', 'which', 'this.thread.x', '3')}
    let y = scale[row];
    if (which < 2) {
      y = 0;
      if (centre === 1) {
        const mean = x[row * n] + shift[row];
        y = mean;
        if (which === 1) { y = x[row * n] - mean + shift[row]; }
      }
    }
    return y;
  }`,
);

const standardizeGradText = kernelText(
  'standardizeGrad',
  `function (dy, y, r, total, product, n, centre) {
    const at = this.thread.x;
    ${divided('row', 'i', 'at', 'n')}
    let mean = 0;
    if (centre === 1) { mean = total[row] / n; }
    return r[row] * (dy[at] - mean - y[at] * (product[row] / n));
  }`,
);

/** x less the mean of row `of`, out of its statistics. */
const fromMean = (of: string): string => `(x[at] - stats[3 * ${of}] - stats[3 * ${of} + 1])`;

const weighted = reduction('affineNormGrad.mean', {
  arrays: ['dy', 'weight'],
  start: 'let total = 0;',
  each: 'total += dy[at] * weight[m];',
  merge: 'total += part;',
  nothing: 0,
});
const weightedProducts = reduction('affineNormGrad.product', {
  arrays: ['dy', 'x', 'weight', 'stats'],
  start: 'let total = 0;',
  each: `total += dy[at] * weight[m] * ${fromMean('row')};`,
  merge: 'total += part;',
  nothing: 0,
});
const affineNormGradText = kernelText(
  'affineNormGrad',
  `function (dy, x, weight, stats, total, product, n, centre) {
    const at = this.thread.x;
    ${divided('row', 'i', 'at', 'n')}
    const r = stats[3 * row + 2];
    let mean = 0;
    if (centre === 1) { mean = total[row] / n; }
    return r * (dy[at] * weight[i] - mean - ${fromMean('row')} * (product[row] / n * r * r));
  }`,
);
const weightGradients = reduction('affineNormWeightGrad', {
  arrays: ['dy', 'x', 'stats'],
  start: 'let total = 0;',
  each: `total += dy[at] * ${fromMean('m')} * stats[3 * m + 2];`,
  merge: 'total += part;',
  nothing: 0,
});

/** Rows of mean 0 and variance 1: `layerNorm` and `rmsNorm`. */
export const normalisations: GpuTable = {
  standardize: gpuKernel<StandardizeAttrs>({
    run(on, [x], attrs) {
      const blocks = rowsOver(x, attrs.axes);
      const { shift, scale } = momentsOf(on, x, blocks, attrs);
      const args = [x.array, shift, scale, blocks.middle, Number(attrs.centre)];
      return [on.launch(standardizeText, x.size, args), scale];
    },
  }),
  standardizeGrad: gpuKernel<Omit<StandardizeAttrs, 'eps'>>({
    run(on, [dy, y, r], { axes, centre }) {
      const blocks = rowsOver(y, axes);
      const product = rowProducts(on, blocks, [dy.array, y.array]);
      const total = centre ? sums(on, blocks, [dy.array]) : product;
      const args = [dy.array, y.array, r.array, total, product, blocks.middle, Number(centre)];
      return [on.launch(standardizeGradText, dy.size, args)];
    },
  }),
  affineNorm: gpuKernel<StandardizeAttrs>({
    run(on, [x, weight, bias], attrs) {
      const blocks = rowsOver(x, attrs.axes);
      const { shift, scale } = momentsOf(on, x, blocks, attrs);
      const rows = [x.array, shift, scale];
      const numbers = [blocks.middle, Number(attrs.centre)];
      return [
        on.launch(affineNormText, x.size, [...rows, weight.array, bias.array, ...numbers]),
        on.launch(affineStatsText, 3 * blocks.outer, [...rows, ...numbers]),
      ];
    },
  }),
  affineNormGrad: gpuKernel<Omit<StandardizeAttrs, 'eps'>>({
    run(on, inputs, { axes, centre }) {
      const [dy, x, weight, stats] = inputs.map(({ array }) => array);
      const blocks = rowsOver(inputs[1], axes);
      const product = weightedProducts(on, blocks, [dy, x, weight, stats]);
      const total = centre ? weighted(on, blocks, [dy, weight]) : product;
      const args = [dy, x, weight, stats, total, product, blocks.middle, Number(centre)];
      return [on.launch(affineNormGradText, inputs[0].size, args)];
    },
  }),
  affineNormWeightGrad: gpuKernel<number>({
    run(on, [dy, x, stats], axes) {
      const { outer, middle } = rowsOver(dy, axes);
      const blocks = { outer: 1, middle: outer, inner: middle };
      return [weightGradients(on, blocks, [dy.array, x.array, stats.array]), sums(on, blocks, [dy.array])];
    },
  }),
};
