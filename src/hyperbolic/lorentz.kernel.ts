import type { Data } from '../tensor/dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Σ_i p_i·q_i over the space coordinates of the rows that begin at i and j. */
function spaceDot(p: Data, i: number, q: Data, j: number, n: number): number {
  let sum = 0;
  for (let k = 1; k < n; k++) sum += p[i + k] * q[j + k];
  return sum;
}

/** |xs| of every row. */
export function spaceNorms(x: Tensor): Float64Array {
  const n = x.shape[x.rank - 1];
  return Float64Array.from({ length: x.size / n }, (_, row) =>
    Math.sqrt(spaceDot(x.data, row * n, x.data, row * n, n)),
  );
}

/** What two points have between them. */
export interface Between {
  /** |xs| − |ys|. */
  readonly lead: number;
  /** sinh(ρx − ρy), ρ = arsinh(√c·|xs|): how much further out x is. */
  readonly rise: number;
  /** |x̂s − ŷs|², a direction at the origin read as 0. */
  readonly turn: number;
}

/**
 * From the rows that begin at i and j and their lengths a and b. The lead is ((xs − ys)·(xs + ys))/(a + b), the rise
 * lead·(a + b)/(a·y_0 + b·x_0), and x̂s − ŷs is (xs − ys − lead·û)/max(a, b), with û the direction of the shorter one: all from the
 * difference of the points, which is exact where they are near.
 */
export function between(p: Data, i: number, q: Data, j: number, n: number, c: number, a: number, b: number): Between {
  const longest = Math.max(a, b);
  if (longest === 0) return { lead: 0, rise: 0, turn: 0 };
  let apart = 0;
  for (let k = 1; k < n; k++) apart += (p[i + k] - q[j + k]) * (p[i + k] + q[j + k]);
  const lead = apart / (a + b);
  const ax = a > 0 && a < b ? lead / a : 0;
  const ay = b > 0 && a >= b ? lead / b : 0;
  let turn = 0;
  for (let k = 1; k < n; k++) turn += ((p[i + k] - q[j + k] - ax * p[i + k] - ay * q[j + k]) / longest) ** 2;
  return { lead, rise: apart / (a * Math.sqrt(1 / c + b * b) + b * Math.sqrt(1 / c + a * a)), turn };
}

/** sinh²(½·arsinh s). */
export const halved = (s: number): number => (s * s) / (2 * (1 + Math.sqrt(1 + s * s)));

/** The rows that meet: each with its like, or each of x with each of y. */
export interface Meeting {
  readonly pairwise: boolean;
}

/** Call `visit(result, row of x, row of y)` for every pair that meets. */
function meet(x: Tensor, y: Tensor, { pairwise }: Meeting, visit: (at: number, i: number, j: number) => void): void {
  const n = x.shape[x.rank - 1];
  const [rows, others] = [x.size / n, pairwise ? y.size / n : 1];
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < others; j++, at++) visit(at, i, pairwise ? j : i);
}

/** sinh²(√c·d/2) = sinh²((ρx − ρy)/2) + c·|xs|·|ys|·|x̂s − ŷs|²/4 of rows that meet, from space coordinates alone. */
export const lorentzGapKernel: Kernel<readonly [x: Tensor, y: Tensor, c: Tensor], Meeting, Spec> = defineKernel({
  name: 'lorentzGap',
  infer: ([x, y], { pairwise }) => ({
    shape: pairwise ? [x.shape[0], y.shape[0]] : x.shape.slice(0, -1),
    dtype: x.dtype,
  }),
  cpu([out], [x, y, c], meeting) {
    const n = x.shape[x.rank - 1];
    const [k, a, b] = [c.data[0], spaceNorms(x), spaceNorms(y)];
    const [to, p, q] = [out.data, x.data, y.data];
    meet(x, y, meeting, (at, i, j) => {
      const { rise, turn } = between(p, i * n, q, j * n, n, k, a[i], b[j]);
      to[at] = halved(rise) + (k * a[i] * b[j] * turn) / 4;
    });
  },
});

/**
 * Its gradients, times dy: x̂s·sinh(ρx − ρy)/(2·x_0) + c·|ys|·(x̂s − ŷs)/2 by xs, the like by ys, 0 by the times, and
 * (2q − (x_0 − y_0)²/(2·x_0·y_0))/(2c) by c. A direction at the origin is read as 0, which gives the limits.
 */
export const lorentzGapGradKernel: Kernel<
  readonly [dy: Tensor, x: Tensor, y: Tensor, c: Tensor],
  Meeting,
  readonly [Spec, Spec, Spec]
