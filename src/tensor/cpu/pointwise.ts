import type { Data, DType } from '../dtype.ts';
import type { Shape } from '../errors.ts';
import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { broadcastShapes, sameShape, stridesOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** One operand in, the same shape and dtype out. */
export type UnaryKernel = Kernel<readonly [Tensor], undefined, Spec>;
/** Two operands of one dtype, broadcast by NumPy's rule. */
export type BinaryKernel = Kernel<readonly [Tensor, Tensor], undefined, Spec>;

/**
 * y[i] = f(x[i]) for every i. Each kernel brings its own loop rather than an f: a shared loop would call f through a
 * pointer, and V8 then boxes every number. Arithmetic is in float64; storing rounds to the dtype.
 */
export type UnaryLoop = (y: Data, x: Data) => void;

/**
 * y[at + c] = f(p[i + c·di], q[j + c·dj]) for c in 0..n−1: one run along the last axis, where a step of 0 repeats.
 */
export type BinaryLoop = (
  y: Data,
  at: number,
  n: number,
  p: Data,
  i: number,
  di: number,
  q: Data,
  j: number,
  dj: number,
) => void;

/** A kernel out of its loop; `dtype` is the result's when it differs from the operand's. */
export const unaryKernel = /* @__NO_SIDE_EFFECTS__ */ (name: string, loop: UnaryLoop, dtype?: DType): UnaryKernel =>
  defineKernel({
    name,
    infer: ([x]) => (dtype === undefined ? x : { shape: x.shape, dtype }),
    cpu: ([y], [x]) => loop(y.data, x.data),
  });

/** The same for a loop that also takes attributes, resolved ones: nothing is validated or defaulted in a kernel. */
export const parametricKernel = /* @__NO_SIDE_EFFECTS__ */ <A>(
  name: string,
  loop: (y: Data, x: Data, attrs: A) => void,
): Kernel<readonly [Tensor], A, Spec> =>
  defineKernel({ name, infer: ([x]) => x, cpu: ([y], [x], attrs: A) => loop(y.data, x.data, attrs) });

/** A kernel out of its run; `dtype` is the result's when it differs from the operands'. */
export const binaryKernel = /* @__NO_SIDE_EFFECTS__ */ (name: string, loop: BinaryLoop, dtype?: DType): BinaryKernel =>
  defineKernel({
    name,
    infer: ([a, b]) => ({ shape: broadcastShapes(name, a.shape, b.shape), dtype: dtype ?? a.dtype }),
    cpu([y], [a, b]) {
      const n = y.size;
      const [p, q] = [a.data, b.data];
      if (sameShape(a.shape, b.shape)) loop(y.data, 0, n, p, 0, 1, q, 0, 1);
      else if (b.size === 1) loop(y.data, 0, n, p, 0, 1, q, 0, 0);
      else if (a.size === 1) loop(y.data, 0, n, p, 0, 0, q, 0, 1);
      else broadcastLoop(y, a, b, loop);
    },
  });

/** Strides of `shape` seen through the broadcast shape `out`: 0 along the axes that repeat. */
export function broadcastStrides(shape: Shape, out: Shape): number[] {
  const own = stridesOf(shape);
  const lead = out.length - shape.length;
  return out.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]));
}

/** The last axis is one run; the others are counted through by hand. */
function broadcastLoop(y: Tensor, a: Tensor, b: Tensor, loop: BinaryLoop): void {
  const { shape } = y;
  const last = shape.length - 1;
  const inner = shape[last];
  const aStrides = broadcastStrides(a.shape, shape);
  const bStrides = broadcastStrides(b.shape, shape);
  const counter = new Array<number>(last).fill(0);
  const [to, p, q] = [y.data, a.data, b.data];
  let i = 0;
  let j = 0;
  for (let at = 0; at < to.length; at += inner) {
    loop(to, at, inner, p, i, aStrides[last], q, j, bStrides[last]);
    for (let axis = last - 1; axis >= 0; axis--) {
      i += aStrides[axis];
      j += bStrides[axis];
      if (++counter[axis] < shape[axis]) break;
      i -= aStrides[axis] * shape[axis];
      j -= bStrides[axis] * shape[axis];
      counter[axis] = 0;
    }
  }
}
