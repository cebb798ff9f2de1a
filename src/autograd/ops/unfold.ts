import '../../tensor/simd/lay/patches.ts';
import { foldKernel, type Pair, type Patches, patchCounts, unfoldKernel } from '../../tensor/cpu/unfold.ts';
import { DomainError, type Shape, ShapeError } from '../../tensor/errors.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions } from '../options.ts';

/** A number for both sides of an image, or one for rows and one for columns. */
export type Sides = number | readonly [rows: number, columns: number];

/** Which patches of an image are meant. */
export interface UnfoldAttrs {
  readonly kernelSize: Sides;
  /** From one patch to the next, >= 1. Default 1. */
  readonly stride?: Sides;
  /** Zeros before and after each side, >= 0. Default 0. */
  readonly padding?: Sides;
  /** From one element of a patch to the next, >= 1. Default 1. */
  readonly dilation?: Sides;
}

/** Patches, and the image they are put back into. */
export interface FoldAttrs extends UnfoldAttrs {
  /** Height and width of the image. */
  readonly outputSize: Sides;
}

/**
 * A number for each side.
 * @throws DomainError unless each is a whole number >= `least`
 */
export function pairOf(op: string, what: string, value: unknown, least: number): Pair {
  const pair = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(pair) || pair.length !== 2 || pair.some((n) => !Number.isSafeInteger(n) || n < least))
    throw new DomainError(op, `${what} is a whole number >= ${least}, or two of them, got ${String(value)}`);
  return pair as unknown as Pair;
}

/**
 * Both sides of every option.
 * @throws DomainError when one is not what it should be
 */
export function patchesOf(op: string, { kernelSize, stride = 1, padding = 0, dilation = 1 }: UnfoldAttrs): Patches {
  return {
    kernel: pairOf(op, 'kernelSize', kernelSize, 1),
    stride: pairOf(op, 'stride', stride, 1),
    padding: pairOf(op, 'padding', padding, 0),
    dilation: pairOf(op, 'dilation', dilation, 1),
  };
}

/**
 * How many patches an image has along each side.
 * @throws ShapeError when not even one fits
 */
export function countsOf(op: string, size: Pair, patches: Patches, shapes: readonly Shape[]): Pair {
  const counts = patchCounts(size, patches);
  if (counts.some((n) => n < 1))
    throw new ShapeError(op, `a kernel of ${patches.kernel.join('×')} does not fit into ${size.join('×')}`, shapes);
  return counts;
}

const known = ['kernelSize', 'stride', 'padding', 'dilation'];

/**
 * The patches of images as columns: x [n, c, h, w] → [n, c·kh·kw, l], a column being one patch as (channel, kernel row, kernel column),
 * patches in row-major order. A convolution is then a product of matrices.
 * @throws ShapeError unless x has four axes and a patch fits; DomainError when an option is not what it should be
 */
export const unfold: Op<1, UnfoldAttrs> = /* @__PURE__ */ defineOp({
  name: 'unfold',
  arity: 1,
  signature: 'n c h w -> n p l',
  check([x], attrs) {
    checkOptions('unfold', attrs, known);
    countsOf('unfold', [x.shape[2], x.shape[3]], patchesOf('unfold', attrs), [x.shape]);
  },
  forward: ({ inputs, attrs }) => unfoldKernel(inputs, patchesOf('unfold', attrs)),
  backward: ({ dy, inputs: [x], attrs }) => [fold(dy, { ...attrs, outputSize: [x.shape[2], x.shape[3]] })],
});

/**
 * Patches put back into images, added up where they overlap: x [n, c·kh·kw, l] → [n, c, h, w]. The adjoint of `unfold`, not its
 * inverse.
 * @throws ShapeError unless the columns are the patches of such an image; DomainError when an option is not what it should be
 */
export const fold: Op<1, FoldAttrs> = /* @__PURE__ */ defineOp({
  name: 'fold',
  arity: 1,
  signature: 'n p l -> n c h w',
  check([x], attrs) {
    checkOptions('fold', attrs, [...known, 'outputSize']);
    const patches = patchesOf('fold', attrs);
    const [rows, columns] = countsOf('fold', pairOf('fold', 'outputSize', attrs.outputSize, 0), patches, [x.shape]);
    const area = patches.kernel[0] * patches.kernel[1];
    if (x.shape[1] % area !== 0 || x.shape[2] !== rows * columns)
      throw new ShapeError('fold', `needs a multiple of ${area} rows and ${rows * columns} columns`, [x.shape]);
  },
  forward: ({ inputs, attrs }) =>
    foldKernel(inputs, { ...patchesOf('fold', attrs), size: pairOf('fold', 'outputSize', attrs.outputSize, 0) }),
  backward({ dy, attrs: { outputSize: _, ...attrs } }) {
    return [unfold(dy, attrs)];
  },
});
