import { type OddRatio, tanhRatio } from '../../simd/formulas.ts';
import { factorials, polynomial } from './polynomial.ts';

/** Text of an odd function as a quotient, ±1 beyond `far`. NaN passes. */
export const oddRatio = (name: string, { far, above, below }: OddRatio): string => `function ${name}(x) {
  let u = x;
  if (x > ${far}) { u = ${far}; }
  if (x < -${far}) { u = 0 - ${far}; }
  const z = u * u;
  let y = u * (${polynomial('z', above)}) / (${polynomial('z', below)});
  if (y > 1) { y = 1; }
  if (y < -1) { y = 0 - 1; }
  return y;
}`;

/** Powers of e and what is made of them. NaN and infinities as in JavaScript; results below 2⁻¹²⁶ may be 0. */
export const exponential: Readonly<Record<string, string>> = {
  /** 2ⁿ for whole |n| <= 126, exactly: a GPU's own power is not. */
  twoTo: `function twoTo(n) {
    let y = 1;
    let factor = 2;
    let left = n;
    if (n < 0) { factor = 0.5; left = 0 - n; }
    for (let i = 0; i < 7; i++) {
      const rest = Math.floor(left * 0.5);
      if (left > rest + rest) { y = y * factor; }
      factor = factor * factor;
      left = rest;
    }
    return y;
  }`,
  /** x·2ⁿ for whole |n| <= 252. */
  scaled: `function scaled(x, n) {
    const root = Math.floor(n * 0.5);
    let y = x;
    if (n > root + root) { y = x + x; }
    const factor = twoTo(root);
    return y * factor * factor;
  }`,
  /** eˣ − 1 for |x| <= 0.36: Taylor's series of degree 8, error 2e-9. */
  expNear: `function expNear(x) { return x + x * x * (${polynomial('x', factorials(2, 1, 7))}); }`,
  /** eˣ = 2ⁿ·eᶠ, ln 2 taken off x in two parts of which the first times n is exact. Within 3e-7. */
  expOf: `function expOf(x) {
    let u = x;
    if (x > 89) { u = 89; }
    if (x < -104) { u = 0 - 104; }
    const n = Math.floor(u * ${Math.LOG2E} + 0.5);
    const f = (u - n * 0.693145751953125) - n * 1.428606765330187e-6;
    return scaled(1 + expNear(f), n);
  }`,
  /** eˣ − 1: within 6e-7, near 0 too. */
  expm1Of: `function expm1Of(x) {
    let y = expOf(x) - 1;
    if (x > -0.35 && x < 0.35) { y = expNear(x); }
    return y;
  }`,
  /** sinh x: below 1 Taylor's series of degree 9, error 3e-8; beyond, of e^|x|/2 as a square, which overflows no sooner. Within 1e-6. */
  sinhOf: `function sinhOf(x) {
    const root = expOf(0.5 * Math.abs(x));
    const e = 0.5 * root * root;
    let y = e - 0.25 / e;
    if (x < 0) { y = 0 - y; }
    const z = x * x;
    if (z < 1) { y = x * (${polynomial('z', factorials(1, 2, 5))}); }
    return y;
  }`,
  /** cosh x: within 1e-6. */
  coshOf: `function coshOf(x) {
    const root = expOf(0.5 * Math.abs(x));
    const e = 0.5 * root * root;
    return e + 0.25 / e;
  }`,
  tanhOf: oddRatio('tanhOf', tanhRatio),
  /** 1/(1 + e^−x), from the side where e^… cannot overflow: within 6e-7. */
  sigmoidOf: `function sigmoidOf(x) {
    const e = expOf(0 - Math.abs(x));
    let y = 1 / (1 + e);
    if (x < 0) { y = e / (1 + e); }
    return y;
  }`,
  /** ln(1 + eˣ): both tails keep their relative precision. Within 1e-6. */
  softplusOf: `function softplusOf(x) {
    let high = x;
    if (x < 0) { high = 0; }
    return high + log1pOf(expOf(0 - Math.abs(x)));
  }`,
  /** tanh(ln(1 + eˣ)) in powers of e^−|x|: within 1e-6. */
  tanhSoftplusOf: `function tanhSoftplusOf(x) {
    const e = expOf(0 - Math.abs(x));
    let y = (1 + 2 * e) / (1 + 2 * e * (1 + e));
    if (x < 0) { y = e * (2 + e) / (2 + e * (2 + e)); }
    return y;
  }`,
};
