/** Runs on a device with memory of its own: translation and language models with every method. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type GpuDevice, gpuDevice } from '../../../src/gpu.ts';
import { methodNames } from '../../../src/lab/compare/settings.ts';
import type { LmSettings } from '../../../src/lab/lm/settings.ts';
import { lmTask } from '../../../src/lab/lm/task.ts';
import { runFiles } from '../../../src/lab/sequence/runFiles.ts';
import type { SequenceSettings } from '../../../src/lab/sequence/settings.ts';
import type { SequenceBatch, SequenceTask } from '../../../src/lab/sequence/task.ts';
import { trainSequence } from '../../../src/lab/sequence/train.ts';
import { seq2SeqNames } from '../../../src/lab/translate/models.ts';
import { modelDefaults } from '../../../src/lab/translate/settings.ts';
import type { Module } from '../../../src/nn/module.ts';
import { cpu, type Device } from '../../../src/tensor/device.ts';
import * as rhymes from '../lm/rhymes.ts';
import { inFolder } from '../program.ts';
import * as letters from './letters.ts';

/** Losses of a run on a device, left after `stop` steps and gone on with, and its perplexity on the test part. */
async function lossesOn<M extends Module, B extends SequenceBatch, T>(
  device: Device,
  { task, key, settings }: Run<M, B, T>,
  stop = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const losses: number[] = [];
  await inFolder(async (folder) => {
    const files = runFiles(key, folder);
    for (let finished = false; !finished; ) {
      const controller = new AbortController();
      const run = await trainSequence({
        task,
        key,
        settings,
        device,
        files,
        made: {},
        signal: controller.signal,
        observe(event) {
          if (event.type === 'step' && losses.push(event.loss) === stop) controller.abort();
        },
      });
      finished = run.finished;
      if (finished) losses.push(Math.log(run.test?.perToken ?? Number.NaN));
    }
  });
  return losses;
}

/** What is run. */
interface Run<M extends Module, B extends SequenceBatch, T> {
  readonly task: SequenceTask<M, B, T>;
  readonly key: ReturnType<typeof letters.keyOf>;
  readonly settings: SequenceSettings;
}

let device: GpuDevice | null = null;
const webasm = async (): Promise<GpuDevice> => {
  device ??= await gpuDevice({ mode: 'webasm' });
  return device;
};
after(() => device?.dispose());

async function agrees<M extends Module, B extends SequenceBatch, T>(run: Run<M, B, T>, stop?: number): Promise<void> {
  const expected = await lossesOn(cpu, run);
  assert.equal(expected.length, run.settings.steps + 1);
  const losses = await lossesOn(await webasm(), run, stop);
  assert.equal(losses.length, expected.length);
  for (const [i, loss] of losses.entries())
    assert.ok(Math.abs(loss - expected[i]) < 1e-3, `step ${i + 1}: ${loss} and ${expected[i]}`);
}

test('a run on a GPU device that is left and gone on with has the losses of the host to 1e-3', () =>
  agrees(
    {
      task: letters.taskOf(),
      key: letters.keyOf('sst'),
      settings: { ...letters.settings, steps: 4, accumulate: 1, iterationSteps: 2, evaluateEvery: 4 },
    },
    3,
  ));

const ten = { steps: 10, accumulate: 1, evaluateEvery: 10, checkpointEvery: 10 };
/** At higher rates the loss of the tiny hyperbolic model follows every rounding: the host's with SIMD and without are as far apart. */
const slow = Object.fromEntries(methodNames.map((method) => [method, { dense: 1e-3, own: 2e-3 }]));
const changes = {
  euclidean: ten,
  hyperbolic: { ...ten, ...modelDefaults.hyperbolic, rates: slow as SequenceSettings['rates'] },
};

for (const method of methodNames) {
  for (const model of seq2SeqNames)
    test(`ten steps of ${model} translation with ${method} on a GPU device have the losses of the host to 1e-3`, () => {
      const task = { ...letters.taskOf({ model }), measure: async () => null };
      return agrees({ task, key: letters.keyOf(method), settings: { ...letters.settings, ...changes[model] } });
    });
  for (const model of ['opt', 'llama'] as const)
    test(`ten steps of ${model} with ${method} on a GPU device have the losses of the host to 1e-3`, () => {
      const settings: LmSettings = { ...rhymes.settings, ...ten, model };
      const task = { ...lmTask(rhymes.corpus, settings), measure: async () => null };
      return agrees({ task, key: rhymes.keyOf(method), settings });
    });
}
