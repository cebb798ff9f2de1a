import type { GpuArray } from './held.ts';
import { type Launcher, type Operand, rowsOf } from './overlay.ts';
import { divided, kernelText } from './text.ts';

/** The length of a piece of a row, its largest number taken out, so that squares stay in the range of float32. */
const lengthsText = kernelText(
  'lengths',
  `function (x, n, pieces) {
    ${divided('row', 'piece', 'this.thread.x', 'pieces')}
    ${divided('count', 'over', '(n - piece + pieces - 1)', 'pieces')}
    const from = row * n + piece;
    let most = 0;
    for (let i = 0; i < count; i++) { most = Math.max(most, Math.abs(x[from + i * pieces])); }
    let length = most;
    if (most > 0) {
      let squares = 0;
      for (let j = 0; j < count; j++) {
        const share = x[from + j * pieces] / most;
        squares += share * share;
      }
      length = most * Math.sqrt(squares);
    }
    return length;
  }`,
);

/** |x_i| of every row: of a long row in two launches, the lengths of its pieces and the length of those. */
export function lengthsOfRows(on: Launcher, x: Operand): GpuArray {
  const [rows, n] = rowsOf(x);
  const pieces = n > 64 ? Math.ceil(Math.sqrt(n)) : 1;
  const lengths = on.launch(lengthsText, rows * pieces, [x.array, n, pieces]);
  return pieces === 1 ? lengths : on.launch(lengthsText, rows, [lengths, pieces, 1]);
}
