/** What `./gpu` has for `./nn`: texts beside the kernels of its models. */
import { type GpuTable, gpuKernel } from '../tensor/gpu/overlay.ts';
import { divided, kernelText } from '../tensor/gpu/text.ts';

/** Rows of heads (a, b) turned: (a·cos − b·sin, b·cos + a·sin), by the angles of row `turn`. */
const rotaryText = kernelText(
  'rotary',
  `function (x, cos, sin, n, width, turns) {
    const at = this.thread.x;
    ${divided('row', 'j', 'at', 'n')}
    ${divided('round', 'turn', 'row', 'turns')}
    ${divided('head', 'i', 'j', '(2 * width)')}
    let y = 0;
    if (i < width) {
      y = x[at] * cos[turn * width + i] - x[at + width] * sin[turn * width + i];
    } else {
      y = x[at] * cos[turn * width + i - width] + x[at - width] * sin[turn * width + i - width];
    }
    return y;
  }`,
);

/** Kernels of the models. */
export const nnKernels: GpuTable = {
  rotary: gpuKernel({
    run(on, [x, cos, sin]) {
      const n = x.shape[x.shape.length - 1];
      const width = cos.shape[cos.shape.length - 1];
      const args = [x.array, cos.array, sin.array, n, width, cos.size / width];
      return [on.launch(rotaryText, x.size, args)];
    },
  }),
};
