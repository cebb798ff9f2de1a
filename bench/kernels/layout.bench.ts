/**
 * Moving elements: transposes, slices, joins, padding, patches of images.
 *
 *     npm run bench -- layout
 */
import {
  concat,
  conv2d,
  expand,
  flip,
  pad,
  permute,
  Rng,
  randn,
  repeat,
  type Shape,
  slice,
  stack,
  type Tensor,
  transpose,
  unfold,
} from '../../src/index.ts';
import { type Case, suite } from './suite.ts';

const rng = new Rng(1);

/** Something done to tensors of the given shapes. */
function moved(name: string, shapes: readonly Shape[], f: (...x: Tensor[]) => Tensor): Case {
  const operands = shapes.map((shape) => randn(shape, rng));
  const run = (): Tensor => f(...operands);
  return { name: `${name} [${shapes.join('], [')}]`, work: run().size, unit: 'elements', operands, run };
}

/** A convolution: 16 images of 32×32, 16 -> 32 channels, 3×3. */
function convolution(): Case {
  const [x, w] = [randn([16, 16, 32, 32], rng), randn([32, 16, 3, 3], rng)];
  const work = 2 * 16 * 32 * 32 * 32 * 16 * 9;
  const run = (): Tensor => conv2d(x, w, { padding: 1 });
  return { name: 'conv2d 16×16×32×32, 32 of 3×3', work, unit: 'flops', operands: [x, w], run };
}

await suite('layout', [
  moved('transpose', [[1024, 1024]], (x) => transpose(x, 0, 1)),
  moved('transpose', [[2708, 17]], (x) => transpose(x, 0, 1)),
  moved('permute heads', [[8, 128, 4, 64]], (x) => permute(x, [0, 2, 1, 3])),
  moved('slice of columns', [[4096, 768]], (x) => slice(x, [null, [256, 512]])),
  moved('first column', [[2708, 17]], (x) => slice(x, [null, [0, 1]])),
  moved(
    'concat of columns',
    [
      [4096, 1],
      [4096, 16],
    ],
    (x, y) => concat([x, y], { axis: 1 }),
  ),
  moved(
    'concat of rows',
    [
      [2048, 512],
      [2048, 512],
    ],
    (x, y) => concat([x, y]),
  ),
  moved(
    'stack',
    [
      [1024, 512],
      [1024, 512],
    ],
    (x, y) => stack([x, y]),
  ),
  moved('expand', [[1024, 1]], (x) => expand(x, [1024, 1024])),
  moved('repeat', [[256, 256]], (x) => repeat(x, [4, 4])),
  moved('flip', [[1024, 1024]], (x) => flip(x, [1])),
  moved('pad', [[1000, 1000]], (x) => pad(x, { width: 12 })),
  moved('unfold 3×3', [[8, 16, 32, 32]], (x) => unfold(x, { kernelSize: 3, padding: 1 })),
  convolution(),
]);
