/** Language modelling as the core sees it: what is measured, the texts that are written, and that a run goes on where it was left. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { logSoftmax, noGrad, Rng } from '../../../src/index.ts';
import { openText } from '../../../src/lab/lm/corpus.ts';
import { textSamples } from '../../../src/lab/lm/samples.ts';
import { lmModels } from '../../../src/lab/lm/settings.ts';
import { type LmMeasured, lmTask, modelText } from '../../../src/lab/lm/task.ts';
import { perplexity } from '../../../src/lab/metrics/perplexity.ts';
import { likelihood } from '../../../src/lab/sequence/measure.ts';
import type { SequenceRun } from '../../../src/lab/sequence/results.ts';
import { runFiles } from '../../../src/lab/sequence/runFiles.ts';
import { trainSequence } from '../../../src/lab/sequence/train.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { tokensOf } from '../../nn/models/make.ts';
import { inFolder } from '../program.ts';
import { assertRefused } from '../text/files.ts';
import { corpus, keyOf, rhymes, rhymesFolder, settings } from './rhymes.ts';

const task = lmTask(corpus, settings);

test('lmTask: perplexity of the test part is that of each token after those before it in its block', async () => {
  const model = task.model(new Rng(4));
  const { tokens } = corpus.test;
  const { length } = settings;
  let nll = 0;
  for (let start = 0; start < tokens.length - 1; start += length) {
    const input = [...tokens.subarray(start, Math.min(start + length, tokens.length - 1))];
    const logs = noGrad(() => logSoftmax(model.call(tokensOf([input])))).toArray() as number[][][];
    nll -= input.reduce((sum, _, i) => sum + logs[0][i][tokens[start + i + 1]], 0);
  }
  const found = await likelihood({ task, model, device: cpu }, task.test);
  const bytes = rhymes.test.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  assert.deepEqual([found.tokens, found.bytes], [tokens.length - 1, bytes]);
  assert.ok(Math.abs(found.nll - nll) <= 1e-4 * nll, `${found.nll}, ${nll}`);
});

test('lmTask: says what is trained on what, and refuses a text that does not fill a batch', () => {
  assert.match(task.data, /^rhymes: [\d,]+ tokens for training, \d+ for validation, \d+ for testing$/);
  assert.equal(
    task.modelText,
    modelText({ ...lmModels.opt, vocabulary: 280, embedDim: 8, layers: 1, heads: 2, feedForward: 16, maxLength: 8 }),
  );
  assert.match(task.modelText, /^OPT, width 8, 1 layer, 2 heads, feed-forward 16, 280 tokens, 8 positions$/);
  assertRefused(
    () => lmTask(corpus, { ...settings, batchSize: 9999 }),
    /rhymes: \d+ tokens for training are no batch of 9999/,
  );
});

test('textSamples: the beginnings of documents, and what the model makes of them, the same each time', async () => {
  const model = task.model(new Rng(4));
  const found = await textSamples(model, corpus);
  assert.equal(found.length, rhymes.test.length);
  for (const [i, { beginning, continuation }] of found.entries()) {
    assert.ok(beginning.length > 0 && rhymes.test[i].startsWith(beginning), beginning);
    assert.ok(continuation.length > 0, 'there is room for a token');
  }
  assert.deepEqual(await textSamples(model, corpus), found);
});

test('openText: a folder has its parts', () =>
  inFolder(async (root) => {
    const { name, ...parts } = openText([rhymesFolder(root)]);
    const joined = (texts: readonly string[]): string[] => [texts.join('\n')];
    assert.deepEqual(parts, { train: joined(rhymes.train), val: joined(rhymes.val), test: joined(rhymes.test) });
  }));

test('a run that is left goes on to the same losses, measures and weights, bit by bit', () =>
  inFolder(async (root) => {
    const key = keyOf('sst');
    const run = (name: string, stop = 0): Promise<SequenceRun<LmMeasured>> => {
      const controller = new AbortController();
      const files = runFiles(key, root, { weights: `${root}/${name}` });
      const observe = (event: { readonly type: string; readonly step?: number }): void => {
        if (event.type === 'step' && event.step === stop) controller.abort();
      };
      return trainSequence({ task, key, settings, device: cpu, files, made: {}, observe, signal: controller.signal });
    };
    const left = await run('one', 7);
    assert.deepEqual([left.finished, left.stepsDone, left.measured], [false, 7, null]);
    const gone = await run('one');
    await inFolder(async (other) => {
      const files = runFiles(key, other, { weights: `${root}/two` });
      const whole = await trainSequence({ task, key, settings, device: cpu, files, made: {}, observe() {} });
      assert.deepEqual(
        [gone.curve, gone.validation, gone.test, gone.measured],
        [whole.curve, whole.validation, whole.test, whole.measured],
      );
    });
    assert.deepEqual(readFileSync(`${root}/one`), readFileSync(`${root}/two`));
    assert.ok(gone.measured !== null && gone.test !== null && gone.measured.samples.length === 2);
    const model = task.model(new Rng(0));
    assert.ok(
      perplexity(await likelihood({ task, model, device: cpu }, task.val)).perToken > gone.measured.validation.perToken,
    );
  }));
