/**
 * Inner loops of the factorisations, over rows that lie inside one flat array: a vector is an offset and a length. The
 * loops read several vectors at once because a scalar loop is bound by its loads, not by its arithmetic.
 */
import type { Blas, Four, Vector } from './blas.ts';

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
      s0 += x[i + t] * y[j + t];
      s1 += x[i + t + 1] * y[j + t + 1];
      s2 += x[i + t + 2] * y[j + t + 2];
      s3 += x[i + t + 3] * y[j + t + 3];
    }
    for (; t < stop; t++) s0 += x[i + t] * y[j + t];
    total += s0 + s1 + (s2 + s3);
  }
  return total;
}

/** y[j + t] += a·x[i + t] for t < n. */
export function addScaled(a: number, x: Float64Array, i: number, y: Float64Array, j: number, n: number): void {
  for (let t = 0; t < n; t++) y[j + t] = y[j + t] + a * x[i + t];
}

/** `Blas.dotBlock` */
export function dotBlock(x: Float64Array, [a, b, c, d]: Four, n: number, out: Float64Array): void {
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
      const a0 = x[a + t];
      const b0 = x[b + t];
      const c0 = x[c + t];
      const d0 = x[d + t];
      u0 += a0 * c0;
      u1 += b0 * d0;
      u2 += a0 * d0;
      u3 += b0 * c0;
      u4 += a0 * b0;
      u5 += c0 * d0;
      const a1 = x[a + t + 1];
      const b1 = x[b + t + 1];
      const c1 = x[c + t + 1];
      const d1 = x[d + t + 1];
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

/** `Blas.rotateBlock` */
export function rotateBlock(x: Float64Array, [a, b, c, d]: Four, n: number, turn: Float64Array): void {
  const c1 = turn[0];
  const s1 = turn[1];
  const c2 = turn[2];
  const s2 = turn[3];
  const c3 = turn[4];
  const s3 = turn[5];
  const c4 = turn[6];
  const s4 = turn[7];
  for (let t = 0; t < n; t += 2) {
    let va = x[a + t];
    let vb = x[b + t];
    let vc = x[c + t];
    let vd = x[d + t];
    let a1 = c1 * va - s1 * vc;
    let d1 = s1 * va + c1 * vc;
    let b1 = c2 * vb - s2 * vd;
    let e1 = s2 * vb + c2 * vd;
    x[a + t] = c3 * a1 - s3 * e1;
    x[d + t] = s3 * a1 + c3 * e1;
    x[b + t] = c4 * b1 - s4 * d1;
    x[c + t] = s4 * b1 + c4 * d1;
    va = x[a + t + 1];
    vb = x[b + t + 1];
    vc = x[c + t + 1];
    vd = x[d + t + 1];
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

/** `Blas.rotateChain` */
export function rotateChain({ data: x, at }: Vector, ld: number, n: number, count: number, turns: Vector): void {
  for (let i = 0; i < count; i++) {
    const c = turns.data[turns.at + 2 * i];
    const s = turns.data[turns.at + 2 * i + 1];
    const p = at + i * ld;
    const q = p + ld;
    for (let t = 0; t < n; t++) {
      const a = x[p + t];
      const b = x[q + t];
      x[p + t] = c * a - s * b;
      x[q + t] = s * a + c * b;
    }
  }
}

/** `Blas.updateAndDot` */
export const updateAndDot: Blas['updateAndDot'] = ({ data: x, at, ld, count }, n, updates, v, out) => {
  const { w, u } = updates[updates.length - 1];
  if (updates.length > 1) {
    const before = updates[0];
    for (let i = 0; i < count; i++)
      addScaled(-before.w.data[before.w.at + i], before.u.data, before.u.at, x, at + i * ld, n);
  }
  let i = 0;
  for (; i + 4 <= count; i += 4)
    updateFour(x, at + i * ld, ld, n, w.data, w.at + i, u.data, u.at, v.data, v.at, out.data, out.at + i);
  for (; i < count; i++) {
    addScaled(-w.data[w.at + i], u.data, u.at, x, at + i * ld, n);
    out.data[out.at + i] = dot(x, at + i * ld, v.data, v.at, n);
  }
};

/** For four rows x_l at i, `ld` apart: x_l −= w_l·u, out_l = x_l·v. */
function updateFour(
  x: Float64Array,
  i: number,
  ld: number,
  n: number,
  w: Float64Array,
  wAt: number,
  u: Float64Array,
  uAt: number,
  v: Float64Array,
  vAt: number,
  out: Float64Array,
  to: number,
): void {
  const i1 = i + ld;
  const i2 = i1 + ld;
  const i3 = i2 + ld;
  const w0 = w[wAt];
  const w1 = w[wAt + 1];
  const w2 = w[wAt + 2];
  const w3 = w[wAt + 3];
  out.fill(0, to, to + 4);
  for (let from = 0; from < n; from += BLOCK) {
    const stop = Math.min(from + BLOCK, n);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let t = from; t < stop; t++) {
      const taken = u[uAt + t];
      const by = v[vAt + t];
      const x0 = x[i + t] - w0 * taken;
      const x1 = x[i1 + t] - w1 * taken;
      const x2 = x[i2 + t] - w2 * taken;
      const x3 = x[i3 + t] - w3 * taken;
      x[i + t] = x0;
      x[i1 + t] = x1;
      x[i2 + t] = x2;
      x[i3 + t] = x3;
      s0 += x0 * by;
      s1 += x1 * by;
      s2 += x2 * by;
      s3 += x3 * by;
    }
    out[to] += s0;
    out[to + 1] += s1;
    out[to + 2] += s2;
    out[to + 3] += s3;
  }
}
