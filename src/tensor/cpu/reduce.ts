import type { Data } from '../dtype.ts';
import type { Shape } from '../errors.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { permuteKernel } from './layout.ts';

/** Reduces `axes` (ascending) to size 1. */
export type ReduceKernel = Kernel<readonly [Tensor], readonly number[], Spec>;

/** x as [outer, middle, inner], where `middle` is what a reduction sums over. */
export interface Blocks {
  readonly data: Data;
  /** What `data` are the elements of. */
  readonly tensor: Tensor;
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/** Whether the axes are neighbours. */
export const areTogether = (axes: readonly number[]): boolean => axes.every((axis, i) => axis === axes[0] + i);

/** Sizes of the blocks, without looking at x: neighbouring axes are one block as they lie, scattered ones go to the end. */
export function blockSizes({ shape }: Spec, axes: readonly number[]): Omit<Blocks, 'tensor' | 'data'> {
  const middle = sizeOf(axes.map((axis) => shape[axis]));
  const first = axes[0] ?? shape.length;
  if (areTogether(axes))
    return { outer: sizeOf(shape.slice(0, first)), middle, inner: sizeOf(shape.slice(first + axes.length)) };
  return { outer: sizeOf(shape.filter((_, i) => !axes.includes(i))), middle, inner: 1 };
}

/** x as blocks; scattered axes are moved to the end. */
export function blocksOf(x: Tensor, axes: readonly number[]): Blocks {
  const sizes = blockSizes(x, axes);
  const kept = areTogether(axes) ? [] : x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const tensor = areTogether(axes) ? x : permuteKernel([x], [...kept, ...axes]);
  return { ...sizes, tensor, data: tensor.data };
}

/** The shape with the reduced axes at size 1. */
export const reducedShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((n, i) => (axes.includes(i) ? 1 : n));

/** y = Σ x over `axes`, accumulated in float64 in index order; bool is counted in int32. */
export const sumKernel: ReduceKernel = /* @__PURE__ */ defineKernel({
  name: 'sum',
  infer: ([x], axes: readonly number[]) => ({
    shape: reducedShape(x.shape, axes),
    dtype: x.dtype === 'bool' ? 'int32' : x.dtype,
  }),
  cpu([y], [x], axes) {
    const { data, outer, middle, inner } = blocksOf(x, axes);
    const to = y.data;
    const sums = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      sums.fill(0);
      for (let m = 0; m < middle; m++) {
        const row = (o * middle + m) * inner;
        for (let i = 0; i < inner; i++) sums[i] += data[row + i];
      }
      to.set(sums, o * inner);
    }
  },
});

/** y = Π x over `axes`, in float64 in index order; int32 wraps at 2³², bool is multiplied in int32. */
export const prodKernel: ReduceKernel = /* @__PURE__ */ defineKernel({
  name: 'prod',
  infer: ([x], axes: readonly number[]) => ({
    shape: reducedShape(x.shape, axes),
    dtype: x.dtype === 'bool' ? 'int32' : x.dtype,
  }),
  cpu([y], [x], axes) {
    const { data, outer, middle, inner } = blocksOf(x, axes);
    const to = y.data;
    const whole = to instanceof Int32Array;
    const products = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      products.fill(1);
      for (let m = 0; m < middle; m++) {
        const row = (o * middle + m) * inner;
        if (whole) for (let i = 0; i < inner; i++) products[i] = Math.imul(products[i], data[row + i]);
        else for (let i = 0; i < inner; i++) products[i] *= data[row + i];
      }
      to.set(products, o * inner);
    }
  },
});

/** y = max x over `axes` (`side` 1) or min x (−1), as the largest of side·x; NaN wins over every number; −side·∞ over nothing. */
const extremum = /* @__NO_SIDE_EFFECTS__ */ (name: string, side: 1 | -1): ReduceKernel =>
  /* @__PURE__ */ defineKernel({
    name,
    infer: ([x], axes: readonly number[]) => ({ shape: reducedShape(x.shape, axes), dtype: x.dtype }),
    cpu([y], [x], axes) {
      const { data, outer, middle, inner } = blocksOf(x, axes);
      const to = y.data;
      for (let o = 0; o < outer; o++)
        for (let i = 0; i < inner; i++) {
          let best = -side * Infinity;
          for (let m = 0; m < middle; m++) {
            const v = data[(o * middle + m) * inner + i];
            if (side * v > side * best || Number.isNaN(v)) best = v;
            if (Number.isNaN(best)) break;
          }
          to[o * inner + i] = best;
        }
    },
  });

export const maxKernel: ReduceKernel = /* @__PURE__ */ extremum('max', 1);
export const minKernel: ReduceKernel = /* @__PURE__ */ extremum('min', -1);

/** One index for each row of the last axis. */
export type IndexKernel = Kernel<readonly [Tensor], undefined, Spec>;

/** Index of the first entry along the last axis whose side·x is largest; that of the first NaN if there is one. */
const argExtremum = /* @__NO_SIDE_EFFECTS__ */ (name: string, side: 1 | -1): IndexKernel =>
  /* @__PURE__ */ defineKernel({
    name,
    infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: 'int32' as const }),
    cpu([y], [x]) {
      const n = x.shape[x.rank - 1];
      for (let row = 0; row < y.data.length; row++) {
        let best = 0;
        for (let i = 0; i < n; i++) {
          const v = x.data[row * n + i];
          const top = x.data[row * n + best];
          if (side * v > side * top || (Number.isNaN(v) && !Number.isNaN(top))) best = i;
        }
        y.data[row] = best;
      }
    },
  });

export const argmaxKernel: IndexKernel = /* @__PURE__ */ argExtremum('argmax', 1);
export const argminKernel: IndexKernel = /* @__PURE__ */ argExtremum('argmin', -1);

/** Whether any bool over `axes` equals `decisive` (1: any, 0: not all): then the result is that, else the other. */
const quantifier = /* @__NO_SIDE_EFFECTS__ */ (name: string, decisive: 0 | 1): ReduceKernel =>
  /* @__PURE__ */ defineKernel({
    name,
    infer: ([x], axes: readonly number[]) => ({ shape: reducedShape(x.shape, axes), dtype: x.dtype }),
    cpu([y], [x], axes) {
      const { data, outer, middle, inner } = blocksOf(x, axes);
      const to = y.data;
      to.fill(1 - decisive);
      for (let o = 0; o < outer; o++)
        for (let m = 0; m < middle; m++)
          for (let i = 0; i < inner; i++)
            if (data[(o * middle + m) * inner + i] === decisive) to[o * inner + i] = decisive;
    },
  });

/** Whether any bool over `axes` is true; false over nothing. */
export const anyKernel: ReduceKernel = /* @__PURE__ */ quantifier('any', 1);
/** Whether every bool over `axes` is true; true over nothing. */
export const allKernel: ReduceKernel = /* @__PURE__ */ quantifier('all', 0);
