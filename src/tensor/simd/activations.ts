/** Activation functions and their derivatives as formulas: see `formulas.ts`. */
import type { V } from './forms.ts';
import type { Formula, Registers } from './formula.ts';
import { bell, clamped, type OddRatio, type Power, polynomial, power, power64, product } from './formulas.ts';
import { f32x4, f64x2, i32x4, shuffle32, v128 } from './lanes.ts';

/** 1/(1 + e^−x) as w·b, so that a product with it rounds once; 1 minus it is v. */
interface Logistic {
  readonly w: V;
  readonly b: V;
  readonly v: V;
}

/** From eˣ = p·a·b: w = p/(1/a + p·b). */
function logistic(r: Registers, { p, a, b }: Power): Logistic {
  const inverse = r.hold(i32x4.sub(r.bits(254 << 23), a));
  const all = r.hold(r.madd(p, b, inverse));
  return { w: f32x4.div(p, all), b, v: f32x4.div(inverse, all) };
}

/** 1/(1 + e^−x): within 4e-7, denormal results included. */
export const sigmoid: Formula = (r, x) => {
  const { w, b } = logistic(r, power(r, r.hold(clamped(r, x, -110, 89))));
  return f32x4.mul(w, b);
};

/** x/(1 + e^−x): within 4e-7, denormal results included. */
export const silu: Formula = (r, x) => {
  const low = r.hold(f32x4.pmax(x, r.constant(-110)));
  const { w, b } = logistic(r, power(r, r.hold(f32x4.pmin(low, r.constant(89)))));
  return f32x4.mul(f32x4.mul(low, w), b);
};

/** The derivative of `silu`, σ·(1 + x·(1 − σ)): within 5e-7 of 1. */
export const siluSlope: Formula = (r, x) => {
  const near = r.hold(clamped(r, x, -110, 110));
  const { w, b, v } = logistic(r, power(r, near));
  return f32x4.mul(f32x4.mul(w, b), r.madd(near, v, r.constant(1)));
};

const cubic = 0.044715;
const root = Math.sqrt(2 / Math.PI);

/** eᵘ with u = 2·√(2/π)·(x + 0.044715·x³), in float64 until it is reduced: it is −100 where the result is still a number. */
function cubicPower(r: Registers, x: V): Power {
  const u = (pair: V): V => {
    const wide = r.hold(f64x2.promoteLowF32x4(pair));
    return f64x2.mul(wide, r.madd64(f64x2.mul(wide, wide), r.constant64(2 * root * cubic), r.constant64(2 * root)));
  };
  return power64(r, u(x), u(shuffle32(x, x, [2, 3, 2, 3])));
}

/** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 = x/(1 + e^−u): within 5e-7, denormal results included. */
export const geluTanh: Formula = (r, x) => {
  const low = r.hold(f32x4.pmax(x, r.constant(-11)));
  const { w, b } = logistic(r, cubicPower(r, r.hold(f32x4.pmin(low, r.constant(11)))));
  return f32x4.mul(f32x4.mul(low, w), b);
};

/** The derivative of `geluTanh`, σ·(1 + x·(1 − σ)·u′): within 5e-7 of 1. */
export const geluTanhSlope: Formula = (r, x) => {
  const near = r.hold(clamped(r, x, -11, 11));
  const { w, b, v } = logistic(r, cubicPower(r, near));
  const slope = r.madd(f32x4.mul(near, near), r.constant(6 * root * cubic), r.constant(2 * root));
  return f32x4.mul(f32x4.mul(w, b), r.madd(f32x4.mul(near, v), slope, r.constant(1)));
};

/** Φ(−x)·e^x²/2 as above(x)/below(x) for 0 <= x <= 14.6: degrees 4 and 5, error 6e-9. */
export const normalTailRatio: Omit<OddRatio, 'far'> = {
  above: [0.5, 0.43849793, 0.18338574, 0.04068406, 0.004123872],
  below: [1, 1.6748809, 1.2031282, 0.46986827, 0.10198619, 0.010336896],
};

/** e^−x²/2, x² in float64; and Φ(−x)·e^x²/2. For 0 <= x <= 14.6. */
function normalTail(r: Registers, x: V): { readonly density: Power; readonly ratio: V } {
  const density = bell(r, x);
  const above = polynomial(r, x, normalTailRatio.above);
  const below = polynomial(r, x, normalTailRatio.below);
  return { density, ratio: f32x4.div(above, below) };
}

/** x·Φ(x): within 5e-7, denormal results included. */
export const gelu: Formula = (r, x) => {
  const low = r.hold(f32x4.pmax(x, r.constant(-14.6)));
  const { density, ratio } = normalTail(r, r.hold(f32x4.pmin(f32x4.abs(low), r.constant(14.6))));
  const tail = r.hold(f32x4.mul(f32x4.mul(ratio, density.p), density.a));
  const left = f32x4.mul(f32x4.mul(low, tail), density.b);
  const right = f32x4.mul(low, f32x4.sub(r.constant(1), f32x4.mul(tail, density.b)));
  return v128.bitselect(right, left, f32x4.gt(x, v128.zero()));
};

/** The derivative of `gelu`, Φ(x) + x·φ(x): within 5e-7 of 1. */
export const geluSlope: Formula = (r, x) => {
  const near = r.hold(clamped(r, x, -14.6, 14.6));
  const { density, ratio } = normalTail(r, r.hold(f32x4.abs(near)));
  const e = r.hold(product(density));
  const tail = r.hold(f32x4.mul(ratio, e));
  const phi = v128.bitselect(f32x4.sub(r.constant(1), tail), tail, f32x4.gt(x, v128.zero()));
  return r.madd(f32x4.mul(near, r.constant(1 / Math.sqrt(2 * Math.PI))), e, phi);
};

/** ln(1 + e^−|x|): the odd series of artanh of degree 9, error 4e-9. Within 5e-7. */
function softTail(r: Registers, x: V): V {
  const e = r.hold(product(power(r, r.hold(f32x4.pmax(f32x4.neg(f32x4.abs(x)), r.constant(-104))))));
  const t = r.hold(f32x4.div(e, r.madd(e, r.constant(0.5), r.constant(1))));
  const series = [1, 0.083332896, 0.012507797, 0.0021843587, 5.504445e-4];
  return f32x4.mul(t, polynomial(r, f32x4.mul(t, t), series));
}

/** ln(1 + eˣ), or x where x > threshold: within 5e-7, denormal results included. */
export const softplus: Formula = (r, x, threshold) =>
  v128.bitselect(x, f32x4.add(f32x4.pmax(x, v128.zero()), softTail(r, x)), f32x4.gt(x, threshold));
/** −ln(1 + e^−x): within 5e-7, denormal results included. */
export const logSigmoid: Formula = (r, x) =>
  v128.or(f32x4.sub(f32x4.pmin(x, v128.zero()), softTail(r, x)), r.bits(-(2 ** 31)));

/** x·tanh(ln(1 + eˣ)) = x·w·(w + 2)/(w·(w + 2) + 2) with w = eˣ: within 5e-7, denormal results included. */
export const mish: Formula = (r, x) => {
  const low = r.hold(f32x4.pmax(x, r.constant(-110)));
  const { p, a, b } = power(r, r.hold(f32x4.pmin(low, r.constant(40))));
  const w = r.hold(f32x4.mul(f32x4.mul(p, a), b));
  const two = r.constant(2);
  const more = r.hold(f32x4.add(w, two));
  const factor = f32x4.mul(low, f32x4.div(more, r.madd(w, more, two)));
  return f32x4.mul(f32x4.mul(f32x4.mul(factor, p), a), b);
};
