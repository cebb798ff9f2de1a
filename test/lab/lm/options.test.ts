import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLm } from '../../../src/lab/lm/options.ts';
import { defaults, lmModelNames, lmModels, quick } from '../../../src/lab/lm/settings.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const settingsOf = (...args: string[]) => parseLm(args).settings;

const refuses = (args: readonly string[], naming: RegExp): void =>
  assert.throws(
    () => parseLm(args),
    (e: unknown) => e instanceof UsageError && naming.test(e.message) && !e.message.includes('\n'),
  );

test('lm options: without any, the five methods at rank 16 on Brown', () => {
  const { settings, invocation, help } = parseLm([]);
  const { evaluateEvery, watchEvery, checkpointEvery, rise, ...rest } = settings;
  const { evaluateEvery: _, watchEvery: __, checkpointEvery: ___, rise: ____, ...expected } = defaults;
  assert.deepEqual(rest, expected);
  assert.deepEqual([invocation.out, help], ['report', false]);
  assert.ok(evaluateEvery < settings.steps && rise < settings.steps && watchEvery >= 1 && checkpointEvery >= 1);
});

test('lm options: a named model has its sizes, and what is given wins over them', () => {
  for (const name of lmModelNames) {
    const { model, dim, layers, heads, feedForward } = settingsOf('--model', name);
    const { embedDim, ...sizes } = lmModels[name];
    assert.deepEqual(
      [model, dim, layers, heads, feedForward],
      [name, embedDim, sizes.layers, sizes.heads, sizes.feedForward],
    );
  }
  const given = settingsOf('--model', 'opt-125m', '--layers', '2', '--ff', '64', '--length', '32', '--vocab', '999');
  assert.deepEqual([given.dim, given.layers, given.feedForward, given.length, given.vocabulary], [768, 2, 64, 32, 999]);
  assert.deepEqual(settingsOf('--data', 'a.txt,b.txt').data, ['a.txt', 'b.txt']);
  const small = settingsOf('--quick', '--batch', '2');
  assert.deepEqual([small.steps, small.dim, small.vocabulary, small.batchSize], [quick.steps, quick.dim, 400, 2]);
});

test('lm options: mistakes are refused in one line that names the option', () => {
  refuses(['--model', 'gpt'], /--model is one of opt, llama/);
  refuses(['--vocab', '259'], /--vocab is a whole number >= 260/);
  refuses(['--length', '1'], /--length is a whole number >= 2/);
  refuses(['--batch', '0'], /--batch/);
  refuses(['--data', 'a.txt,'], /--data names files/);
  refuses(['--beam', '2'], /beam/);
  refuses(['--resume', 'nowhere'], /there are no runs in 'nowhere'/);
  refuses(['--resume', 'nowhere', '--vocab', '300'], /leave out --vocab/);
});
