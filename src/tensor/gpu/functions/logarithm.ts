import { polynomial } from './polynomial.ts';

/** The largest number of float32: in each mode, what is beyond is an infinity. */
export const mostFinite: number = (2 - 2 ** -23) * 2 ** 127;

/** 2·artanh(s)/s in powers of s²: 2, 2/3, 2/5, … */
const artanh = [0, 1, 2, 3, 4].map((n) => 2 / (2 * n + 1));

/** What JavaScript gives for 0, for numbers below, for infinity and NaN, in `y`, around what `inner` gives for others. */
const withEnds = (inner: string): string => `
    let y = x;
    if (x === 0) { y = -1 / (x * x); }
    if (x < 0) { y = Math.sqrt(x); }
    if (x > 0 && x <= ${mostFinite}) {
      const k = exponentOf(x);
      const m = scaled(x, 0 - k);
      ${inner}
    }
    return y;`;

/** Logarithms, the inverse hyperbolic functions and powers. */
export const logarithm: Readonly<Record<string, string>> = {
  /** k of x = m·2ᵏ with m from √½ to √2, or as little beyond as the GPU's own logarithm is wrong. For finite x > 0. */
  exponentOf: 'function exponentOf(x) { return Math.floor(Math.log2(x) + 0.5); }',
  /** 2·artanh s for |s| <= 0.18: the series to s⁹, error 1e-9. ln m = 2·artanh((m − 1)/(m + 1)). */
  artanhNear: `function artanhNear(s) {
    const z = s * s;
    return s * (${polynomial('z', artanh)});
  }`,
  /** ln x: within 4e-7. */
  logOf: `function logOf(x) { ${withEnds(`y = k * ${Math.LN2} + artanhNear((m - 1) / (m + 1));`)} }`,
  /** log₂ x: within 4e-7; exact at powers of 2. */
  log2Of: `function log2Of(x) { ${withEnds(`y = k + artanhNear((m - 1) / (m + 1)) * ${Math.LOG2E};`)} }`,
  /** ln(1 + x): within 6e-7, near 0 too. */
  log1pOf: `function log1pOf(x) {
    let y = logOf(1 + x);
    if (x > -0.29 && x < 0.41) { y = artanhNear(x / (2 + x)); }
    return y;
  }`,
  /** arsinh x = ±ln(1 + a + a²/(1 + √(1 + a²))), a = |x|: within 1e-6. */
  asinhOf: `function asinhOf(x) {
    const a = Math.abs(x);
    let y = 0;
    if (a > 1e9) { y = logOf(a) + ${Math.LN2}; } else { y = log1pOf(a + a * a / (1 + Math.sqrt(1 + a * a))); }
    if (x < 0) { y = 0 - y; }
    return y;
  }`,
  /** arcosh x = ln(1 + t + √(t·(t + 2))), t = x − 1: within 1e-6, near 1 too. */
  acoshOf: `function acoshOf(x) {
    const t = x - 1;
    let y = 0;
    if (x > 1e9) { y = logOf(x) + ${Math.LN2}; } else { y = log1pOf(t + Math.sqrt(t * (t + 2))); }
    if (t < 0) { y = Math.sqrt(t); }
    return y;
  }`,
  /** artanh x = ±½·ln(1 + 2a/(1 − a)), a = |x|: within 1e-6. */
  atanhOf: `function atanhOf(x) {
    const a = Math.abs(x);
    let y = 0.5 * log1pOf(2 * a / (1 - a));
    if (x < 0) { y = 0 - y; }
    return y;
  }`,
  /**
   * aᵇ for a > 0, both finite: 2ⁿ·eᶠ with n + f/ln 2 = b·log₂ a. b·k is formed of b in sixteenths, which is exact, and the rest: rounded, it
   * would lose the last digits of large powers. Relative error within 5e-7·(1 + |b|/4).
   */
  powerNear: `function powerNear(a, b) {
    const k = exponentOf(a);
    const m = scaled(a, 0 - k);
    const log = artanhNear((m - 1) / (m + 1));
    let coarse = b;
    if (Math.abs(b) < 1e6) { coarse = Math.floor(b * 16 + 0.5) / 16; }
    let n = Math.floor(b * (k + log * ${Math.LOG2E}) + 0.5);
    let f = (coarse * k - n) * ${Math.LN2} + ((b - coarse) * k * ${Math.LN2} + b * log);
    if (n > 129) { n = 129; f = 0; }
    if (n < -151) { n = 0 - 151; f = 0; }
    return scaled(1 + expNear(f), n);
  }`,
  /** aᵇ with IEEE 754's special cases: 1 to any power is 1, and so is −1 to an infinite one. */
  powerOf: `function powerOf(a, b) {
    const size = Math.abs(a);
    const whole = Math.floor(b);
    const odd = whole - 2 * Math.floor(whole * 0.5);
    let finite = 0;
    if (Math.abs(b) <= ${mostFinite}) { finite = 1; }
    let y = a + b;
    if (size > 0 && size <= ${mostFinite} && finite === 1) {
      y = powerNear(size, b);
      if (a < 0) {
        if (whole < b) { y = Math.sqrt(a); } else if (odd === 1) { y = 0 - y; }
      }
    }
    if (size === 0 || size > ${mostFinite}) {
      let z = size;
      if (odd === 1 && finite === 1 && whole === b) { z = a; }
      if (b > 0) { y = z; }
      if (b < 0) { y = 1 / z; }
    }
    if (b > ${mostFinite} || b < -${mostFinite}) {
      if ((size > 1 && b > 0) || (size < 1 && b < 0)) { y = Math.abs(b); }
      if ((size > 1 && b < 0) || (size < 1 && b > 0)) { y = 0; }
      if (size === 1) { y = 1; }
    }
    if (a === 1 || b === 0) { y = 1; }
    return y;
  }`,
  /** a − b·⌊a/b⌋, exactly: |b| times falling powers of 2 is taken off |a| where it can be, which rounds nothing. */
  remainderOf: `function remainderOf(a, b) {
    const part = Math.abs(b);
    let y = Math.abs(a);
    let turns = 0;
    if (y >= part && y <= ${mostFinite} && part > 0) { turns = Math.floor(Math.log2(y) - Math.log2(part)) + 1; }
    let power = scaled(part, turns - 1);
    for (let i = 0; i < turns; i++) {
      if (y >= power) { y = y - power; }
      power = power * 0.5;
    }
    if (turns > 0 && y >= part) { y = y - part; }
    if (a < 0) { y = 0 - y; }
    if (y > 0 && b < 0) { y = y + b; }
    if (y < 0 && b > 0) { y = y + b; }
    if (Math.abs(a) > ${mostFinite}) { y = a - a; }
    if (b === 0) { y = b / b; }
    if (b >= 0 || b < 0) { return y; }
    return b;
  }`,
};
