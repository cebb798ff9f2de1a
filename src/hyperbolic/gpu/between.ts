import { summed } from '../../tensor/gpu/sums.ts';
import { divided, type KernelText, kernelText } from '../../tensor/gpu/text.ts';

/** How pairs of points are found: which rows of `x`, with lengths `a`, and of another or the same array, meet in a thread. */
export interface Meeting {
  readonly name: string;
  /** The arrays of the second points and of their lengths. */
  readonly second: readonly ['y', 'b'] | readonly ['x', 'a'];
  /** Further arrays and numbers, and lines that declare `i` and `j`, the rows that meet. */
  readonly arrays: readonly string[];
  readonly numbers: readonly string[];
  readonly find: string;
}

/** Row i of x with row j of y, or with its like. */
export const everyPair: Meeting = {
  name: 'lorentzGap',
  second: ['y', 'b'],
  arrays: [],
  numbers: ['others', 'pairwise'],
  find: `
    ${divided('i', 'j', 'this.thread.x', 'others')}
    if (pairwise < 1) { j = i; }`,
};

/** Row anchors[p] of a table with row candidates[p, …]. */
export const listedPair: Meeting = {
  name: 'embeddingDistance',
  second: ['x', 'a'],
  arrays: ['anchors', 'candidates'],
  numbers: ['many'],
  find: `
    const pair = this.thread.x;
    ${divided('place', 'rest', 'pair', 'many')}
    const i = anchors[place];
    const j = candidates[pair];`,
};

/** Lines that declare the lengths `p` and `q` of rows i and j, which stand in two arrays. */
export const lengthsOf = (a: string, b: string): string => `
  const p = ${a}[i];
  const q = ${b}[j];`;

/**
 * Lines that declare what two points of lengths `p` and `q` have between them, see `between`: their times `tx` and `ty`, the longer length
 * `longest`, `ax` and `ay`, the `rise`. A direction at the origin is read as 0.
 */
export const betweenLines = (lead: string): string => `
  const longest = Math.max(p, q);
  let ax = 0;
  let ay = 0;
  if (p > 0 && p < q) { ax = ${lead} / p; }
  if (q > 0 && p >= q) { ay = ${lead} / q; }
  const tx = Math.sqrt(1 / c[0] + p * p);
  const ty = Math.sqrt(1 / c[0] + q * q);
  let rise = ${lead} * (p + q) / (p * ty + q * tx);
  if (longest <= 0) { rise = 0; }`;

/** sinh²(½·arsinh s). */
const halved = (s: string): string => `${s} * ${s} / (2 * (1 + Math.sqrt(1 + ${s} * ${s})))`;

/** What is asked of pairs that meet, one text for each. */
export interface PairTexts {
  /** |xs| − |ys|. */
  readonly lead: KernelText;
  /** |x̂s − ŷs|². */
  readonly turn: KernelText;
  /** sinh²(√c·d/2). */
  readonly gap: KernelText;
  /** What the pair adds to the gradient by c of the gap: dy·(q − climb²/(4·x_0·y_0))/c. */
  readonly byCurvature: KernelText;
}

/** What one of them reads: what was found before, and further arguments. `y` is the array of the second points. */
interface Part {
  readonly before: readonly string[];
  readonly own: readonly string[];
  lines(y: string): string;
}

const rows = `
  const front = i * n;
  const back = j * n;`;

const parts: Readonly<Record<keyof PairTexts, Part>> = {
  lead: {
    before: ['x', 'y'],
    own: ['n'],
    lines: (y) => `${rows}
      const space = n - 1;
      ${summed('apart', 'space', (k) => {
        const [u, v] = [`x[front + 1 + ${k}]`, `${y}[back + 1 + ${k}]`];
        return `(${u} - ${v}) * (${u} + ${v})`;
      })}
      const both = p + q;
      let lead = apart / both;
      if (both <= 0) { lead = 0; }
      return lead;`,
  },
  turn: {
    before: ['x', 'y', 'lead'],
    own: ['c', 'n'],
    lines: (y) => `${rows}
      ${betweenLines('lead[this.thread.x]')}
      let turn = 0;
      for (let k = 1; k < n; k++) {
        const u = x[front + k];
        const v = ${y}[back + k];
        const across = ((u - v) - ax * u - ay * v) / longest;
        turn += across * across;
      }
      if (longest <= 0) { turn = 0; }
      return turn;`,
  },
  gap: {
    before: ['lead', 'turn'],
    own: ['c'],
    lines: () => `${betweenLines('lead[this.thread.x]')}
      return ${halved('rise')} + c[0] * p * q * turn[this.thread.x] * 0.25;`,
  },
  byCurvature: {
    before: ['share', 'gap', 'lead'],
    own: ['c'],
    lines: () => `${betweenLines('lead[this.thread.x]')}
      const climb = rise * (p * ty + q * tx) / (tx + ty);
      return share[this.thread.x] * (gap[this.thread.x] - climb * climb / (4 * tx * ty)) / c[0];`,
  },
};

/** The texts for a way of meeting. Arguments are what was found before, the points and lengths, the arrays of the meeting, c, and numbers. */
export function pairTexts({ name, second: [y, b], arrays, numbers, find }: Meeting): PairTexts {
  const text = (part: keyof PairTexts): KernelText => {
    const { before, own, lines } = parts[part];
    const read = [...new Set([...before.map((array) => (array === 'y' ? y : array)), 'a', b, ...arrays])];
    return kernelText(
      `${name}.${part}`,
      `function (${[...read, ...own, ...numbers].join(', ')}) {
        ${find}
        ${lengthsOf('a', b)}
        ${lines(y)}
      }`,
    );
  };
  return { lead: text('lead'), turn: text('turn'), gap: text('gap'), byCurvature: text('byCurvature') };
}
