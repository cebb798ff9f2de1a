import { windowKernel } from '../../tensor/cpu/layout.ts';
import { zeros } from '../../tensor/create.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { resolveAxis, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkOptions, checkTensor, checkWhole, checkWholes } from '../options.ts';
import { reshape } from './layout.ts';
import { concat } from './slice.ts';

/** How an axis is cut. */
export interface SplitAttrs {
  /** The size of every part, the last of which may be smaller; or the size of each. */
  readonly size: number | readonly number[];
  /** Default 0. */
  readonly axis?: number;
}

/** Sizes of the parts along the resolved axis. An axis without elements is one part. */
function partsOf(x: Tensor, { size, axis = 0 }: SplitAttrs): readonly [axis: number, sizes: readonly number[]] {
  const at = resolveAxis('split', axis, x.shape);
  const n = x.shape[at];
  if (typeof size !== 'number') {
    checkWholes('split', 'the sizes', size, 0);
    if (size.reduce((sum, part) => sum + part, 0) !== n)
      throw new ShapeError('split', `sizes [${size}] do not add up to axis ${axis}`, [x.shape]);
    return [at, size];
  }
  checkWhole('split', 'size', size, 1);
  const count = Math.max(1, Math.ceil(n / size));
  return [at, Array.from({ length: count }, (_, i) => Math.min(size, n - i * size))];
}

/**
 * x cut into consecutive parts along an axis, the first by default: `split(x, { size: 2 })` into parts of 2,
 * `split(x, { size: [1, 3] })` into one of 1 and one of 3. Parts of the first axis share storage with x. `concat` undoes it.
 * @throws ShapeError when the axis does not exist, or the sizes do not add up to it; DomainError when `size` is not a whole
 * number >= 1, or one of the sizes not a whole number >= 0
 */
export const split: Op<1, SplitAttrs, 'list'> = /* @__PURE__ */ defineOp<1, SplitAttrs, 'list'>({
  name: 'split',
  arity: 1,
  signature: '… :any ->',
  check([x], attrs) {
    checkOptions('split', attrs, ['size', 'axis']);
    partsOf(x, attrs);
  },
  forward({ inputs: [x], attrs }) {
    const [axis, sizes] = partsOf(x, attrs);
    const row = sizeOf(x.shape.slice(1));
    let from = 0;
    const ys = sizes.map((n) => {
      const start = x.shape.map((_, i) => (i === axis ? from : 0));
      const shape = x.shape.with(axis, n);
      const part = axis === 0 ? x.rawView(shape, x.offset + from * row) : windowKernel([x], { start, shape });
      from += n;
      return part;
    });
    return { ys };
  },
  backward({ dys, ys, attrs: { axis = 0 } }) {
    const { dtype, device } = dys.find((dy) => dy !== null) as Tensor;
    return [
      concat(
        dys.map((dy, i) => dy ?? zeros(ys[i].shape, { dtype, device })),
        { axis },
      ),
    ];
  },
});

/**
 * x cut along an axis, the first by default, into at most `chunks` parts, all of size ⌈n/chunks⌉ but the last: as
 * PyTorch does, 6 elements in 4 chunks are 3 parts of 2. Of an axis without elements there are `chunks` empty parts.
 * @throws ShapeError when the axis does not exist; DomainError when `chunks` is not a whole number >= 1
 */
export function chunk(x: Tensor, attrs: { readonly chunks: number; readonly axis?: number }): readonly Tensor[] {
  checkTensor('chunk', x);
  checkOptions('chunk', attrs, ['chunks', 'axis']);
  const { chunks, axis = 0 } = attrs;
  checkWhole('chunk', 'chunks', chunks, 1);
  const n = x.shape[resolveAxis('chunk', axis, x.shape)];
  return split(x, { size: n === 0 ? new Array<number>(chunks).fill(0) : Math.ceil(n / chunks), axis });
}

/**
 * The parts of x along an axis, the first by default, one for each element, without that axis. `stack` undoes it.
 * @throws ShapeError when the axis does not exist
 */
export function unbind(x: Tensor, attrs: { readonly axis?: number } = {}): readonly Tensor[] {
  checkTensor('unbind', x);
  checkOptions('unbind', attrs, ['axis']);
  const axis = resolveAxis('unbind', attrs.axis ?? 0, x.shape);
  const parts = split(x, { size: new Array<number>(x.shape[axis]).fill(1), axis });
  return parts.map((part) => reshape(part, x.shape.toSpliced(axis, 1)));
}
