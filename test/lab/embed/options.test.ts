import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { embedHelp, parseEmbed } from '../../../src/lab/embed/options.ts';
import { defaults, defaultsFor } from '../../../src/lab/embed/settings.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const refuses = (args: readonly string[], naming: string): void =>
  assert.throws(
    () => parseEmbed(args),
    (e: unknown) => e instanceof UsageError && e.message.includes(naming) && !e.message.includes('\n'),
  );

test('embed options: without any, the defaults', () => {
  assert.deepEqual(parseEmbed([]), { settings: defaults, out: 'report', json: false, help: false });
});

test('embed options: each arrives where it belongs', () => {
  const names = {
    dim: 'dim',
    epochs: 'epochs',
    batch: 'batchSize',
    negatives: 'negatives',
    'burn-in': 'burnIn',
    seed: 'seed',
  };
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(names) as (keyof typeof names)[])),
      fc.integer({ min: 1, max: 1e6 }),
      (name, n) => {
        const settings = parseEmbed([`--${name}`, String(n)]).settings as unknown as Record<string, unknown>;
        assert.deepEqual(settings, { ...(name === 'dim' ? defaultsFor(n) : defaults), [names[name]]: n });
      },
    ),
  );
  const given = [
    '--root',
    'dog',
    '--model',
    'lorentz',
    '--c',
    '0.5',
    '--lr',
    '3',
    '--dtype',
    'float64',
    '--json',
    '--out',
    'x',
  ];
  const { settings, out, json } = parseEmbed(given);
  const changed = { root: 'dog', model: 'lorentz', c: 0.5, learningRate: 3, dtype: 'float64' };
  assert.deepEqual({ settings, out, json }, { settings: { ...defaults, ...changed }, out: 'x', json: true });
  for (const option of Object.keys(names)) assert.match(embedHelp, new RegExp(`--${option} `));
});

test('embed options: in the plane more epochs in float64, unless others are given', () => {
  const plane = parseEmbed(['--dim', '2']).settings;
  assert.ok(plane.epochs > defaults.epochs && plane.dtype === 'float64', JSON.stringify(plane));
  const given = parseEmbed(['--dim', '2', '--epochs', '7', '--dtype', 'float32']).settings;
  assert.deepEqual([given.epochs, given.dtype], [7, 'float32']);
});

test('embed options: what cannot be is refused in one line that names it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('--dim', '--epochs', '--batch', '--negatives', '--c', '--lr'),
      fc.constantFrom('', '0', '-3', 'x', 'NaN', 'Infinity'),
      (option, value) => refuses([`${option}=${value}`], option),
    ),
  );
  refuses(['--model', 'klein'], 'klein');
  refuses(['--dtype', 'int32'], '--dtype');
  refuses(['--burn-in', '-1'], '--burn-in');
  refuses(['--roots', 'x'], '--roots');
  refuses(['mammal'], 'mammal');
});