> = defineKernel({
  name: 'lorentzGapGrad',
  infer: ([, x, y, c]) => [x, y, c],
  cpu([dx, dz, dc], [dy, x, y, c], meeting) {
    const n = x.shape[x.rank - 1];
    const [k, a, b] = [c.data[0], spaceNorms(x), spaceNorms(y)];
    const [p, q, g, to, too] = [x.data, y.data, dy.data, new Float64Array(x.size), new Float64Array(y.size)];
    let total = 0;
    const [tx, ty] = [a, b].map((lengths) => lengths.map((r) => Math.sqrt(1 / k + r * r)));
    meet(x, y, meeting, (at, i, j) => {
      const from = i * n;
      const other = j * n;
      const { lead, rise, turn } = between(p, from, q, other, n, k, a[i], b[j]);
      const longest = Math.max(a[i], b[j]);
      // Nothing to share where both are the origin.
      const across = longest > 0 ? (g[at] * k) / (2 * longest) : 0;
      const ax = a[i] > 0 && a[i] < b[j] ? lead / a[i] : 0;
      const ay = b[j] > 0 && a[i] >= b[j] ? lead / b[j] : 0;
      const alongX = a[i] > 0 ? (g[at] * rise) / (2 * tx[i] * a[i]) : 0;
      const alongY = b[j] > 0 ? (g[at] * rise) / (2 * ty[j] * b[j]) : 0;
      for (let m = 1; m < n; m++) {
        const u = p[from + m];
        const v = q[other + m];
        const apart = (u - v - ax * u - ay * v) * across;
        to[from + m] += u * alongX + apart * b[j];
        too[other + m] -= v * alongY + apart * a[i];
      }
      const gap = halved(rise) + (k * a[i] * b[j] * turn) / 4;
      const climb = (rise * (a[i] * ty[j] + b[j] * tx[i])) / (tx[i] + ty[j]);
      total += (g[at] * (gap - (climb * climb) / (4 * tx[i] * ty[j]))) / k;
    });
    dx.data.set(to);
    dz.data.set(too);
    dc.data[0] = total;
  },
});

/** Two tangents at a point, seen along its ray (a and b) and across it. */
function alongRay(p: Data, q: Data, r: Data, at: number, n: number): readonly [norm: number, a: number, b: number] {
  const norm = Math.sqrt(spaceDot(p, at, p, at, n));
  return norm > 0 ? [norm, spaceDot(p, at, q, at, n) / norm, spaceDot(p, at, r, at, n) / norm] : [0, 0, 0];
}

type Tangents = readonly [x: Tensor, u: Tensor, v: Tensor, c: Tensor];

/**
 * <u, v> of two tangents at x, from space coordinates alone. With a = x̂s·us, p = us − a·x̂s and b, q the same of v it is
 * p·q + a·b/(c·x_0²): us·vs − u_0·v_0 without its cancellation, and never negative where u = v.
 */
export const tangentInnerKernel: Kernel<Tangents, undefined, Spec> = defineKernel({
  name: 'tangentInner',
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  cpu([out], [x, u, v, c]) {
    const n = x.shape[x.rank - 1];
    const [to, p, q, r] = [out.data, x.data, u.data, v.data];
    for (let row = 0, at = 0; row < to.length; row++, at += n) {
      const [norm, a, b] = alongRay(p, q, r, at, n);
      let sum = (a * b) / (1 + c.data[0] * norm * norm);
      for (let k = 1; k < n; k++) {
        const ray = norm > 0 ? p[at + k] / norm : 0;
        sum += (q[at + k] - a * ray) * (r[at + k] - b * ray);
      }
      to[row] = sum;
    }
  },
});

/**
 * Its gradients, times dy: with w = c·x_0², q + b/w·x̂s by us, p + a/w·x̂s by vs, −(b·p + a·q + 2ab/w·x̂s)·|xs|/x_0² by xs,
 * −a·b·|xs|²/w² by c, and 0 by the times.
 */
export const tangentInnerGradKernel: Kernel<
  readonly [dy: Tensor, ...tangents: Tangents],
  undefined,
  readonly [Spec, Spec, Spec, Spec]
> = defineKernel({
  name: 'tangentInnerGrad',
  infer: ([, x, u, v, c]) => [x, u, v, c],
  cpu([dx, du, dv, dc], [dy, x, u, v, c]) {
    const n = x.shape[x.rank - 1];
    const [g, p, q, r, curvature] = [dy.data, x.data, u.data, v.data, c.data[0]];
    let total = 0;
    for (let row = 0, at = 0; row < g.length; row++, at += n) {
      const [norm, a, b] = alongRay(p, q, r, at, n);
      const w = 1 + curvature * norm * norm;
      for (let k = 1; k < n; k++) {
        const ray = norm > 0 ? p[at + k] / norm : 0;
        const [across, over] = [q[at + k] - a * ray, r[at + k] - b * ray];
        du.data[at + k] = g[row] * (over + (b / w) * ray);
        dv.data[at + k] = g[row] * (across + (a / w) * ray);
        dx.data[at + k] = (-g[row] * curvature * norm * (b * across + a * over + ((2 * a * b) / w) * ray)) / w;
      }
      total -= g[row] * a * b * (norm / w) ** 2;
    }
    dc.data[0] = total;
  },
});

/** [√(1/c + |s|²), s]: a row of d space coordinates as a point. */
export const liftKernel: Kernel<readonly [s: Tensor, c: Tensor], undefined, Spec> = defineKernel({
  name: 'lift',
  infer: ([s]) => ({ shape: s.shape.with(-1, s.shape[s.rank - 1] + 1), dtype: s.dtype }),
  cpu([out], [s, c]) {
    const n = out.shape[out.rank - 1];
    const [to, from] = [out.data, s.data];
    for (let at = 0, i = 0; at < to.length; at += n) {
      let square = 0;
      for (let k = 1; k < n; k++, i++) {
        to[at + k] = from[i];
        square += from[i] * from[i];
      }
      to[at] = Math.sqrt(1 / c.data[0] + square);
    }
  },
});
