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
  test(`${model}: a translation for each sentence, at its number, which does not depend on the others`, async () => {
    const made = taskOf({ model }).model(new Rng(2));
    const sources = letters.test.source.map((text) => tokenizers.source.encode(text));
    const translated = (some: readonly Int32Array[], batchTokens: number): Promise<string[]> =>
      translations(made, some, tokenizers, { beam: 2, alpha: 0.6, batchTokens }, cpu);
    const found = await translated(sources, 1000);
    assert.equal(found.length, sources.length);
    assert.deepEqual(await translated(sources, 1), found);
    assert.deepEqual(await translated([...sources].reverse(), 20), [...found].reverse());
    assert.deepEqual(await translated([], 20), []);
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
