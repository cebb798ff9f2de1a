import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng, type RngState } from '../../src/index.ts';
import { assertRefuses } from '../harness/compare.ts';

const word = 2n ** 32n;
const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) % word;

/** xoshiro128**, as published, in exact integers: rotl(5·s1, 7)·9, then the linear step. */
function published([a, b, c, d]: RngState, count: number): number[] {
  const s = [a, b, c, d].map(BigInt);
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) % word, 7n) * 9n) % word;
    const t = (s[1] << 9n) % word;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const bits = (rng: Rng, count: number): number[] => draw(count, () => rng.bits());
const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const states = fc.tuple(words, words, words, words).filter((s) => s.some((w) => w !== 0));
const seeds = fc.maxSafeInteger();

test('the generator is xoshiro128** as published', () => {
  assert.deepEqual(bits(Rng.from([1, 2, 3, 4]), 4), [11520, 0, 5927040, 70819200]);
  fc.assert(fc.property(states, (state) => assert.deepEqual(bits(Rng.from(state), 20), published(state, 20))));
});

test('a seed gives the same numbers on every machine, for ever', () => {
  const golden: readonly (readonly [seed: number, bits: readonly number[]])[] = [
    [0, [1789933344, 44971166, 2521387044]],
    [1, [393288148, 2174103013, 3814759091]],
    [42, [660444221, 3652823732, 77672526]],
    [-1, [3406729569, 438956448, 2770430409]],
    [2 ** 32, [1055716353, 149852822, 3886774404]],
    [Number.MAX_SAFE_INTEGER, [99283613, 694317375, 1676791176]],
  ];
  for (const [seed, expected] of golden) assert.deepEqual(bits(new Rng(seed), 3), expected, `seed ${seed}`);
  const rng = new Rng(42);
  assert.deepEqual(
    draw(2, () => rng.normal()),
    [0.26752683279886763, 0.5813902645846303],
  );
  assert.equal(rng.uniform(), 0.8504471602721714);
  assert.deepEqual(bits(new Rng(42).fork('weights'), 2), [2231815648, 127266174]);
});

test('different seeds give different streams, also where their low 32 bits agree', () => {
  fc.assert(
    fc.property(seeds, seeds, (a, b) => {
      if (a !== b) assert.notDeepEqual(new Rng(a).state, new Rng(b).state);
    }),
  );
  const firsts = Array.from({ length: 2000 }, (_, i) => new Rng((i % 40) + Math.floor(i / 40) * 2 ** 32).state.join());
  assert.equal(new Set(firsts).size, 2000);
  assert.notDeepEqual(new Rng(2 ** 32).state, new Rng(0x85ebca6b).state);
});

/** Fails when a mean lies more than five standard errors from what it should be. */
function assertMean(values: readonly number[], mean: number, deviation: number, what: string): void {
  const found = values.reduce((s, v) => s + v, 0) / values.length;
  const limit = (5 * deviation) / Math.sqrt(values.length);
  assert.ok(Math.abs(found - mean) < limit, `${what}: ${found}, not ${mean} ± ${limit}`);
}

const n = 20000;

test('uniform: in [0, 1), with the moments of the uniform distribution, and no memory', () => {
  const rng = new Rng(5);
  const u = draw(n, () => rng.uniform());
  assert.ok(u.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 53)));
  assertMean(u, 1 / 2, Math.sqrt(1 / 12), 'mean');
  assertMean(
    u.map((v) => v * v),
    1 / 3,
    Math.sqrt(4 / 45),
    'second moment',
  );
  assertMean(
    u.slice(1).map((v, i) => (v - 0.5) * (u[i] - 0.5)),
    0,
    1 / 12,
    'neighbours',
  );
  for (let cell = 0; cell < 16; cell++)
    assertMean(
      u.map((v) => (Math.floor(v * 16) === cell ? 1 : 0)),
      1 / 16,
      Math.sqrt(15) / 16,
      `cell ${cell}`,
    );
});

test('normal: the first four moments of the standard normal distribution', () => {
  const rng = new Rng(6);
  const z = draw(n, () => rng.normal());
  assertMean(z, 0, 1, 'mean');
  assertMean(
    z.map((v) => v ** 2),
    1,
    Math.sqrt(2),
    'variance',
  );
  assertMean(
    z.map((v) => v ** 3),
    0,
    Math.sqrt(15),
    'skewness',
  );
  assertMean(
    z.map((v) => v ** 4),
    3,
    Math.sqrt(96),
    'kurtosis',
  );
  assertMean(
    z.map((v) => (Math.abs(v) < 1 ? 1 : 0)),
    0.6826894921370859,
    0.466,
    'within one deviation',
  );
});

