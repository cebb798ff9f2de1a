import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GraphResult } from '../../../src/lab/graph/results.ts';
import { readNpy } from '../../../src/tensor/io/npy.ts';
import { inFolder, metricsIn, type Outcome, spectragrad } from '../program.ts';
import { tinyGraph } from './tinyGraph.ts';

const run = (args: readonly string[]): Promise<Outcome> => spectragrad(['graph', ...args]);

/** The rings as a folder of files. */
function writeRings(folder: string): void {
  const { nodes, edges, features, featureCount, labels } = tinyGraph();
  const rows = (flat: ArrayLike<number>, width: number): string[] =>
    Array.from({ length: flat.length / width }, (_, i) =>
      Array.from({ length: width }, (_, j) => flat[i * width + j]).join(','),
    );
  writeFileSync(join(folder, 'edges.csv'), `${['u,v', ...rows(edges, 2)].join('\n')}\n`);
  writeFileSync(join(folder, 'features.csv'), `${rows(features, featureCount).join('\n')}\n`);
  writeFileSync(join(folder, 'labels.csv'), `${rows(labels ?? new Int32Array(nodes), 1).join('\n')}\n`);
}

const inFolders = (run: (data: string, out: string) => Promise<void>): Promise<void> =>
  inFolder((folder) => {
    writeRings(folder);
    return run(folder, join(folder, 'report'));
  });

test('spectragrad graph: trains on a folder, prints JSON, writes report, metrics and embeddings', () =>
  inFolders(async (data, folder) => {
    const args = '--method full,sst --seeds 2 --epochs 12 --rank 2 --dim 5 --json'.split(' ');
    const { code, out, err } = await run(['--data', data, ...args, '--out', folder]);
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as GraphResult;
    assert.deepEqual(
      result.methods.map(({ method, rank, runs }) => [method, rank, runs.map(({ seed }) => seed)]),
      [
        ['full', null, [1234, 1235]],
        ['sst', 2, [1234, 1235]],
      ],
    );
    for (const { test: found, runs, trainable } of result.methods) {
      const mean = (runs[0].test.auc + runs[1].test.auc) / 2;
      assert.ok(found.auc.std !== null && Math.abs(found.auc.mean - mean) < 1e-12, JSON.stringify(found));
      assert.ok(
        runs.every(({ epochs, bestEpoch }) => epochs === 12 && bestEpoch >= 1),
        JSON.stringify(runs),
      );
      assert.ok(trainable > 0, `${trainable}`);
    }
    const lines = metricsIn(folder);
    assert.equal(lines.filter(({ type }) => type === 'epoch').length, 4 * 12);
    assert.deepEqual([lines[0].type, lines.at(-1)?.type], ['settings', 'result']);
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    assert.equal(page.match(/Poincaré disk, after/g)?.length, 2);
    for (const file of ['embeddings.npy', 'embeddings-sst.npy'])
      assert.deepEqual(readNpy(readFileSync(join(folder, file))).shape, [48, 5]);
  }));

test('spectragrad graph: flat networks classify nodes, and have no disk', () =>
  inFolders(async (data, folder) => {
    const { code, out, err } = await run([
      '--data',
      data,
      '--task',
      'nc',
      '--model',
      'gcn',
      '--epochs',
      '8',
      '--out',
      folder,
    ]);
    assert.equal(code, 0, err);
    assert.match(out, /F1 +Accuracy/);
    assert.doesNotMatch(readFileSync(join(folder, 'index.html'), 'utf8'), /Poincaré disk/);
  }));

test('spectragrad graph: help lists the options; a graph that is not there is one line and exit code 2', async () => {
  const [help, missing] = await Promise.all([run(['--help']), run(['--data', 'nowhere'])]);
  assert.equal(help.code, 0);
  for (const option of [
    'data',
    'task',
    'model',
    'method',
    'rank',
    'dim',
    'c',
    'epochs',
    'seeds',
    'out',
    'json',
    'quick',
  ])
    assert.match(help.out, new RegExp(`--${option}\\b`));
  assert.deepEqual([missing.code, missing.out], [2, '']);
  assert.match(missing.err, /^spectragrad: [^\n]*nowhere[^\n]*\n$/);
});
