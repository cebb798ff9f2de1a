/** Translation as the core sees it: what is searched for, what is judged, what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainPairTokenizers } from '../../../src/lab/text/pairTokenizers.ts';
import { translations } from '../../../src/lab/translate/decode.ts';
import { seq2SeqNames } from '../../../src/lab/translate/models.ts';
import { translateTask } from '../../../src/lab/translate/task.ts';
import { ReportedError } from '../../../src/lab/usage.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { letters, settings, taskOf } from '../sequence/letters.ts';

const tokenizers = trainPairTokenizers(letters.train, { size: settings.vocabulary });

for (const model of seq2SeqNames)
  test(`${model}: a translation for each sentence, at its number, whatever the batches`, async () => {
    const task = taskOf({ model });
    const made = task.model(new Rng(2));
    const found = await translations(made, task.test.batches(), tokenizers.target, { beam: 2, alpha: 0.6 }, cpu);
    assert.equal(found.length, letters.test.source.length);
    assert.ok(found.every((text) => typeof text === 'string'));
    const small = taskOf({ model, batchTokens: 12 });
    assert.ok([...small.test.batches()].length > [...task.test.batches()].length);
    const again = await translations(made, small.test.batches(), tokenizers.target, { beam: 2, alpha: 0.6 }, cpu);
    assert.deepEqual(again, found);
  });

test('measure: BLEU of all sentences, and some of them with their source and reference', async () => {
  const task = taskOf();
  const { bleu, samples } = await task.measure(task.model(new Rng(2)), cpu);
  assert.ok(bleu.score >= 0 && bleu.score <= 100 && bleu.signature.startsWith('BLEU|'));
  for (const { source, reference } of samples)
    assert.equal(letters.test.target[letters.test.source.indexOf(source)], reference);
});

test('a sentence that is held back and too long is refused with its place', () => {
  const long = { source: ['ab', 'ab '.repeat(600)], target: ['AB', 'AB'] };
  assert.throws(
    () => translateTask({ ...letters, test: long }, tokenizers, settings),
    (error) => error instanceof ReportedError && /pair 2 of the test part/.test(error.message),
  );
});
