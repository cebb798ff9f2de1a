/**
 * Inner loops of the factorisations, over rows that lie inside one flat array: a vector is an offset and a length. The
 * loops read several vectors at once because a scalar loop is bound by its loads, not by its arithmetic.
 */

/**
 * Entries summed before they join the total. The rounding error then grows with BLOCK + n / BLOCK in place of n: sums
 * of equal terms, which err in one direction, would otherwise cost two digits of orthogonality at n = 512.
 */
export const BLOCK = 32;

/**
 * Σ x[i + t]·y[j + t] for t < n, block by block, each in four partial sums.
 * @param i offset of the first vector in `x`.
 * @param j offset of the second vector in `y`.
 */
export function dot(x: Float64Array, i: number, y: Float64Array, j: number, n: number): number {
  let total = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const stop = Math.min(from + BLOCK, n);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let t = from;
    for (const end = stop - 3; t < end; t += 4) {
      s0 += (x[i + t] as number) * (y[j + t] as number);
      s1 += (x[i + t + 1] as number) * (y[j + t + 1] as number);
      s2 += (x[i + t + 2] as number) * (y[j + t + 2] as number);
      s3 += (x[i + t + 3] as number) * (y[j + t + 3] as number);
    }
    for (; t < stop; t++) s0 += (x[i + t] as number) * (y[j + t] as number);
    total += s0 + s1 + (s2 + s3);
  }
  return total;
}

/** y[j + t] += a·x[i + t] for t < n. */
export function addScaled(a: number, x: Float64Array, i: number, y: Float64Array, j: number, n: number): void {
  for (let t = 0; t < n; t++) y[j + t] = (y[j + t] as number) + a * (x[i + t] as number);
}

/**
 * The six dot products among four vectors of one array, at offsets a, b, c, d and of even length n:
 * `out` = [a·c, b·d, a·d, b·c, a·b, c·d].
 */
export function dotBlock(
  x: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  n: number,
  out: Float64Array,
): void {
  let ac = 0;
  let bd = 0;
  let ad = 0;
  let bc = 0;
  let ab = 0;
  let cd = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const stop = Math.min(from + BLOCK, n);
    let u0 = 0;
    let u1 = 0;
    let u2 = 0;
    let u3 = 0;
    let u4 = 0;
    let u5 = 0;
    for (let t = from; t < stop; t += 2) {
      const a0 = x[a + t] as number;
      const b0 = x[b + t] as number;
      const c0 = x[c + t] as number;
      const d0 = x[d + t] as number;
      u0 += a0 * c0;
      u1 += b0 * d0;
      u2 += a0 * d0;
      u3 += b0 * c0;
      u4 += a0 * b0;
      u5 += c0 * d0;
      const a1 = x[a + t + 1] as number;
      const b1 = x[b + t + 1] as number;
      const c1 = x[c + t + 1] as number;
      const d1 = x[d + t + 1] as number;
      u0 += a1 * c1;
      u1 += b1 * d1;
      u2 += a1 * d1;
      u3 += b1 * c1;
      u4 += a1 * b1;
      u5 += c1 * d1;
    }
    ac += u0;
    bd += u1;
    ad += u2;
    bc += u3;
    ab += u4;
    cd += u5;
  }
  out[0] = ac;
  out[1] = bd;
  out[2] = ad;
  out[3] = bc;
  out[4] = ab;
  out[5] = cd;
}

/** The plane rotation (p, q) ← (c·p − s·q, s·p + c·q) of two vectors of one array. */
export function rotate(x: Float64Array, p: number, q: number, n: number, c: number, s: number): void {
  for (let t = 0; t < n; t++) {
    const a = x[p + t] as number;
    const b = x[q + t] as number;
    x[p + t] = c * a - s * b;
    x[q + t] = s * a + c * b;
  }
}

/**
 * Four plane rotations of four vectors in one pass (even length n): first (a, c) by `turn[0..1]` and (b, d) by
 * `turn[2..3]`, then (a, d) by `turn[4..5]` and (b, c) by `turn[6..7]`, each a pair (cosine, sine) as in `rotate`.
 */
export function rotateBlock(
  x: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  n: number,
  turn: Float64Array,
): void {
  const c1 = turn[0] as number;
  const s1 = turn[1] as number;
  const c2 = turn[2] as number;
  const s2 = turn[3] as number;
  const c3 = turn[4] as number;
  const s3 = turn[5] as number;
  const c4 = turn[6] as number;
  const s4 = turn[7] as number;
  for (let t = 0; t < n; t += 2) {
    let va = x[a + t] as number;
    let vb = x[b + t] as number;
    let vc = x[c + t] as number;
    let vd = x[d + t] as number;
    let a1 = c1 * va - s1 * vc;
    let d1 = s1 * va + c1 * vc;
    let b1 = c2 * vb - s2 * vd;
    let e1 = s2 * vb + c2 * vd;
    x[a + t] = c3 * a1 - s3 * e1;
    x[d + t] = s3 * a1 + c3 * e1;
    x[b + t] = c4 * b1 - s4 * d1;
    x[c + t] = s4 * b1 + c4 * d1;
    va = x[a + t + 1] as number;
    vb = x[b + t + 1] as number;
    vc = x[c + t + 1] as number;
    vd = x[d + t + 1] as number;
    a1 = c1 * va - s1 * vc;
    d1 = s1 * va + c1 * vc;
    b1 = c2 * vb - s2 * vd;
    e1 = s2 * vb + c2 * vd;
    x[a + t + 1] = c3 * a1 - s3 * e1;
    x[d + t + 1] = s3 * a1 + c3 * e1;
    x[b + t + 1] = c4 * b1 - s4 * d1;
    x[c + t + 1] = s4 * b1 + c4 * d1;
  }
}
