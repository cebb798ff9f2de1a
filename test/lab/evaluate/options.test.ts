import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvaluate } from '../../../src/lab/evaluate/options.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const refuses = (args: readonly string[], naming: RegExp): void =>
  assert.throws(
    () => parseEvaluate(args),
    (e: unknown) => e instanceof UsageError && naming.test(e.message) && !e.message.includes('\n'),
  );

test('evaluate options: folders, tasks with or without a form, texts', () => {
  const { models, tasks, texts, batchSize, device, json } = parseEvaluate(
    '--model-dir a,b --task x.jsonl,y.jsonl:arc,c:z.jsonl --text t.txt --batch 5 --json'.split(' '),
  );
  assert.deepEqual([models, texts, batchSize, device, json], [['a', 'b'], ['t.txt'], 5, 'cpu', true]);
  assert.deepEqual(tasks, [
    { path: 'x.jsonl', format: undefined },
    { path: 'y.jsonl', format: 'arc' },
    { path: 'c:z.jsonl', format: undefined },
  ]);
  assert.ok(parseEvaluate(['--help']).help);
});

test('evaluate options: mistakes are refused in one line that names the option', () => {
  refuses([], /--model-dir says which model/);
  refuses(['--model-dir', 'a'], /--task or --text/);
  refuses(['--model-dir', 'a', '--task', 'b,,c'], /--task names files or folders/);
  refuses(['--model-dir', 'a', '--text', 'b', '--batch', '0'], /--batch/);
  refuses(['--model-dir', 'a', '--text', 'b', '--device', 'tpu'], /--device/);
  refuses(['--rank', '3'], /rank/);
});
