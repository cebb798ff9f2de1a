/** The ablations: every study has variants that differ, run, and are refused when they are asked for wrongly. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rng } from '../../../src/index.ts';
import { ablateCommand } from '../../../src/lab/compare/ablate.ts';
import { compare } from '../../../src/lab/compare/compare.ts';
import { defaults, methodChoice } from '../../../src/lab/compare/settings.ts';
import { type StudyName, studies } from '../../../src/lab/compare/studies.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const settings = { ...defaults, hidden: [12], steps: 6, batchSize: 8, seeds: 2 };
const provenance = { command: 'test', date: '', versions: {} };
const silent = { begin() {}, event() {}, end() {} };

/** Sixty examples of three classes, apart enough. */
function toy(count: number, seed: number) {
  const rng = new Rng(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Float32Array.from(
    { length: count * 9 },
    (_, i) => Number(Math.floor(i / 9) % 3 === i % 3) + 0.1 * rng.normal(),
  );
  return { images, labels, count, features: 9, classes: 3 };
}
const data = { train: toy(60, 1), test: toy(30, 2) };

for (const name of Object.keys(studies) as StudyName[])
  describe(`ablation '${name}'`, () => {
    const variants = studies[name].variants(settings);

    test('its variants have names of their own and settings of their own', () => {
      assert.ok(variants.length >= 2, `${variants.length}`);
      assert.equal(new Set(variants.map(({ id }) => id)).size, variants.length);
      const rng = new Rng(1);
      const choices = variants.map(({ method, settings: own }) =>
        JSON.stringify({ ...methodChoice(method, own, rng), rng: 0 }),
      );
      assert.equal(new Set(choices).size, variants.length);
    });

    test('they run, and the result has a row for each', async () => {
      const few = variants.slice(0, 3);
      const result = await compare({ title: 'Toy', contestants: few, settings }, data, provenance, silent);
      assert.deepEqual(
        result.methods.map(({ method, label }) => [method, label]),
        few.map(({ id, label }) => [id, label]),
      );
      for (const { accuracy, finished, seeds } of result.methods)
        assert.ok(accuracy.std !== null && finished && seeds === 2, 'measured');
    });
  });

test('a study that does not exist, and options of compare, are refused', async () => {
  for (const [args, message] of [
    [[], /--study is one of sampling, .* got none/],
    [['--study', 'depth'], /got 'depth'/],
    [['--study', 'rank', '--method', 'sst'], /--method/],
    [['--study', 'rank', '--depth', '3'], /--depth/],
    [['--study', 'rank', '--steps', '0'], /--steps/],
  ] as const)
    await assert.rejects(
      ablateCommand(args),
      (error) => error instanceof UsageError && message.test(error.message),
      `${args}`,
    );
});
