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
type UnaryLoop = (y: Data, x: Data) => void;

/**
 * y[at + c] = f(p[i + c·di], q[j + c·dj]) for c in 0..n−1: one run along the last axis, where a step of 0 repeats.
 */
type BinaryLoop = (
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

const unaryKernel = /* @__NO_SIDE_EFFECTS__ */ (name: string, loop: UnaryLoop): UnaryKernel =>
  defineKernel({ name, infer: ([x]) => x, cpu: ([y], [x]) => loop(y.data, x.data) });

/** `dtype` is the result's when it differs from the operands'. */
const binaryKernel = /* @__NO_SIDE_EFFECTS__ */ (name: string, loop: BinaryLoop, dtype?: DType): BinaryKernel =>
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

export const addKernel: BinaryKernel = binaryKernel('add', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] + q[j + c * dj];
});
export const subKernel: BinaryKernel = binaryKernel('sub', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] - q[j + c * dj];
});
export const mulKernel: BinaryKernel = binaryKernel('mul', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] * q[j + c * dj];
});
export const divKernel: BinaryKernel = binaryKernel('div', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] / q[j + c * dj];
});
export const equalKernel: BinaryKernel = binaryKernel(
  'equal',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] === q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const greaterKernel: BinaryKernel = binaryKernel(
  'greater',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] > q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const lessKernel: BinaryKernel = binaryKernel(
  'less',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] < q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
/** g where y > 0, else 0: how a gradient passes a rectifier. */
export const reluGradKernel: BinaryKernel = binaryKernel('reluGrad', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = q[j + c * dj] > 0 ? p[i + c * di] : 0;
});

export const negKernel: UnaryKernel = unaryKernel('neg', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = -x[i];
});
export const absKernel: UnaryKernel = unaryKernel('abs', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]);
});
export const signKernel: UnaryKernel = unaryKernel('sign', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.sign(x[i]);
});
export const expKernel: UnaryKernel = unaryKernel('exp', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]);
});
export const logKernel: UnaryKernel = unaryKernel('log', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]);
});
export const sqrtKernel: UnaryKernel = unaryKernel('sqrt', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]);
});
export const squareKernel: UnaryKernel = unaryKernel('square', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = x[i] * x[i];
});
export const tanhKernel: UnaryKernel = unaryKernel('tanh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]);
});
export const erfKernel: UnaryKernel = unaryKernel('erf', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = erf(x[i]);
});
export const reluKernel: UnaryKernel = unaryKernel('relu', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = x[i] < 0 ? 0 : x[i];
});
export const sigmoidKernel: UnaryKernel = unaryKernel('sigmoid', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = sigmoid(x[i]);
});
/** x·Φ(x), with Φ the standard normal distribution function. */
export const geluKernel: UnaryKernel = unaryKernel('gelu', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = 0.5 * x[i] * (1 + erf(x[i] * Math.SQRT1_2));
});
/** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2. */
export const geluTanhKernel: UnaryKernel = unaryKernel('geluTanh', (y, x) => {
  const slope = Math.sqrt(2 / Math.PI);
  for (let i = 0; i < y.length; i++) y[i] = 0.5 * x[i] * (1 + Math.tanh(slope * (x[i] + 0.044715 * x[i] ** 3)));
});

/** 1/(1+e^−x), from the side where e^… cannot overflow. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/**
 * erf x = 2/√π·∫₀ˣ e^−t² dt, within 1.2e-15 of its value. Near 0 the series e^−x²·Σ 2ⁿx^(2n+1)/(2n+1)!! has terms of one sign, so
 * nothing cancels; beyond 3 the continued fraction of erfc converges fast; beyond 6, 1 − erf x is below 2⁻⁵³.
 */
function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  const scale = Math.exp(-a * a) / Math.sqrt(Math.PI);
  if (a >= 3) {
    let tail = a;
    for (let n = 40; n >= 1; n--) tail = a + n / 2 / tail;
    return Math.sign(x) * (1 - scale / tail);
  }
  let term = a;
  let sum = a;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * a * a) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * 2 * scale * sum;
}
