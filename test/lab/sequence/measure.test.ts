/** What runs are measured by: losses of several batches, likelihoods, norms, schedules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backward } from '../../../src/autograd/engine.ts';
import { gradientCorrelation } from '../../../src/lab/sequence/gradients.ts';
import { largestDifference, likelihood, meanLoss } from '../../../src/lab/sequence/measure.ts';
import { runName, runsOf, type SequenceSettings, schedules } from '../../../src/lab/sequence/settings.ts';
import { encodePairs, trainPairTokenizers } from '../../../src/lab/text/pairTokenizers.ts';
import { everyPair } from '../../../src/lab/text/sentenceBatches.ts';
import type { TranslationBatch } from '../../../src/lab/text/text.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { assertClose } from '../../harness/compare.ts';
import { letters, settings, taskOf } from './letters.ts';

const task = taskOf();
const sentences = encodePairs(letters.val, trainPairTokenizers(letters.train, { size: settings.vocabulary }));
const cutInto = (tokens: number): TranslationBatch[] => [...everyPair(sentences, { tokens, maxLength: 12 })];
const sizes = fc.integer({ min: 12, max: 120 });

test('meanLoss: of several batches the loss is that of all their targets, and so are the gradients, however they are cut', () => {
  const model = task.model(new Rng(1));
  const graded = (tokens: number): { loss: number; gradients: readonly (Tensor | null)[] } =>
    scope(() => {
      model.zeroGrad();
      const loss = meanLoss({ task, model, device: cpu }, cutInto(tokens), 0.1, {});
      backward(loss);
      return { loss: loss.item(), gradients: model.parameters().map(({ grad }) => grad) };
    });
  const whole = graded(1000);
  fc.assert(
    fc.property(sizes, (tokens) => {
      const parts = graded(tokens);
      assert.ok(Math.abs(parts.loss - whole.loss) < 1e-5, `${parts.loss} and ${whole.loss}`);
      for (const [i, gradient] of parts.gradients.entries()) assertClose(gradient, whole.gradients[i], 1e-5, `${i}`);
    }),
    { numRuns: 5 },
  );
});

test('likelihood: the sum over all targets, however they are cut; bytes are those of the part', () =>
  fc.assert(
    fc.asyncProperty(sizes, async (tokens) => {
      const place = { task, model: task.model(new Rng(1)), device: cpu };
      const whole = await likelihood(place, task.val);
      const parts = await likelihood(place, { batches: () => cutInto(tokens), bytes: task.val.bytes });
      assert.deepEqual([parts.tokens, parts.bytes], [whole.tokens, whole.bytes]);
      assert.ok(Math.abs(parts.nll - whole.nll) < 1e-4 * whole.nll);
      assert.equal(
        whole.tokens,
        sentences.target.reduce((sum, { length }) => sum + length + 1, 0),
      );
      assert.equal(whole.bytes, Buffer.byteLength(letters.val.target.join('')));
    }),
    { numRuns: 5 },
  ));

const norms = fc.array(fc.integer({ min: -32, max: 32 }), { minLength: 3, maxLength: 20 });
const points = (values: readonly number[], first = 1) => values.map((norm, i) => ({ step: first + i, norm }));

test('gradientCorrelation: 1 with itself, −1 with its opposite, the same under a change of unit and origin, and both ways', () =>
  fc.assert(
    fc.property(norms, norms, fc.integer({ min: 1, max: 9 }), (a, b, k) => {
      fc.pre(new Set(a).size > 1);
      const close = (x: number, y: number): void =>
        assert.ok(Math.abs(x - y) < 1e-9 || (Number.isNaN(x) && Number.isNaN(y)), `${x} and ${y}`);
      const moved = a.map((x) => k * x - 7);
      close(gradientCorrelation(points(a), points(moved)), 1);
      close(gradientCorrelation(points(a), points(a.map((x) => -x))), -1);
      close(gradientCorrelation(points(b), points(moved)), gradientCorrelation(points(a), points(b)));
    }),
  ));

test('gradientCorrelation: by the steps that both have; NaN of fewer than three, and where one does not vary', () => {
  const a = points([1, 5, 2, 8]);
  assert.ok(Math.abs(gradientCorrelation(a, points([5, 2, 8], 2)) - 1) < 1e-12);
  assert.ok(Number.isNaN(gradientCorrelation(a, points([5, 2, 8], 3))));
  assert.ok(Number.isNaN(gradientCorrelation(a, points([3, 3, 3, 3]))));
  assert.ok(Number.isNaN(gradientCorrelation([], [])));
});

test('largestDifference: the largest, and NaN where there is one', () => {
  assert.equal(largestDifference(Float32Array.of(1, 2, 3), Float32Array.of(1, 5, 2)), 3);
  assert.ok(Number.isNaN(largestDifference(Float32Array.of(1, Number.NaN), Float32Array.of(1, 2))));
  assert.equal(largestDifference(Float32Array.of(), Float32Array.of()), 0);
});

test('schedules rise over as many steps as they are told, to their highest value, and none begins at 0', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('noam', 'constant', 'cosine' as const),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 50, max: 200 }),
      (name, rise, steps) => {
        const factor = schedules[name as 'noam']({ dim: 16, rise, steps });
        const peak = name === 'noam' ? 16 ** -0.5 * rise ** -0.5 : 1;
        const values = Array.from({ length: steps }, (_, step) => factor(step));
        assert.ok(values[0] > 0 && Math.max(...values) <= peak * (1 + 1e-12));
        for (let step = 1; step < rise; step++) assert.ok(values[step] > values[step - 1]);
        assert.ok(Math.abs(values[rise - 1] - peak) < 1e-9 || Math.abs(values[rise] - peak) < 1e-9);
        const last = values[steps - 1];
        const ends = { constant: last === 1, cosine: last < 0.01, noam: Math.abs(last - (16 * steps) ** -0.5) < 1e-9 };
        assert.ok(ends[name as 'noam'], `${name} ends at ${last}`);
      },
    ),
  ));

test('runsOf: every method at every rank from every seed, full training at none; names are different', () => {
  const made = runsOf({
    methods: ['full', 'sst', 'lora'],
    ranks: [4, 16],
    seeds: [1, 7],
  } as unknown as SequenceSettings);
  const names = ['full-1', 'sst-r4-1', 'sst-r16-1', 'lora-r4-1', 'lora-r16-1', 'full-7'];
  assert.deepEqual(made.map(runName).slice(0, 6), names);
  assert.equal(new Set(made.map(runName)).size, 10);
});
