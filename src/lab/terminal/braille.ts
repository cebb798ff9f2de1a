/** Bit of each of the 2 × 4 dots of a braille cell, by row then column. @source Unicode block "Braille Patterns" */
const DOT = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** A drawing surface of text cells, each 2 × 4 dots; (0, 0) is the upper left dot. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Sets the dots of a straight line between two dots, ends included, and makes their cells `owner`'s. */
  line(x0: number, y0: number, x1: number, y1: number, owner: number): void;
  /** Puts a letter in place of a cell's dots, unless one is there; says whether it did. */
  letter(column: number, row: number, text: string, owner: number): boolean;
  /** The text of a cell (a space if nothing is there) and who drew it last (−1: nobody). */
  cell(column: number, row: number): { readonly text: string; readonly owner: number };
}

/** An empty canvas. What is drawn outside of it is ignored. */
export function createCanvas(columns: number, rows: number): Canvas {
  const bits = new Uint8Array(columns * rows);
  const owners = new Int32Array(columns * rows).fill(-1);
  const letters = new Map<number, string>();
  const inside = (column: number, row: number): boolean => column >= 0 && column < columns && row >= 0 && row < rows;
  const dot = (x: number, y: number, owner: number): void => {
    const column = x >> 1;
    const row = y >> 2;
    if (!inside(column, row)) return;
    const at = row * columns + column;
    bits[at] = (bits[at] as number) | (DOT[y & 3]?.[x & 1] as number);
    if (!letters.has(at)) owners[at] = owner;
  };
  return {
    columns,
    rows,
    line(x0, y0, x1, y1, owner) {
      const length = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
      for (let i = 0; i <= length; i++) {
        const t = length === 0 ? 0 : i / length;
        dot(Math.round(x0 + (x1 - x0) * t), Math.round(y0 + (y1 - y0) * t), owner);
      }
    },
    letter(column, row, text, owner) {
      const at = row * columns + column;
      if (!inside(column, row) || letters.has(at)) return false;
      letters.set(at, text);
      owners[at] = owner;
      return true;
    },
    cell(column, row) {
      const at = row * columns + column;
      const pattern = bits[at] as number;
      const text = letters.get(at) ?? (pattern === 0 ? ' ' : String.fromCodePoint(0x2800 + pattern));
      return { text, owner: owners[at] as number };
    },
  };
}
