import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNpy } from '../../../src/io.ts';
import type { EmbedResult } from '../../../src/lab/embed/results.ts';
import { inFolder, interrupting, metricsIn, type Outcome, spectragrad } from '../program.ts';

const embed = (args: readonly string[], watch?: Parameters<typeof spectragrad>[1]): Promise<Outcome> =>
  spectragrad(['embed', ...args], watch);

test('spectragrad embed: a tree of WordNet becomes points, names, a picture, a report and metrics', () =>
  inFolder(async (folder) => {
    const args = ['--root', 'equine', '--dim', '2', '--model', 'lorentz', '--epochs', '10', '--json', '--out', folder];
    const { code, out, err } = await embed(args);
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as EmbedResult;
    const names = readFileSync(join(folder, 'names.txt'), 'utf8').trim().split('\n');
    assert.equal(names[0], 'equine.n.01');
    assert.deepEqual(readNpy(readFileSync(join(folder, 'embeddings.npy'))).shape, [names.length, 3]);
    assert.deepEqual([result.epochsDone, result.curve.length, result.dim, result.interrupted], [10, 10, 2, false]);
    assert.ok((result.quality.at(-1)?.map ?? 0) > 0.05, JSON.stringify(result.quality));
    assert.match(readFileSync(join(folder, 'disk.svg'), 'utf8'), /^<svg xmlns/);
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /<svg.*>equine</s);
    const kinds = metricsIn(folder).map(({ type }) => type);
    assert.equal(kinds.filter((kind) => kind === 'epoch').length, 10);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['settings', 'result']);
  }));

test('spectragrad embed: Ctrl-C ends the run, reports what was done, and exits with 130', () =>
  inFolder(async (folder) => {
    const args = ['--root', 'equine', '--epochs', '10000000', '--out', folder];
    const { code, out, err } = await embed(args, interrupting());
    assert.equal(code, 130, err);
    assert.match(out, /Interrupted/);
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /interrupted/);
  }));

test('spectragrad embed: a mistake is one line and exit code 2, and --help shows the options', async () => {
  const mistakes = [
    ['--root', 'qwertyuiop'],
    ['--dim', '0'],
    ['--root', 'zebra.n.99'],
  ];
  const [help, ...others] = await Promise.all([['--help'], ...mistakes].map((args) => embed(args)));
  assert.equal(help.code, 0, help.err);
  assert.match(help.out, /--burn-in/);
  for (const { code, out, err } of others) {
    assert.deepEqual([code, out], [2, ''], err);
    assert.match(err, /^spectragrad: [^\n]+\n$/);
  }
});
