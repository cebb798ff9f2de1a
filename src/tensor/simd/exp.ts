import type { V } from './forms.ts';
import type { Registers } from './formula.ts';
import { f32x4, i32x4 } from './lanes.ts';

/** e^r = 1 + r·(…) for |r| <= ln 2/2, of least relative error: 9.2e-8. */
const series = [0.008289264515042305, 0.04189816117286682, 0.16667653620243073, 0.4999914765357971, 0.9999997019767761];
/** ln 2 in two parts: multiples of the first by whole numbers up to 2⁸ are exact. */
const ln2 = [0.693359375, -2.1219444e-4] as const;
/** x + magic is x rounded to a whole number, which its lowest bits hold. */
const magic = 1.5 * 2 ** 23;

/** e^x as series·2ⁿ: the series, and t, whose lowest bits hold n + bias. |x| is at most 104. */
function factors(r: Registers, x: V, bias: number): { readonly t: V; readonly p: V } {
  const { madd, hold, constant } = r;
  const shift = constant(magic + bias);
  const t = hold(madd(x, constant(Math.LOG2E), shift));
  const n = hold(f32x4.sub(t, shift));
  const rest = hold(madd(n, constant(-ln2[1]), madd(n, constant(-ln2[0]), x)));
  let p = constant(series[0]);
  for (const c of [...series.slice(1), 1]) p = madd(p, rest, constant(c));
  return { t, p };
}

/** e^x: relative error 2e-7, that of denormal results one of their steps; exact at 0, ±∞ and NaN. */
export function exp(r: Registers, x: V): V {
  const { hold, constant } = r;
  const { t, p } = factors(r, hold(f32x4.pmax(f32x4.pmin(x, constant(89)), constant(-104))), 254);
  // 2ⁿ in two factors, neither of which leaves the range.
  const half = hold(i32x4.shrU(t, 1));
  return f32x4.mul(f32x4.mul(p, i32x4.shl(half, 23)), i32x4.shl(i32x4.sub(t, half), 23));
}

/** e^x where x <= 0: relative error 2e-7; exact at 0, −∞ and NaN. Below −87.6, where results are denormal numbers, it is 0. */
export function expOfNegative(r: Registers, x: V): V {
  const { t, p } = factors(r, r.hold(f32x4.pmax(x, r.constant(-88))), 127);
  return f32x4.mul(p, i32x4.shl(t, 23));
}
