/** Learning-rate schedules: hand values, where they rise and fall, and that nothing jumps. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '../../src/index.ts';
import { constant, cosine, linearWarmup, noam, type Schedule } from '../../src/nn/index.ts';
import { assertNear } from '../harness/optimizer.ts';

const counts = fc.integer({ min: 1, max: 200 });
const along = (schedule: Schedule, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => schedule(from + i));
const rises = (xs: readonly number[]): boolean => xs.every((x, i) => i === 0 || x > xs[i - 1]);
const falls = (xs: readonly number[]): boolean => xs.every((x, i) => i === 0 || x <= xs[i - 1]);

test('constant is 1', () => {
  assert.deepEqual(along(constant, 0, 3), [1, 1, 1]);
});

describe('linearWarmup', () => {
  test('is (step + 1)/steps, then 1: the first step is small but not zero', () => {
    assert.deepEqual(along(linearWarmup(4), 0, 6), [0.25, 0.5, 0.75, 1, 1, 1]);
    assert.deepEqual(along(linearWarmup(1), 0, 2), [1, 1]);
    assert.deepEqual(along(linearWarmup(0), 0, 2), [1, 1]);
  });

  test('rises by 1/steps at a time, from 1/steps to exactly 1', () => {
    fc.assert(
      fc.property(counts, (steps) => {
        const ramp = along(linearWarmup(steps), 0, steps);
        assert.ok(rises(ramp), 'rises');
        assertNear(
          ramp,
          ramp.map((_, i) => (i + 1) / steps),
          1e-15,
        );
        assert.equal(ramp[steps - 1], 1);
      }),
    );
  });
});

describe('cosine', () => {
  test('hand values: 1, ½, floor', () => {
    assertNear(along(cosine(4), 0, 7), [1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2, 0, 0, 0], 1e-15);
    assertNear([0, 5, 10, 99].map(cosine(10, { floor: 0.2 })), [1, 0.6, 0.2, 0.2], 1e-15);
    assertNear([0, 1, 2, 6, 10].map(cosine(10, { warmup: 2 })), [0.5, 1, 1, 0.5, 0], 1e-15);
  });

  test('rises over the warm-up to 1, then falls to the floor and stays there', () => {
    const settings = fc.record({
      warmup: fc.integer({ min: 0, max: 50 }),
      rest: counts,
      floor: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(settings, ({ warmup, rest, floor }) => {
        const total = warmup + rest;
        const schedule = cosine(total, { warmup, floor });
        assert.ok(rises(along(schedule, 0, warmup)), 'rises over the warm-up');
        const tail = along(schedule, warmup, total + 5);
        assert.equal(tail[0], 1);
        assert.ok(falls(tail) && tail.slice(rest).every((x) => Math.abs(x - floor) <= 1e-15), 'falls to the floor');
        const steepest = Math.max(...tail.slice(1).map((x, i) => tail[i] - x));
        assert.ok(steepest <= ((1 - floor) * Math.PI) / 2 / rest + 1e-15, 'no jump');
      }),
    );
  });
});

describe('noam', () => {
  test('hand values for d = 64, warm-up 4', () => {
    assertNear(along(noam(64, 4), 0, 5), [1 / 64, 2 / 64, 3 / 64, 4 / 64, 1 / 8 / Math.sqrt(5)], 1e-15);
  });

  test('rises linearly to d^−½·warmup^−½ at the end of the warm-up, then falls as 1/√t', () => {
    fc.assert(
      fc.property(counts, counts, (dim, warmup) => {
        const schedule = noam(dim, warmup);
        const ramp = along(schedule, 0, warmup);
        assertNear(
          ramp,
          ramp.map((_, i) => schedule(0) * (i + 1)),
          1e-14,
        );
        assertNear([schedule(warmup - 1)], [(dim * warmup) ** -0.5], 1e-15);
        const tail = along(schedule, warmup - 1, warmup + 50);
        assert.ok(falls(tail), 'falls after the warm-up');
        assertNear(
          tail.map((x, i) => x * Math.sqrt(warmup + i)),
          tail.map(() => dim ** -0.5),
          1e-14,
        );
      }),
    );
  });
});

test('counts that are not whole, a warm-up as long as the run, and a floor outside [0, 1] are refused by name', () => {
  const bad: [string, () => unknown][] = [
    ...[-1, 1.5, Number.NaN].map((n): [string, () => unknown] => ['linearWarmup', () => linearWarmup(n)]),
    ...[0, -1, 1.5].map((n): [string, () => unknown] => ['cosine', () => cosine(n)]),
    ['cosine', () => cosine(10, { warmup: 10 })],
    ['cosine', () => cosine(10, { warmup: -1 })],
    ['cosine', () => cosine(10, { floor: 1.1 })],
    ['cosine', () => cosine(10, { floor: Number.NaN })],
    ['noam', () => noam(0, 1)],
    ['noam', () => noam(1, 0)],
  ];
  for (const [op, make] of bad) assert.throws(make, (e) => e instanceof DomainError && e.op === op);
});
