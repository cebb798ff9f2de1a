import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type GpuDevice, gpuDevice } from '../../src/gpu.ts';
import { backward, Rng, scope } from '../../src/index.ts';
import { adam, type Module } from '../../src/nn/index.ts';
import { cpu } from '../../src/tensor/device.ts';
import { type Batch, batchOf, lossOf, smallMlp, trainWithSst } from './training.ts';

/** A model on a device, and a step of its training that asks for nothing. */
async function trained(): Promise<{ gpu: GpuDevice; model: Module; step: (batch: Batch) => void }> {
  const gpu = await gpuDevice({ mode: 'cpu', strict: true });
  const model = smallMlp().to(gpu);
  const optimizer = adam(model.parameters(), { lr: 1e-3 });
  const step = (batch: Batch): void =>
    scope(() => {
      model.zeroGrad();
      backward(lossOf(model, batch));
      optimizer.step();
    });
  return { gpu, model, step };
}

for (const mode of ['cpu', 'webasm'] as const)
  test(`an MLP trained with SST in mode ${mode}: the losses are those of the host`, async () => {
    const [expected, found] = [await trainWithSst(cpu, 50), await trainWithSst(await gpuDevice({ mode }), 50)];
    for (const [i, loss] of expected.entries())
      assert.ok(Math.abs(found[i] - loss) <= 1e-3 * loss, `step ${i}: ${found[i]}, not ${loss}`);
    assert.ok(expected[49] < 0.9 * expected[0], 'it learns');
  });

describe('a step of the MLP on a device', () => {
  test('reads nothing back until the loss is asked for, and sends the batch alone', async () => {
    const { gpu, model, step } = await trained();
    step(batchOf(8, new Rng(1), gpu));
    const before = gpu.info();
    for (let i = 0; i < 5; i++) step(batchOf(8, new Rng(i), gpu));
    const after = gpu.info();
    assert.equal(after.reads, before.reads);
    assert.equal(after.uploads - before.uploads, 5 * 2);
    const [loss] = await lossOf(model, batchOf(8, new Rng(1), gpu)).read();
    assert.ok(Number.isFinite(loss));
    assert.equal(gpu.info().reads, after.reads + 1);
  });

  test('six sizes of batch compile no more kernels than one', async () => {
    const { gpu, step } = await trained();
    for (let i = 0; i < 2; i++) step(batchOf(8, new Rng(1), gpu));
    const { kernels } = gpu.info();
    for (const size of [1, 2, 7, 16, 33, 64]) step(batchOf(size, new Rng(1), gpu));
    assert.equal(gpu.info().kernels, kernels);
  });

  test('a thousand of them leave as many arrays on the device as one', async () => {
    const { gpu, step } = await trained();
    const batch = batchOf(2, new Rng(1), gpu);
    for (let i = 0; i < 2; i++) step(batch);
    const { live, bytes } = gpu.info();
    for (let i = 0; i < 1000; i++) step(batch);
    assert.deepEqual([gpu.info().live, gpu.info().bytes], [live, bytes]);
  });

  test('a model comes home with what it learned, and its optimizer goes on there', async () => {
    const { gpu, model, step } = await trained();
    const before = (await model.parameters()[0].read()).slice();
    step(batchOf(8, new Rng(1), gpu));
    const learned = (await model.parameters()[0].read()).slice();
    await model.cpu();
    assert.ok(model.parameters().every((p) => p.device === cpu && p.grad === null));
    assert.deepEqual(model.parameters()[0].data, learned);
    assert.notDeepEqual(learned, before);
    backward(lossOf(model, batchOf(8, new Rng(1))));
  });
});
