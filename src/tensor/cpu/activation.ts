import type { Kernel, Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';
import { normalCdf } from './erf.ts';
import { type BinaryKernel, binaryKernel, parametricKernel, type UnaryKernel, unaryKernel } from './pointwise.ts';

export const reluKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('relu', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = x[i] < 0 ? 0 : x[i];
});
/** g where y > 0, else 0: how a gradient passes a rectifier. */
export const reluGradKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('reluGrad', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = q[j + c * dj] > 0 ? p[i + c * di] : 0;
});
/** x above 0, slope·x elsewhere. */
export const leakyReluKernel: Kernel<readonly [Tensor], number, Spec> = /* @__PURE__ */ parametricKernel(
  'leakyRelu',
  (y, x, slope: number) => {
    for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
  },
);
/** x above 0, alpha·(eˣ − 1) elsewhere. */
export const eluKernel: Kernel<readonly [Tensor], number, Spec> = /* @__PURE__ */ parametricKernel(
  'elu',
  (y, x, alpha: number) => {
    for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : alpha * Math.expm1(x[i]);
  },
);
export const sigmoidKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('sigmoid', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = sigmoid(x[i]);
});
/** Scale of `softplus`, and the value of beta·x above which it is x. */
export interface Softening {
  readonly beta: number;
  readonly threshold: number;
}

/** ln(1 + e^(beta·x))/beta, or x where beta·x > threshold. */
export const softplusKernel: Kernel<readonly [Tensor], Softening, Spec> = /* @__PURE__ */ parametricKernel(
  'softplus',
  (y, x, { beta, threshold }: Softening) => {
    for (let i = 0; i < y.length; i++) y[i] = beta * x[i] > threshold ? x[i] : softplus(beta * x[i]) / beta;
  },
);
/** −ln(1 + e^−x). */
export const logSigmoidKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('logSigmoid', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = -softplus(-x[i]);
});
/** x/(1 + e^−x). */
export const siluKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('silu', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = tapered(x[i], sigmoid(x[i]));
});
/** x·tanh(ln(1 + eˣ)). */
export const mishKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('mish', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = tapered(x[i], tanhSoftplus(x[i]));
});
/** x·Φ(x), with Φ the standard normal distribution function. */
export const geluKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('gelu', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = tapered(x[i], normalCdf(x[i]));
});
/** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, written with a sigmoid: 1 + tanh would lose the lower tail. */
export const geluTanhKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('geluTanh', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = tapered(x[i], sigmoid(rise * (x[i] + cubic * x[i] ** 3)));
});

/** √(2/π), twice, and the cubic coefficient of the tanh form. */
const rise = 2 * Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** g·(1 − y²): how a gradient passes y = tanh x. */
export const tanhGradKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('tanhGrad', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] * (1 - q[j + c * dj] * q[j + c * dj]);
});
/** g·y·(1 − y): how a gradient passes y = sigmoid x. */
export const sigmoidGradKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'sigmoidGrad',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] * q[j + c * dj] * (1 - q[j + c * dj]);
  },
);
/** g·σ·(1 + x·(1 − σ)): how a gradient passes silu x. */
export const siluGradKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('siluGrad', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) {
    const x = within(q[j + c * dj], 800);
    const s = sigmoid(x);
    y[at + c] = p[i + c * di] * s * (1 + x * (1 - s));
  }
});
/** g·(Φ(x) + x·φ(x)): how a gradient passes gelu x; φ is the density of Φ. */
export const geluGradKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('geluGrad', (y, at, n, p, i, di, q, j, dj) => {
  const height = 1 / Math.sqrt(2 * Math.PI);
  for (let c = 0; c < n; c++) {
    const x = within(q[j + c * dj], 40);
    y[at + c] = p[i + c * di] * (normalCdf(x) + x * height * Math.exp(-0.5 * x * x));
  }
});
/** g·(σ(u) + x·σ(u)·(1 − σ(u))·u′) with u = 2·√(2/π)·(x + 0.044715·x³): how a gradient passes the tanh form. */
export const geluTanhGradKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'geluTanhGrad',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) {
      const x = within(q[j + c * dj], 40);
      const s = sigmoid(rise * (x + cubic * x ** 3));
      y[at + c] = p[i + c * di] * s * (1 + x * (1 - s) * rise * (1 + 3 * cubic * x * x));
    }
  },
);

/** x, no further from 0 than where a slope has long become 0 or 1. */
const within = (x: number, far: number): number => Math.max(-far, Math.min(x, far));

/** x·weight, where the weight falls to 0 faster than x grows: −∞ has the limit, not −∞·0. */
const tapered = (x: number, weight: number): number => (x === -Infinity ? -0 : x * weight);

/** 1/(1+e^−x), from the side where e^… cannot overflow. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(1 + eˣ): nothing overflows, and both tails keep their relative precision. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** tanh(ln(1 + eˣ)) = ((1 + eˣ)² − 1)/((1 + eˣ)² + 1), in powers of e^−|x|. */
function tanhSoftplus(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x < 0 ? (e * (2 + e)) / (2 + e * (2 + e)) : (1 + 2 * e) / (1 + 2 * e * (1 + e));
}
