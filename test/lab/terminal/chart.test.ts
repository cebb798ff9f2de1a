import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import type { Series } from '../../../src/lab/report/strokes.ts';
import { createCanvas } from '../../../src/lab/terminal/braille.ts';
import { type ChartOptions, renderChart } from '../../../src/lab/terminal/chart.ts';
import { displayWidth } from '../../../src/lab/terminal/width.ts';

const number = fc.oneof(fc.double(), fc.double({ min: 0.01, max: 3, noNaN: true }), fc.integer({ min: -3, max: 3 }));
const points = fc.array(fc.record({ x: fc.oneof(fc.nat(2000), number), y: number }), { maxLength: 20 });
const series: fc.Arbitrary<Series[]> = fc.array(
  fc.record({ label: fc.string({ unit: 'binary' }), slot: fc.nat(7), points }),
  { maxLength: 10 },
);
const size = { width: fc.integer({ min: 0, max: 120 }), height: fc.integer({ min: 0, max: 30 }) };
const options: fc.Arbitrary<ChartOptions> = fc.record(
  {
    ...size,
    title: fc.string(),
    xLabel: fc.string(),
    log: fc.constantFrom(true, false, 'auto' as const),
    colour: fc.boolean(),
  },
  { requiredKeys: [] },
);

const plotRows = (text: string): string[] => text.split('\n').filter((line) => /^[^│┤└]*[│┤]/.test(line));
const BRAILLE = /[\u2801-\u28ff]/;

test('any curves make a chart: no line is wider than asked for, the plot is as high', () => {
  fc.assert(
    fc.property(series, options, (curves, how) => {
      const plain = curves.map((one, i) => ({ ...one, label: `curve${i}` }));
      for (const input of [curves, plain]) {
        const lines = stripVTControlCharacters(renderChart(input, how)).split('\n');
        for (const line of lines) assert.ok(displayWidth(line) <= Math.max(40, how.width ?? 80), line);
      }
      const rows = plotRows(stripVTControlCharacters(renderChart(plain, { ...how, title: 't', xLabel: 'x' })));
      assert.equal(rows.length, Math.max(4, how.height ?? 16));
    }),
  );
});

test('colour is only added: without its escapes the text is the same but for the letters along the curves', () => {
  fc.assert(
    fc.property(series, options, (curves, how) => {
      const plain = renderChart(curves, { ...how, colour: false });
      const coloured = renderChart(curves, { ...how, colour: true });
      assert.equal(plain.includes('\x1b'), false);
      const bare = stripVTControlCharacters(coloured);
      assert.equal(bare.split('\n').length, plain.split('\n').length);
      for (const [i, line] of plain.split('\n').entries())
        assert.equal(
          line.replace(/[A-Z0-9*\u2800-\u28ff]/g, '#'),
          bare.split('\n')[i]?.replace(/[A-Z0-9*\u2800-\u28ff]/g, '#'),
        );
    }),
  );
});

