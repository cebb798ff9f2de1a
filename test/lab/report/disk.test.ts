/** The Poincaré disk: isometries, geodesics, colours, and what a picture of it holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError, ShapeError } from '../../../src/index.ts';
import { pictureFile, poincareDisk } from '../../../src/lab/report/disk.ts';
import { depthOf, geodesicCircle, moved, type Place } from '../../../src/lab/report/diskGeometry.ts';
import { colourRules, depthColours, SLOTS } from '../../../src/lab/report/theme.ts';
import { assertRefuses } from '../../harness/compare.ts';
import { tagsOf } from './wellFormed.ts';

/** A place on the disk, up to a distance of about 6 from its centre. */
const place: fc.Arbitrary<Place> = fc.record({ turn: fc.nat(359), far: fc.nat(60) }).map(({ turn, far }) => {
  const r = Math.tanh(far / 20);
  return { x: r * Math.cos((turn * Math.PI) / 180), y: r * Math.sin((turn * Math.PI) / 180) };
});
const places = fc.array(place, { minLength: 1, maxLength: 12 });
const flat = (list: readonly Place[]): number[] => list.flatMap(({ x, y }) => [x, y]);
const at = (points: ArrayLike<number>, i: number): Place => ({ x: points[2 * i], y: points[2 * i + 1] });

function distance(p: Place, q: Place): number {
  const gap = ((p.x - q.x) ** 2 + (p.y - q.y) ** 2) / ((1 - p.x ** 2 - p.y ** 2) * (1 - q.x ** 2 - q.y ** 2));
  return 2 * Math.asinh(Math.sqrt(gap));
}

test('moving the disk keeps every distance, and brings the place asked for to the centre', () => {
  fc.assert(
    fc.property(places, place, (list, centre) => {
      const found = moved(flat([...list, centre]), centre);
      const all = [...list, centre];
      assert.ok(depthOf(at(found, list.length)) < 1e-9, 'the centre');
      for (const [i, p] of all.entries())
        for (const [j, q] of all.entries()) {
          const [near, exact] = [distance(at(found, i), at(found, j)), distance(p, q)];
          assert.ok(Math.abs(near - exact) < 1e-7 * (1 + exact), `${near}, was ${exact}`);
        }
    }),
  );
});

test('a geodesic is an arc that meets the rim at right angles and goes through both ends', () => {
  fc.assert(
    fc.property(place, place, (p, q) => {
      const circle = geodesicCircle(p, q);
      if (circle === null) {
        assert.ok(Math.abs(p.x * q.y - p.y * q.x) < 1e-3, 'a diameter, or next to one');
        return;
      }
      const { x, y, radius } = circle;
      const size = 1 + radius * radius;
      assert.ok(Math.abs(x * x + y * y - size) < 1e-9 * size, 'right angles: |m|² = 1 + r²');
      for (const end of [p, q])
        assert.ok(Math.abs(Math.hypot(end.x - x, end.y - y) - radius) < 1e-9 * (1 + radius), 'both ends');
    }),
  );
});

/** The middle of an arc of SVG, `M x y A r r 0 0 sweep x y`, or of a line, in the unit disk. */
function middleOf(path: string): Place {
  const numbers = path.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  const unit = (x: number, y: number): Place => ({ x: (x - 360) / 318, y: (340 - y) / 318 });
  if (path.includes('L')) return unit((numbers[0] + numbers[2]) / 2, (numbers[1] + numbers[3]) / 2);
  const [x1, y1, r, , , , sweep, x2, y2] = numbers;
  const half = Math.hypot(x2 - x1, y2 - y1) / 2;
  // The arc rises above its chord by r − √(r² − half²), to the left of the way from one end to the other where it sweeps.
  const rise = (half * half) / (r + Math.sqrt(Math.max(0, r * r - half * half)));
  const side = sweep === 1 ? 1 : -1;
  return unit(
    (x1 + x2) / 2 + (side * rise * (y2 - y1)) / (2 * half),
    (y1 + y2) / 2 - (side * rise * (x2 - x1)) / (2 * half),
  );
}

test('an edge of the picture is the geodesic: its middle lies between its ends', () => {
  const near: fc.Arbitrary<Place> = place.filter((p) => Math.hypot(p.x, p.y) < 0.95);
  fc.assert(
    fc.property(near, near, (p, q) => {
      fc.pre(distance(p, q) > 0.3);
      const { markup } = poincareDisk(flat([p, q]), [0, 1], { description: 'd' });
      const [, d = ''] = /class="edge c2" d="([^"]*)"/.exec(markup) ?? [];
      const middle = middleOf(d);
      const detour = distance(p, middle) + distance(middle, q) - distance(p, q);
      // Places are rounded to hundredths of a unit of the picture.
      assert.ok(Math.abs(detour) < 0.01, `a detour of ${detour}`);
    }),
  );
});

