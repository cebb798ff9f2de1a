import type { GpuArray } from './held.ts';
import type { Launcher } from './overlay.ts';
import { divided, kernelText } from './text.ts';

/**
 * Lines of a kernel that declare `total` = Σ_l term(l) for l in 0..count−1: four sums, added at the end. `name` tells several apart.
 * The term is given an index, as source.
 */
export const summed = (total: string, count: string, term: (at: string) => string): string => `
  let ${total}0 = 0;
  let ${total}1 = 0;
  let ${total}2 = 0;
  let ${total}3 = 0;
  const ${total}Whole = ${count} - 3;
  for (let ${total}At = 0; ${total}At < ${total}Whole; ${total}At += 4) {
    ${total}0 += ${term(`${total}At`)};
    ${total}1 += ${term(`(${total}At + 1)`)};
    ${total}2 += ${term(`(${total}At + 2)`)};
    ${total}3 += ${term(`(${total}At + 3)`)};
  }
  const ${total}Done = 4 * Math.floor(${count} / 4);
  const ${total}Left = ${count} - ${total}Done;
  for (let ${total}Rest = 0; ${total}Rest < ${total}Left; ${total}Rest++) {
    ${total}0 += ${term(`(${total}Done + ${total}Rest)`)};
  }
  const ${total} = (${total}0 + ${total}1) + (${total}2 + ${total}3);`;

/**
 * In how many pieces the rows of a matrix are added up, so that there are threads enough and none adds many: one where they are few, or
 * columns keep the device busy.
 */
export const piecesOf = (rows: number, columns: number): number =>
  rows <= 64 || columns >= 1 << 14 ? 1 : Math.ceil(Math.sqrt(rows));

/**
 * Lines of a kernel with arguments `columns`, `rows`, `pieces`: this thread's `column`, and `total` = Σ term over `row`, every row whose
 * number leaves the remainder of this thread's piece. Threads are numbered piece·columns + column, and read side by side.
 */
export const pieceOfColumn = (term: (row: string) => string): string => `
  ${divided('piece', 'column', 'this.thread.x', 'columns')}
  ${divided('count', 'over', '(rows - piece + pieces - 1)', 'pieces')}
  ${summed('total', 'count', (at) => term(`(piece + ${at} * pieces)`))}`;

const columnSumsText = kernelText(
  'columnSums',
  `function (x, columns, rows, pieces) {
    ${pieceOfColumn((row) => `x[${row} * columns + column]`)}
    return total;
  }`,
);

/** Sums over the rows of a matrix [rows, columns]: in two launches where there are many rows. */
export function columnSums(on: Launcher, x: GpuArray, rows: number, columns: number): GpuArray {
  if (rows === 0) return on.full(columns, 0);
  if (rows === 1) return x;
  const pieces = piecesOf(rows, columns);
  const sums = on.launch(columnSumsText, pieces * columns, [x, columns, rows, pieces]);
  return pieces === 1 ? sums : columnSums(on, sums, pieces, columns);
}
