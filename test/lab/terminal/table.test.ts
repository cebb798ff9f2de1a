import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderMarkdown, renderTable, type Table } from '../../../src/lab/terminal/table.ts';
import { cut, displayWidth, oneLine, pad } from '../../../src/lab/terminal/width.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'|\\\n\t漢é😀\x1b<&-1,') }),
);
const align = fc.constantFrom('left' as const, 'right' as const);

const table: fc.Arbitrary<Table> = fc.record({
  columns: fc.array(fc.oneof(fc.record({ title: text }), fc.record({ title: text, align })), {
    minLength: 1,
    maxLength: 5,
  }),
  rows: fc.array(fc.array(text, { maxLength: 6 }), { maxLength: 5 }),
});

test('all lines of a table are equally wide, one for each row beside the headings and the rule', () => {
  fc.assert(
    fc.property(table, (input) => {
      const lines = renderTable(input).split('\n');
      assert.equal(lines.length, input.rows.length + 2);
      for (const line of lines) assert.equal(displayWidth(line), displayWidth(lines[0] as string));
      assert.match(lines[1] as string, /^(─*( {2})?)*$/);
    }),
  );
});

test('cells stand under their headings: each column begins and ends where its rule does', () => {
  const plain = fc.stringMatching(/^[a-z0-9]{0,8}$/);
  const columns = fc.array(fc.record({ title: fc.stringMatching(/^[a-z]{1,8}$/), align }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(columns, fc.array(fc.array(plain, { maxLength: 5 }), { maxLength: 5 }), (columns, rows) => {
      const [head = '', rule = '', ...body] = renderTable({ columns, rows }).split('\n');
      const spans = [...rule.matchAll(/─+/g)].map((match) => [match.index, match.index + match[0].length] as const);
      assert.equal(spans.length, columns.length);
      [head, ...body].forEach((line, row) => {
        spans.forEach(([from, to], c) => {
          const cell = row === 0 ? (columns[c]?.title ?? '') : (rows[row - 1]?.[c] ?? '');
          const side = columns[c]?.align === 'left' ? cell.padEnd(to - from) : cell.padStart(to - from);
          assert.equal(line.slice(from, to), side);
        });
      });
    }),
  );
});

test('numbers are flush right by default', () => {
  const rows = [
    ['SST', '30,218'],
    ['Full', '235,146'],
  ];
  const columns = [{ title: 'Method', align: 'left' as const }, { title: 'Trainable' }];
  assert.equal(
    renderTable({ columns, rows }),
    ['Method  Trainable', '──────  ─────────', 'SST        30,218', 'Full      235,146'].join('\n'),
  );
});

/** Cells of a line of Markdown as a renderer reads them. */
function readMarkdown(line: string): string[] {
  const inside = line.replace(/^\| | \|$/g, '');
  const plain = (cell: string): string =>
    cell
      .trim()
      .replace(/\\([\\|*_`[\]])/g, '$1')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&');
  return inside.split(/(?<=(?<!\\)(?:\\\\)*) \| /).map(plain);
}

test('Markdown reads back as the cells, whatever they hold', () => {
  fc.assert(
    fc.property(table, (input) => {
      const lines = renderMarkdown(input).split('\n');
      assert.equal(lines.length, input.rows.length + 2);
      assert.match(lines[1] as string, /^\|( -{2,}[-:] \|)+$/);
      const rows = [input.columns.map((column) => column.title), ...input.rows];
      [lines[0], ...lines.slice(2)].forEach((line, row) => {
        const cells = input.columns.map((_, c) => oneLine(rows[row]?.[c] ?? '').trim());
        assert.deepEqual(readMarkdown(line as string), cells);
      });
    }),
  );
});

test('widths: padding reaches a width, cutting keeps within it, one line stays one line', () => {
  fc.assert(
    fc.property(text, fc.nat(30), align, (raw, width, side) => {
      const line = oneLine(raw);
      assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.equal(displayWidth(pad(line, width, side)), Math.max(width, displayWidth(line)));
      assert.ok(displayWidth(cut(line, width)) <= width);
      if (displayWidth(line) <= width) assert.equal(cut(line, width), line);
    }),
  );
  assert.deepEqual(['abc', '漢字', 'e\u0301', '😀', ''].map(displayWidth), [3, 4, 1, 2, 0]);
});
