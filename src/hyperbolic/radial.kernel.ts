import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { edge, farthest } from './guards.ts';

/** Functions of the squared length s, by name: see the op of that name. */
export type RadialName =
  | 'coshRoot'
  | 'sinhcRoot'
  | 'tanhcRoot'
  | 'asinhcRoot'
  | 'artanhcRoot'
  | 'ballClip'
  | 'spaceClip'
  | 'conformal';

/** Which function, and which of its derivatives: 0 is itself. */
export interface RadialAttrs {
  readonly name: RadialName;
  readonly order: number;
}

const terms = 64;

/** Coefficients of Σ a_j·s^j. */
const series = (next: (before: readonly number[], j: number) => number): readonly number[] => {
  const a = [1];
  for (let j = 1; j < terms; j++) a.push(next(a, j));
  return a;
};
/** sinh √s/√s in powers of s. */
export const sinhcSeries: readonly number[] = /* @__PURE__ */ series((a, j) => a[j - 1] / (2 * j * (2 * j + 1)));
/** artanh √s/√s in powers of s. */
export const artanhcSeries: readonly number[] = /* @__PURE__ */ series((_, j) => 1 / (2 * j + 1));
/** arsinh √s/√s in powers of s. */
export const asinhcSeries: readonly number[] = /* @__PURE__ */ series(
  (a, j) => (-a[j - 1] * (2 * j - 1) ** 2) / (2 * j * (2 * j + 1)),
);
/** tanh √s/√s in powers of s. */
export const tanhcSeries: readonly number[] = /* @__PURE__ */ series((a, j) => {
  let pairs = 0;
  for (let i = 0; i < j; i++) pairs += a[i] * a[j - 1 - i];
  return -pairs / (2 * j + 1);
});

/** The k-th derivative of Σ a_j·s^j, its terms added until they no longer count. */
function alongSeries(a: readonly number[], k: number, s: number): number {
  let sum = 0;
  let power = 1;
  for (let j = k; j < a.length; j++) {
    let term = a[j] * power;
    for (let i = 0; i < k; i++) term *= j - i;
    sum += term;
    if (Math.abs(term) <= 1e-18 * Math.abs(sum)) break;
    power *= s;
  }
  return sum;
}

/** The k-th derivative of a·s^p. */
function ofPower(a: number, p: number, k: number, s: number): number {
  let y = a * s ** (p - k);
  for (let i = 0; i < k; i++) y *= p - i;
  return y;
}

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

/** The j-th derivative of f², from those of f. */
function ofSquare(j: number, f: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i <= j; i++) sum += choose(j, i) * f[i] * f[j - i];
  return sum;
}

const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));

/** F(√s)/√s for an F that is odd. */
interface Ratio {
  /** Its series, and up to which s the derivatives are taken from it: near 0 the difference below cancels. */
  readonly series: readonly number[];
  readonly until: number;
  /** F. */
  readonly odd: (r: number) => number;
  /** The j-th derivative of g in the equation 2s·f′ + f = g, f being given with its derivatives up to the j-th. */
  readonly right: (j: number, s: number, f: readonly number[]) => number;
}

/** The k-th derivative: of the value, by the equation, 2s·f⁽ʲ⁺¹⁾ = g⁽ʲ⁾ − (2j + 1)·f⁽ʲ⁾. */
function ofRatio({ series, until, odd, right }: Ratio, k: number, s: number): number {
  if (s < (k === 0 ? 2 ** -10 : k === 1 ? until / 4 : until)) return alongSeries(series, k, s);
  const r = Math.sqrt(s);
  const d = [odd(r) / r];
  for (let j = 0; j < k; j++) d.push((right(j, s, d) - (2 * j + 1) * d[j]) / (2 * s));
  return d[k];
}

const sinhRatio: Ratio = { series: sinhcSeries, until: 4, odd: Math.sinh, right: (j, s) => cosh(j, s) };
const sinhc = (k: number, s: number): number => ofRatio(sinhRatio, k, s);

/** cosh√s, whose derivative is half of sinhc. */
const cosh = (k: number, s: number): number => (k === 0 ? Math.cosh(Math.sqrt(Math.max(s, 0))) : sinhc(k - 1, s) / 2);

const asinhRatio: Ratio = {
  series: asinhcSeries,
  until: 0.25,
  odd: Math.asinh,
  right: (j, s) => (j === 0 ? 1 / Math.sqrt(1 + s) : ofPower(1, -0.5, j, 1 + s)),
};
const asinhc = (k: number, s: number): number => ofRatio(asinhRatio, k, s);

const artanhRatio: Ratio = {
  series: artanhcSeries,
  until: 0.25,
  odd: Math.atanh,
  right: (j, s) => (j === 0 ? 1 / (1 - s) : factorial(j) / (1 - s) ** (j + 1)),
};
const artanhc = (k: number, s: number): number => ofRatio(artanhRatio, k, s);

const tanhRatio: Ratio = {
  series: tanhcSeries,
  until: 0.5,
  odd: Math.tanh,
  right: (j, s, f) => (j === 0 ? 1 - s * f[0] * f[0] : -s * ofSquare(j, f) - j * ofSquare(j - 1, f)),
};
const tanhc = (k: number, s: number): number => ofRatio(tanhRatio, k, s);

const one = (k: number): number => (k === 0 ? 1 : 0);

/** A function up to `limit`; beyond it a constant, or what makes √s·f(s) one. */
interface Guarded {
  readonly f: (k: number, s: number) => number;
  readonly limit: number;
  readonly constant: boolean;
}

/** Beyond which s a function is held, for a largest radius of R. */
function guarded(name: RadialName, R: number, ball: number): Guarded {
  if (name === 'coshRoot') return { f: cosh, limit: R * R, constant: true };
  if (name === 'sinhcRoot') return { f: sinhc, limit: R * R, constant: false };
  if (name === 'tanhcRoot') return { f: tanhc, limit: (R * R) / 4, constant: false };
  if (name === 'asinhcRoot') return { f: asinhc, limit: Number.POSITIVE_INFINITY, constant: true };
  if (name === 'artanhcRoot') return { f: artanhc, limit: ball * ball, constant: false };
  if (name === 'ballClip') return { f: one, limit: ball * ball, constant: false };
  if (name === 'spaceClip') return { f: one, limit: Math.sinh(R) ** 2, constant: false };
  return { f: (k, s) => factorial(k) / (1 - s) ** (k + 1), limit: ball * ball, constant: true };
}

/** y[i] = f⁽ᵏ⁾(s[i]), computed in float64. */
export const radialKernel: Kernel<readonly [Tensor], RadialAttrs, Spec> = defineKernel({
  name: 'radial',
  infer: ([s]) => s,
  cpu([y], [s], { name, order }) {
    const { f, limit, constant } = guarded(name, farthest(s.dtype), edge(s.dtype));
    const tail = Number.isFinite(limit) ? f(0, limit) * (constant ? 1 : Math.sqrt(limit)) : 0;
    const [to, from] = [y.data, s.data];
    for (let i = 0; i < to.length; i++) {
      const at = from[i];
      if (!(at > limit)) to[i] = f(order, at);
      else to[i] = constant ? (order === 0 ? tail : 0) : ofPower(tail, -0.5, order, at);
    }
  },
});
