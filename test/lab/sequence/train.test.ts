/** One run: that it can be left at any step and taken up again, what it keeps, and what becomes of one that diverges. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { methodNames } from '../../../src/lab/compare/settings.ts';
import type { SequenceRun } from '../../../src/lab/sequence/results.ts';
import { type RunFiles, readRun, runFiles } from '../../../src/lab/sequence/runFiles.ts';
import type { RunKey } from '../../../src/lab/sequence/settings.ts';
import { type SequenceEvent, trainSequence } from '../../../src/lab/sequence/train.ts';
import type { TranslateSettings } from '../../../src/lab/translate/settings.ts';
import type { Translated } from '../../../src/lab/translate/task.ts';
import { ReportedError } from '../../../src/lab/usage.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { readSafetensors } from '../../../src/tensor/io/safetensors.ts';
import { inFolder } from '../program.ts';
import { keyOf, settings as standard, taskOf } from './letters.ts';

const task = taskOf();

/** Train in a folder; `see` may stop the run, by its controller or by raising. */
function train(
  folder: string,
  key: RunKey,
  change: Partial<TranslateSettings> = {},
  see: (event: SequenceEvent, controller: AbortController) => void = () => {},
): Promise<SequenceRun<Translated>> {
  const controller = new AbortController();
  const observe = (event: SequenceEvent): void => see(event, controller);
  const settings = { ...standard, ...change };
  const files = runFiles(key, folder);
  return trainSequence({ task, key, settings, device: cpu, files, made: {}, observe, signal: controller.signal });
}

/** What a run gives but its times and memory. */
const facts = ({ msPerStep, tokensPerSecond, peakRss, ...run }: SequenceRun<Translated>) => run;

/** The losses that a run reports, by step. */
const collecting = (into: Map<number, number>) => (event: SequenceEvent) => {
  if (event.type === 'step') into.set(event.step, event.loss);
};

