import type { GpuArray } from '../../tensor/gpu/held.ts';
import { type GpuTable, gpuKernel, type Launcher, type Operand, rowsOf } from '../../tensor/gpu/overlay.ts';
import { total } from '../../tensor/gpu/reduce.ts';
import { summed } from '../../tensor/gpu/sums.ts';
import { divided, type KernelText, kernelText } from '../../tensor/gpu/text.ts';
import type { Meeting } from '../lorentz.kernel.ts';
import { betweenLines, everyPair, lengthsOf, pairTexts } from './between.ts';
import { spaceNorms } from './rows.ts';

const texts = pairTexts(everyPair);

/** Which pairs a row of x (`i`) or of y (`j`) is in, with its own length and time and those of the other. */
const sides = {
  x: {
    own: 'i',
    find: 'let j = at; let pair = i * others + at; if (pairwise < 1) { j = i; pair = i; }',
    value: `
      let along = 0.5 * g * rise / (tx * p);
      if (p <= 0) { along = 0; }
      total += u * along + apart * across * q;`,
  },
  y: {
    own: 'j',
    find: 'let i = at; let pair = at * others + j; if (pairwise < 1) { i = j; pair = j; }',
    value: `
      let along = 0.5 * g * rise / (ty * q);
      if (q <= 0) { along = 0; }
      total = total - (v * along + apart * across * p);`,
  },
};

/** The gradient by one side, [rows, n]: over `many` others, x̂s·rise/(2·x_0) + c·|ys|·(x̂s − ŷs)/2 times dy, and the like; 0 by the times. */
const gradientText = (side: keyof typeof sides): KernelText => {
  const { own, find, value } = sides[side];
  return kernelText(
    `lorentzGapGrad.${side}`,
    `function (dy, x, y, lead, a, b, c, n, others, pairwise, many) {
      ${divided(own, 'm', 'this.thread.x', 'n')}
      let total = 0;
      for (let at = 0; at < many; at++) {
        ${find}
        ${lengthsOf('a', 'b')}
        ${betweenLines('lead[pair]')}
        const g = dy[pair];
        const u = x[i * n + m];
        const v = y[j * n + m];
        let across = 0.5 * g * c[0] / longest;
        if (longest <= 0) { across = 0; }
        const apart = (u - v) - ax * u - ay * v;
        ${value}
      }
      if (m < 1) { total = 0; }
      return total;
    }`,
  );
};

const byX = gradientText('x');
const byY = gradientText('y');

const squaresText = kernelText(
  'pairwiseSquares',
  `function (x, z, others, n) {
    ${divided('i', 'j', 'this.thread.x', 'others')}
    const front = i * n;
    const back = j * n;
    ${summed('squares', 'n', (k) => `(x[front + ${k}] - z[back + ${k}]) * (x[front + ${k}] - z[back + ${k}])`)}
    return squares;
  }`,
);

/** 2·Σ g·(own − other) over the other rows, whose gradients lie `step` apart, those of the next row of one's own `next`. */
const squaresGradText = kernelText(
  'pairwiseSquaresGrad',
  `function (dy, own, other, n, many, next, step) {
    ${divided('i', 'k', 'this.thread.x', 'n')}
    const place = i * n + k;
    ${summed('total', 'many', (j) => `dy[i * next + ${j} * step] * (own[place] - other[${j} * n + k])`)}
    return 2 * total;
  }`,
);

/** How many pairs meet, and what the texts are told of it. */
function meetingOf(x: Operand, y: Operand, { pairwise }: Meeting) {
  const [[rows, n], [own]] = [rowsOf(x), rowsOf(y)];
  const others = pairwise ? own : 1;
  return { rows, own, n, others, count: rows * others, numbers: [others, pairwise ? 1 : 0] };
}

/** Lengths of the rows, and the lead of each pair. */
function found(on: Launcher, x: Operand, y: Operand, { n, count, numbers }: ReturnType<typeof meetingOf>) {
  const [a, b] = [spaceNorms(on, x), spaceNorms(on, y)];
  return { a, b, lead: on.launch(texts.lead, count, [x.array, y.array, a, b, n, ...numbers]) };
}

function gapsOf(
  on: Launcher,
  [x, y, c]: readonly Operand[],
  meeting: ReturnType<typeof meetingOf>,
  { a, b, lead }: ReturnType<typeof found>,
): GpuArray {
  const { n, count, numbers } = meeting;
  const turn = on.launch(texts.turn, count, [x.array, y.array, lead, a, b, c.array, n, ...numbers]);
  return on.launch(texts.gap, count, [lead, turn, a, b, c.array, ...numbers]);
}

/** What lies between rows that meet. */
export const gapKernels: GpuTable = {
  lorentzGap: gpuKernel<Meeting>({
    run(on, inputs, attrs) {
      const meeting = meetingOf(inputs[0], inputs[1], attrs);
      return [gapsOf(on, inputs, meeting, found(on, inputs[0], inputs[1], meeting))];
    },
  }),
  lorentzGapGrad: gpuKernel<Meeting>({
    run(on, [dy, x, y, c], attrs) {
      const meeting = meetingOf(x, y, attrs);
      const { rows, own, n, count, numbers } = meeting;
      const pairs = found(on, x, y, meeting);
      const { a, b, lead } = pairs;
      const args = [dy.array, x.array, y.array, lead, a, b, c.array, n, ...numbers];
      const gap = gapsOf(on, [x, y, c], meeting, pairs);
      const terms = on.launch(texts.byCurvature, count, [dy.array, gap, lead, a, b, c.array, ...numbers]);
      return [
        on.launch(byX, x.size, [...args, attrs.pairwise ? own : 1]),
        on.launch(byY, y.size, [...args, attrs.pairwise ? rows : 1]),
        total(on, terms),
      ];
    },
  }),
  pairwiseSquares: gpuKernel({
    run(on, [x, z]) {
      const [[rows, n], [others]] = [rowsOf(x), rowsOf(z)];
      return [on.launch(squaresText, rows * others, [x.array, z.array, others, n])];
    },
  }),
  pairwiseSquaresGrad: gpuKernel({
    run(on, [{ array: dy }, x, z]) {
      const [[rows, n], [others]] = [rowsOf(x), rowsOf(z)];
      return [
        on.launch(squaresGradText, x.size, [dy, x.array, z.array, n, others, others, 1]),
        on.launch(squaresGradText, z.size, [dy, z.array, x.array, n, rows, 1, others]),
      ];
    },
  }),
};
