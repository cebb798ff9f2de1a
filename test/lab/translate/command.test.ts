import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SequenceResult } from '../../../src/lab/sequence/results.ts';
import { readTokenizer } from '../../../src/lab/text/tokenizerFile.ts';
import type { Translated } from '../../../src/lab/translate/task.ts';
import { inFolder, metricsIn, type Outcome, spectragrad } from '../program.ts';
import { lettersFolder } from '../sequence/letters.ts';

const sizes = ['--dim', '8', '--heads', '2', '--layers', '1', '--vocab', '280', '--rank', '2', '--batch-tokens', '60'];
const argsOf = (folder: string, out: string, ...more: string[]): string[] => [
  ...['translate', '--data', lettersFolder(folder), '--from', 'xx', '--to', 'yy', ...sizes],
  ...['--beam', '2', '--threads', '1', '--out', out, ...more],
];

test('spectragrad translate: trains, prints JSON, writes report, metrics, vocabulary and one file for each run', () =>
  inFolder(async (folder) => {
    const out = join(folder, 'out');
    const args = argsOf(folder, out, '--steps', '6', '--method', 'full,sst', '--json');
    const { code, out: printed, err } = await spectragrad(args);
    assert.equal(code, 0, err);
    const { runs, interrupted } = JSON.parse(printed) as SequenceResult<Translated>;
    assert.deepEqual([runs.map(({ method }) => method), interrupted], [['full', 'sst'], false]);
    for (const run of runs)
      assert.ok(run.finished && run.stepsDone === 6 && run.measured !== null && run.test !== null);
    assert.match(err, /tokens\/s/);
    for (const name of ['full-1', 'sst-r2-1']) {
      const kept = JSON.parse(readFileSync(join(out, 'runs', `${name}.json`), 'utf8'));
      assert.match(kept.made.command, /translate --data /);
      assert.ok(existsSync(join(out, 'runs', `${name}.safetensors`)));
    }
    assert.match(readFileSync(join(out, 'index.html'), 'utf8'), /Translations/);
    assert.ok(readTokenizer(join(out, 'tokenizer.json')).size <= 280);
    const lines = metricsIn(out);
    assert.equal(lines.filter(({ type }) => type === 'step').length, 12);
    assert.equal(lines.at(-1)?.type, 'result');
  }));

/** A `watch` that presses Ctrl-C, once, when a file is there. */
function interruptingAt(path: string): (child: ChildProcess) => void {
  let waiting = false;
  return (child) => {
    if (waiting) return;
    waiting = true;
    const timer = setInterval(() => {
      if (!existsSync(path) && child.exitCode === null) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 5);
  };
}

test('spectragrad translate: after Ctrl-C, --resume goes on to the result that would have come without', () =>
  inFolder(async (folder) => {
    const left = join(folder, 'left');
    const checkpoint = join(left, 'runs', 'lora-r2-1.checkpoint');
    const args = argsOf(folder, left, '--steps', '120', '--checkpoint-every', '10', '--method', 'lora');
    const { code, out, err } = await spectragrad(args, interruptingAt(checkpoint));
    assert.equal(code, 130, err);
    assert.match(out, /Interrupted: LoRA #1 at step \d/);
    assert.match(readFileSync(join(left, 'index.html'), 'utf8'), /Interrupted/);
    assert.ok(existsSync(checkpoint));
    const anew = await spectragrad(args);
    assert.deepEqual([anew.code, /not finished: go on with --resume/.test(anew.err)], [2, true], anew.err);
    const [gone, whole] = await Promise.all([
      spectragrad(['translate', '--resume', left, '--threads', '1', '--json']),
      spectragrad([...args.slice(0, -6), '--out', join(folder, 'whole'), ...args.slice(-6), '--json']),
    ]);
    assert.deepEqual([gone.code, whole.code], [0, 0], gone.err + whole.err);
    const facts = ({ out: printed }: Outcome) => {
      const { runs } = JSON.parse(printed) as SequenceResult<Translated>;
      return runs.map(({ curve, validation, test: perplexity, measured }) => ({
        curve,
        validation,
        perplexity,
        measured,
      }));
    };
    assert.deepEqual(facts(gone), facts(whole));
    assert.ok(metricsIn(left).filter(({ type }) => type === 'settings').length === 2);
  }));
