import { type Pair, type Patches, patchCounts } from '../../cpu/unfold.ts';
import { sizeOf } from '../../shape.ts';
import { type GpuTable, gpuKernel } from '../overlay.ts';
import { divided, kernelText } from '../text.ts';

/** Sizes of images, kernels, strides, padding, dilation and rows and columns of patches, as arguments and their values. */
const names = ['c', 'h', 'w', 'kh', 'kw', 'sh', 'sw', 'ph', 'pw', 'dh', 'dw', 'rows', 'columns'];

function numbersOf(c: number, size: Pair, patches: Patches): readonly number[] {
  const { kernel, stride, padding, dilation } = patches;
  return [c, ...size, ...kernel, ...stride, ...padding, ...dilation, ...patchCounts(size, patches)];
}

const unfoldText = kernelText(
  'unfold',
  `function (x, ${names.join(', ')}) {
    ${divided('line', 'column', 'this.thread.x', 'columns')}
    ${divided('place', 'row', 'line', 'rows')}
    ${divided('part', 'kj', 'place', 'kw')}
    ${divided('plane', 'ki', 'part', 'kh')}
    const i = row * sh - ph + ki * dh;
    const j = column * sw - pw + kj * dw;
    let y = 0;
    ${divided('image', 'channel', 'plane', 'c')}
    if (i >= 0 && i < h && j >= 0 && j < w) { y = x[((image * c + channel) * h + i) * w + j]; }
    return y;
  }`,
);

/** Lines that find the patch which has pixel `at` at place `k` along one side: `name`, and `name`In is 1 where there is one. */
const patchAt = (
  name: string,
  at: string,
  k: string,
  [stride, padding, dilation, count]: readonly string[],
): string => `
  let ${name}From = ${at} + ${padding} - ${k} * ${dilation};
  let ${name}In = 1;
  if (${name}From < 0) { ${name}From = 0; ${name}In = 0; }
  ${divided(name, `${name}Rest`, `${name}From`, stride)}
  if (${name}Rest > 0 || ${name} >= ${count}) { ${name}In = 0; }`;

const foldText = kernelText(
  'fold',
  `function (x, ${names.join(', ')}) {
    ${divided('line', 'j', 'this.thread.x', 'w')}
    ${divided('plane', 'i', 'line', 'h')}
    ${divided('image', 'channel', 'plane', 'c')}
    let sum = 0;
    for (let ki = 0; ki < kh; ki++) {
      ${patchAt('row', 'i', 'ki', ['sh', 'ph', 'dh', 'rows'])}
      for (let kj = 0; kj < kw; kj++) {
        ${patchAt('column', 'j', 'kj', ['sw', 'pw', 'dw', 'columns'])}
        if (rowIn === 1 && columnIn === 1) {
          sum += x[((((image * c + channel) * kh + ki) * kw + kj) * rows + row) * columns + column];
        }
      }
    }
    return sum;
  }`,
);

/** Patches of images, taken and put back. */
export const patchMoves: GpuTable = {
  unfold: gpuKernel<Patches>({
    run(on, [x], patches, [{ shape }]) {
      const [, c, h, w] = x.shape;
      return [on.launch(unfoldText, sizeOf(shape), [x.array, ...numbersOf(c, [h, w], patches)])];
    },
  }),
  fold: gpuKernel<Patches & { readonly size: Pair }>({
    run(on, [x], { size, ...patches }, [{ shape }]) {
      return [on.launch(foldText, sizeOf(shape), [x.array, ...numbersOf(shape[1], size, patches)])];
    },
  }),
};