describe('trainSequence', () => {
  for (const method of methodNames)
    test(`${method}: a run that is left after any step goes on to the same losses and the same result, bit by bit`, async () => {
      const key = keyOf(method);
      const whole = new Map<number, number>();
      let expected: SequenceRun<Translated> | undefined;
      await inFolder(async (folder) => {
        expected = await train(folder, key, {}, collecting(whole));
      });
      assert.equal(whole.size, standard.steps);
      const stops = fc.integer({ min: 1, max: standard.steps - 1 });
      await fc.assert(
        fc.asyncProperty(stops, (stop) =>
          inFolder(async (folder) => {
            const losses = new Map<number, number>();
            const see = collecting(losses);
            const left = await train(folder, key, {}, (event, controller) => {
              see(event);
              if (losses.size === stop) controller.abort();
            });
            assert.deepEqual([left.stepsDone, left.finished, left.test, left.measured], [stop, false, null, null]);
            const run = await train(folder, key, {}, see);
            assert.deepEqual(losses, whole);
            assert.deepEqual(facts(run), facts(expected as SequenceRun<Translated>));
          }),
        ),
        { numRuns: 1 },
      );
    });

  test('a run whose process ends goes on from its last checkpoint', () =>
    inFolder(async (folder) => {
      const key = keyOf('sst');
      const whole = new Map<number, number>();
      await inFolder(async (other) => void (await train(other, key, {}, collecting(whole))));
      const ends = train(folder, key, {}, (event) => {
        if (event.type === 'step' && event.step === 5) throw new Error('the power went');
      });
      await assert.rejects(ends, /the power went/);
      const losses = new Map<number, number>();
      await train(folder, key, {}, collecting(losses));
      assert.deepEqual([...losses.keys()], [4, 5, 6, 7, 8]);
      for (const [step, loss] of losses) assert.equal(loss, whole.get(step), `step ${step}`);
    }));

  test('a finished run is kept, with everything that was measured and with plain weights; its checkpoint goes', () =>
    inFolder(async (folder) => {
      const key = keyOf('sst');
      const run = await train(folder, key);
      const files = runFiles(key, folder);
      assert.deepEqual(readRun(files), JSON.parse(JSON.stringify(run)));
      assert.ok(!existsSync(files.checkpoint) && !existsSync(files.best));
      assert.deepEqual([run.stepsDone, run.finished, run.diverged, run.label], [8, true, false, 'SST']);
      assert.deepEqual(
        run.validation.map(({ step }) => step),
        [4, 8],
      );
      assert.deepEqual(
        run.gradientNorms.map(({ step }) => step),
        [1, 3, 5, 7],
      );
      assert.ok(run.gradientNorms.every(({ norm }) => norm > 0));
      assert.ok(run.test !== null && run.test.perToken > 1 && run.test.perByte > 1);
      assert.ok(run.mergeError !== null && run.mergeError < 1e-4, `merge error ${run.mergeError}`);
      assert.equal(run.spectra.length, 10);
      for (const { layer, before, after } of run.spectra) {
        assert.match(layer, /^decoder\.layers\.0\./);
        assert.deepEqual([before.length, after.length], [8, 8]);
        assert.notDeepEqual(before, after);
      }
      for (const n of [run.weightBytes, run.gradientBytes, run.optimizerBytes, run.peakRss, run.tokensPerSecond])
        assert.ok(n > 0);
      assert.ok(run.trainable < run.total);
      assert.equal(run.measured?.samples.length, 8);
      const { tensors } = readSafetensors(readFileSync(files.weights as string));
      assert.ok(tensors.has('decoder.layers.0.self_attn.q_proj.weight'));
    }));

  test('what is trained is what the methods say: bytes of the state are 8 for each value that is trained', () =>
    inFolder(async (folder) => {
      for (const method of ['full', 'lora', 'sst'] as const) {
        const { trainable, optimizerBytes, gradientBytes } = await train(folder, keyOf(method), { steps: 1, rise: 0 });
        assert.deepEqual([optimizerBytes, gradientBytes], [8 * trainable, 4 * trainable], method);
      }
    }));

  test('a run whose loss is not finite ends there, is finished, and measures nothing', () =>
    inFolder(async (folder) => {
      const rates = { ...standard.rates, sst: { dense: 1e30, own: 1e30 }, full: { dense: 1e30, own: 1e30 } };
      for (const method of ['full', 'sst'] as const) {
        const key = keyOf(method);
        const run = await train(folder, key, { rates });
        assert.deepEqual([run.diverged, run.finished, run.test, run.measured], [true, true, null, null]);
        assert.ok(run.stepsDone < 8);
        const kept = readRun<Translated>(runFiles(key, folder));
        assert.deepEqual(kept?.curve, run.curve);
      }
    }));

  test('the weights that are tested are the best in validation, or the last', () =>
    inFolder(async (folder) => {
      // A rate that ruins what was learned: the last weights are not the best.
      const change = {
        steps: 30,
        rise: 0,
        schedule: 'constant',
        rates: { ...standard.rates, full: { dense: 0.3, own: 0.3 } },
      } as const;
      const best = await train(folder, keyOf('full'), { ...change, keep: 'best' });
      await inFolder(async (other) => {
        const last = await train(other, keyOf('full'), { ...change, keep: 'last' });
        assert.deepEqual(last.validation, best.validation);
        const losses = best.validation.map(({ loss }) => loss);
        assert.ok(Math.min(...losses) < (losses.at(-1) as number), 'the last is not the best');
        assert.ok((best.test?.perToken ?? 0) < (last.test?.perToken ?? 0));
      });
    }));

  test('a file that is no checkpoint, or of another run, is refused in one line that says what to do', () =>
    inFolder(async (folder) => {
      const key = keyOf('lora');
      const stop = (event: SequenceEvent, controller: AbortController): void => {
        if (event.type === 'step' && event.step === 4) controller.abort();
      };
      await train(folder, key, {}, stop);
      const { checkpoint } = runFiles(key, folder);
      const whole = readFileSync(checkpoint);
      const refused = async (why: RegExp, change: Partial<TranslateSettings> = {}): Promise<void> => {
        const error: unknown = await train(folder, key, change).then(
          () => assert.fail('not refused'),
          (raised: unknown) => raised,
        );
        assert.ok(error instanceof ReportedError, String(error));
        assert.match(error.message, why);
        assert.match(error.message, /lora-r2-3\.checkpoint: [^\n]*delete it[^\n]*$/);
      };
      await refused(/other settings/, { labelSmoothing: 0.2 });
      truncateSync(checkpoint, whole.length - 7);
      await refused(/cannot be gone on from/);
      writeFileSync(checkpoint, 'no tensors');
      await refused(/cannot be gone on from/);
      writeFileSync(checkpoint, whole);
      await train(folder, key);
    }));

  test('a record that is damaged is refused with its name', () =>
    inFolder(async (folder) => {
      const files: RunFiles = runFiles(keyOf('sst'), folder);
      assert.equal(readRun(files), null);
      for (const text of ['{"curve"', '[]', '{}']) {
        writeFileSync(files.record, text);
        assert.throws(
          () => readRun(files),
          (error) => error instanceof ReportedError && /sst-r2-3\.json: /.test(error.message),
        );
      }
    }));
});
