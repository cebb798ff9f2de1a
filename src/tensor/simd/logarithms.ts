/** Logarithms and the inverse hyperbolic functions as formulas: see `formulas.ts`. */
import type { V } from './forms.ts';
import type { Formula, Registers } from './formula.ts';
import { polynomial, withSign } from './formulas.ts';
import { f32x4, i32x4, v128 } from './lanes.ts';

const ln2 = { high: 0.693145751953125, low: 1.4286068e-6 };
/** From here on 1 + x is x, and √(x² ± 1) too. */
const huge = 2 ** 24;

/** x = m·2ᵏ with m in [√½, √2): k as a whole number, m. For positive normal numbers. */
function split(r: Registers, x: V): { readonly k: V; readonly power: V; readonly m: V } {
  const k = r.hold(i32x4.shrS(i32x4.sub(x, r.bits(0x3f3504f3)), 23));
  const power = r.hold(i32x4.shl(k, 23));
  return { k, power, m: i32x4.sub(x, power) };
}

/** ln(1 + f) − f for f in [√½ − 1, √2 − 1]: degree 9, error 3.2e-8 relative to ln(1 + f). */
const curve = (r: Registers, f: V): V => {
  const z = r.hold(f32x4.mul(f, f));
  const p = [0.33333912, -0.25001338, 0.19963053, -0.16577569, 0.14914846, -0.14267617, 0.08700394];
  return r.madd(f32x4.mul(z, f), polynomial(r, f, p), f32x4.mul(z, r.constant(-0.5)));
};

/** k·ln 2 + ln(1 + f). */
const assembled = (r: Registers, k: V, f: V): V =>
  r.madd(k, r.constant(ln2.high), f32x4.add(f, r.madd(k, r.constant(ln2.low), curve(r, f))));

/** What `y` is where x is 0, below, NaN or infinite: −∞, NaN, NaN and ∞. */
function withEnds(r: Registers, y: V, x: V): V {
  const zero = v128.zero();
  const right = v128.bitselect(x, y, f32x4.eq(x, r.constant(Infinity)));
  const left = v128.bitselect(r.constant(-Infinity), right, f32x4.eq(x, zero));
  return v128.or(left, v128.not(f32x4.ge(x, zero)));
}

/** k and f of x = (1 + f)·2ᵏ, denormal numbers included. */
function parts(r: Registers, x: V): { readonly k: V; readonly f: V } {
  const small = r.hold(f32x4.lt(x, r.constant(2 ** -126)));
  const normal = r.hold(v128.bitselect(f32x4.mul(x, r.constant(2 ** 23)), x, small));
  const { k, m } = split(r, normal);
  const whole = f32x4.sub(f32x4.convertI32x4(k), v128.and(small, r.constant(23)));
  return { k: r.hold(whole), f: r.hold(f32x4.sub(m, r.constant(1))) };
}

/** ln x: within 3e-7. */
export const log: Formula = (r, x) => {
  const { k, f } = parts(r, x);
  return withEnds(r, assembled(r, k, f), x);
};

/** log₂ x: within 4e-7; exact at powers of 2. */
export const log2: Formula = (r, x) => {
  const { k, f } = parts(r, x);
  return withEnds(r, r.madd(f32x4.add(f, curve(r, f)), r.constant(Math.LOG2E), k), x);
};

/** ln(1 + x) for x >= 0, and for x > −1 but for the sign of 0. What rounding took from 1 + x is added to the mantissa. */
function logOfOneMore(r: Registers, x: V): V {
  const one = r.constant(1);
  const u = r.hold(f32x4.add(x, one));
  const lost = f32x4.sub(x, f32x4.sub(u, one));
  const { k, power, m } = split(r, u);
  const f = r.hold(r.madd(lost, i32x4.maxS(i32x4.sub(r.bits(127 << 23), power), v128.zero()), f32x4.sub(m, one)));
  return withEnds(r, assembled(r, r.hold(f32x4.convertI32x4(k)), f), u);
}

/** ln(1 + x): within 4e-7, near 0 too. */
export const log1p: Formula = (r, x) => withSign(r, logOfOneMore(r, x), x);

/** asinh x = ln(1 + |x| + x²/(1 + √(1 + x²))), with the sign of x: within 5e-7. */
export const asinh: Formula = (r, x) => {
  const a = r.hold(f32x4.abs(x));
  const z = r.hold(f32x4.mul(a, a));
  const one = r.constant(1);
  const more = f32x4.div(z, f32x4.add(one, f32x4.sqrt(f32x4.add(one, z))));
  return withSign(r, doubledBeyond(r, a, f32x4.add(a, more)), x);
};

/** acosh x = ln(1 + t + √(t·(t + 2))) with t = x − 1: within 5e-7; NaN below 1. */
export const acosh: Formula = (r, x) => {
  const t = r.hold(f32x4.sub(x, r.constant(1)));
  const more = f32x4.sqrt(f32x4.mul(t, f32x4.add(t, r.constant(2))));
  return v128.or(doubledBeyond(r, x, f32x4.add(t, more)), f32x4.lt(x, r.constant(1)));
};

/** ln(1 + u), or ln 2x where x is so large that squares of it overflow. */
function doubledBeyond(r: Registers, x: V, u: V): V {
  const far = r.hold(f32x4.gt(x, r.constant(huge)));
  const y = logOfOneMore(r, r.hold(v128.bitselect(x, u, far)));
  return f32x4.add(y, v128.and(far, r.constant(Math.LN2)));
}

/** atanh x = ln(1 + 2|x|/(1 − |x|))/2, with the sign of x: within 5e-7; NaN beyond ±1. */
export const atanh: Formula = (r, x) => {
  const a = r.hold(f32x4.abs(x));
  const u = r.hold(f32x4.div(f32x4.add(a, a), f32x4.sub(r.constant(1), a)));
  return withSign(r, f32x4.mul(logOfOneMore(r, u), r.constant(0.5)), x);
};
