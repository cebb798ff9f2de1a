/** A run on a device with memory of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDevice } from '../../../src/lab/device.ts';
import { runFiles } from '../../../src/lab/sequence/runFiles.ts';
import { trainSequence } from '../../../src/lab/sequence/train.ts';
import { cpu, type Device } from '../../../src/tensor/device.ts';
import { inFolder } from '../program.ts';
import { keyOf, settings as standard, taskOf } from './letters.ts';

const settings = { ...standard, steps: 4, iterationSteps: 2, evaluateEvery: 4, keep: 'best' as const, accumulate: 1 };
const task = taskOf();
const key = keyOf('sst');

/** Losses of a run on a device, left after `stop` steps and gone on with. */
async function lossesOn(device: Device, stop = Number.POSITIVE_INFINITY): Promise<number[]> {
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
    }
  });
  return losses;
}

test('a run on a GPU device that is left and gone on with has the losses of the host to 1e-3', async () => {
  const expected = await lossesOn(cpu);
  await withDevice('gpu:webasm', async (device) => {
    const losses = await lossesOn(device, 3);
    assert.equal(losses.length, 4);
    for (const [i, loss] of losses.entries())
      assert.ok(Math.abs(loss - expected[i]) < 1e-3, `step ${i + 1}: ${loss} and ${expected[i]}`);
  });
});
