import { addScaled, BLOCK, dot } from './kernels.ts';

/**
 * One reflector (I − tau·v·vᵀ) applied to four consecutive rows of `z` (offset j, row distance `step`), v of length n.
 */
export function reflectFour(
  v: Float64Array,
  i: number,
  n: number,
  tau: number,
  z: Float64Array,
  j: number,
  step: number,
): void {
  const j1 = j + step;
  const j2 = j1 + step;
  const j3 = j2 + step;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const stop = Math.min(from + BLOCK, n);
    let u0 = 0;
    let u1 = 0;
    let u2 = 0;
    let u3 = 0;
    for (let t = from; t < stop; t++) {
      const f = v[i + t] as number;
      u0 += f * (z[j + t] as number);
      u1 += f * (z[j1 + t] as number);
      u2 += f * (z[j2 + t] as number);
      u3 += f * (z[j3 + t] as number);
    }
    s0 += u0;
    s1 += u1;
    s2 += u2;
    s3 += u3;
  }
  s0 *= tau;
  s1 *= tau;
  s2 *= tau;
  s3 *= tau;
  for (let t = 0; t < n; t++) {
    const f = v[i + t] as number;
    z[j + t] = (z[j + t] as number) - s0 * f;
    z[j1 + t] = (z[j1 + t] as number) - s1 * f;
    z[j2 + t] = (z[j2 + t] as number) - s2 * f;
    z[j3 + t] = (z[j3 + t] as number) - s3 * f;
  }
}

/** One reflector (I − tau·v·vᵀ) applied to one vector of `z` at offset j. */
export function reflectOne(v: Float64Array, i: number, n: number, tau: number, z: Float64Array, j: number): void {
  addScaled(-tau * dot(v, i, z, j, n), v, i, z, j, n);
}

/**
 * Two reflectors, (I − tau0·v0·v0ᵀ)(I − tau1·v1·v1ᵀ), applied to four consecutive rows of `z` (offset j, row distance
 * `step`): one pass over the rows in place of two. `cross` = v0·v1 over the n entries given.
 */
export function reflectTwoOnFour(
  v: Float64Array,
  i0: number,
  i1: number,
  n: number,
  tau0: number,
  tau1: number,
  cross: number,
  z: Float64Array,
  j: number,
  step: number,
): void {
  const j1 = j + step;
  const j2 = j1 + step;
  const j3 = j2 + step;
  let p0 = 0;
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  let q0 = 0;
  let q1 = 0;
  let q2 = 0;
  let q3 = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const stop = Math.min(from + BLOCK, n);
    let u0 = 0;
    let u1 = 0;
    let u2 = 0;
    let u3 = 0;
    let w0 = 0;
    let w1 = 0;
    let w2 = 0;
    let w3 = 0;
    for (let t = from; t < stop; t++) {
      const f = v[i0 + t] as number;
      const g = v[i1 + t] as number;
      const y0 = z[j + t] as number;
      u0 += f * y0;
      w0 += g * y0;
      const y1 = z[j1 + t] as number;
      u1 += f * y1;
      w1 += g * y1;
      const y2 = z[j2 + t] as number;
      u2 += f * y2;
      w2 += g * y2;
      const y3 = z[j3 + t] as number;
      u3 += f * y3;
      w3 += g * y3;
    }
    p0 += u0;
    p1 += u1;
    p2 += u2;
    p3 += u3;
    q0 += w0;
    q1 += w1;
    q2 += w2;
    q3 += w3;
  }
  q0 *= tau1;
  q1 *= tau1;
  q2 *= tau1;
  q3 *= tau1;
  p0 = tau0 * (p0 - cross * q0);
  p1 = tau0 * (p1 - cross * q1);
  p2 = tau0 * (p2 - cross * q2);
  p3 = tau0 * (p3 - cross * q3);
  for (let t = 0; t < n; t++) {
    const f = v[i0 + t] as number;
    const g = v[i1 + t] as number;
    z[j + t] = (z[j + t] as number) - (p0 * f + q0 * g);
    z[j1 + t] = (z[j1 + t] as number) - (p1 * f + q1 * g);
    z[j2 + t] = (z[j2 + t] as number) - (p2 * f + q2 * g);
    z[j3 + t] = (z[j3 + t] as number) - (p3 * f + q3 * g);
  }
}
