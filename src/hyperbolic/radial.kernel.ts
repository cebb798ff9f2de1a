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
const sinhcSeries = /* @__PURE__ */ series((a, j) => a[j - 1] / (2 * j * (2 * j + 1)));
const artanhcSeries = /* @__PURE__ */ series((_, j) => 1 / (2 * j + 1));
const asinhcSeries = /* @__PURE__ */ series((a, j) => (-a[j - 1] * (2 * j - 1) ** 2) / (2 * j * (2 * j + 1)));
const tanhcSeries = /* @__PURE__ */ series((a, j) => {
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

/**
 * The k-th derivative of an f with 2s·f′ + f = g, from those of g and f itself: 2s·f⁽ʲ⁺¹⁾ = g⁽ʲ⁾ − (2j + 1)·f⁽ʲ⁾. Away from
 * s = 0 only: near it the difference cancels.
 */
function alongEquation(f: number, k: number, s: number, g: (j: number, f: readonly number[]) => number): number {
  const d = [f];
  for (let j = 0; j < k; j++) d.push((g(j, d) - (2 * j + 1) * d[j]) / (2 * s));
  return d[k];
}

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

/** The j-th derivative of f², from those of f. */
function ofSquare(j: number, f: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i <= j; i++) sum += choose(j, i) * f[i] * f[j - i];
  return sum;
}

const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));

const sinhc = (k: number, s: number): number =>
  s < 4
    ? alongSeries(sinhcSeries, k, s)
    : alongEquation(Math.sinh(Math.sqrt(s)) / Math.sqrt(s), k, s, (j) => cosh(j, s));

/** cosh√s, whose derivative is half of sinhc. */
const cosh = (k: number, s: number): number => (k === 0 ? Math.cosh(Math.sqrt(Math.max(s, 0))) : sinhc(k - 1, s) / 2);

const asinhc = (k: number, s: number): number =>
  s < 0.25
    ? alongSeries(asinhcSeries, k, s)
    : alongEquation(Math.asinh(Math.sqrt(s)) / Math.sqrt(s), k, s, (j) => ofPower(1, -0.5, j, 1 + s));

const artanhc = (k: number, s: number): number =>
  s < 0.25
    ? alongSeries(artanhcSeries, k, s)
    : alongEquation(Math.atanh(Math.sqrt(s)) / Math.sqrt(s), k, s, (j) => factorial(j) / (1 - s) ** (j + 1));

const tanhc = (k: number, s: number): number =>
  s < 0.5
    ? alongSeries(tanhcSeries, k, s)
    : alongEquation(Math.tanh(Math.sqrt(s)) / Math.sqrt(s), k, s, (j, f) =>
        j === 0 ? 1 - s * f[0] * f[0] : -s * ofSquare(j, f) - j * ofSquare(j - 1, f),
      );

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
