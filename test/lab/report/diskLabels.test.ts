import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { overlap, placeLabels, widthOf } from '../../../src/lab/report/diskLabels.ts';

const room = { left: 0, top: 0, right: 300, bottom: 200 };
const marks = fc.array(fc.record({ x: fc.nat(300), y: fc.nat(200), radius: fc.integer({ min: 1, max: 6 }) }), {
  minLength: 1,
  maxLength: 40,
});

test('names lie in the room, not over one another, nor over a mark that has a name', () => {
  fc.assert(
    fc.property(marks, fc.integer({ min: 8, max: 24 }), fc.integer({ min: 1, max: 12 }), (list, size, most) => {
      const names = list.map((_, i) => `name ${i}`);
      const placed = placeLabels(
        list,
        names,
        list.map((_, i) => i),
        { size, room, most },
      );
      assert.ok(placed.length <= most, `${placed.length} of ${most}`);
      for (const [i, { box, mark, text }] of placed.entries()) {
        assert.equal(text, names[mark]);
        assert.ok(box.right - box.left >= widthOf(text) * size - 1e-9, 'its width');
        assert.ok(Math.abs(box.bottom - box.top - size) < 1e-9, 'its height');
        assert.ok(box.left >= 0 && box.top >= 0 && box.right <= 300 && box.bottom <= 200, 'in the room');
        for (const [j, other] of placed.entries()) {
          const { x, y, radius } = list[other.mark];
          const dot = { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
          assert.ok(!overlap(box, dot), `${text} over the mark of ${other.text}`);
          if (i !== j) assert.ok(!overlap(box, other.box), `${text} over ${other.text}`);
        }
      }
    }),
  );
});

test('the first in order gets its name wherever there is room for it, and a lone mark has it at its right', () => {
  fc.assert(
    fc.property(marks, (list) => {
      const order = list.map((_, i) => i).filter((i) => list[i].x > 40 && list[i].x < 260);
      const [first] = order;
      const names = list.map(() => 'ab');
      const placed = placeLabels(list, names, order, { size: 10, room, most: 50 });
      if (first !== undefined) assert.equal(placed[0].mark, first);
      assert.ok(
        placed.every(({ mark }) => order.includes(mark)),
        'only those in the order',
      );
    }),
  );
  const [{ box, x, y }] = placeLabels([{ x: 100, y: 100, radius: 5 }], ['ab'], [0], { size: 10, room, most: 1 });
  assert.ok(box.left > 105 && box.left < 110 && x === box.left && y > 100 && y < 105, JSON.stringify({ box, x, y }));
});

test('a name goes where it covers the fewest marks', () => {
  const beside = Array.from({ length: 5 }, (_, i) => ({ x: 112 + 4 * i, y: 100, radius: 1 }));
  const [{ box }] = placeLabels([{ x: 100, y: 100, radius: 3 }, ...beside], ['abc', '', '', '', '', ''], [0], {
    size: 12,
    room,
    most: 1,
  });
  assert.ok(box.right < 100, `to the left: ${JSON.stringify(box)}`);
});
