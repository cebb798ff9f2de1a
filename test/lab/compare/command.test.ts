import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CompareResult } from '../../../src/lab/results.ts';
import { inFolder, interrupting, metricsIn, spectragrad } from '../program.ts';

test('spectragrad compare: trains every method, prints JSON, writes the report and the metrics', () =>
  inFolder(async (folder) => {
    const args = ['compare', '--steps', '12', '--hidden', '16,12', '--rank', '3', '--json', '--out', folder];
    const { code, out, err } = await spectragrad(args);
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as CompareResult;
    assert.deepEqual(
      result.methods.map((m) => m.method),
      ['full', 'sst', 'lora', 'relora', 'galore'],
    );
    const [full, sst, lora] = result.methods;
    const layers: [number, number][] = [
      [784, 16],
      [16, 12],
    ];
    const rest = 16 + 12 + 12 * 10 + 10;
    const count = (each: (n: number, m: number) => number): number =>
      layers.reduce((sum, [n, m]) => sum + each(n, m), rest);
    assert.equal(
      full.trainable,
      count((n, m) => n * m),
    );
    assert.equal(
      sst.trainable,
      count((n, m) => 3 * (n + m) + Math.min(n, m)),
    );
    assert.equal(
      lora.trainable,
      count((n, m) => 3 * (n + m)),
    );
    for (const m of result.methods) {
      assert.ok(m.finished && m.stepsDone === 12 && m.accuracy.mean > 0.05 && m.msPerStep > 0, m.method);
      assert.ok(m.mergeError === null || m.mergeError < 1e-4, `${m.method} merges with error ${m.mergeError}`);
      assert.equal(m.spectra.length, 2);
    }
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /<svg/);
    const lines = metricsIn(folder);
    assert.equal(lines.filter((l) => l.type === 'step').length, 5 * 12);
    assert.equal(lines.at(-1)?.type, 'result');
  }));

test('spectragrad compare: Ctrl-C ends the run, reports what was done, and exits with 130', () =>
  inFolder(async (folder) => {
    const args = ['compare', '--steps', '100000', '--hidden', '8', '--rank', '2', '--out', folder];
    const { code, out, err } = await spectragrad(args, interrupting());
    assert.equal(code, 130, err);
    assert.match(out, /Interrupted/);
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /interrupted/);
  }));

test('spectragrad: a mistake on the command line is one clear line and exit code 2', async () => {
  const mistakes = [['compare', '--rank', 'x'], ['compare', '--nonsense'], ['train']];
  for (const { code, out, err } of await Promise.all(mistakes.map((args) => spectragrad(args)))) {
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /^spectragrad: [^\n]+\n$/);
  }
});

test('spectragrad --help lists the commands, and compare --help its options', async () => {
  const [all, compare] = await Promise.all([spectragrad(['--help']), spectragrad(['compare', '--help'])]);
  assert.deepEqual([all.code, compare.code], [0, 0]);
  assert.match(all.out, /compare/);
  for (const option of ['method', 'rank', 'steps', 'hidden', 'seed', 'out', 'json', 'quick', 'preset'])
    assert.match(compare.out, new RegExp(`--${option}\\b`));
});
