import type { Rng, Tensor } from '../../../src/index.ts';
import {
  equalKernel,
  greaterEqualKernel,
  greaterKernel,
  isFiniteKernel,
  isInfKernel,
  isNaNKernel,
  lessEqualKernel,
  lessKernel,
  logicalAndKernel,
  logicalNotKernel,
  logicalOrKernel,
  logicalXorKernel,
  notEqualKernel,
} from '../../../src/tensor/cpu/compare.ts';
import { maskedScaleKernel } from '../../../src/tensor/cpu/dropout.ts';
import { castKernel, maskedFillKernel, whereKernel } from '../../../src/tensor/cpu/layout.ts';
import { coins, type GpuCall, type GpuCase, numbers, sizes, wholes } from '../../harness/gpuKernel.ts';
import { compared, each, left } from './arithmetic.ts';

/** Truth in every combination, with chances that make each. */
const truths = (rng: Rng): readonly GpuCall[] =>
  sizes.map((shape) => [[coins(rng, shape), coins(rng, shape)], undefined]);

/** Calls with a mask among the operands, in every shape, of numbers and of whole numbers. */
const masked =
  (operands: (x: () => Tensor, mask: Tensor) => readonly Tensor[], ...attrs: readonly unknown[]) =>
  (rng: Rng): readonly GpuCall[] =>
    attrs.flatMap((attr) => [
      ...sizes.map(
        (shape): GpuCall => [operands(() => numbers(rng, shape, { special: true }), coins(rng, shape)), attr],
      ),
      [operands(() => wholes(rng, [31, 5], 9), coins(rng, [31, 5])), attr],
    ]);

function castCalls(rng: Rng): readonly GpuCall[] {
  return sizes.flatMap((shape) => {
    const operands = [numbers(rng, shape, { special: true, scale: 3 }), wholes(rng, shape, 3), coins(rng, shape)];
    const large = numbers(rng, shape, { scale: 1e10 });
    return (['float32', 'int32', 'bool'] as const).flatMap((dtype) =>
      [...operands, large].map((x): GpuCall => [[x], dtype]),
    );
  });
}

/** Comparisons and choices: all exact. */
export const choiceCases: readonly GpuCase[] = [
  { name: 'equal', kernel: equalKernel, calls: compared, tolerance: 0, left },
  { name: 'notEqual', kernel: notEqualKernel, calls: compared, tolerance: 0, left },
  { name: 'greater', kernel: greaterKernel, calls: compared, tolerance: 0, left },
  { name: 'greaterEqual', kernel: greaterEqualKernel, calls: compared, tolerance: 0, left },
  { name: 'less', kernel: lessKernel, calls: compared, tolerance: 0, left },
  { name: 'lessEqual', kernel: lessEqualKernel, calls: compared, tolerance: 0, left },
  { name: 'logicalAnd', kernel: logicalAndKernel, calls: truths, tolerance: 0 },
  { name: 'logicalOr', kernel: logicalOrKernel, calls: truths, tolerance: 0 },
  { name: 'logicalXor', kernel: logicalXorKernel, calls: truths, tolerance: 0 },
  {
    name: 'logicalNot',
    kernel: logicalNotKernel,
    calls: (rng) => sizes.map((shape) => [[coins(rng, shape)], undefined]),
    tolerance: 0,
  },
  { name: 'isNaN', kernel: isNaNKernel, calls: each(), tolerance: 0 },
  { name: 'isFinite', kernel: isFiniteKernel, calls: each(), tolerance: 0 },
  { name: 'isInf', kernel: isInfKernel, calls: each(), tolerance: 0 },
  { name: 'where', kernel: whereKernel, calls: masked((x, mask) => [mask, x(), x()], undefined), tolerance: 0 },
  { name: 'maskedFill', kernel: maskedFillKernel, calls: masked((x, mask) => [x(), mask], 3, -Infinity), tolerance: 0 },
  {
    name: 'maskedScale',
    kernel: maskedScaleKernel,
    calls: (rng) => sizes.map((shape) => [[numbers(rng, shape, { special: true }), coins(rng, shape)], 1 / 0.7]),
    tolerance: 2e-7,
  },
  { name: 'cast', kernel: castKernel, calls: castCalls, tolerance: 0 },
];
