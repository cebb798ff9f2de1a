import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCompare } from '../../../src/lab/compare/options.ts';
import { defaults, methodNames, paper, quick } from '../../../src/lab/compare/settings.ts';
import { UsageError } from '../../../src/lab/usage.ts';

const refuses = (args: readonly string[], naming: string): void =>
  assert.throws(
    () => parseCompare(args),
    (e: unknown) => e instanceof UsageError && e.message.includes(naming) && !e.message.includes('\n'),
  );

test('compare options: without any, the defaults', () => {
  const { settings, out, json, help } = parseCompare([]);
  assert.deepEqual({ settings, out, json, help }, { settings: defaults, out: 'report', json: false, help: false });
});

test('compare options: whole numbers arrive as given', () =>
  fc.assert(
    fc.property(fc.constantFrom('rank', 'steps', 'seed', 'seeds'), fc.integer({ min: 1, max: 1e6 }), (name, n) => {
      const settings = parseCompare([`--${name}`, String(n)]).settings as unknown as Record<string, number>;
      assert.equal(settings[name], n);
    }),
  ));

test('compare options: anything but a whole number is refused in one line that names the option', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('--rank', '--steps', '--batch', '--seeds', '--hidden'),
      fc.constantFrom('', '0', '-3', '1.5', '1e3', 'x', 'NaN', 'Infinity', '9007199254740993'),
      (option, value) => refuses([`${option}=${value}`], option),
    ),
  ));

test('compare options: unknown options, methods, presets and stray words are refused', () => {
  refuses(['--ranks', '3'], '--ranks');
  refuses(['--rank'], '--rank');
  refuses(['--method', 'sst,adam'], 'adam');
  refuses(['--preset', 'huge'], 'huge');
  refuses(['--lr', '-1'], '--lr');
  refuses(['--batch', '8001'], '--batch');
  refuses(['digits'], 'digits');
});

test('compare options: methods keep one order, each once', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...methodNames), { minLength: 1 }), (names) => {
      const { methods } = parseCompare(['--method', names.join(',')]).settings;
      assert.deepEqual(
        methods,
        methodNames.filter((m) => names.includes(m)),
      );
    }),
  ));

test('compare options: presets change the defaults, and explicit options win over them', () => {
  const given = parseCompare(['--preset', 'paper', '--quick', '--rank', '5', '--lr', '0.5']).settings;
  assert.equal(given.iterationSteps, paper.iterationSteps);
  assert.equal(given.steps, quick.steps);
  assert.equal(given.rank, 5);
  assert.ok(Object.values(given.learningRates).every((lr) => lr === 0.5));
});
