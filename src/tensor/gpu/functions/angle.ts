import { factorials, polynomial } from './polynomial.ts';

/** arctan t/t in powers of t², for 0 <= t <= √2 − 1: 1, −1/3, 1/5, … */
const arctan = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => (n % 2 === 0 ? 1 : -1) / (2 * n + 1));

/** π/2 in three parts, of which the first two times a whole number up to 2¹³ are exact. */
const quarter = [1.5703125, 0.0004837512969970703, 7.549789948768648e-8];

/** Angles and what is made of them. Sines and tangents resolve angles up to 10⁵; far beyond they are some number between −1 and 1. */
export const angle: Readonly<Record<string, string>> = {
  /** Which quarter of a turn x lies nearest to. */
  quarterOf: `function quarterOf(x) { return Math.floor(x * ${2 / Math.PI} + 0.5); }`,
  /** x less n quarters, within −0.8 … 0.8. */
  lessQuarters: `function lessQuarters(x, n) {
    let y = ((x - n * ${quarter[0]}) - n * ${quarter[1]}) - n * ${quarter[2]};
    if (y > 0.8) { y = 0.8; }
    if (y < -0.8) { y = 0 - 0.8; }
    return y;
  }`,
  /** sin x for |x| <= 0.8: Taylor's series of degree 9, error 2e-9. */
  sinNear: `function sinNear(x) {
    const z = x * x;
    return x * (${polynomial('z', factorials(1, 2, 5, -1))});
  }`,
  /** cos x for |x| <= 0.8: Taylor's series of degree 10, error 2e-10. */
  cosNear: `function cosNear(x) {
    const z = x * x;
    return ${polynomial('z', factorials(0, 2, 6, -1))};
  }`,
  /** sin(x + quarters·π/2): absolutely within 2e-7 for |x| <= 10⁴, within 2e-6 for |x| <= 10⁵. */
  sinOf: `function sinOf(x, quarters) {
    const n = quarterOf(x);
    const r = lessQuarters(x, n);
    const turn = n + quarters - 4 * Math.floor((n + quarters) * 0.25);
    let y = sinNear(r);
    if (turn === 1 || turn === 3) { y = cosNear(r); }
    if (turn >= 2) { y = 0 - y; }
    return y;
  }`,
  /** tan x: relatively within 1e-6 where the angle is resolved. */
  tanOf: `function tanOf(x) {
    const n = quarterOf(x);
    const r = lessQuarters(x, n);
    const sine = sinNear(r);
    const cosine = cosNear(r);
    let y = sine / cosine;
    if (n > 2 * Math.floor(n * 0.5)) { y = 0 - cosine / sine; }
    return y;
  }`,
  /** arctan t for 0 <= t <= 1, as twice that of t/(1 + √(1 + t²)): within 4e-7. */
  atanNear: `function atanNear(t) {
    const part = 1 / (1 + Math.sqrt(1 + t * t));
    const z = t * part * t * part;
    return t * (2 * part * (${polynomial('z', arctan)}));
  }`,
  /** The angle of the point (x, y) from the first axis, where neither is negative. */
  angleOf: `function angleOf(y, x) {
    let t = y / x;
    if (y > x) { t = x / y; }
    if (y === x) { t = 1; if (x === 0) { t = 0; } }
    let r = atanNear(t);
    if (y > x) { r = ${Math.PI / 2} - r; }
    return r;
  }`,
  /** arctan x: within 5e-7. */
  atanOf: `function atanOf(x) {
    let y = angleOf(Math.abs(x), 1);
    if (x < 0) { y = 0 - y; }
    return y;
  }`,
  /** The angle of the point (x, y), in [−π, π]; zeros have signs. Within 5e-7. */
  atan2Of: `function atan2Of(y, x) {
    let r = angleOf(Math.abs(y), Math.abs(x));
    if (x < 0 || (x === 0 && 1 / x < 0)) { r = ${Math.PI} - r; }
    if (y < 0 || (y === 0 && 1 / y < 0)) { r = 0 - r; }
    return r;
  }`,
  /** arcsin x = 2·arctan(x/(1 + √(1 − x²))): within 1e-6. */
  asinOf: `function asinOf(x) {
    let y = 2 * atanNear(Math.abs(x) / (1 + Math.sqrt((1 - x) * (1 + x))));
    if (x < 0) { y = 0 - y; }
    return y;
  }`,
  /** arccos x = 2·arctan(√(1 − x)/√(1 + x)): within 1e-6, near 1 too. */
  acosOf: 'function acosOf(x) { return 2 * angleOf(Math.sqrt(1 - x), Math.sqrt(1 + x)); }',
};
