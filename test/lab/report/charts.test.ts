import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { barChart } from '../../../src/lab/report/bars.ts';
import { lineChart, spread } from '../../../src/lab/report/lineChart.ts';
import { autoScale, linearScale } from '../../../src/lab/report/scale.ts';
import { type Point, strokes, thin } from '../../../src/lab/report/strokes.ts';
import { SLOTS, slotsOf } from '../../../src/lab/report/theme.ts';

const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1);
const number = fc.oneof(fc.double(), odd, fc.double({ min: 0.01, max: 3, noNaN: true }));
const points = fc.array(fc.record({ x: fc.oneof(fc.nat(1000), number), y: number }), { maxLength: 30 });
const curves = fc.array(fc.record({ label: fc.string(), slot: fc.nat(7), points }), { maxLength: 5 });

const scales = (series: readonly { readonly points: readonly Point[] }[]): Parameters<typeof lineChart>[1] => {
  const all = series.flatMap((one) => one.points);
  const x = linearScale(
    all.map((point) => point.x),
    { nice: false },
  );
  return { description: 'd', xLabel: 'x', yLabel: 'y', x, y: autoScale(all.map((point) => point.y)) };
};

test('strokes keep the drawable points, in order, inside the unit square; the rest are gaps', () => {
  fc.assert(
    fc.property(points, (curve) => {
      const { x, y } = scales([{ points: curve }]);
      const found = strokes(curve, x, y);
      const mapped = curve.map((point) => ({ x: x.at(point.x), y: y.at(point.y) }));
      const kept = mapped.filter((point) => !Number.isNaN(point.x + point.y));
      assert.deepEqual(found.flat(), kept);
      for (const point of kept) assert.ok(point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1);
      const stretches = mapped.map((point) => (Number.isNaN(point.x + point.y) ? ' ' : '#')).join('');
      assert.equal(found.length, stretches.split(' ').filter((stretch) => stretch !== '').length);
    }),
  );
});

test('a thinned stroke is short, keeps both ends, and the lowest and highest point of each column', () => {
  const heights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(heights, fc.integer({ min: 1, max: 20 }), (ys, columns) => {
      const stroke = ys.map((y, i) => ({ x: i / ys.length, y }));
      const short = thin(stroke, columns);
      assert.ok(short.length <= 4 * columns);
      assert.equal(short[0], stroke[0]);
      assert.equal(short.at(-1), stroke.at(-1));
      const extremes = (of: readonly Point[]): string[] =>
        Array.from({ length: columns }, (_, column) => {
          const ys = of.filter((point) => Math.floor(point.x * columns) === column).map((point) => point.y);
          return `${Math.min(...ys)} ${Math.max(...ys)}`;
        });
      assert.deepEqual(extremes(short), extremes(stroke));
    }),
  );
});

test('every point of a line chart lies inside the plot', () => {
  fc.assert(
    fc.property(curves, (series) => {
      const { markup } = lineChart(series, { ...scales(series), width: 520, height: 360 });
      for (const [, d = ''] of markup.matchAll(/class="curve" d="([^"]*)"/g)) {
        const places = d
          .replace('h0', '')
          .slice(1)
          .split('L')
          .map((place) => place.split(' ').map(Number));
        for (const [x = -1, y = -1] of places) {
          assert.ok(x >= 48 && x <= 436, `x = ${x}`);
          assert.ok(y >= 26 && y <= 316, `y = ${y}`);
        }
      }
    }),
  );
});

test('a line chart names each curve that has a point, once', () => {
  fc.assert(
    fc.property(curves, (series) => {
      const options = scales(series);
      const { markup } = lineChart(series, options);
      const shown = series.filter((one) => strokes(one.points, options.x, options.y).length > 0);
      assert.equal(markup.split('class="name"').length - 1, shown.length);
    }),
  );
});

test('labels are moved apart: in order, inside, the gap between them as far as there is room', () => {
  const wanted = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(wanted, fc.double({ min: 1, max: 30, noNaN: true }), (places, gap) => {
      const found = spread(places, gap, 0, 100);
      const room = Math.min(gap, 100 / Math.max(1, places.length - 1));
      const order = places.map((_, i) => i).sort((a, b) => (places[a] as number) - (places[b] as number));
      order.forEach((i, rank) => {
        assert.ok((found[i] as number) >= -1e-9 && (found[i] as number) <= 100 + 1e-9);
        const before = order[rank - 1];
        if (before !== undefined) assert.ok((found[i] as number) - (found[before] as number) >= room - 1e-9);
      });
      const apart = order.every(
        (i, rank) => rank === 0 || (places[i] as number) - (places[order[rank - 1] as number] as number) >= room,
      );
      if (apart) assert.deepEqual(found, places);
    }),
  );
});

test('bars are as long as their values are large, inside the picture, and none where there is no number', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 8 }), (values) => {
      const bars = values.map((value, i) => ({ label: `m${i}`, value, text: `${value}`, slot: i % SLOTS }));
      const widths = [...barChart('t', bars).markup.matchAll(/<rect [^>]*width="([^"]*)"/g)].map((match) =>
        Number(match[1]),
      );
      assert.equal(widths.length, values.length);
      const most = Math.max(0, ...values.filter(Number.isFinite));
      values.forEach((value, i) => {
        const share = Number.isFinite(value) && value > 0 && most > 0 ? value / most : 0;
        assert.ok(Math.abs((widths[i] as number) - share * 182) <= 0.01, `${value}: ${widths[i]}`);
      });
    }),
  );
});

test('the usual methods and their variants have a colour each, whichever take part; others get those that are left', () => {
  const usual = ['full', 'sst', 'lora', 'relora', 'galore'];
  assert.deepEqual(slotsOf(usual), [0, 1, 2, 3, 4]);
  assert.deepEqual(slotsOf(['lora-1', 'sst-1', 'lora-2']), [2, 1, 2]);
  const names = fc.array(fc.oneof(fc.constantFrom(...usual), fc.string()), { maxLength: 12 });
  fc.assert(
    fc.property(names, (methods) => {
      const slots = slotsOf(methods);
      assert.equal(slots.length, methods.length);
      assert.ok(
        slots.every((slot) => slot >= 0 && slot < SLOTS),
        `${slots}`,
      );
      const own = new Set(
        methods.filter((name) => usual.includes(name.split('-')[0])).map((name) => name.split('-')[0]),
      );
      const others = methods.filter((name) => !usual.includes(name.split('-')[0])).length;
      assert.equal(new Set(slots).size, own.size + Math.min(others, SLOTS - own.size));
    }),
  );
});
