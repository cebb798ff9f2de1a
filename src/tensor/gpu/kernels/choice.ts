import type { DType } from '../../dtype.ts';
import { mostFinite } from '../functions.ts';
import { type GpuTable, gpuKernel } from '../overlay.ts';
import { kernelText } from '../text.ts';
import { type PointwiseOptions, pointwise, type Row } from './pointwise.ts';

/** 1 where a condition holds, else 0. `!==` is no condition: WebGPU's is false of NaN. */
const holds = (condition: string): Row => ({ first: `let v = 0; if (${condition}) { v = 1; }`, value: 'v' });
const fails = (condition: string): Row => ({ first: `let v = 1; if (${condition}) { v = 0; }`, value: 'v' });

const two: PointwiseOptions<undefined> = { operands: 2, whole: true };

/** Towards zero, and around at 2³²: NaN and infinities are 0. */
const truncateText = kernelText(
  'cast.int32',
  `function (a) {
    const x = a[this.thread.x];
    let y = 0;
    if (Math.abs(x) <= ${mostFinite}) {
      y = Math.floor(Math.abs(x));
      y = y - ${2 ** 32} * Math.floor(y / ${2 ** 32});
      if (x < 0) { y = 0 - y; }
      if (y >= ${2 ** 31}) { y = y - ${2 ** 32}; }
      if (y < -${2 ** 31}) { y = y + ${2 ** 32}; }
    }
    return y;
  }`,
);
const nonZeroText = kernelText(
  'cast.bool',
  'function (a) { let y = 1; if (a[this.thread.x] === 0) { y = 0; } return y; }',
);

/** Comparisons and choices, of int32 too: each row is one op. */
export const choices: GpuTable = {
  equal: pointwise('equal', holds('x === y'), two),
  notEqual: pointwise('notEqual', fails('x === y'), two),
  greater: pointwise('greater', holds('x > y'), two),
  greaterEqual: pointwise('greaterEqual', holds('x >= y'), two),
  less: pointwise('less', holds('x < y'), two),
  lessEqual: pointwise('lessEqual', holds('x <= y'), two),
  logicalAnd: pointwise('logicalAnd', 'x * y', { operands: 2 }),
  logicalOr: pointwise('logicalOr', holds('x + y > 0'), { operands: 2 }),
  logicalXor: pointwise('logicalXor', holds('x + y === 1'), { operands: 2 }),
  logicalNot: pointwise('logicalNot', '1 - x'),
  isNaN: pointwise('isNaN', fails('x >= 0 || x < 0'), { whole: true }),
  isFinite: pointwise('isFinite', holds(`Math.abs(x) <= ${mostFinite}`), { whole: true }),
  isInf: pointwise('isInf', holds(`x > ${mostFinite} || x < -${mostFinite}`), { whole: true }),
  where: pointwise('where', { first: 'let v = z; if (x > 0) { v = y; }', value: 'v' }, { operands: 3, whole: true }),
  maskedFill: pointwise<number>(
    'maskedFill',
    { first: 'let v = x; if (y > 0) { v = value; }', value: 'v' },
    { operands: 2, whole: true, numbers: { names: ['value'], of: (value) => [value] } },
  ),
  maskedScale: pointwise<number>(
    'maskedScale',
    { first: 'let v = 0; if (y > 0) { v = x * scale; }', value: 'v' },
    { operands: 2, numbers: { names: ['scale'], of: (scale) => [scale] } },
  ),
  cast: gpuKernel<DType>({
    run(on, [x], dtype) {
      if (dtype === 'bool' && x.dtype !== 'bool') return [on.launch(nonZeroText, x.size, [x.array])];
      if (dtype === 'int32' && x.dtype === 'float32') return [on.launch(truncateText, x.size, [x.array])];
      return [x.array];
    },
  }),
};
