import type { GpuArray } from '../../tensor/gpu/held.ts';
import { type GpuTable, gpuKernel, type Launcher, type Operand, rowsOf } from '../../tensor/gpu/overlay.ts';
import { total } from '../../tensor/gpu/reduce.ts';
import { summed } from '../../tensor/gpu/sums.ts';
import { divided, type KernelText, kernelText } from '../../tensor/gpu/text.ts';

/** Σ x·y of two rows, the first product with a minus where `sign` is −1. */
const rowDotText = kernelText(
  'rowDot',
  `function (x, y, n, sign) {
    const from = this.thread.x * n;
    ${summed('dot', 'n', (i) => `x[from + ${i}] * y[from + ${i}]`)}
    let total = dot;
    if (sign < 0) {
      const space = n - 1;
      ${summed('rest', 'space', (k) => `x[from + 1 + ${k}] * y[from + 1 + ${k}]`)}
      total = rest - x[from] * y[from];
    }
    return total;
  }`,
);

const liftText = kernelText(
  'lift',
  `function (s, c, n) {
    ${divided('row', 'k', 'this.thread.x', 'n')}
    const space = n - 1;
    const from = row * space;
    let y = 0;
    if (k > 0) { y = s[from + k - 1]; } else {
      ${summed('squares', 'space', (i) => `s[from + ${i}] * s[from + ${i}]`)}
      y = Math.sqrt(1 / c[0] + squares);
    }
    return y;
  }`,
);

/** |xs| of every row. */
const spaceNormsText = kernelText(
  'spaceNorms',
  `function (x, n) {
    const from = this.thread.x * n + 1;
    const space = n - 1;
    ${summed('squares', 'space', (k) => `x[from + ${k}] * x[from + ${k}]`)}
    return Math.sqrt(squares);
  }`,
);

/** The length of the space coordinates of every row, [rows]. */
export function spaceNorms(on: Launcher, x: Operand): GpuArray {
  const [rows, n] = rowsOf(x);
  return on.launch(spaceNormsText, rows, [x.array, n]);
}

/** x̂s·us of every row, 0 where x is the origin. */
const alongRayText = kernelText(
  'tangentInner.along',
  `function (x, u, norms, n) {
    const row = this.thread.x;
    const from = row * n + 1;
    const space = n - 1;
    ${summed('dot', 'space', (k) => `x[from + ${k}] * u[from + ${k}]`)}
    let along = dot / norms[row];
    if (norms[row] <= 0) { along = 0; }
    return along;
  }`,
);

/** Lines that declare the direction of x at coordinate `at` of a row as `ray`. */
const ray = (at: string): string => `
  let ray = x[${at}] / norms[row];
  if (norms[row] <= 0) { ray = 0; }`;

const tangentInnerText = kernelText(
  'tangentInner',
  `function (x, u, v, norms, a, b, c, n) {
    const row = this.thread.x;
    const from = row * n;
    const alongU = a[row];
    const alongV = b[row];
    const norm = norms[row];
    let sum = alongU * alongV / (1 + c[0] * norm * norm);
    for (let k = 1; k < n; k++) {
      ${ray('from + k')}
      sum += (u[from + k] - alongU * ray) * (v[from + k] - alongV * ray);
    }
    return sum;
  }`,
);

/** By one of the tangents: dy·(p + a/w·x̂s) of the other, u, which lies along the ray by a; 0 by its time. */
const byTangentText = kernelText(
  'tangentInnerGrad.tangent',
  `function (dy, x, u, norms, a, c, n) {
    const i = this.thread.x;
    ${divided('row', 'k', 'i', 'n')}
    const norm = norms[row];
    const along = a[row];
    ${ray('i')}
    let y = dy[row] * ((u[i] - along * ray) + along / (1 + c[0] * norm * norm) * ray);
    if (k < 1) { y = 0; }
    return y;
  }`,
);

/** By the point, of which `bent` is −dy·c·|xs|/w, b·p + a·q + 2ab/w·x̂s in two halves: `along` and `other` are a and b of either. */
const byPointText = kernelText(
  'tangentInnerGrad.point',
  `function (bent, x, u, norms, a, b, c, n) {
    const i = this.thread.x;
    ${divided('row', 'k', 'i', 'n')}
    const norm = norms[row];
    const along = a[row];
    ${ray('i')}
    let y = bent[row] * b[row] * ((u[i] - along * ray) + along / (1 + c[0] * norm * norm) * ray);
    if (k < 1) { y = 0; }
    return y;
  }`,
);

const bentText = kernelText(
  'tangentInnerGrad.bent',
  `function (dy, norms, c) {
    const row = this.thread.x;
    const norm = norms[row];
    return 0 - dy[row] * c[0] * norm / (1 + c[0] * norm * norm);
  }`,
);

const sumText = kernelText('tangentInnerGrad.sum', 'function (x, y) { return x[this.thread.x] + y[this.thread.x]; }');

const byCurvatureText = kernelText(
  'tangentInnerGrad.curvature',
  `function (dy, norms, a, b, c) {
    const row = this.thread.x;
    const norm = norms[row];
    const share = norm / (1 + c[0] * norm * norm);
    return 0 - dy[row] * a[row] * b[row] * share * share;
  }`,
);

/** Rows of points and tangents. */
export const rowKernels: GpuTable = {
  rowDot: gpuKernel<boolean>({
    run(on, [x, y], minkowski) {
      const [rows, n] = rowsOf(x);
      return [on.launch(rowDotText, rows, [x.array, y.array, n, minkowski && n > 0 ? -1 : 1])];
    },
  }),
  lift: gpuKernel({
    run(on, [s, c]) {
      const [rows, d] = rowsOf(s);
      return [on.launch(liftText, rows * (d + 1), [s.array, c.array, d + 1])];
    },
  }),
  tangentInner: gpuKernel({
    run(on, [x, u, v, c]) {
      const [rows, n] = rowsOf(x);
      const { norms, a, b } = alongRay(on, x, u, v);
      return [on.launch(tangentInnerText, rows, [x.array, u.array, v.array, norms, a, b, c.array, n])];
    },
  }),
  tangentInnerGrad: gpuKernel({
    run(on, [dy, x, u, v, c]) {
      const [rows, n] = rowsOf(x);
      const { norms, a, b } = alongRay(on, x, u, v);
      const each = (text: KernelText, operands: readonly GpuArray[]): GpuArray =>
        on.launch(text, x.size, [...operands, c.array, n]);
      const bent = on.launch(bentText, rows, [dy.array, norms, c.array]);
      const halves = [
        each(byPointText, [bent, x.array, u.array, norms, a, b]),
        each(byPointText, [bent, x.array, v.array, norms, b, a]),
      ];
      const terms = on.launch(byCurvatureText, rows, [dy.array, norms, a, b, c.array]);
      return [
        on.launch(sumText, x.size, halves),
        each(byTangentText, [dy.array, x.array, v.array, norms, b]),
        each(byTangentText, [dy.array, x.array, u.array, norms, a]),
        total(on, terms),
      ];
    },
  }),
};

/** |xs| of every row, and how far two tangents go along the ray through it. */
function alongRay(on: Launcher, x: Operand, u: Operand, v: Operand) {
  const [rows, n] = rowsOf(x);
  const norms = spaceNorms(on, x);
  const [a, b] = [u, v].map((tangent) => on.launch(alongRayText, rows, [x.array, tangent.array, norms, n]));
  return { norms, a, b };
}
