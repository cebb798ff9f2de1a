import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { paperKeeps } from '../../../src/lab/prune/curve.ts';
import { parsePrune } from '../../../src/lab/prune/options.ts';
import { UsageError } from '../../../src/lab/usage.ts';
import { inFolder } from '../program.ts';
import { folderIn } from '../text/files.ts';

const refuses = (args: readonly string[], naming: RegExp): void =>
  assert.throws(
    () => parsePrune(args),
    (e: unknown) => e instanceof UsageError && naming.test(e.message) && !e.message.includes('\n'),
  );

test('prune options: by default SST and full training are trained, and pruned to the shares of the paper', () => {
  const { keeps, lm, from, out } = parsePrune([]);
  assert.deepEqual([keeps, from, out], [paperKeeps, null, 'report']);
  assert.deepEqual(lm.settings.methods, ['full', 'sst']);
  const given = parsePrune(['--steps', '7', '--shares=.9,1,.5', '--keep', 'best', '--method', 'galore', '--out', 'x']);
  assert.deepEqual(
    [given.keeps, given.lm.settings.steps, given.lm.settings.methods, given.lm.settings.keep, given.out],
    [[0.9, 1, 0.5], 7, ['galore'], 'best', 'x'],
  );
  assert.ok(!given.lm.invocation.args.some((word) => word.includes('shares')), 'lm can repeat its own');
});

test('prune options: --from takes the settings of the folder', () =>
  inFolder(async (root) => {
    const kept = {
      command: 'lm',
      arguments: ['--steps', '5', '--data', 'some.txt', '--out', 'elsewhere', '--device', 'gpu'],
    };
    const folder = folderIn(root, 'made', { 'arguments.json': JSON.stringify(kept) });
    const { lm, from, out, device, threads, json } = parsePrune([
      '--from',
      folder,
      '--device',
      'cpu',
      '--threads',
      '1',
      '--json',
    ]);
    assert.deepEqual([lm.settings.steps, lm.settings.data], [5, ['some.txt']]);
    assert.deepEqual([from, out, device, threads, json], [folder, folder, 'cpu', 1, true]);
    const other = parsePrune(['--from', folder, '--out', 'x']);
    assert.deepEqual([other.out, other.json, other.device], ['x', false, 'gpu']);
    refuses(['--from', folder, '--steps', '3'], /steps/);
    refuses(['--from', join(root, 'nowhere')], /--from: there are no runs in/);
  }));

test('prune options: mistakes are refused in one line that names the option', () => {
  for (const keep of ['0', '1.1', 'x', '.9,', '-1', 'NaN'])
    refuses(['--shares', keep], /--shares is numbers in \(0, 1\]/);
  refuses(['--shares'], /--shares has no value/);
  refuses(['--from='], /--from has no value/);
  refuses(['--nothing'], /nothing/);
});
