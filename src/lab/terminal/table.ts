import { displayWidth, oneLine, pad } from './width.ts';

/** A column's heading, and the side its cells are flush with (default: right, as numbers are). */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Text cells in rows; a row shorter than `columns` is filled with empty cells. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const GAP = '  ';

/** The table as aligned plain text with a rule under the headings. Every line is equally wide; no line break at the end. */
export function renderTable(table: Table): string {
  const cells = laidOut(table, oneLine);
  const rule = widths(cells).map((width) => '─'.repeat(width));
  const [head = [], ...body] = cells;
  return [head, rule, ...body].map((row) => row.join(GAP)).join('\n');
}

/** The same table in Markdown (GitHub's dialect), aligned in its source too. */
export function renderMarkdown(table: Table): string {
  const cells = laidOut(table, markdownCell, 3);
  const rule = widths(cells).map((width, c) =>
    table.columns[c]?.align === 'left' ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [head = [], ...body] = cells;
  return [head, rule, ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Cells of a row of Markdown cannot hold a line break, a bar, or markup. */
function markdownCell(text: string): string {
  return oneLine(text)
    .replace(/[\\|*_`[\]]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}

/** Headings and rows as padded cells, every row complete. */
function laidOut(table: Table, clean: (text: string) => string, minimum = 0): string[][] {
  const { columns, rows } = table;
  const all = [columns.map((column) => column.title), ...rows].map((row) => columns.map((_, c) => clean(row[c] ?? '')));
  const width = columns.map((_, c) => Math.max(minimum, ...all.map((row) => displayWidth(row[c] as string))));
  return all.map((row) => row.map((cell, c) => pad(cell, width[c] as number, columns[c]?.align ?? 'right')));
}

const widths = (cells: readonly (readonly string[])[]): number[] => (cells[0] ?? []).map(displayWidth);
