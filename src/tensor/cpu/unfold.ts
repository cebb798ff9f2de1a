import type { Data } from '../dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';

/** Two numbers, for rows and for columns. */
export type Pair = readonly [rows: number, columns: number];

/** Which patches of an image a kernel sees. */
export interface Patches {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
}

/** How many patches fit along each side of an image. */
export const patchCounts = ([h, w]: Pair, { kernel, stride, padding, dilation }: Patches): Pair => {
  const along = (n: number, i: 0 | 1): number =>
    Math.floor((n + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1;
  return [along(h, 0), along(w, 1)];
};

/**
 * Visit every run of image elements that a row of patches has at one place of the kernel: `count` elements from `pixel` on, a stride apart,
 * which lie side by side from `place` on among the patches of one image. Places in the padding are left out.
 */
function eachRun(
  channels: number,
  [h, w]: Pair,
  patches: Patches,
  visit: (pixel: number, place: number, count: number) => void,
): void {
  const { kernel, stride, padding, dilation } = patches;
  const [rows, columns] = patchCounts([h, w], patches);
  /** The first column of patches whose element is at or behind column x, when that of column 0 is at `offset`. */
  const columnAt = (x: number, offset: number): number =>
    Math.max(0, Math.min(columns, Math.ceil((x - offset) / stride[1])));
  let line = 0;
  for (let c = 0; c < channels; c++)
    for (let ki = 0; ki < kernel[0]; ki++)
      for (let kj = 0; kj < kernel[1]; kj++, line++) {
        const offset = kj * dilation[1] - padding[1];
        const first = columnAt(0, offset);
        const count = columnAt(w, offset) - first;
        if (count <= 0) continue;
        for (let i = 0; i < rows; i++) {
          const y = i * stride[0] - padding[0] + ki * dilation[0];
          if (y < 0 || y >= h) continue;
          visit((c * h + y) * w + first * stride[1] + offset, (line * rows + i) * columns + first, count);
        }
      }
}

/** x [n, c, h, w] → [n, c·kh·kw, l]: column j is patch number j, laid out as (channel, kernel row, kernel column); padding is 0. */
export const unfoldKernel: Kernel<readonly [Tensor], Patches, Spec> = defineKernel({
  name: 'unfold',
  infer: ([{ shape, dtype }], patches: Patches) => {
    const [n, c, h, w] = shape;
    const [rows, columns] = patchCounts([h, w], patches);
    return { shape: [n, c * patches.kernel[0] * patches.kernel[1], rows * columns], dtype };
  },
  cpu([y], [x], patches) {
    const [n, c, h, w] = x.shape;
    const [image, size] = [c * h * w, y.shape[1] * y.shape[2]];
    const [to, from]: Data[] = [y.data, x.data];
    const step = patches.stride[1];
    for (let b = 0; b < n; b++)
      eachRun(c, [h, w], patches, (pixel, place, count) => {
        const [write, read] = [b * size + place, b * image + pixel];
        for (let j = 0; j < count; j++) to[write + j] = from[read + j * step];
      });
  },
});

/** x [n, c·kh·kw, l] → [n, c, h, w]: every patch added where it came from, in float64: the adjoint of `unfold`. */
export const foldKernel: Kernel<readonly [Tensor], Patches & { readonly size: Pair }, Spec> = defineKernel({
  name: 'fold',
  infer: ([{ shape, dtype }], { kernel, size }) => ({
    shape: [shape[0], shape[1] / (kernel[0] * kernel[1]), ...size],
    dtype,
  }),
  cpu([y], [x], { size, ...patches }) {
    const [n, c] = y.shape;
    const [image, part] = [c * size[0] * size[1], x.shape[1] * x.shape[2]];
    const sums = new Float64Array(image);
    const from = x.data;
    const step = patches.stride[1];
    for (let b = 0; b < n; b++) {
      sums.fill(0);
      eachRun(c, size, patches, (pixel, place, count) => {
        const read = b * part + place;
        for (let j = 0; j < count; j++) sums[pixel + j * step] += from[read + j];
      });
      y.data.set(sums, b * image);
    }
  },
});
