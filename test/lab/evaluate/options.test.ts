import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvaluate } from '../../../src/lab/evaluate/options.ts';
import { UsageError } from '../../../src/lab/usage.ts';
import { inFolder } from '../program.ts';
import { folderIn } from '../text/files.ts';

const refuses = (args: readonly string[], naming: RegExp): void =>
  assert.throws(
    () => parseEvaluate(args),
    (e: unknown) => e instanceof UsageError && naming.test(e.message) && !e.message.includes('\n'),
  );

test('evaluate options: folders, tasks with or without a form, texts', () => {
  const { models, tasks, texts, atOnce, device, out, threads, json } = parseEvaluate(
    '--model-dir a,b --task x.jsonl,y.jsonl:arc,c:z.jsonl --text t.txt --at-once 5 --threads 1 --json'.split(' '),
  );
  assert.deepEqual([models, texts, atOnce, device], [['a', 'b'], ['t.txt'], 5, 'cpu']);
  assert.deepEqual([out, threads, json], ['report', 1, true]);
  assert.deepEqual(tasks, [
    { path: 'x.jsonl', format: undefined },
    { path: 'y.jsonl', format: 'arc' },
    { path: 'c:z.jsonl', format: undefined },
  ]);
  assert.ok(parseEvaluate(['--help']).help);
  assert.ok(parseEvaluate(['--model-dir', 'a', '--help']).help);
});

test('evaluate options: --from takes the settings of the folder; without folders models are trained as lm does', () =>
  inFolder(async (root) => {
    const kept = { command: 'lm', arguments: ['--steps', '5', '--out', 'elsewhere'] };
    const folder = folderIn(root, 'made', { 'arguments.json': JSON.stringify(kept) });
    const found = parseEvaluate(['--from', folder, '--text', 't.txt']);
    assert.ok('lm' in found.models);
    assert.deepEqual([found.out, found.models.from, found.models.lm.settings.steps], [folder, folder, 5]);
    assert.equal(parseEvaluate(['--from', folder, '--text', 't.txt', '--out', 'x']).out, 'x');
    refuses(['--from', folder, '--text', 't.txt', '--steps', '3'], /steps/);
    refuses(['--from', root, '--text', 't.txt'], /--from: there are no runs in/);
    refuses(['--from', folder, '--model-dir', folder, '--text', 't.txt'], /--model-dir and --from/);
    const trained = parseEvaluate(['--text', 't.txt', '--steps', '7', '--batch', '3', '--out', 'y']);
    assert.ok('lm' in trained.models);
    const { from, lm } = trained.models;
    assert.deepEqual([from, lm.settings.steps, lm.settings.batchSize, trained.out], [null, 7, 3, 'y']);
  }));

test('evaluate options: mistakes are refused in one line that names the option', () => {
  refuses([], /--task or --text/);
  refuses(['--model-dir', 'a'], /--task or --text/);
  refuses(['--model-dir', 'a', '--task', 'b,,c'], /--task names files or folders/);
  refuses(['--model-dir', 'a', '--text', 'b', '--at-once', '0'], /--at-once/);
  refuses(['--model-dir', 'a', '--text', 'b', '--device', 'tpu'], /--device/);
  refuses(['--model-dir', 'a', '--text', 'b', '--rank', '3'], /rank/);
  refuses(['--text', 'b', '--nonsense'], /nonsense/);
});
