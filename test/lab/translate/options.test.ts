import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTranslate, translateHelp } from '../../../src/lab/translate/options.ts';
import { defaults, modelDefaults, quick } from '../../../src/lab/translate/settings.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const refuses = (args: readonly string[], naming: string): void =>
  assert.throws(
    () => parseTranslate(args),
    (e: unknown) => e instanceof UsageError && e.message.includes(naming) && !e.message.includes('\n'),
  );

test('translate options: without any, the defaults', () => {
  assert.deepEqual(parseTranslate([]).settings, defaults);
});

test('translate options: its own arrive as given, languages under either name', () => {
  const args = ['--vocab', '500', '--batch-tokens', '77', '--beam', '3', '--alpha', '0', '--data', 'x'];
  const { settings } = parseTranslate([...args, '--from', 'fr', '--target-lang', 'pt-br']);
  const { vocabulary, batchTokens, beam, alpha, data, languages } = settings;
  assert.deepEqual([vocabulary, batchTokens, beam, alpha, data], [500, 77, 3, 0, 'x']);
  assert.deepEqual(languages, { source: 'fr', target: 'pt-br' });
  assert.deepEqual(parseTranslate(['--source-lang', 'ja']).settings.languages, { ...defaults.languages, source: 'ja' });
});

test('translate options: --quick is small, and gives way to what is said; HyboNet has defaults of its own', () => {
  const { settings } = parseTranslate(['--quick', '--steps', '3']);
  assert.deepEqual([settings.dim, settings.steps], [quick.dim, 3]);
  assert.equal(parseTranslate(['--model', 'hyperbolic']).settings.clip, modelDefaults.hyperbolic.clip);
  assert.equal(parseTranslate(['--model', 'hyperbolic', '--clip', 'none']).settings.clip, null);
});

test('translate options: what cannot be is refused in one line', () => {
  refuses(['--from', 'de', '--source-lang', 'fr'], '--from');
  refuses(['--vocab', '100'], '--vocab');
  refuses(['--model', 'spherical'], '--model');
  refuses(['--alpha=-1'], '--alpha');
  refuses(['--beam', '0'], '--beam');
  refuses(['stray'], 'stray');
});

test('translate options: the help names every option', () => {
  for (const option of [
    'data',
    'source-lang',
    'target-lang',
    'vocab',
    'model',
    'batch-tokens',
    'beam',
    'alpha',
    'method',
    'rank',
    'resume',
    'threads',
  ])
    assert.match(translateHelp, new RegExp(`--${option}\\b`));
  for (const line of translateHelp.split('\n')) assert.ok(line.length <= 126, line);
});
