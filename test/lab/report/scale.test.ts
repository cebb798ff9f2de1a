import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { autoScale, drawable, linearScale, logScale, type Scale } from '../../../src/lab/report/scale.ts';

/** Any numbers: ordinary ones, and those that break scales (NaN, infinities, both zeros, the largest and smallest). */
const number = fc.oneof(fc.double(), fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.integer({ min: -5, max: 5 }));
const numbers = fc.array(number, { maxLength: 12 });
const ticks = fc.integer({ min: 1, max: 12 });

/** Each way to make a scale, with options that apply to it. */
const makers: Readonly<Record<string, (values: readonly number[], ticks: number) => Scale>> = {
  'nice linear': (values, ticks) => linearScale(values, { ticks }),
  'exact linear': (values, ticks) => linearScale(values, { ticks, nice: false }),
  logarithmic: (values, ticks) => logScale(values, { ticks }),
  automatic: (values, ticks) => autoScale(values, { ticks }),
};

for (const [name, make] of Object.entries(makers)) {
  test(`${name}: the domain holds every drawable value, and has a length`, () => {
    fc.assert(
      fc.property(numbers, ticks, (values, count) => {
        const { domain, kind } = make(values, count);
        assert.ok(domain[0] < domain[1]);
        for (const value of values.filter((one) => drawable(one, kind)))
          assert.ok(domain[0] <= value && value <= domain[1], `${value} in ${domain}`);
      }),
    );
  });

  test(`${name}: at least two ticks, ascending, inside the domain, with different labels`, () => {
    fc.assert(
      fc.property(numbers, ticks, (values, count) => {
        const scale = make(values, count);
        const [lo, hi] = scale.domain;
        const slack = (hi - lo) * 1e-8;
        assert.ok(scale.ticks.length >= 2 && scale.ticks.length <= 3 * count + 6, `${scale.ticks}`);
        scale.ticks.forEach((tick, i) => {
          assert.ok(tick >= lo - slack && tick <= hi + slack, `${tick} in ${scale.domain}`);
          if (i > 0) assert.ok(tick > (scale.ticks[i - 1] as number), `${scale.ticks}`);
        });
        const labels = scale.ticks.map(scale.label);
        assert.equal(new Set(labels).size, labels.length, labels.join(' '));
      }),
    );
  });

  test(`${name}: labels say what the ticks are`, () => {
    fc.assert(
      fc.property(numbers, ticks, (values, count) => {
        const scale = make(values, count);
        const [lo, hi] = scale.domain;
        for (const tick of scale.ticks)
          assert.ok(
            Math.abs(Number(scale.label(tick).replaceAll(',', '')) - tick) <= (hi - lo) * 1e-6,
            scale.label(tick),
          );
      }),
    );
  });

  test(`${name}: positions rise with the value, within 0..1, and are NaN exactly where nothing can be drawn`, () => {
    fc.assert(
      fc.property(numbers, ticks, number, number, (values, count, a, b) => {
        const scale = make(values, count);
        for (const value of [a, b, ...values]) {
          const at = scale.at(value);
          if (drawable(value, scale.kind)) assert.ok(at >= 0 && at <= 1, `${value} at ${at}`);
          else assert.ok(Number.isNaN(at));
        }
        if (a < b && drawable(a, scale.kind) && drawable(b, scale.kind)) assert.ok(scale.at(a) <= scale.at(b));
        assert.equal(scale.at(scale.domain[0]), 0);
        assert.equal(scale.at(scale.domain[1]), 1);
      }),
    );
  });
}

test('a nice linear scale begins and ends at a tick', () => {
  fc.assert(
    fc.property(numbers, ticks, (values, count) => {
      const { ticks, domain } = linearScale(values, { ticks: count });
      const slack = (domain[1] - domain[0]) * 1e-8;
      assert.ok(Math.abs((ticks[0] as number) - domain[0]) <= slack);
      assert.ok(Math.abs((ticks.at(-1) as number) - domain[1]) <= slack);
    }),
  );
});

test('an exact linear scale of two or more values ends at the least and the greatest', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 2 }), (values) => {
      assert.deepEqual(linearScale(values, { nice: false }).domain, [Math.min(...values), Math.max(...values)]);
    }),
  );
});

test('ticks are round numbers without rounding noise', () => {
  assert.deepEqual(linearScale([0.1, 0.72]).ticks, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]);
  assert.deepEqual(linearScale([0, 1250], { nice: false }).ticks.map(linearScale([0, 1250]).label), [
    '0',
    '200',
    '400',
    '600',
    '800',
    '1,000',
    '1,200',
  ]);
  assert.deepEqual(linearScale([0.3, 0.7]).ticks, [0.3, 0.4, 0.5, 0.6, 0.7]);
  assert.deepEqual(logScale([0.05, 2.3]).ticks, [0.05, 0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(logScale([1e-9, 1]).ticks.map(logScale([1e-9, 1]).label), ['1e-8', '1e-6', '0.0001', '0.01', '1']);
});

test('the automatic scale is logarithmic for positive values over a wide range only', () => {
  assert.equal(autoScale([0.05, 2.3]).kind, 'log');
  assert.equal(autoScale([0.5, 2.3]).kind, 'linear');
  assert.equal(autoScale([0, 2.3]).kind, 'linear');
  assert.equal(autoScale([-1, 1000]).kind, 'linear');
  assert.equal(autoScale([]).kind, 'linear');
  assert.equal(autoScale([0.05, Number.NaN, 2.3, Number.POSITIVE_INFINITY]).kind, 'log');
});
