/**
 * Functions of a number in each lane, as formulas. Coefficients are minimax fits of the error relative to the function, made for
 * this file; each comment gives degree, interval and the fit's error. What rounding adds is in the tests' tolerances.
 */
import type { V } from './forms.ts';
import type { Formula, Registers } from './formula.ts';
import { f32x4, f64x2, i32x4, shuffle32, v128 } from './lanes.ts';

/** c0 + c1·x + c2·x² + … by Horner's rule. */
export function polynomial(r: Registers, x: V, coefficients: readonly number[]): V {
  let sum = r.constant(coefficients[coefficients.length - 1]);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = r.madd(sum, x, r.constant(coefficients[i]));
  return sum;
}

/** low <= x <= high; NaN passes. */
export const clamped = (r: Registers, x: V, low: number, high: number): V =>
  f32x4.pmax(f32x4.pmin(x, r.constant(high)), r.constant(low));
/** |x|, with the sign of s. */
export const withSign = (r: Registers, x: V, s: V): V => v128.or(x, v128.and(s, r.bits(-(2 ** 31))));

/** 1.5·2²³: added to a small number, it leaves the nearest whole number in the last bits. */
const magic = 3 * 2 ** 22;
const ln2 = { high: 0.693359375, low: -2.1219444e-4 };

/** x = n·ln 2 + f with n whole and |f| <= ln 2/2, for |x| < 160; the last bits of `count` are n + `bias`. */
function reduced(r: Registers, x: V, bias: number): { readonly f: V; readonly count: V } {
  const shift = r.constant(magic + bias);
  const count = r.hold(r.madd(x, r.constant(Math.LOG2E), shift));
  const n = r.hold(f32x4.sub(count, shift));
  return { f: r.hold(r.madd(n, r.constant(-ln2.low), r.madd(n, r.constant(-ln2.high), x))), count };
}

/** A power of e as p·a·b: p between 0.7 and 1.42, a and b powers of 2. Multiplying them last rounds a denormal result once. */
export interface Power {
  readonly p: V;
  readonly a: V;
  readonly b: V;
}

/** eᶠ for |f| <= ln 2/2: degree 5, error 1.1e-7. */
const series = [1, 1, 0.49999225, 0.16667119, 0.041890997, 0.008312431];
/** The same of degree 6, error 3.1e-9, for what has other errors. */
const longSeries = [1, 1, 0.49999994, 0.1666652, 0.041668393, 0.008368858, 0.001381457];

/** 2^(n+bias−254), in two factors of nearly equal size. */
function scale(r: Registers, count: V): { readonly a: V; readonly b: V } {
  const half = r.hold(i32x4.shrU(count, 1));
  return { a: r.hold(i32x4.shl(half, 23)), b: r.hold(i32x4.shl(i32x4.sub(count, half), 23)) };
}

/** eˣ·2^shift for |x| < 160. */
export function power(r: Registers, x: V, shift: number = 0): Power {
  const { f, count } = reduced(r, x, 254 + shift);
  return { p: r.hold(polynomial(r, f, series)), ...scale(r, count) };
}

/** e^(−x²/2) for |x| <= 15. The square is formed in two parts, of which the first is exact: rounded, it would lose the tail. */
export function bell(r: Registers, x: V): Power {
  const { madd, hold, constant } = r;
  const short = hold(v128.and(x, r.bits(-4096)));
  const lost = f32x4.mul(f32x4.sub(x, short), f32x4.add(x, short));
  const shift = constant(magic + 254);
  const count = hold(madd(f32x4.mul(x, x), constant(-0.5 * Math.LOG2E), shift));
  const n = hold(f32x4.sub(count, shift));
  const half = constant(-0.5);
  const rest = madd(n, constant(-ln2.high), f32x4.mul(f32x4.mul(short, short), half));
  const f = hold(madd(lost, half, madd(n, constant(-ln2.low), rest)));
  return { p: r.hold(polynomial(r, f, longSeries)), ...scale(r, count) };
}

/** eˣ of two pairs of float64: keeps the digits of an x that was computed. */
export function power64(r: Registers, low: V, high: V): Power {
  const shift = r.constant64(3 * 2 ** 51 + 254);
  const half = (x: V): { readonly f: V; readonly count: V } => {
    const held = r.hold(x);
    const count = r.hold(r.madd64(held, r.constant64(Math.LOG2E), shift));
    const n = f64x2.sub(count, shift);
    return { f: f32x4.demoteF64x2(r.madd64(n, r.constant64(-Math.LN2), held)), count };
  };
  const [p, q] = [half(low), half(high)];
  const f = r.hold(shuffle32(p.f, q.f, [0, 1, 4, 5]));
  return { p: r.hold(polynomial(r, f, series)), ...scale(r, r.hold(shuffle32(p.count, q.count, [0, 2, 4, 6]))) };
}

