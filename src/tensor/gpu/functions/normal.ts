import { normalTailRatio } from '../../simd/activations.ts';
import { erfRatio } from '../../simd/formulas.ts';
import { oddRatio } from './exponential.ts';
import { polynomial } from './polynomial.ts';

/** The normal distribution. */
export const normal: Readonly<Record<string, string>> = {
  erfOf: oddRatio('erfOf', erfRatio),
  /** e^−x²/2 for |x| <= 15: x² in two parts, of which the first is exact. Rounded, it would lose the tail. */
  bellOf: `function bellOf(x) {
    const coarse = Math.floor(x * 64 + 0.5) / 64;
    return expOf(-0.5 * coarse * coarse) * (1 + expNear(-0.5 * (x - coarse) * (x + coarse)));
  }`,
  /** Φ(−x) for x >= 0, of which 14.6 is as far as any: within 1e-6. */
  normalTail: `function normalTail(x) {
    let u = x;
    if (x > 14.6) { u = 14.6; }
    return bellOf(u) * (${polynomial('u', normalTailRatio.above)}) / (${polynomial('u', normalTailRatio.below)});
  }`,
  /** Φ(x), the normal distribution function: within 1e-6, in the lower tail too. */
  normalOf: `function normalOf(x) {
    let y = normalTail(Math.abs(x));
    if (x > 0) { y = 1 - y; }
    return y;
  }`,
};
