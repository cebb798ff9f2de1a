/** Models on a device whose values the host does not see: the losses and the tokens of the host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gpuDevice } from '../../../src/gpu.ts';
import { backward, cpu, crossEntropy, type Device, scope, type Tensor, tensor } from '../../../src/index.ts';
import {
  beamSearch,
  continueTexts,
  continueTranslations,
  type DecoderOnly,
  type Seq2Seq,
  sgd,
} from '../../../src/nn/index.ts';
import type { Making } from './make.ts';

const rows = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
];
const there = rows.map((_, i) => [i === 0, true, true, true]);

/** Losses of three steps, and what a search then finds. */
async function worked(
  make: () => DecoderOnly | Seq2Seq,
  device: Device,
): Promise<{ losses: number[]; found: unknown }> {
  const model = device === cpu ? make() : make().to(device);
  const tokens = tensor(rows, { dtype: 'int32', device });
  const mask = tensor(there, { device });
  const optimizer = sgd(model.parameters(), { lr: 0.01 });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const loss = scope((): Tensor => {
      model.zeroGrad();
      const logits = 'encode' in model ? model.call(tokens, { target: tokens, mask }) : model.call(tokens, { mask });
      const value = crossEntropy(logits, tokens);
      backward(value);
      optimizer.step();
      return value;
    });
    losses.push(...(await loss.read()));
  }
  const begun =
    'encode' in model
      ? continueTranslations(model, tokens, { begin: 0, mask })
      : continueTexts(model, [[1, 2, 3], [4]]);
  const found = await beamSearch(begun, { beam: 2, maxTokens: 4, end: 3 });
  return { losses, found: found.map(([{ tokens: best }]) => best) };
}

/** Put a model under the law. */
export function checkOnDevice({ name, make }: { name: string; make(making: Making): DecoderOnly | Seq2Seq }): void {
  test(`${name} trains and searches on another device as on the host`, async () => {
    const made = (): DecoderOnly | Seq2Seq => make({ seed: 1, dtype: 'float32' });
    const expected = await worked(made, cpu);
    const { losses, found } = await worked(made, await gpuDevice({ mode: 'cpu' }));
    for (const [i, loss] of expected.losses.entries())
      assert.ok(Math.abs(losses[i] - loss) <= 1e-3 * loss, `step ${i}: ${losses[i]}, not ${loss}`);
    assert.deepEqual(found, expected.found);
  });
}
