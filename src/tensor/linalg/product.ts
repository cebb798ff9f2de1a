import type { Blas } from './blas.ts';
import { addScaled, BLOCK, dot } from './kernels.ts';

/** `Blas.multiply` in plain loops: dot products where B is stored transposed, else sums of rows of B. */
export const multiply: Blas['multiply'] = (m, n, k, a, b, { data: c, at = 0, ld }, accumulate = false) => {
  const { data: x, at: xAt = 0 } = a;
  const { data: y, at: yAt = 0 } = b;
  const [rowStep, columnStep] = a.trans ? [1, a.ld] : [a.ld, 1];
  for (let i = 0; i < m; i++) {
    const row = at + i * ld;
    const from = xAt + i * rowStep;
    if (!accumulate) c.fill(0, row, row + n);
    if (b.trans) {
      let j = 0;
      for (; j + 4 <= n; j += 4) dotFour(x, from, y, yAt + j * b.ld, b.ld, k, c, row + j);
      for (; j < n; j++) c[row + j] += dot(x, from, y, yAt + j * b.ld, k);
    } else {
      let l = 0;
      for (; l + 4 <= k; l += 4) addFour(x, from + l * columnStep, columnStep, y, yAt + l * b.ld, b.ld, c, row, n);
      for (; l < k; l++) addScaled(x[from + l * columnStep], y, yAt + l * b.ld, c, row, n);
    }
  }
};

/** out_l += x·y_l for four rows y_l at j, `ld` apart. */
function dotFour(
  x: Float64Array,
  i: number,
  y: Float64Array,
  j: number,
  ld: number,
  n: number,
  out: Float64Array,
  to: number,
): void {
  const j1 = j + ld;
  const j2 = j1 + ld;
  const j3 = j2 + ld;
  for (let from = 0; from < n; from += BLOCK) {
    const stop = Math.min(from + BLOCK, n);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let t = from; t < stop; t++) {
      const a = x[i + t];
      s0 += a * y[j + t];
      s1 += a * y[j1 + t];
      s2 += a * y[j2 + t];
      s3 += a * y[j3 + t];
    }
    out[to] += s0;
    out[to + 1] += s1;
    out[to + 2] += s2;
    out[to + 3] += s3;
  }
}

/** y[j + t] += Σ_l a_l·x_l[t] for four rows x_l, `ld` apart, the factors `step` apart. */
function addFour(
  a: Float64Array,
  at: number,
  step: number,
  x: Float64Array,
  i: number,
  ld: number,
  y: Float64Array,
  j: number,
  n: number,
): void {
  const a0 = a[at];
  const a1 = a[at + step];
  const a2 = a[at + 2 * step];
  const a3 = a[at + 3 * step];
  const i1 = i + ld;
  const i2 = i1 + ld;
  const i3 = i2 + ld;
  for (let t = 0; t < n; t++) y[j + t] += a0 * x[i + t] + a1 * x[i1 + t] + (a2 * x[i2 + t] + a3 * x[i3 + t]);
}
