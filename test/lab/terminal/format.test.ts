import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  MISSING,
} from '../../../src/lab/terminal/format.ts';

const numberIn = (text: string): number => Number.parseFloat(text.replaceAll(',', ''));
const UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  ms: 1,
  s: 1e3,
  min: 6e4,
  h: 3.6e6,
};

test('counts keep every digit and have three between commas', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (count) => {
      assert.match(formatCount(count), /^-?\d{1,3}(,\d{3})*$/);
      assert.equal(numberIn(formatCount(count)), count);
    }),
  );
  assert.equal(formatCount(118282), '118,282');
  assert.equal(formatCount(-0), '0');
});

test('bytes: the nearest tenth of a unit, never 1000 of one unit', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (bytes) => {
      const text = formatBytes(bytes);
      const [, digits = '', unit = ''] = /^(-?\d+(?:\.\d)?) (B|kB|MB|GB|TB|PB)$/.exec(text) ?? assert.fail(text);
      const size = UNIT[unit] as number;
      assert.ok(Math.abs(Number(digits) * size - bytes) <= 0.0501 * size, text);
      assert.ok(Math.abs(Number(digits)) < 1000 || unit === 'PB', text);
      assert.ok(unit === 'B' || Math.abs(Number(digits)) >= 1, text);
    }),
  );
  assert.deepEqual([0, 999, 1000, 999949, 999950, 1234567].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '1.2 MB',
  ]);
});

test('durations: seconds and minutes stay under 60, and the time is right to a twentieth', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
      const text = formatDuration(ms);
      const parts = [...text.matchAll(/([\d,.]+) (ms|s|min|h)/g)].map(([, count = '', unit = '']) => ({
        count: numberIn(count),
        unit,
      }));
      assert.equal(parts.map(({ count, unit }) => `${count} ${unit}`).join(' '), text.replace(/,|\.0(?= )/g, ''));
      for (const { count, unit } of parts) if (unit === 's' || unit === 'min') assert.ok(count < 60, text);
      const total = parts.reduce((sum, { count, unit }) => sum + count * (UNIT[unit] as number), 0);
      assert.ok(Math.abs(total - ms) <= Math.max(0.5, ms * 0.051), text);
    }),
  );
  assert.deepEqual([850, 3400, 42000, 59999, 80000, 7500000].map(formatDuration), [
    '850 ms',
    '3.4 s',
    '42 s',
    '1 min 0 s',
    '1 min 20 s',
    '2 h 5 min',
  ]);
  assert.equal(formatDuration(-1), MISSING);
});

test('numbers keep their value to the digits asked for', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 6 }), (value, digits) => {
      const text = formatNumber(value, digits);
      assert.ok(Math.abs(numberIn(text) - value) <= Math.abs(value) * 0.5001 * 10 ** (1 - digits), text);
      assert.ok(text.length <= 14, text);
    }),
  );
  assert.deepEqual(
    [0, 0.0558, 6.21, 2.4e-7, 12345.6, 1e6, 99999.9].map((x) => formatNumber(x)),
    ['0', '0.0558', '6.21', '2.4e-7', '12,346', '1e6', '1e5'],
  );
});

test('percentages, and what stands for no number', () => {
  assert.equal(formatPercent(0.9731), '97.3%');
  assert.equal(formatPercent(1, 0), '100%');
  for (const format of [formatCount, formatBytes, formatDuration, formatPercent, formatNumber])
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      assert.equal(format(value), MISSING);
});
