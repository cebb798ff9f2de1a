import { type BinaryKernel, binaryKernel, type UnaryKernel, unaryKernel } from './pointwise.ts';

export const expKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('exp', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]);
});
export const expm1Kernel: UnaryKernel = /* @__PURE__ */ unaryKernel('expm1', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.expm1(x[i]);
});
export const logKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('log', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]);
});
export const log1pKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('log1p', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.log1p(x[i]);
});
export const log2Kernel: UnaryKernel = /* @__PURE__ */ unaryKernel('log2', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.log2(x[i]);
});
export const sqrtKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('sqrt', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]);
});
export const rsqrtKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('rsqrt', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = 1 / Math.sqrt(x[i]);
});
/** aᵇ; a single exponent of 2 is a product. Powers of int32 are exact and wrap at 2³². */
export const powKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('pow', (y, at, n, p, i, di, q, j, dj) => {
  if (y instanceof Int32Array) for (let c = 0; c < n; c++) y[at + c] = wholePower(p[i + c * di], q[j + c * dj]);
  else if (dj === 0 && q[j] === 2) for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] * p[i + c * di];
  else for (let c = 0; c < n; c++) y[at + c] = power(p[i + c * di], q[j + c * dj]);
});

/** IEEE 754's power: 1 to any power is 1, and so is −1 to an infinite one. JavaScript's gives NaN there. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** aⁿ modulo 2³² for n >= 0, by squaring. */
function wholePower(a: number, n: number): number {
  let result = 1;
  let square = a;
  for (let left = n; left > 0; left >>= 1) {
    if (left & 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}
