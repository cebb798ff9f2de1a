/** What is left of a model: the whole at first, ever less then, and each point what pruning alone would give. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { noGrad, Rng } from '../../../src/index.ts';
import { makeModels } from '../../../src/lab/lm/made.ts';
import { configurationOf, lmTask } from '../../../src/lab/lm/task.ts';
import { perplexity } from '../../../src/lab/metrics/perplexity.ts';
import { type PrunePoint, pruneCurve } from '../../../src/lab/prune/curve.ts';
import { parsePrune } from '../../../src/lab/prune/options.ts';
import type { PruneResult } from '../../../src/lab/prune/results.ts';
import { pruneRuns } from '../../../src/lab/prune/study.ts';
import { likelihood } from '../../../src/lab/sequence/measure.ts';
import { readRun, runFiles } from '../../../src/lab/sequence/runFiles.ts';
import { blockLayers, Opt } from '../../../src/nn/index.ts';
import type { DecoderOnly } from '../../../src/nn/sequenceModel.ts';
import { reduceModel } from '../../../src/sst/index.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { corpus, rhymesFolder, settings, words12 } from '../lm/rhymes.ts';
import { inFolder, spectragrad } from '../program.ts';
import { tagsOf } from '../report/wellFormed.ts';

const task = lmTask(corpus, settings);

/** A model whose layers matter: larger weights than those that training begins with. */
function made(): DecoderOnly {
  // Projections around the blocks, which are not pruned.
  const model = new Opt({ ...configurationOf(settings, corpus.tokenizer.size), wordDim: 4 }, { rng: new Rng(6) });
  noGrad(() => {
    for (const [name, p] of model.namedParameters())
      if (/layers.*(proj|fc\d)\.weight$/.test(name)) p.assign_(p.mul(20).detach());
  });
  return model;
}

const measured = async (model: DecoderOnly) => perplexity(await likelihood({ task, model, device: cpu }, task.test));

test('pruneCurve: the whole model first, then each share as pruning alone leaves it, the largest first', async () => {
  const model = made();
  const points: PrunePoint[] = [];
  for await (const point of pruneCurve(model, [0.6, 0.9, 1, 0.9, 0.2], () => measured(model))) points.push(point);
  assert.deepEqual(
    points.map(({ keep }) => keep),
    [1, 0.9, 0.6, 0.2],
  );
  const whole = made();
  const [first] = points;
  assert.deepEqual(first, {
    keep: 1,
    removed: 0,
    parameters: whole.parameters().reduce((n, p) => n + p.size, 0),
    test: await measured(whole),
  });
  for (const [i, { keep, removed, parameters, test: found }] of points.entries()) {
    const other = made();
    const expected = reduceModel(other, { keep, ...blockLayers });
    const { perToken } = await measured(other);
    assert.ok(Math.abs(found.perToken / perToken - 1) <= 1e-6, `${keep}: ${found.perToken}, ${perToken}`);
    assert.deepEqual([removed, parameters], [expected.removed, expected.parameters]);
    if (i === 0) continue;
    assert.ok(removed > points[i - 1].removed && parameters <= points[i - 1].parameters, `less is left at ${keep}`);
    assert.notEqual(found.perToken, points[i - 1].test.perToken);
  }
  assert.ok(points[3].parameters < first.parameters, 'factors are smaller than dense layers at last');
});

test('spectragrad prune: trains, prunes and reports; what is whole is what training measured; --from repeats it', () =>
  inFolder(async (root) => {
    const out = join(root, 'report');
    const args = ['--data', rhymesFolder(root), ...words12, '--method', 'full,sst', '--json', '--out', out];
    const first = await spectragrad(['prune', '--shares', '1,.5', ...args]);
    assert.equal(first.code, 0, first.err);
    const { runs, interrupted } = JSON.parse(first.out) as PruneResult;
    assert.deepEqual(
      runs.map(({ method, label, points }) => [method, label, points.length]),
      [
        ['full', 'Full', 2],
        ['sst', 'SST', 2],
      ],
    );
    assert.equal(interrupted, false);
    for (const { points, label, ...key } of runs) {
      const kept = readRun<unknown>(runFiles(key, join(out, 'runs')))?.test;
      assert.ok(
        kept && Math.abs(points[0].test.perToken / kept.perToken - 1) <= 1e-6,
        `${label}: ${points[0].test.perToken}`,
      );
      assert.ok(points[1].removed > 0.2 && points[1].parameters < points[0].parameters);
    }
    const page = readFileSync(join(out, 'prune.html'), 'utf8');
    assert.ok(!tagsOf(page).includes('script') && page.includes('singular values left out'));
    const options = parsePrune(['--from', out, '--shares', '.5']);
    const models = await makeModels(options);
    assert.ok(models !== null);
    const { keeps, lm } = options;
    const study = { settings: lm.settings, models, keeps, device: cpu, metrics() {}, stream: { write() {} } };
    assert.deepEqual((await pruneRuns(study)).runs, runs);
    await assert.rejects(makeModels({ ...options, from: root }), /models: no model has weights/);
  }));
