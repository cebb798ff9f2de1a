/** Where tokens stand: counted without padding, on after those that the cache has seen; and tables that follow from positions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, meta, scope, type Tensor, tensor, zeros } from '../../src/index.ts';
import { DecodingCache, PositionTable, placesOf, RMSNorm } from '../../src/nn/index.ts';
import { assertRefuses } from '../harness/compare.ts';
import { checkModule } from '../harness/module.ts';

const owner = new RMSNorm(1);
const tokens = (b: number, t: number): Tensor => zeros([b, t], { dtype: 'int32' });

describe('placesOf', () => {
  test('counts the tokens that there are, in one call or several, with masks in some of them', () => {
    const part = fc.record({ t: fc.integer({ min: 0, max: 3 }), masked: fc.boolean(), bits: fc.nat(63) });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const cache = new DecodingCache();
        const seen: boolean[][] = [[], []];
        let any = false;
        for (const { t, masked, bits } of parts) {
          const there = [0, 1].map((row) =>
            Array.from({ length: t }, (_, j) => !masked || ((bits >> (3 * row + j)) & 1) === 1),
          );
          any ||= masked;
          for (const row of [0, 1]) seen[row].push(...there[row]);
          const mask = masked ? { mask: tensor(there.flat(), { shape: [2, t], dtype: 'bool' }) } : {};
          const { positions, keyMask, end } = scope(() => placesOf(owner, 'op', tokens(2, t), { ...mask, cache }));
          cache.advance(t);
          assert.equal(end, seen[0].length);
          const counted = seen.map((row) =>
            row.map((_, j) => Math.max(0, row.slice(0, j + 1).filter(Boolean).length - 1)),
          );
          const expected: unknown = any ? counted.map((row) => row.slice(end - t)) : counted[0].slice(end - t);
          assert.deepEqual(positions.data.length === 0 ? [] : positions.toArray(), t === 0 ? [] : expected);
          assert.deepEqual(keyMask === undefined, !any);
          if (keyMask !== undefined && end > 0) assert.deepEqual(keyMask.toArray(), seen);
        }
      }),
    );
  });
});

describe('PositionTable', () => {
  test('gives rows by position, in the dtype asked for, and grows; it outlives scopes', () => {
    const table = new PositionTable(2, (position, i) => 10 * position + i);
    const at = (list: readonly number[], end: number, like: Tensor): Tensor =>
      table.at({ positions: tensor(list, { dtype: 'int32' }), end }, like);
    const [single, double] = [zeros([1]), zeros([1], { dtype: 'float64' })];
    assert.deepEqual(scope(() => at([3, 0], 4, single)).toArray(), [
      [30, 31],
      [0, 1],
    ]);
    assert.deepEqual(at([40], 41, single).toArray(), [[400, 401]]);
    assert.equal(at([1], 2, double).dtype, 'float64');
    const shape = table.at(
      { positions: zeros([2, 3], { dtype: 'int32', device: meta }), end: 3 },
      zeros([1], { device: meta }),
    );
    assert.deepEqual(shape.shape, [2, 3, 2]);
  });
});

checkModule({
  name: 'RMSNorm',
  make: ({ dtype, device }) => new RMSNorm(5, device ? { dtype, device } : { dtype }),
  inFeatures: 5,
  outFeatures: 5,
  size: 5,
});

test('RMSNorm: rows of mean square 1, whatever their mean; bad settings are refused by name', () => {
  const x = tensor([[3, 3, 3, 3]], { dtype: 'float64' });
  const y = new RMSNorm(4, { dtype: 'float64', eps: 0 }).call(x);
  for (const v of y.data) assert.ok(Math.abs(v - 1) < 1e-15);
  for (const width of [0, 1.5, Number.NaN]) assertRefuses(() => new RMSNorm(width), DomainError, 'RMSNorm');
  for (const eps of [-1, Number.NaN]) assertRefuses(() => new RMSNorm(2, { eps }), DomainError, 'RMSNorm');
});
