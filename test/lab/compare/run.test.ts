import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { smooth, trainOnce } from '../../../src/lab/compare/run.ts';
import { defaults, type MethodName, methodNames } from '../../../src/lab/compare/settings.ts';
import type { Dataset } from '../../../src/lab/data/digits.ts';
import { Rng } from '../../../src/tensor/rng.ts';

/** Points of four classes around the corners of a square, in 6 dimensions. */
function corners(count: number, rng: Rng): Dataset {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  const images = new Float32Array(count * 6).map(() => 0.2 * rng.normal());
  for (let i = 0; i < count; i++) {
    images[i * 6] += labels[i] & 1;
    images[i * 6 + 1] += labels[i] >> 1;
  }
  return { images, labels, count, features: 6, classes: 4 };
}

const data = { train: corners(256, new Rng(1)), test: corners(128, new Rng(2)) };
const settings = {
  ...defaults,
  hidden: [10, 8],
  rank: 2,
  steps: 150,
  batchSize: 32,
  evaluateAt: [50],
  learningRates: { full: 1e-2, sst: 1e-2, lora: 1e-2, relora: 1e-2, galore: 1e-2 },
};
const run = (name: MethodName, seed: number) => trainOnce(name, seed, settings, data, () => {});

for (const name of methodNames)
  test(`trainOnce: ${name} learns four clusters, and repeats to the bit`, async () => {
    const [a, b, other] = [await run(name, 3), await run(name, 3), await run(name, 4)];
    assert.deepEqual(a.losses, b.losses);
    assert.notDeepEqual(a.losses, other.losses);
    assert.ok(a.accuracy > 0.9, `accuracy ${a.accuracy}`);
    assert.equal(a.losses.length, 150);
    assert.ok(a.accuracyAt[50] > 0.25);
    assert.ok(a.mergeError === null || a.mergeError < 1e-5, `merge error ${a.mergeError}`);
  });

test('smooth: at most the asked number of points, steps ascending to the last, the mean of means is the mean', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 20 }),
      (losses, n) => {
        const points = smooth(losses, n);
        assert.ok(points.length <= n);
        assert.equal(points.at(-1)?.step, losses.length);
        let from = 0;
        let total = 0;
        for (const { step, loss } of points) {
          assert.ok(step > from);
          total += loss * (step - from);
          from = step;
        }
        assert.ok(Math.abs(total - losses.reduce((a, b) => a + b, 0)) < 1e-9);
      },
    ),
  ));
