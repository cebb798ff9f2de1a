import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { broadcastShapes } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { type BinaryKernel, binaryKernel, type UnaryKernel, unaryKernel } from './pointwise.ts';

export const addKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('add', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] + q[j + c * dj];
});
export const subKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('sub', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] - q[j + c * dj];
});
/** Products of int32 wrap at 2³² exactly, which a float64 product above 2⁵³ would not. */
export const mulKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('mul', (y, at, n, p, i, di, q, j, dj) => {
  if (y instanceof Int32Array) for (let c = 0; c < n; c++) y[at + c] = Math.imul(p[i + c * di], q[j + c * dj]);
  else for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] * q[j + c * dj];
});
export const divKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('div', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] / q[j + c * dj];
});
export const negKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('neg', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = -x[i];
});
export const absKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('abs', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]);
});
export const signKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('sign', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.sign(x[i]);
});
/** Squares of int32 wrap, as products do. */
export const squareKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('square', (y, x) => {
  if (y instanceof Int32Array) for (let i = 0; i < y.length; i++) y[i] = Math.imul(x[i], x[i]);
  else for (let i = 0; i < y.length; i++) y[i] = x[i] * x[i];
});
export const reciprocalKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('reciprocal', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = 1 / x[i];
});
/**
 * a + w·(b − a), reckoned from the nearer end, so that it is exactly a at w = 0 and b at w = 1. Operands have the shape of
 * the result, or one element.
 */
export const lerpKernel: Kernel<readonly [Tensor, Tensor, Tensor], undefined, Spec> = /* @__PURE__ */ defineKernel({
  name: 'lerp',
  infer: ([a, b, w]) => ({
    shape: broadcastShapes('lerp', broadcastShapes('lerp', a.shape, b.shape), w.shape),
    dtype: a.dtype,
  }),
  cpu([y], inputs) {
    const to = y.data;
    const [p, q, r] = inputs.map((x) => x.data);
    const [dp, dq, dr] = inputs.map((x) => (x.size === 1 ? 0 : 1));
    for (let i = 0; i < to.length; i++) {
      const a = p[i * dp];
      const b = q[i * dq];
      const w = r[i * dr];
      to[i] = w < 0.5 ? a + w * (b - a) : b - (1 - w) * (b - a);
    }
  },
});
