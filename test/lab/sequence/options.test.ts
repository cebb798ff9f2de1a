/** Options that commands on sequences share, and how runs that were left are gone on with. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSequence, sequenceSettings, threadsOf } from '../../../src/lab/sequence/options.ts';
import { invocationOf, runsFolder } from '../../../src/lab/sequence/resume.ts';
import type { SequenceSettings } from '../../../src/lab/sequence/settings.ts';
import { defaults } from '../../../src/lab/translate/settings.ts';
import { UsageError } from '../../../src/lab/usage.ts';
import { inFolder } from '../program.ts';

const settingsOf = (...args: string[]): SequenceSettings => sequenceSettings(readSequence(args, []), defaults);

const refuses = (args: readonly string[], naming: string): void =>
  assert.throws(
    () => threadsOf(readSequence(args, [])) && sequenceSettings(readSequence(args, []), defaults),
    (e: unknown) => e instanceof UsageError && e.message.includes(naming) && !e.message.includes('\n'),
    `${args.join(' ')} is refused`,
  );

test('sequence options: without any, the defaults; what counts steps follows their number', () => {
  const settings = settingsOf();
  for (const [name, value] of Object.entries(settings))
    assert.deepEqual(value, (defaults as unknown as Record<string, unknown>)[name], name);
  const long = settingsOf('--steps', '100000');
  assert.deepEqual([long.evaluateEvery, long.checkpointEvery, long.watchEvery], [12_500, 500, 1000]);
  const short = settingsOf('--steps', '1');
  assert.deepEqual([short.evaluateEvery, short.checkpointEvery, short.watchEvery, short.rise], [1, 1, 1, 0]);
});

test('sequence options: whole numbers arrive as given', () => {
  const names = {
    layers: 'layers',
    ff: 'feedForward',
    steps: 'steps',
    accumulate: 'accumulate',
    t3: 'iterationSteps',
    't3-warmup': 'warmup',
    'evaluate-every': 'evaluateEvery',
    'checkpoint-every': 'checkpointEvery',
  } as const;
  const options = fc.constantFrom(...(Object.keys(names) as (keyof typeof names)[]));
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 1e6 }), (option, n) => {
      assert.equal(settingsOf(`--${option}`, String(n))[names[option]], n);
    }),
  );
});

test('sequence options: ranks and seeds are lists; the width takes the feed-forward networks along', () => {
  assert.deepEqual(settingsOf('--rank', '16,4').ranks, [16, 4]);
  assert.deepEqual(settingsOf('--seeds', '5,3').seeds, [5, 3]);
  assert.deepEqual(settingsOf('--seed', '5', '--seeds', '2').seeds, [5, 6]);
  const ratio = defaults.feedForward / defaults.dim;
  assert.equal(settingsOf('--dim', '128').feedForward, 128 * ratio);
  assert.equal(settingsOf('--clip', 'none').clip, null);
  assert.equal(settingsOf('--clip', '0.5').clip, 0.5);
});

test('sequence options: a learning rate is that of dense parameters, and low-rank ones keep their ratio, unless they are given', () => {
  const thrice = { ...defaults.rates, sst: { dense: 0.25, own: 0.75 } };
  const ratesOf = (...args: string[]) => sequenceSettings(readSequence(args, []), { ...defaults, rates: thrice }).rates;
  const { full, sst } = ratesOf('--lr', '0.5');
  assert.deepEqual(
    [full, sst],
    [
      { dense: 0.5, own: 0.5 },
      { dense: 0.5, own: 1.5 },
    ],
  );
  const low = ratesOf('--low-rank-lr', '0.125');
  assert.deepEqual([low.full, low.sst], [defaults.rates.full, { dense: 0.25, own: 0.125 }]);
  const both = ratesOf('--lr', '0.5', '--low-rank-lr', '0.125');
  assert.deepEqual(
    [both.full, both.sst],
    [
      { dense: 0.5, own: 0.5 },
      { dense: 0.5, own: 0.125 },
    ],
  );
});

test('sequence options: what cannot be is refused in one line that names the option', () => {
  const wrong = fc.constantFrom('', '-3', '1.5', '1e3', 'x', 'NaN', 'Infinity');
  const counts = fc.constantFrom(
    'rank',
    'dim',
    'layers',
    'heads',
    'ff',
    'steps',
    'accumulate',
    't3',
    'threads',
    'seeds',
  );
  fc.assert(fc.property(counts, wrong, (option, value) => refuses([`--${option}=${value}`], `--${option}`)));
  const shares = fc.constantFrom('dropout', 'attention-dropout', 'smoothing');
  fc.assert(
    fc.property(shares, fc.constantFrom('', '1', '-0.1', 'x'), (option, value) =>
      refuses([`--${option}=${value}`], `--${option}`),
    ),
  );
  refuses(['--dim', '30', '--heads', '4'], '--heads');
  refuses(['--rank', '4,4'], 'twice');
  refuses(['--method', 'sst,adam'], 'adam');
  refuses(['--schedule', 'linear'], '--schedule');
  refuses(['--steps', '10', '--rise', '10'], '--rise');
  refuses(['--lr', '0'], '--lr');
  refuses(['--weight-decay=-1'], '--weight-decay');
  refuses(['--keep', 'first'], '--keep');
  refuses(['--device', 'tpu'], '--device');
  refuses(['--nonsense'], '--nonsense');
});

test('--resume: the options that runs were begun with, and of this call only where it is computed and how it is shown', () =>
  inFolder(async (folder) => {
    const args = ['--steps', '7', '--from', 'fr', '--device', 'cpu', '--out', 'elsewhere'];
    const begun = invocationOf('translate', args, ['from']);
    assert.deepEqual([begun.out, begun.resumed], ['elsewhere', false]);
    const runs = runsFolder('translate', folder, begun);
    assert.ok(existsSync(runs));
    const again = invocationOf('translate', ['--resume', folder, '--json', '--threads', '3'], ['from']);
    assert.deepEqual([again.out, again.resumed, again.args], [folder, true, args]);
    const { steps, from, json, threads, out } = again.given;
    assert.deepEqual([steps, from, json, threads, out], ['7', 'fr', true, '3', undefined]);
    assert.throws(() => invocationOf('translate', ['--resume', folder, '--steps', '8'], ['from']), /leave out --steps/);
    assert.throws(() => invocationOf('lm', ['--resume', folder], ['from']), /spectragrad translate/);
    assert.throws(() => invocationOf('translate', ['--resume', join(folder, 'none')], []), /no runs in/);
    for (const text of ['{', '[]', '{"command":"translate","arguments":[1]}']) {
      writeFileSync(join(folder, 'arguments.json'), text);
      assert.throws(() => invocationOf('translate', ['--resume', folder], []), /arguments\.json: /);
    }
  }));

test('runs that are not finished are not begun anew; finished ones are', () =>
  inFolder(async (folder) => {
    const begin = (): string => runsFolder('translate', folder, { resumed: false, args: [] });
    const runs = begin();
    writeFileSync(join(runs, 'full-1.json'), '{}');
    begin();
    assert.ok(!existsSync(join(runs, 'full-1.json')));
    mkdirSync(runs, { recursive: true });
    writeFileSync(join(runs, 'full-1.checkpoint'), '');
    assert.throws(begin, (error) => error instanceof UsageError && /--resume/.test(error.message));
    assert.equal(runsFolder('translate', folder, { resumed: true, args: [] }), runs);
    assert.ok(existsSync(join(runs, 'full-1.checkpoint')));
  }));
