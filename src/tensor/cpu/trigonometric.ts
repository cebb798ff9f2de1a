import { type BinaryKernel, binaryKernel, type UnaryKernel, unaryKernel } from './pointwise.ts';

export const sinKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('sin', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.sin(x[i]);
});
export const cosKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('cos', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.cos(x[i]);
});
export const tanKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('tan', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.tan(x[i]);
});
export const asinKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('asin', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.asin(x[i]);
});
export const acosKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('acos', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.acos(x[i]);
});
export const atanKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('atan', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.atan(x[i]);
});
/** The angle of the point (b, a) from the first axis, in (−π, π]. */
export const atan2Kernel: BinaryKernel = /* @__PURE__ */ binaryKernel('atan2', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = Math.atan2(p[i + c * di], q[j + c * dj]);
});
export const sinhKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('sinh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.sinh(x[i]);
});
export const coshKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('cosh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.cosh(x[i]);
});
export const tanhKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('tanh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]);
});
export const asinhKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('asinh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.asinh(x[i]);
});
export const acoshKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('acosh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.acosh(x[i]);
});
export const atanhKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('atanh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.atanh(x[i]);
});
