import type { GpuArray } from '../../tensor/gpu/held.ts';
import { type GpuTable, gpuKernel, type Launcher, type Operand } from '../../tensor/gpu/overlay.ts';
import { total } from '../../tensor/gpu/reduce.ts';
import { summed } from '../../tensor/gpu/sums.ts';
import { divided, type KernelText, kernelText } from '../../tensor/gpu/text.ts';
import type { GradAttrs, ModelAttrs } from '../embedding.kernel.ts';
import { edge } from '../guards.ts';
import { betweenLines, lengthsOf, listedPair, pairTexts } from './between.ts';
import { type Ends, endsOf, overEnds, unseen } from './ends.ts';
import { spaceNorms } from './rows.ts';

const sheet = pairTexts(listedPair);
const { find } = listedPair;

/** c·|x|² of a point of the ball is taken to be at most this. */
const most = edge('float32') ** 2;

/** h = 1/(1 − c·|x|²) of every row; beyond the edge −h there, the sign saying that it is constant. */
const heightsText = kernelText(
  'embeddingDistance.heights',
  `function (x, c, n, most, top) {
    const from = this.thread.x * n;
    ${summed('squares', 'n', (k) => `x[from + ${k}] * x[from + ${k}]`)}
    const size = c[0] * squares;
    let h = 1 / (1 - size);
    if (size > most) { h = 0 - top; }
    return h;
  }`,
);

/** q = c·|x − y|²·hx·hy. */
const ballGapText = kernelText(
  'embeddingDistance.ball',
  `function (x, heights, anchors, candidates, c, n, many) {
    ${find}
    const front = i * n;
    const back = j * n;
    ${summed('apart', 'n', (k) => `(x[front + ${k}] - x[back + ${k}]) * (x[front + ${k}] - x[back + ${k}])`)}
    return c[0] * apart * Math.abs(heights[i] * heights[j]);
  }`,
);

/** 2/√c·arsinh √q. */
const distanceText = kernelText(
  'embeddingDistance',
  'function (gap, c) { return 2 / Math.sqrt(c[0]) * asinhOf(Math.sqrt(gap[this.thread.x])); }',
);

/** dy·∂d/∂q, and `factor` times c of it where that is not 0. */
const shareText = kernelText(
  'embeddingDistanceGrad.share',
  `function (dy, gap, c, factor) {
    const q = gap[this.thread.x];
    let share = dy[this.thread.x] / Math.sqrt(c[0] * q * (1 + q));
    if (factor > 0) { share = share * factor * c[0]; }
    if (q <= 0) { share = 0; }
    return share;
  }`,
);

/** The number of the pair and the side of this thread's end, and what lies between its rows. */
const atEnd = `
  ${divided('pair', 'side', 'this.thread.x', '2')}
  ${divided('place', 'rest', 'pair', 'many')}
  const i = anchors[place];
  const j = candidates[pair];
  ${lengthsOf('lengths', 'lengths')}
  ${betweenLines('lead[pair]')}`;

/** On the hyperboloid: what x̂s at an end is multiplied by, ±rise/(2·x_0) … */
const alongText = kernelText(
  'embeddingDistanceGrad.along',
  `function (share, lead, lengths, anchors, candidates, c, many) {
    ${atEnd}
    let y = 0.5 * share[pair] * rise / tx;
    if (side > 0) { y = 0 - 0.5 * share[pair] * rise / ty; }
    return y;
  }`,
);

/** … and what x̂s − ŷs is, c·|ys|/2. */
const acrossText = kernelText(
  'embeddingDistanceGrad.across',
  `function (share, lead, lengths, anchors, candidates, c, many) {
    ${atEnd}
    let y = 0.5 * c[0] * q * share[pair];
    if (side > 0) { y = 0.5 * c[0] * p * share[pair]; }
    if (longest <= 0) { y = 0; }
    return y;
  }`,
);

const sheetRowsText = kernelText(
  'embeddingDistanceGrad.sheet',
  `function (x, lengths, starts, ends, others, along, across, n) {
    ${overEnds(`
      let u = x[row * n + k] / lengths[row];
      if (lengths[row] <= 0) { u = 0; }
      let v = x[other * n + k] / lengths[other];
      if (lengths[other] <= 0) { v = 0; }
      total += u * along[end] + (u - v) * across[end];`)}
    if (k < 1) { total = 0; }
    return total;
  }`,
);

/** `share` is 2c·dy·∂d/∂q. */
const ballRowsText = kernelText(
  'embeddingDistanceGrad.ball',
  `function (x, heights, starts, ends, others, share, gap, n) {
    ${overEnds(`
      const pair = Math.floor(0.5 * end);
      const u = x[row * n + k];
      const h = heights[row];
      let bend = h;
      if (h < 0) { bend = 0; }
      const along = Math.abs(h * heights[other]);
      total += share[pair] * (along * (u - x[other * n + k]) + gap[pair] * bend * u);`)}
    return total;
  }`,
);

