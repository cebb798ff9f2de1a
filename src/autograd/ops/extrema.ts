import { type Bounds, clampKernel, maximumKernel, minimumKernel } from '../../tensor/cpu/extrema.ts';
import { DomainError, DTypeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkNumber } from '../number.ts';
import { checkOptions } from '../options.ts';
import { mul } from './arithmetic.ts';
import { sumTo } from './broadcast.ts';
import { equal, greater, greaterEqual, less, lessEqual, where } from './compare.ts';
import { logicalAnd } from './logic.ts';

/** What reaches one operand: nothing where the other was chosen, half where both are equal. */
const share = (dy: Tensor, x: Tensor, tie: Tensor, lost: Tensor): Tensor =>
  sumTo(where(lost, 0, where(tie, mul(dy, 0.5), dy)), x.shape);

/**
 * The lesser of a and b, element by element, broadcast; NaN where either is NaN. Where they are equal each gets half of the
 * gradient.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ
 */
export const minimum: Op<2> = /* @__PURE__ */ defineOp({
  name: 'minimum',
  arity: 2,
  signature: '…~ :same, …~ :same -> …~ :same',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => minimumKernel(inputs, undefined),
  backward({ dy, inputs: [a, b], needs }) {
    const tie = equal(a, b);
    return [needs[0] && share(dy, a, tie, greater(a, b)), needs[1] && share(dy, b, tie, less(a, b))];
  },
});

/**
 * The greater of a and b, element by element, broadcast; NaN where either is NaN. Where they are equal each gets half of
 * the gradient.
 * @throws ShapeError when the shapes do not broadcast; DTypeError when the dtypes differ
 */
export const maximum: Op<2> = /* @__PURE__ */ defineOp({
  name: 'maximum',
  arity: 2,
  signature: '…~ :same, …~ :same -> …~ :same',
  keeps: { inputs: [0, 1] },
  forward: ({ inputs }) => maximumKernel(inputs, undefined),
  backward({ dy, inputs: [a, b], needs }) {
    const tie = equal(a, b);
    return [needs[0] && share(dy, a, tie, less(a, b)), needs[1] && share(dy, b, tie, greater(a, b))];
  },
});

/** Where to cut off; one end may be left out. */
export interface ClampAttrs {
  readonly min?: number;
  readonly max?: number;
}

/** Both ends, infinite where there is none. */
const boundsOf = ({ min = -Infinity, max = Infinity }: ClampAttrs): Bounds => ({ low: min, high: max });

/**
 * min(max(x, min), max); NaN stays NaN. Where min > max every element becomes max. The gradient passes between the ends and
 * at them, and nowhere else.
 * @throws DomainError when neither end is given, or one is not a number; DTypeError for bool, or an end that is not an int32
 * where x is
 */
export const clamp: Op<1, ClampAttrs> = /* @__PURE__ */ defineOp({
  name: 'clamp',
  arity: 1,
  signature: '… :number -> … :number',
  keeps: { inputs: [0] },
  check([x], attrs) {
    checkOptions('clamp', attrs, ['min', 'max']);
    const ends = [attrs.min, attrs.max].filter((v) => v !== undefined);
    if (ends.length === 0) throw new DomainError('clamp', 'needs min, max or both, such as { min: 0 }', [x.shape]);
    for (const v of ends) {
      checkNumber('clamp', 'an end is a number', v, (end) => !Number.isNaN(end));
      if (x.dtype === 'int32' && (v | 0) !== v) throw new DTypeError('clamp', `${v} is not an int32: cast x to float`);
    }
  },
  forward: ({ inputs: [x], attrs }) => clampKernel([x], boundsOf(attrs)),
  backward({ dy, inputs: [x], attrs }) {
    const { low, high } = boundsOf(attrs);
    return [where(logicalAnd(greaterEqual(x, low), lessEqual(x, high)), dy, 0)];
  },
});
