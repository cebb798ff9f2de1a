import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { modelFolder } from '../../../src/lab/lm/experiment.ts';
import { readModelFolder } from '../../../src/lab/lm/modelFolder.ts';
import { blockLogits, heldText, type LmMeasured } from '../../../src/lab/lm/task.ts';
import { perplexity } from '../../../src/lab/metrics/perplexity.ts';
import { likelihood } from '../../../src/lab/sequence/measure.ts';
import type { SequenceResult } from '../../../src/lab/sequence/results.ts';
import { runningText } from '../../../src/lab/text/blocks.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { inFolder, metricsIn, spectragrad } from '../program.ts';
import { tagsOf } from '../report/wellFormed.ts';
import { rhymes, rhymesFolder, settings, words12 } from './rhymes.ts';

test('spectragrad lm: trains every method, prints JSON, and leaves a report, metrics, and models that are what was measured', () =>
  inFolder(async (root) => {
    const out = join(root, 'report');
    const {
      code,
      out: printed,
      err,
    } = await spectragrad(['lm', '--data', rhymesFolder(root), ...words12, '--json', '--out', out]);
    assert.equal(code, 0, err);
    const result = JSON.parse(printed) as SequenceResult<LmMeasured>;
    assert.deepEqual(
      result.runs.map(({ method, rank, seed, finished }) => [method, rank, seed, finished]),
      (['full', 'sst', 'lora', 'relora', 'galore'] as const).map((method) => [
        method,
        method === 'full' ? null : 2,
        1,
        true,
      ]),
    );
    const { length, batchSize: rows } = settings;
    for (const run of result.runs) {
      const { model, tokenizer } = readModelFolder(modelFolder(out, run));
      const text = runningText([rhymes.test.join('\n')], tokenizer);
      const found = await likelihood(
        { task: { logits: blockLogits }, model, device: cpu },
        heldText(text, { length, rows }),
      );
      const { perToken } = perplexity(found);
      assert.ok(run.test !== null && Math.abs(run.test.perToken / perToken - 1) <= 1e-6, `${run.method}: ${perToken}`);
      assert.ok(run.measured !== null && run.measured.samples.length === 1);
    }
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    assert.ok(!tagsOf(page).includes('script'), 'the page needs no script');
    for (const part of ['Perplexity', 'Texts', 'Singular values', 'Correlation with full training'])
      assert.match(page, new RegExp(part));
    assert.equal(metricsIn(out).filter(({ type }) => type === 'step').length, 5 * settings.steps);
  }));