/** dy·∂d/∂q·∂q/∂c in the ball: c·|x|²·h is h − 1. */
const ballCurvatureText = kernelText(
  'embeddingDistanceGrad.ballCurvature',
  `function (share, gap, heights, anchors, candidates, c, many) {
    ${find}
    let bend = 1;
    if (heights[i] > 0) { bend = heights[i]; }
    if (heights[j] > 0) { bend = bend + (heights[j] - 1); }
    return share[pair] * gap[pair] / c[0] * bend;
  }`,
);

/** That less dy·d/(2c), for the 1/√c of the distance. */
const byCurvatureText = kernelText(
  'embeddingDistanceGrad.curvature',
  `function (terms, dy, gap, c) {
    const i = this.thread.x;
    return terms[i] - dy[i] * asinhOf(Math.sqrt(gap[i])) / (c[0] * Math.sqrt(c[0]));
  }`,
);

/** A call: the table, which rows of it meet, and c. */
interface Call {
  readonly on: Launcher;
  readonly operands: readonly [x: Operand, anchors: Operand, candidates: Operand, c: Operand];
  readonly pairs: readonly GpuArray[];
  readonly rows: number;
  readonly n: number;
  readonly many: number;
  readonly count: number;
}

function callOf(on: Launcher, inputs: readonly Operand[]): Call {
  const [x, anchors, candidates, c] = inputs;
  const [[rows, n], [, many]] = [x.shape, candidates.shape];
  const pairs = [anchors.array, candidates.array, c.array];
  return { on, operands: [x, anchors, candidates, c], pairs, rows, n, many, count: candidates.size };
}

/** What is found on the way to the gap: heights or lengths of the rows, on the hyperboloid the lead of each pair. */
interface Gap {
  readonly gap: GpuArray;
  readonly sizes: GpuArray;
  readonly lead: GpuArray;
}

function gapOf({ on, operands: [x, a, b, c], pairs, rows, n, many, count }: Call, { model }: ModelAttrs): Gap {
  if (model === 'poincare') {
    const sizes = on.launch(heightsText, rows, [x.array, c.array, n, most, 1 / (1 - most)]);
    const gap = on.launch(ballGapText, count, [x.array, sizes, ...pairs, n, many]);
    return { gap, sizes, lead: gap };
  }
  const sizes = spaceNorms(on, x);
  const lead = on.launch(sheet.lead, count, [x.array, sizes, a.array, b.array, n, many]);
  const turn = on.launch(sheet.turn, count, [x.array, lead, sizes, ...pairs, n, many]);
  return { gap: on.launch(sheet.gap, count, [lead, turn, sizes, ...pairs, many]), sizes, lead };
}

/** The gradient of the table. */
function byRows(call: Call, { gap, sizes, lead }: Gap, { starts, ends, others }: Ends, dy: Operand, ball: boolean) {
  const { on, operands, pairs, n, many, count } = call;
  const [x, , , c] = operands;
  const share = on.launch(shareText, count, [dy.array, gap, c.array, ball ? 2 : 0]);
  const gather = (text: KernelText, terms: readonly GpuArray[]): GpuArray =>
    on.launch(text, x.size, [x.array, sizes, starts, ends, others, ...terms, n]);
  if (ball) return gather(ballRowsText, [share, gap]);
  const atEnds = [alongText, acrossText].map((text) =>
    on.launch(text, 2 * count, [share, lead, sizes, ...pairs, many]),
  );
  return gather(sheetRowsText, atEnds);
}

/** The gradient of c. */
function byCurvature(
  { on, operands, pairs, many, count }: Call,
  { gap, sizes, lead }: Gap,
  dy: Operand,
  ball: boolean,
) {
  const [, , , c] = operands;
  const share = on.launch(shareText, count, [dy.array, gap, c.array, 0]);
  const terms = ball
    ? on.launch(ballCurvatureText, count, [share, gap, sizes, ...pairs, many])
    : on.launch(sheet.byCurvature, count, [share, gap, lead, sizes, ...pairs, many]);
  return total(on, on.launch(byCurvatureText, count, [terms, dy.array, gap, c.array]));
}

/** Distances between rows of a table. */
export const embeddingKernels: GpuTable = {
  embeddingDistance: gpuKernel<ModelAttrs>({
    run(on, inputs, attrs) {
      const call = callOf(on, inputs);
      return [on.launch(distanceText, call.count, [gapOf(call, attrs).gap, call.operands[3].array])];
    },
  }),
  embeddingDistanceGrad: gpuKernel<GradAttrs>({
    refuses: ([, , anchors, candidates]) => unseen([anchors, candidates]),
    run(on, [dy, ...inputs], attrs) {
      const call = callOf(on, inputs);
      const { operands, rows, many, count } = call;
      const [from, to] = [operands[1].tensor.data, operands[2].tensor.data];
      const rowsAt = Int32Array.from({ length: 2 * count }, (_, end) =>
        end % 2 === 0 ? from[Math.floor(end / 2 / many)] : to[(end - 1) / 2],
      );
      const gap = gapOf(call, attrs);
      const ball = attrs.model === 'poincare';
      return [
        byRows(call, gap, endsOf(on, rowsAt, rows), dy, ball),
        attrs.curvature ? byCurvature(call, gap, dy, ball) : on.full(1, 0),
      ];
    },
  }),
};