const options = fc.record({
  weights: fc.array(fc.nat(50), { minLength: 12, maxLength: 12 }),
  groups: fc.array(fc.nat(11), { minLength: 12, maxLength: 12 }),
  names: fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 12, maxLength: 12 }),
  colours: fc.constantFrom('depth' as const, 'class' as const),
});

test('a picture has a dot for each point, inside the rim, whatever its names are; numbers are finite', () => {
  fc.assert(
    fc.property(places, options, (list, { weights, groups, names, colours }) => {
      const own = <T>(values: readonly T[]): T[] => values.slice(0, list.length);
      const edges = list.flatMap((_, i) => [i, (i * 5) % list.length]);
      const { markup } = poincareDisk(flat(list), edges, {
        description: 'd',
        centre: 0,
        weights: own(weights),
        groups: own(groups),
        names: own(names),
        colours,
        legend: { title: names[0] },
      });
      tagsOf(`<!doctype html>\n${markup}`);
      assert.doesNotMatch(markup, /NaN|Infinity|undefined/);
      const dots = [...markup.matchAll(/<circle class="dot [cd]\d" cx="([^"]*)" cy="([^"]*)" r="[^"]*">/g)];
      assert.equal(dots.length, list.length);
      for (const [, x, y] of dots) assert.ok(Math.hypot(Number(x) - 360, Number(y) - 340) < 318.1, `${x}, ${y}`);
      assert.match(markup, /<circle class="dot [cd]\d" cx="360" cy="340"/);
    }),
  );
});

test('depths beyond the last colour share it, and the legend says so; classes begin again', () => {
  const groups = Array.from({ length: 12 }, (_, i) => i);
  const points = groups.flatMap((i) => [i / 20, 0]);
  const legend = { title: 'Depth' };
  const depth = poincareDisk(points, [], { description: 'd', groups, colours: 'depth', legend }).markup;
  assert.equal(depth.split(`class="dot d${depthColours - 1}"`).length - 2, 12 - depthColours + 1);
  assert.match(depth, new RegExp(`>${depthColours - 1}\\+</text>`));
  const classes = poincareDisk(points, [], {
    description: 'd',
    groups,
    legend: { title: 'Class', names: ['a', 'b'] },
  }).markup;
  assert.equal(classes.split('class="dot c0"').length - 2, 2);
  assert.equal(12 - SLOTS, 4);
  assert.match(classes, />b<\/text>/);
});

test('points on the rim, and lists of another length, are refused', () => {
  assertRefuses(() => poincareDisk([0, 0, 0.6, 0.8], [], { description: 'd' }), DomainError, 'poincareDisk', /point 1/);
  assertRefuses(() => poincareDisk([Number.NaN, 0], [], { description: 'd' }), DomainError, 'poincareDisk');
  for (const what of ['groups', 'weights', 'names', 'hovers'])
    assertRefuses(() => poincareDisk([0, 0], [], { description: 'd', [what]: [] }), ShapeError, 'poincareDisk');
  assert.match(poincareDisk([], [], { description: 'none' }).markup, /aria-label="none"/);
});

test('a picture in a file of its own is SVG with its style, and loads nothing', () => {
  const file = pictureFile(poincareDisk([0, 0, 0.5, 0], [0, 1], { description: 'a "picture"' }));
  assert.ok(file.startsWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox='), file.slice(0, 80));
  tagsOf(`<!doctype html>\n${file.trim()}`);
  assert.match(file, /--d0:#/);
  assert.doesNotMatch(file.replace('http://www.w3.org/2000/svg', ''), /https?:|url\(|@import/);
});

/** Contrast of two colours, 1..21. @source WCAG 2.2, relative luminance */
function contrast(a: string, b: string): number {
  const light = (colour: string): number => {
    const [r, g, blue] = [1, 3, 5].map((i) => {
      const v = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue + 0.05;
  };
  const [p, q] = [light(a), light(b)];
  return Math.max(p, q) / Math.min(p, q);
}

test('every colour of a class or a depth stands out from its ground, 3 : 1, and every text, 4.5 : 1', () => {
  const themes = [...colourRules().matchAll(/:root\{([^}]*--page[^}]*)\}/g)];
  assert.equal(themes.length, 2);
  for (const [, rules] of themes) {
    const colours = new Map(
      [...rules.matchAll(/--([\w-]+):(#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour]),
    );
    for (const [name, colour] of colours)
      for (const ground of ['page', 'panel']) {
        const least = /^[cd]\d$/.test(name) ? 3 : ['ink', 'soft'].includes(name) ? 4.5 : 1;
        const found = contrast(colour, colours.get(ground) ?? '');
        assert.ok(found >= least, `${name} ${colour} on ${ground}: ${found.toFixed(2)}`);
      }
  }
});
