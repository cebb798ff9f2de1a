import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Child, element, escapeText, pathOf, picture, rounded, shorten } from '../../../src/lab/report/svg.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'<>&"\'/=a \n\0\ud800') }));

/** What a browser reads an escaped text as. */
const read = (markup: string): string =>
  markup.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] as string,
  );

/** Text without the characters that no document may hold. */
const legal = (raw: string): string => raw.replace(/[^\t\n\r\P{Cc}]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd');

test('escaped text has no markup in it, and reads as what it was', () => {
  fc.assert(
    fc.property(text, (raw) => {
      const escaped = escapeText(raw);
      assert.doesNotMatch(escaped, /[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      assert.equal(read(escaped), legal(raw));
    }),
  );
});

test('text cannot leave its element or its attribute', () => {
  fc.assert(
    fc.property(text, text, (attribute, content) => {
      const { markup } = element('b', { title: attribute }, content);
      const found = /^<b title="([^"<>]*)">([^<>]*)<\/b>$/.exec(markup);
      assert.ok(found, markup);
      assert.equal(read(found[1] as string), legal(attribute));
      assert.equal(read(found[2] as string), legal(content));
    }),
  );
});

test('children are joined in order, however they are nested; nothing stands for null', () => {
  const flat = (child: Child): string => {
    if (child === null) return '';
    if (typeof child !== 'object') return String(child);
    return 'markup' in child ? child.markup : child.map(flat).join('');
  };
  const leaf = fc.oneof(fc.stringMatching(/^[a-z]*$/), fc.nat(), fc.constant(null), fc.constant(element('i', {}, 'x')));
  const { tree } = fc.letrec<{ tree: Child }>((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree'), { maxLength: 3 })),
  }));
  fc.assert(fc.property(tree, (child) => assert.equal(element('p', {}, child).markup, `<p>${flat(child)}</p>`)));
});

test('elements without content close themselves where HTML allows it; null attributes are left out', () => {
  assert.equal(element('path', { d: 'M0 0', class: null }).markup, '<path d="M0 0"/>');
  assert.equal(element('td').markup, '<td></td>');
  assert.equal(element('path', {}, element('title', {}, 'a')).markup, '<path><title>a</title></path>');
  assert.match(picture(10, 5, 'a <b>').markup, /^<svg viewBox="0 0 10 5" role="img" aria-label="a &lt;b&gt;"><\/svg>$/);
});

test('numbers in attributes are finite and within half a hundredth', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
      assert.match(rounded(value), /^-?\d+(\.\d{1,2})?$/);
      assert.ok(Math.abs(Number(rounded(value)) - value) <= 0.005000001);
    }),
  );
  assert.deepEqual([rounded(Number.NaN), rounded(Number.POSITIVE_INFINITY), rounded(-0)], ['0', '0', '0']);
});

test('a path visits its points in order', () => {
  const point = fc.record({ x: fc.integer(), y: fc.integer() });
  fc.assert(
    fc.property(fc.array(point, { minLength: 2 }), (points) => {
      const visited = pathOf(points).slice(1).split('L');
      assert.deepEqual(
        visited,
        points.map(({ x, y }) => `${x} ${y}`),
      );
    }),
  );
  assert.equal(pathOf([]), '');
  assert.equal(pathOf([{ x: 1, y: 2 }]), 'M1 2h0');
});

test('shortened text has at most the length asked for, and is left alone when it fits', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (raw, length) => {
      const short = shorten(raw, length);
      assert.ok([...short].length <= length);
      if ([...raw].length <= length) assert.equal(short, raw);
      else assert.ok(short.endsWith('…') && raw.startsWith(short.slice(0, -1)));
    }),
  );
});