test('every curve has a letter of its own, in the legend and, if it has a point, at its end', () => {
  const labels = fc.uniqueArray(fc.constantFrom('Full', 'SST', 'LoRA', 'ReLoRA*', 'GaLore', 'Lion', 'Full'), {
    minLength: 1,
    maxLength: 5,
  });
  const curve = fc.array(fc.record({ x: fc.nat(1000), y: fc.double({ min: 0.01, max: 3, noNaN: true }) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(labels, fc.array(curve, { minLength: 5, maxLength: 5 }), (names, data) => {
      const text = renderChart(names.map((label, slot) => ({ label, slot, points: data[slot] ?? [] })));
      const key = (text.split('\n')[0] as string).split('   ').map((entry) => entry.split(' ') as [string, string]);
      assert.deepEqual(
        key.map(([, label]) => label),
        names,
      );
      assert.equal(new Set(key.map(([letter]) => letter)).size, names.length);
      const ends = plotRows(text)
        .map((row) => /^.*[│┤].* ([A-Z0-9]+)$/.exec(row)?.[1] ?? '')
        .join('');
      for (const [letter] of key) assert.ok(ends.includes(letter), text);
    }),
  );
});

test('points that cannot be drawn leave gaps, and nothing is drawn for a curve without points', () => {
  const flat = (ys: readonly number[]): string =>
    plotRows(renderChart([{ label: 'a', slot: 0, points: ys.map((y, x) => ({ x, y })) }], { colour: true })).join('');
  assert.doesNotMatch(flat([]), BRAILLE);
  assert.doesNotMatch(flat([Number.NaN, Number.POSITIVE_INFINITY]), BRAILLE);
  assert.match(flat([1]), BRAILLE);
  const count = (text: string): number =>
    [...stripVTControlCharacters(text)].filter((letter) => BRAILLE.test(letter)).length;
  assert.ok(count(flat([1, 1, Number.NaN, 1, 1])) < count(flat([1, 1, 1, 1, 1])));
  assert.equal(count(flat([1, 1, Number.NaN, 1, 1])) > 10, true);
});

test('a curve reaches from one end of the plot to the other, and from its floor to its top', () => {
  const ends = fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(ends, size.width, size.height, (xs, width, height) => {
      const points = xs.sort((a, b) => a - b).map((x, i) => ({ x, y: i % 2 }));
      const text = renderChart([{ label: 'a', slot: 0, points }], { width, height, colour: true });
      const rows = plotRows(stripVTControlCharacters(text)).map((row) =>
        row.replace(/^[^│┤]*[│┤]/, '').replace(/ A$/, ''),
      );
      const columns = Math.max(...rows.map((row) => row.length));
      assert.equal(columns, stripVTControlCharacters(text).match(/└(.*)/)?.[1]?.length);
      assert.ok(
        rows.some((row) => BRAILLE.test(row[0] ?? '')) && rows.some((row) => BRAILLE.test(row[columns - 1] ?? '')),
        text,
      );
      assert.ok(BRAILLE.test(rows[0] ?? '') && BRAILLE.test(rows.at(-1) ?? ''), text);
    }),
  );
});

test('axes say what they measure', () => {
  const curve = Array.from({ length: 101 }, (_, i) => ({ x: i * 10, y: 2.3 * 0.95 ** i }));
  const text = renderChart([{ label: 'SST', slot: 1, points: curve }], {
    title: 'Loss',
    xLabel: 'step',
    width: 60,
    height: 12,
  });
  assert.match(text, /^Loss \(log scale\)\nS SST\n/);
  assert.match(text, /\n +0 +200 +400 +600 +800 +1,000\n +step$/);
  for (const tick of ['0.02', '0.1', '1']) assert.match(text, new RegExp(`\n *${tick} ┤`));
});

test('a canvas holds what is drawn inside of it: a line has its ends, and a dot for each column or row between', () => {
  const dot = fc.record({ x: fc.nat(19), y: fc.nat(39) });
  fc.assert(
    fc.property(dot, dot, (from, to) => {
      const canvas = createCanvas(10, 10);
      canvas.line(from.x, from.y, to.x, to.y, 3);
      const cells = Array.from({ length: 100 }, (_, i) => canvas.cell(i % 10, Math.floor(i / 10)));
      const dots = cells.map(({ text }) => ((text.codePointAt(0) as number) & 0xff).toString(2).replaceAll('0', ''));
      const drawn = cells.map(({ text }, i) => (text === ' ' ? 0 : (dots[i] as string).length)).reduce((a, b) => a + b);
      assert.equal(drawn, Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y)) + 1);
      for (const end of [from, to]) assert.equal(canvas.cell(end.x >> 1, end.y >> 2).owner, 3);
      for (const { text, owner } of cells) assert.equal(text === ' ', owner < 0);
    }),
  );
});

test('a canvas ignores what lies outside, and a cell takes one letter only', () => {
  const canvas = createCanvas(2, 2);
  canvas.line(-5, -5, -1, -1, 0);
  canvas.line(4, 8, 9, 9, 0);
  canvas.line(4, 0, 5, 3, 0);
  assert.equal(canvas.cell(0, 1).owner, -1);
  assert.equal(canvas.letter(2, 0, 'A', 0), false);
  assert.equal(canvas.letter(0, 0, 'A', 1), true);
  assert.equal(canvas.letter(0, 0, 'B', 2), false);
  canvas.line(0, 0, 0, 0, 4);
  assert.deepEqual(canvas.cell(0, 0), { text: 'A', owner: 1 });
  assert.deepEqual(canvas.cell(1, 1), { text: ' ', owner: -1 });
});
