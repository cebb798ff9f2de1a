import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rng } from '../../src/index.ts';

const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const states = fc.tuple(words, words, words, words).filter((s) => s.some((w) => w !== 0));

test('coins are what so many words of the stream say, and leave it where those would', () => {
  const chances = fc.oneof(
    fc.constantFrom(0, 2 ** -32, 0.5, 0.7, 1 - 2 ** -33, 1),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(states, chances, fc.nat(40), (state, p, count) => {
      const [a, b] = [Rng.from(state), Rng.from(state)];
      const coins = new Uint8Array(count).fill(7);
      a.coins(coins, p);
      assert.deepEqual(
        [...coins],
        Array.from(coins, () => (b.bits() < p * 2 ** 32 ? 0 : 1)),
      );
      assert.deepEqual(a.state, b.state);
    }),
  );
});
