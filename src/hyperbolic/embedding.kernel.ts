import type { Data } from '../tensor/dtype.ts';
import { defineKernel, type Kernel, type Spec } from '../tensor/kernel.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { edge } from './guards.ts';
import { between, halved, spaceNorms } from './lorentz.kernel.ts';

/** In which model of the space the rows are points. */
export interface ModelAttrs {
  readonly model: 'poincare' | 'lorentz';
}

/** q = sinh²(√c·d/2) of two rows of a table, with its derivatives. */
interface Gap {
  value(i: number, j: number): number;
  /** ∂q/∂c. */
  byCurvature(i: number, j: number, q: number): number;
  /** Add share·∂q to the gradients of both rows. */
  pull(i: number, j: number, q: number, share: number, to: Float64Array): void;
}

/** c·|x − y|²·hx·hy with h = 1/(1 − c·|x|²), constant beyond the edge (`edge`). */
function ballGap({ data, shape: [count, n], dtype }: Tensor, c: number): Gap {
  const most = edge(dtype) ** 2;
  const squares = Float64Array.from({ length: count }, (_, row) => squareOf(data, row * n, n));
  const h = squares.map((s) => 1 / (1 - Math.min(most, c * s)));
  const bends = squares.map((s, row) => (c * s > most ? 0 : h[row]));
  return {
    value(i, j) {
      let apart = 0;
      for (let k = 0; k < n; k++) apart += (data[i * n + k] - data[j * n + k]) ** 2;
      return c * apart * (h[i] * h[j]);
    },
    byCurvature: (i, j, q) => q / c + q * (bends[i] * squares[i] + bends[j] * squares[j]),
    pull(i, j, q, share, to) {
      const along = 2 * c * h[i] * h[j];
      const [bendX, bendY] = [2 * c * q * bends[i], 2 * c * q * bends[j]];
      for (let k = 0; k < n; k++) {
        const [x, y] = [data[i * n + k], data[j * n + k]];
        to[i * n + k] += share * (along * (x - y) + bendX * x);
        to[j * n + k] += share * (along * (y - x) + bendY * y);
      }
    },
  };
}

function squareOf(data: Data, at: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += data[at + k] ** 2;
  return sum;
}

/** sinh²((ρx − ρy)/2) + c·|xs|·|ys|·|x̂s − ŷs|²/4, from space coordinates alone; see `lorentzGap`. */
function sheetGap(weight: Tensor, c: number): Gap {
  const { data } = weight;
  const n = weight.shape[1];
  const lengths = spaceNorms(weight);
  const times = lengths.map((a) => Math.sqrt(1 / c + a * a));
  const found = (i: number, j: number) => between(data, i * n, data, j * n, n, c, lengths[i], lengths[j]);
  return {
    value(i, j) {
      const { rise, turn } = found(i, j);
      return halved(rise) + (c * lengths[i] * lengths[j] * turn) / 4;
    },
    byCurvature(i, j, q) {
      const climb = (found(i, j).rise * (lengths[i] * times[j] + lengths[j] * times[i])) / (times[i] + times[j]);
      return (q - (climb * climb) / (4 * times[i] * times[j])) / c;
    },
    pull(i, j, _q, share, to) {
      const { rise } = found(i, j);
      const [alongX, alongY] = [rise / (2 * times[i]), -rise / (2 * times[j])];
      const [shareX, shareY] = [(c * lengths[j]) / 2, (c * lengths[i]) / 2];
      for (let k = 1; k < n; k++) {
        const x = lengths[i] > 0 ? data[i * n + k] / lengths[i] : 0;
        const y = lengths[j] > 0 ? data[j * n + k] / lengths[j] : 0;
        to[i * n + k] += share * (x * alongX + (x - y) * shareX);
        to[j * n + k] += share * (y * alongY + (y - x) * shareY);
      }
    },
  };
}

const gapOf = (weight: Tensor, c: number, { model }: ModelAttrs): Gap =>
  model === 'poincare' ? ballGap(weight, c) : sheetGap(weight, c);

type Operands = readonly [weight: Tensor, anchors: Tensor, candidates: Tensor, c: Tensor];

/** Call `visit(result, anchor, candidate)` for every pair, in order. */
function meet([, anchors, candidates]: Operands, visit: (at: number, i: number, j: number) => void): void {
  const [from, to] = [anchors.data, candidates.data];
  const k = candidates.shape[1];
  for (let row = 0, at = 0; row < from.length; row++) for (let j = 0; j < k; j++, at++) visit(at, from[row], to[at]);
}

/** d[i, j] = 2/√c·arsinh √q of row anchors[i] and row candidates[i, j]. */
export const embeddingDistanceKernel: Kernel<Operands, ModelAttrs, Spec> = defineKernel({
  name: 'embeddingDistance',
  infer: ([weight, , candidates]) => ({ shape: candidates.shape, dtype: weight.dtype }),
  cpu([d], inputs, attrs) {
    const [c] = inputs[3].data;
    const [gap, unit, to] = [gapOf(inputs[0], c, attrs), 2 / Math.sqrt(c), d.data];
    meet(inputs, (at, i, j) => {
      to[at] = unit * Math.asinh(Math.sqrt(gap.value(i, j)));
    });
  },
});

/** Which gradients are wanted besides that of the table. */
export interface GradAttrs extends ModelAttrs {
  /** By c; 0 is given otherwise. */
  readonly curvature: boolean;
}

/** Its gradients, times dy, by the table and by c: ∂d/∂q = 1/√(c·q·(1 + q)), 0 where q is 0. Added up in float64, in the order of dy. */
export const embeddingDistanceGradKernel: Kernel<readonly [dy: Tensor, ...Operands], GradAttrs, readonly [Spec, Spec]> =
  defineKernel({
    name: 'embeddingDistanceGrad',
    infer: ([, weight, , , c]) => [weight, c],
    cpu([dw, dc], [dy, ...inputs], attrs) {
      const [c] = inputs[3].data;
      const [gap, to, g] = [gapOf(inputs[0], c, attrs), new Float64Array(dw.size), dy.data];
      let total = 0;
      meet(inputs, (at, i, j) => {
        const q = gap.value(i, j);
        if (!(q > 0)) return;
        const share = g[at] / Math.sqrt(c * q * (1 + q));
        gap.pull(i, j, q, share, to);
        if (!attrs.curvature) return;
        const d = (2 / Math.sqrt(c)) * Math.asinh(Math.sqrt(q));
        total += share * gap.byCurvature(i, j, q) - (g[at] * d) / (2 * c);
      });
      dw.data.set(to);
      dc.data[0] = total;
    },
  });
