import type { Rng, Shape } from '../../../src/index.ts';
import { crossEntropyGradKernel, crossEntropyKernel } from '../../../src/tensor/cpu/crossEntropy.ts';
import { classLossGradKernel, classLossKernel } from '../../../src/tensor/cpu/loss.ts';
import {
  logSoftmaxGradKernel,
  logSoftmaxKernel,
  softmaxGradKernel,
  softmaxKernel,
} from '../../../src/tensor/cpu/softmax.ts';
import { type GpuCall, type GpuCase, numbers, type Values, wholes } from '../../harness/gpuKernel.ts';

/** Rows: none, of one number, short ones, few long ones, many. */
const shapes: readonly Shape[] = [[0, 3], [3, 0], [1, 1], [7], [3, 5], [2, 3, 4], [3, 500], [20_000, 4]];
const classes = shapes.filter((shape) => shape.length > 1 && shape.at(-1) !== 0);

const rows =
  (values: Values, ...more: readonly Values[]) =>
  (rng: Rng): readonly GpuCall[] =>
    [values, ...more].flatMap((kind, i) =>
      shapes.slice(0, i === 0 ? undefined : -1).map((shape): GpuCall => [[numbers(rng, shape, kind)], undefined]),
    );

/** A gradient, and what a softmax of ordinary numbers gives. */
const tangents =
  (kernel: typeof softmaxKernel) =>
  (rng: Rng): readonly GpuCall[] =>
    shapes.map((shape) => [[numbers(rng, shape), kernel([numbers(rng, shape)], undefined)], undefined]);

const settings = [
  { ignoreIndex: 1, labelSmoothing: 0 },
  { ignoreIndex: -100, labelSmoothing: 0.1 },
  { ignoreIndex: 1, labelSmoothing: 1 },
];

/** Every shape and setting, with targets of which one class may be ignored. */
const targeted =
  (call: (rng: Rng, shape: Shape, attrs: (typeof settings)[number]) => GpuCall) =>
  (rng: Rng): readonly GpuCall[] =>
    classes.flatMap((shape) => settings.map((attrs) => call(rng, shape, attrs)));
const targets = (rng: Rng, shape: Shape) => wholes(rng, shape.slice(0, -1), shape[shape.length - 1]);

/** Softmax and losses of classes. Where a logarithm is near 0, or terms cancel, errors are relative to the largest result. */
export const softmaxCases: readonly GpuCase[] = [
  { name: 'softmax', kernel: softmaxKernel, calls: rows({ scale: 3 }, { special: true }), tolerance: 2e-6 },
  {
    name: 'logSoftmax',
    kernel: logSoftmaxKernel,
    calls: rows({ scale: 3 }, { special: true }),
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'softmaxGrad',
    kernel: softmaxGradKernel,
    calls: tangents(softmaxKernel),
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'logSoftmaxGrad',
    kernel: logSoftmaxGradKernel,
    calls: tangents(logSoftmaxKernel),
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'crossEntropy',
    kernel: crossEntropyKernel,
    calls: (rng) => [
      ...targeted((r, shape, attrs) => [[numbers(r, shape, { scale: 3 }), targets(r, shape)], attrs])(rng),
      ...(
        [
          [30, 4],
          [9, 300],
        ] as const
      ).map((shape): GpuCall => [[numbers(rng, shape, { special: true }), targets(rng, shape)], settings[0]]),
    ],
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'crossEntropyGrad',
    kernel: crossEntropyGradKernel,
    calls: targeted((rng, shape, attrs) => {
      const [x, target] = [numbers(rng, shape, { scale: 3 }), targets(rng, shape)];
      const [, stats] = crossEntropyKernel([x, target], attrs);
      return [[numbers(rng, target.shape), x, target, stats], attrs];
    }),
    tolerance: 1e-6,
    of: 'result',
  },
  {
    name: 'classLoss',
    kernel: classLossKernel,
    calls: targeted((rng, shape, attrs) => [[numbers(rng, shape), targets(rng, shape)], attrs]),
    tolerance: 2e-6,
    of: 'result',
  },
  {
    name: 'classLossGrad',
    kernel: classLossGradKernel,
    calls: targeted((rng, shape, attrs) => [
      [numbers(rng, shape.slice(0, -1)), targets(rng, shape)],
      { ...attrs, classes: shape[shape.length - 1] },
    ]),
    tolerance: 1e-6,
  },
];