/** The power itself. */
export const product = ({ p, a, b }: Power): V => f32x4.mul(f32x4.mul(p, a), b);

/** eˣ: within 3e-7, denormal results included. */
export const exp: Formula = (r, x) => product(power(r, r.hold(clamped(r, x, -104, 89))));

/** eˣ where x <= 0: within 2e-7; exact at 0, −∞ and NaN. Below −87.6, where results are denormal numbers, it is 0. */
export const expOfNegative: Formula = (r, x) => {
  const { f, count } = reduced(r, r.hold(f32x4.pmax(x, r.constant(-88))), 127);
  return f32x4.mul(polynomial(r, f, series), i32x4.shl(count, 23));
};

/** eˣ − 1: within 3e-7, near 0 too. eᶠ − 1 of degree 6, error 1.4e-8. */
export const expm1: Formula = (r, x) => {
  const { f, count } = reduced(r, r.hold(clamped(r, x, -18, 89)), 126);
  const e = r.hold(
    r.madd(f32x4.mul(f, f), polynomial(r, f, [0.49999997, 0.16666542, 0.041667204, 0.008366654, 0.0013882496]), f),
  );
  // 2ⁿ·e + (2ⁿ − 1), halved, so that 2ⁿ is finite.
  const half = r.hold(i32x4.shl(count, 23));
  const y = r.hold(r.madd(half, e, f32x4.sub(half, r.constant(0.5))));
  return v128.bitselect(x, f32x4.add(y, y), f32x4.lt(f32x4.abs(x), r.constant(1e-8)));
};

/** cosh x = E + 1/4E with E = e^|x|/2: within 4e-7. */
export const cosh: Formula = (r, x) => {
  const e = r.hold(product(power(r, r.hold(f32x4.pmin(f32x4.abs(x), r.constant(90))), -1)));
  return f32x4.add(e, f32x4.div(r.constant(0.25), e));
};

/** sinh x = E − 1/4E with E = e^|x|/2, below 1 an odd polynomial of degree 7, error 2.4e-8: within 5e-7. */
export const sinh: Formula = (r, x) => {
  const a = r.hold(f32x4.abs(x));
  const e = r.hold(product(power(r, r.hold(f32x4.pmin(a, r.constant(90))), -1)));
  const far = withSign(r, f32x4.sub(e, f32x4.div(r.constant(0.25), e)), x);
  const z = r.hold(f32x4.mul(x, x));
  const near = r.madd(f32x4.mul(x, z), polynomial(r, z, [0.16666716, 0.008330284, 2.0372219e-4]), x);
  return v128.bitselect(far, near, f32x4.gt(a, r.constant(1)));
};

/** An odd function as x·above(x²)/below(x²) for |x| <= far; beyond, it is ±1. */
export interface OddRatio {
  readonly far: number;
  readonly above: readonly number[];
  readonly below: readonly number[];
}

const quotient =
  ({ far, above, below }: OddRatio): Formula =>
  (r, x) => {
    const near = r.hold(clamped(r, x, -far, far));
    const z = r.hold(f32x4.mul(near, near));
    const y = f32x4.div(f32x4.mul(near, polynomial(r, z, above)), polynomial(r, z, below));
    return clamped(r, y, -1, 1);
  };

/** Of tanh: degrees 9 and 8, error 2.1e-8. */
export const tanhRatio: OddRatio = {
  far: 9.011,
  above: [1, 0.13380302, 0.0034947284, 2.0594924e-5, 1.3334988e-8],
  below: [1, 0.46713617, 0.025873711, 3.2842284e-4, 7.7685195e-7],
};
/** Of erf: degrees 11 and 10, error 2e-8. */
export const erfRatio: OddRatio = {
  far: 3.93,
  above: [1.1283791, 0.19078897, 0.052790962, 0.0037798276, 2.848131e-4, 2.0419268e-6],
  below: [1, 0.50241506, 0.114259645, 0.014997877, 0.0011652649, 3.8003855e-5],
};

/** tanh x: within 4e-7. */
export const tanh: Formula = quotient(tanhRatio);
/** erf x: within 4e-7. */
export const erf: Formula = quotient(erfRatio);
