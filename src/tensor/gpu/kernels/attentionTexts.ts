/**
 * Texts of attention. Weights lie apart, [head, t, s], for the heads of one part, of which the first has number `first`; queries, keys, values
 * and what is like them lie as the operands do, [entry, n, heads, d].
 */
import { type Reduction, reduction } from '../reduce.ts';
import { summed } from '../sums.ts';
import { divided, type KernelText, kernelText } from '../text.ts';

/** Row and key of this thread, and the head and query of that row: of a matrix [head, t, s]. */
const weightIndices = `
  ${divided('row', 'j', 'this.thread.x', 's')}
  ${divided('head', 'i', 'row', 't')}`;

/** The entry b and head g that head number `head` of this part is. */
const entryAndHead = divided('b', 'g', '(first + head)', 'heads');

/** Entry, row, head and element of this thread in a result [entry, n, side, size]; in parts heads are written apart: side is 1. */
const resultIndices = (n: string, row: string): string => `
  ${divided('p', 'x', 'this.thread.x', 'size')}
  ${divided('outer', 'inner', 'p', 'side')}
  ${divided('entry', row, 'outer', n)}
  const head = entry * side + inner;
  ${entryAndHead}`;

/** What a mask does to a score, by its dtype. `starts` says where it begins for each head. */
const masks = {
  none: '',
  bool: 'if (mask[maskAt] === 0) { score = hidden; }',
  float32: `const addend = mask[maskAt];
    score = score + addend;
    if (addend < lowest) { score = hidden; }`,
};

/** How a call is masked. */
export type Masked = keyof typeof masks;

const scoresText = (kind: Masked): KernelText => {
  const [arrays, numbers, at] =
    kind === 'none'
      ? ['', '', '']
      : [
          ', mask, starts',
          `, down, across${kind === 'bool' ? '' : ', lowest'}`,
          'const maskAt = starts[first + head] + i * down + j * across;',
        ];
  return kernelText(
    `attention.scores.${kind}`,
    `function (q, k${arrays}, first, heads, t, s, d, scale, causal, hidden${numbers}) {
      ${weightIndices}
      ${entryAndHead}
      const queryAt = ((b * t + i) * heads + g) * d;
      const keyAt = ((b * s + j) * heads + g) * d;
      ${summed('product', 'd', (x) => `q[queryAt + ${x}] * k[keyAt + ${x}]`)}
      let score = product * scale;
      ${at}
      ${masks[kind]}
      if (causal > 0 && j > i) { score = hidden; }
      return score;
    }`,
  );
};

/** scale·q·kᵀ and the mask; −∞ where a key may not be seen. */
export const scoresTexts: Readonly<Record<Masked, KernelText>> = {
  none: scoresText('none'),
  bool: scoresText('bool'),
  float32: scoresText('float32'),
};

/** Lines that declare `w`, e to a score less the largest of its row; 0 where a key is hidden. */
const power = (at: string): string => `
  const score = scores[${at}];
  let w = expOf(score - most[row]);
  if (score < lowest) { w = 0; }`;

/** Σ_j e^(score − most) of each row. */
export const powerSums: Reduction = reduction('attention.sums', {
  arrays: ['scores', 'most'],
  numbers: ['lowest'],
  start: 'let total = 0;',
  each: `${power('at')} total += w;`,
  merge: 'total += part;',
  nothing: 0,
});

/** The weights: they sum to 1 along a row, or are all 0 where no key may be seen. */
export const weightsText: KernelText = kernelText(
  'attention.weights',
  `function (scores, most, sums, s, lowest) {
    const i = this.thread.x;
    ${divided('row', 'j', 'i', 's')}
    ${power('i')}
    if (w > 0) { w = w / sums[row]; }
    return w;
  }`,
);

/** x·y. */
export const timesText: KernelText = kernelText(
  'attention.times',
  'function (x, y) { return x[this.thread.x] * y[this.thread.x]; }',
);

/** Rows together as their weights say: [entry, i, head, x] is factor·Σ_j w[head, i, j]·m[entry, j, head, x]. */
export const combineText: KernelText = kernelText(
  'attention.combine',
  `function (w, m, first, heads, side, t, s, size, factor, causal) {
    ${resultIndices('t', 'i')}
    const weightAt = (head * t + i) * s;
    const matrixAt = (b * s * heads + g) * size + x;
    const step = heads * size;
    let seen = s;
    if (causal > 0) { seen = Math.min(s, i + 1); }
    ${summed('y', 'seen', (j) => `w[weightAt + ${j}] * m[matrixAt + ${j} * step]`)}
    return factor * y;
  }`,
);

/** And the other way: [entry, j, head, x] is factor·Σ_i w[head, i, j]·m[entry, i, head, x]. */
export const spreadText: KernelText = kernelText(
  'attention.spread',
  `function (w, m, first, heads, side, t, s, size, factor, causal) {
    ${resultIndices('s', 'j')}
    let start = 0;
    if (causal > 0) { start = Math.min(j, t); }
    const weightAt = (head * t + start) * s + j;
    const step = heads * size;
    const matrixAt = (b * t * heads + g) * size + x + start * step;
    const seeing = t - start;
    ${summed('y', 'seeing', (i) => `w[weightAt + ${i} * s] * m[matrixAt + ${i} * step]`)}
    return factor * y;
  }`,
);

/** What the weights get: dy·vᵀ. */
export const arrivingText: KernelText = kernelText(
  'attention.arriving',
  `function (dy, v, first, heads, t, s, size) {
    ${weightIndices}
    ${entryAndHead}
    const fromAt = ((b * t + i) * heads + g) * size;
    const valueAt = ((b * s + j) * heads + g) * size;
    ${summed('product', 'size', (x) => `dy[fromAt + ${x}] * v[valueAt + ${x}]`)}
    return product;
  }`,
);

/** Σ_j p·g of each row. */
export const alongRows: Reduction = reduction('attention.along', {
  arrays: ['p', 'g'],
  start: 'let total = 0;',
  each: 'total += p[at] * g[at];',
  merge: 'total += part;',
  nothing: 0,
});

/** Gradient of the scores: p·(g − Σ_j p·g). */
export const throughText: KernelText = kernelText(
  'attention.through',
  `function (p, g, along, s) {
    const i = this.thread.x;
    ${divided('row', 'j', 'i', 's')}
    return p[i] * (g[i] - along[row]);
  }`,
);

/** x, and then y from place n on. */
export const joinText: KernelText = kernelText(
  'attention.join',
  `function (x, y, n) {
    const i = this.thread.x;
    let value = 0;
    if (i < n) { value = x[i]; } else { value = y[i - n]; }
    return value;
  }`,
);

/** [entry·heads, n, size] as [entry, n, heads, size]. */
export const interleaveText: KernelText = kernelText(
  'attention.interleave',
  `function (x, heads, n, size) {
    ${divided('p', 'column', 'this.thread.x', 'size')}
    ${divided('q', 'head', 'p', 'heads')}
    ${divided('entry', 'row', 'q', 'n')}
    return x[((entry * heads + head) * n + row) * size + column];
  }`,
);
