import type { DType } from '../dtype.ts';
import type { Shape } from '../errors.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** Along which axis to accumulate, and how. */
export interface Run {
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
  /** Each result leaves its own element out: it is the one before, and the first is what an empty run gives. */
  readonly exclusive: boolean;
}

/** Kernels that replace each element by something of the elements before it. */
export type CumulativeKernel = Kernel<readonly [Tensor], Run, Spec>;

/** A shape as [outer, n, inner] around an axis; `rows` gives where row k of block o starts, in the order of the run. */
function runOf(shape: Shape, { axis, reverse }: Run) {
  const n = shape[axis];
  const inner = sizeOf(shape.slice(axis + 1));
  const row = (o: number, k: number): number => (o * n + (reverse ? n - 1 - k : k)) * inner;
  return { outer: sizeOf(shape.slice(0, axis)), n, inner, row };
}

const counted = (dtype: DType): DType => (dtype === 'bool' ? 'int32' : dtype);

/** y_k = Σ_{j<=k} x_j along an axis, in float64; bool is counted in int32. */
export const cumsumKernel: CumulativeKernel = /* @__PURE__ */ defineKernel({
  name: 'cumsum',
  infer: ([x], _: Run) => ({ shape: x.shape, dtype: counted(x.dtype) }),
  cpu([y], [x], run) {
    const { outer, n, inner, row } = runOf(x.shape, run);
    const [from, to] = [x.data, y.data];
    const sums = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      sums.fill(0);
      for (let k = 0; k < n; k++) {
        const at = row(o, k);
        if (run.exclusive) for (let i = 0; i < inner; i++) to[at + i] = sums[i];
        for (let i = 0; i < inner; i++) sums[i] += from[at + i];
        if (!run.exclusive) for (let i = 0; i < inner; i++) to[at + i] = sums[i];
      }
    }
  },
});

/** y_k = Π_{j<=k} x_j along an axis, in float64; int32 wraps at 2³², bool is multiplied in int32. */
export const cumprodKernel: CumulativeKernel = /* @__PURE__ */ defineKernel({
  name: 'cumprod',
  infer: ([x], _: Run) => ({ shape: x.shape, dtype: counted(x.dtype) }),
  cpu([y], [x], run) {
    const { outer, n, inner, row } = runOf(x.shape, run);
    const [from, to] = [x.data, y.data];
    const whole = to instanceof Int32Array;
    const products = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      products.fill(1);
      for (let k = 0; k < n; k++) {
        const at = row(o, k);
        if (run.exclusive) for (let i = 0; i < inner; i++) to[at + i] = products[i];
        if (whole) for (let i = 0; i < inner; i++) products[i] = Math.imul(products[i], from[at + i]);
        else for (let i = 0; i < inner; i++) products[i] *= from[at + i];
        if (!run.exclusive) for (let i = 0; i < inner; i++) to[at + i] = products[i];
      }
    }
  },
});

/** h_k = a_k·h_(k−1) + b_k along an axis, from 0, in float64. */
export const linearScanKernel: Kernel<readonly [Tensor, Tensor], Run, Spec> = /* @__PURE__ */ defineKernel({
  name: 'linearScan',
  infer: ([, b], _: Run) => b,
  cpu([y], [a, b], run) {
    const { outer, n, inner, row } = runOf(b.shape, run);
    const [p, q, to] = [a.data, b.data, y.data];
    const state = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      state.fill(0);
      for (let k = 0; k < n; k++) {
        const at = row(o, k);
        if (run.exclusive) for (let i = 0; i < inner; i++) to[at + i] = state[i];
        for (let i = 0; i < inner; i++) state[i] = p[at + i] * state[i] + q[at + i];
        if (!run.exclusive) for (let i = 0; i < inner; i++) to[at + i] = state[i];
      }
    }
  },
});
