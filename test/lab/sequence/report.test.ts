/** The table and the report of runs on sequences: every run, well-formed, whatever the runs hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderSequenceReport } from '../../../src/lab/sequence/report.ts';
import type { SequenceResult, SequenceRun } from '../../../src/lab/sequence/results.ts';
import { methodsOf, sequenceTable, troubles } from '../../../src/lab/sequence/summary.ts';
import { renderTable } from '../../../src/lab/terminal/table.ts';
import type { Translated } from '../../../src/lab/translate/task.ts';
import { translateView } from '../../../src/lab/translate/view.ts';
import { tagsOf } from '../report/wellFormed.ts';

const nasty = '<script>alert("x")</script> & \'so\'';
const signature = 'BLEU|nrefs:1';

/** A run whose numbers can be told apart. */
function run(change: Partial<SequenceRun<Translated>> = {}): SequenceRun<Translated> {
  const score = {
    score: 21.5,
    precisions: [50, 30, 20, 10],
    brevityPenalty: 1,
    length: 9,
    referenceLength: 9,
    signature,
  };
  return {
    method: 'sst',
    rank: 4,
    seed: 1,
    label: 'SST',
    rates: { dense: 0.001, own: 0.003 },
    steps: 30,
    stepsDone: 30,
    finished: true,
    diverged: false,
    curve: [1, 2, 3].map((i) => ({ step: 10 * i, loss: 4 / i })),
    validation: [1, 2].map((i) => ({ step: 15 * i, loss: 3 / i })),
    gradientNorms: [1, 2, 3, 4].map((i) => ({ step: i, norm: 1 + (i % 3) })),
    spectra: [{ layer: 'decoder.layers.0.linear1', before: [3, 2, 1], after: [4, 2, 0.5] }],
    trainable: 1234,
    total: 5678,
    weightBytes: 4 * 5678,
    gradientBytes: 4 * 1234,
    optimizerBytes: 8 * 1234,
    peakRss: 1e8,
    msPerStep: 12.5,
    tokensPerSecond: 4321,
    mergeError: 1e-6,
    test: { perToken: 7.25, perByte: 1.5, bitsPerByte: 0.6 },
    measured: { bleu: score, samples: [{ source: nasty, reference: nasty, translation: nasty }] },
    made: {},
    ...change,
  };
}

const full = run({ method: 'full', rank: null, label: 'Full', mergeError: null });
const gone = run({
  method: 'lora',
  label: 'LoRA',
  stepsDone: 3,
  diverged: true,
  curve: [{ step: 1, loss: Number.NaN }],
  validation: [],
  gradientNorms: [],
  spectra: [],
  test: null,
  measured: null,
  mergeError: null,
});
const cut = run({
  method: 'relora',
  label: 'ReLoRA*',
  stepsDone: 20,
  finished: false,
  test: null,
  measured: null,
  spectra: [],
});

const resultOf = (runs: readonly SequenceRun<Translated>[], interrupted = false): SequenceResult<Translated> => ({
  title: nasty,
  command: `spectragrad translate --data '${nasty}'`,
  date: '2026-01-01',
  versions: { node: '20' },
  data: nasty,
  model: 'Transformer',
  steps: 30,
  seeds: [1],
  interrupted,
  runs,
});

test('report: well-formed, without scripts, and every text is escaped', () => {
  for (const runs of [
    [],
    [full],
    [full, run()],
    [full, gone, cut, run()],
    [full, run(), run({ rank: 16 }), run({ rank: 16, seed: 2 })],
  ]) {
    const page = renderSequenceReport(resultOf(runs, runs.includes(cut)), translateView);
    const tags = tagsOf(page);
    assert.ok(!tags.includes('script') && !page.includes('<script'));
    for (const one of methodsOf(runs)) assert.ok(page.includes(one.label), one.label);
  }
});

test('report: translations, the signature of BLEU, the correlation of gradients with full training', () => {
  const page = renderSequenceReport(resultOf([full, run()]), translateView);
  for (const part of ['Translations', signature, 'SST 1.00', 'against effective steps', 'decoder.layers.0.linear1'])
    assert.ok(page.includes(part), part);
});

test('table: one row for a method and rank, means over its seeds; diverged runs have BLEU 0, others that were not tested none', () => {
  const seeds = [run(), run({ seed: 2, test: { perToken: 8.25, perByte: 1.5, bitsPerByte: 0.6 } })];
  const rows = (runs: readonly SequenceRun<Translated>[]) =>
    sequenceTable(methodsOf(runs), translateView.fields, 'short').rows.map((row) => row.slice(0, 4));
  assert.deepEqual(rows([full, gone, cut]), [
    ['Full', '–', '21.50', '7.250'],
    ['LoRA', '4', '0.00', '–'],
    ['ReLoRA*', '4', '–', '–'],
  ]);
  assert.deepEqual(rows(seeds), [['SST', '4', '21.50 ± 0.00', '7.750 ± 0.7071']]);
  assert.deepEqual(
    rows([run(), run({ rank: 16 })]).map(([name, rank]) => [name, rank]),
    [
      ['SST r=4', '4'],
      ['SST r=16', '16'],
    ],
  );
  for (const line of renderTable(sequenceTable(methodsOf([full, cut]), translateView.fields, 'short')).split('\n'))
    assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
});

test('troubles: which runs were cut, and which diverged; nothing where all went well', () => {
  assert.equal(troubles(methodsOf([full, run()]), false), null);
  assert.match(
    troubles(methodsOf([full, cut]), true) ?? '',
    /^Interrupted: ReLoRA\* #1 at step 20 of 30; --resume goes on\.$/,
  );
  assert.match(troubles(methodsOf([gone]), false) ?? '', /LoRA #1 at step 3 of 30/);
});