test('below: every value equally often, without the bias of a remainder', () => {
  const rng = new Rng(7);
  const dice = draw(n, () => rng.below(6));
  for (let face = 0; face < 6; face++)
    assertMean(
      dice.map((v) => (v === face ? 1 : 0)),
      1 / 6,
      Math.sqrt(5) / 6,
      `face ${face}`,
    );
  // 2^32 mod n = 2^30 here: a plain remainder would hit the lowest third of 0..n−1 half of the time.
  const wide = draw(n, () => rng.below(3 * 2 ** 30));
  assertMean(
    wide.map((v) => (v < 2 ** 30 ? 1 : 0)),
    1 / 3,
    Math.sqrt(2) / 3,
    'lowest third',
  );
  assert.deepEqual(
    draw(5, () => rng.below(1)),
    [0, 0, 0, 0, 0],
  );
  assert.ok(draw(100, () => rng.below(2 ** 32)).every((v) => Number.isInteger(v) && v >= 0 && v < 2 ** 32));
});

test('permutation: every order of 0..n−1, each equally often', () => {
  fc.assert(
    fc.property(seeds, fc.nat(40), (seed, length) => {
      const order = [...new Rng(seed).permutation(length)];
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        [...order.keys()],
      );
    }),
  );
  const rng = new Rng(8);
  const orders = draw(6000, () => rng.permutation(3).join(''));
  for (const order of ['012', '021', '102', '120', '201', '210'])
    assertMean(
      orders.map((o) => (o === order ? 1 : 0)),
      1 / 6,
      Math.sqrt(5) / 6,
      order,
    );
});

test('a fork leaves its parent where it was, and depends on the label and on where that is', () => {
  fc.assert(
    fc.property(seeds, fc.string(), fc.string(), (seed, a, b) => {
      const rng = new Rng(seed);
      const before = rng.state;
      const child = rng.fork(a);
      assert.deepEqual(rng.state, before);
      assert.deepEqual(rng.fork(a).state, child.state);
      if (a !== b) assert.notDeepEqual(rng.fork(b).state, child.state);
      assert.notDeepEqual(child.state, before);
      rng.bits();
      assert.notDeepEqual(rng.fork(a).state, child.state);
    }),
  );
});

test('a fork is not correlated with its parent, nor with its siblings', () => {
  const parent = new Rng(9);
  const children = ['a', 'b', ''].map((label) => parent.fork(label));
  const streams = [parent, ...children].map((rng) => draw(n, () => rng.uniform() - 0.5));
  for (const [i, one] of streams.entries())
    for (const other of streams.slice(i + 1))
      assertMean(
        one.map((v, k) => v * other[k]),
        0,
        1 / 12,
        `stream ${i}`,
      );
});

test('a kept state continues the stream', () => {
  fc.assert(
    fc.property(seeds, fc.nat(20), (seed, skip) => {
      const rng = new Rng(seed);
      for (let i = 0; i < skip; i++) rng.normal();
      const { state } = rng;
      const copy = Rng.from(JSON.parse(JSON.stringify(state)));
      assert.deepEqual(bits(copy, 8), bits(rng, 8));
    }),
  );
});

test('bad seeds, bounds and states are refused', () => {
  for (const seed of [0.5, Number.NaN, Infinity, 2 ** 53])
    assertRefuses(() => new Rng(seed), DomainError, 'Rng', /whole number/);
  const rng = new Rng(0);
  for (const bad of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
    assertRefuses(() => rng.below(bad), DomainError, 'Rng.below');
  for (const bad of [-1, 1.5, Number.NaN]) assertRefuses(() => rng.permutation(bad), DomainError, 'Rng.permutation');
  for (const bad of [
    [0, 0, 0, 0],
    [1, 2, 3],
    [1, 2, 3, -1],
    [1, 2, 3, 2 ** 32],
    [1, 2, 3, 0.5],
  ])
    assertRefuses(() => Rng.from(bad as unknown as RngState), DomainError, 'Rng.from');
});
