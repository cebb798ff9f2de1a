import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PointEmbedding } from '../../../src/hyperbolic/embedding.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import { Rng, tensor } from '../../../src/index.ts';
import { depthRows } from '../../../src/lab/embed/depths.ts';
import { descendants, embeddingPicture, wordOf } from '../../../src/lab/embed/picture.ts';
import { renderEmbedReport } from '../../../src/lab/embed/report.ts';
import { type EmbedEvent, qualityOf, trainEmbedding } from '../../../src/lab/embed/run.ts';
import { defaults, type EmbedSettings } from '../../../src/lab/embed/settings.ts';
import type { Closure } from '../../../src/lab/graph/wordnet.ts';
import { ReportedError } from '../../../src/lab/usage.ts';
import { tagsOf } from '../report/wellFormed.ts';

/** The binary tree of `nodes` nodes, node i under (i − 1) >> 1. */
function binaryTree(nodes: number): Closure {
  const children = Array.from({ length: nodes - 1 }, (_, i) => i + 1);
  const above = (i: number): number[] => (i === 0 ? [] : [(i - 1) >> 1, ...above((i - 1) >> 1)]);
  return {
    names: Array.from({ length: nodes }, (_, i) => `node_${i}.n.01`),
    depths: Int32Array.from({ length: nodes }, (_, i) => above(i).length),
    parents: Int32Array.from(children.flatMap((i) => [i, (i - 1) >> 1])),
    pairs: Int32Array.from(children.flatMap((i) => above(i).flatMap((up) => [i, up]))),
  };
}

const tree = binaryTree(31);
const settings: EmbedSettings = {
  ...defaults,
  dim: 2,
  epochs: 60,
  batchSize: 49,
  learningRate: 5,
  negatives: 8,
  burnIn: 3,
};
const silent = (): void => {};

for (const model of ['poincare', 'lorentz'] as const)
  test(`a tree of 31 nodes fits into the plane in ${model}: its relation is read off the distances`, async () => {
    const a = await trainEmbedding(tree, { ...settings, model }, silent);
    const { epoch, map, meanRank } = a.quality[a.quality.length - 1];
    assert.deepEqual([epoch, a.epochsDone, a.curve.length], [60, 60, 60]);
    assert.ok(map > 0.9 && meanRank < 1.5, `MAP ${map}, mean rank ${meanRank}`);
    const rows = depthRows(a.embedding, tree.depths);
    assert.deepEqual(
      rows.map(({ depth, nodes }) => [depth, nodes]),
      [1, 2, 4, 8, 16].map((nodes, depth) => [depth, nodes]),
    );
    assert.ok(rows[0].mean === 0 && rows[0].std === null, JSON.stringify(rows[0]));
    assert.ok(rows[4].mean > rows[1].mean, `leaves lie further out: ${rows.map((row) => row.mean)}`);
  });

test('the same seed gives the same bits, and another seed others', async () => {
  const run = async (seed: number) => trainEmbedding(tree, { ...settings, epochs: 3, seed }, silent);
  const [a, b, other] = [await run(1), await run(1), await run(2)];
  assert.deepEqual(a.curve, b.curve);
  assert.deepEqual(a.embedding.weight.data, b.embedding.weight.data);
  assert.notDeepEqual(a.curve, other.curve);
});

test('a run tells of each epoch, at a tenth of the rate in the burn-in, and of the quality ten times', async () => {
  const events: EmbedEvent[] = [];
  await trainEmbedding(tree, { ...settings, epochs: 20 }, (event) => events.push(event));
  const rates = events.flatMap((event) => (event.type === 'epoch' ? [event.lr] : []));
  assert.deepEqual(rates, [...new Array(3).fill(0.5), ...new Array(17).fill(5)]);
  const measured = events.flatMap((event) => (event.type === 'quality' ? [event.epoch] : []));
  assert.deepEqual(measured, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
});

test('an aborted run gives what was reached, its quality too', async () => {
  const controller = new AbortController();
  const see = (event: EmbedEvent): void => {
    if (event.type === 'epoch' && event.epoch === 3) controller.abort();
  };
  const { epochsDone, quality } = await trainEmbedding(tree, settings, see, controller.signal);
  assert.equal(epochsDone, 3);
  assert.equal(quality.at(-1)?.epoch, 3);
});

test('a run whose loss is no number any more ends with one sentence that says what to do', async () => {
  await assert.rejects(
    trainEmbedding(tree, { ...settings, learningRate: 1e39 }, silent),
    (error: unknown) => error instanceof ReportedError && /--lr/.test(error.message),
  );
});

test('a perfect embedding has MAP 1 and mean rank 1', () => {
  // A star: the root between two leaves, of which each is related to the root alone.
  const star = new PointEmbedding(3, 2, poincare(1), { rng: new Rng(1), dtype: 'float64' });
  star.weight.assign_(
    tensor(
      [
        [0, 0],
        [0.5, 0],
        [-0.5, 0],
      ],
      { dtype: 'float64' },
    ),
  );
  assert.deepEqual(qualityOf(star, Int32Array.of(1, 0, 2, 0)), { map: 1, meanRank: 1 });
  assert.deepEqual(qualityOf(star, Int32Array.of(1, 2, 2, 1)), { map: 0.5, meanRank: 2 });
});

test('words of WordNet read as words; below a node are the nodes that are related to it', () => {
  assert.equal(wordOf('dog.n.01'), 'dog');
  assert.equal(wordOf('cat_bear.n.03'), 'cat bear (3)');
  assert.deepEqual([...descendants(7, binaryTree(7).pairs)], [6, 2, 2, 0, 0, 0, 0]);
});

for (const [model, dim] of [
  ['poincare', 2],
  ['lorentz', 2],
  ['poincare', 5],
  ['lorentz', 4],
] as const)
  test(`the report of ${dim} dimensions in ${model} is well-formed, and says what its picture is`, async () => {
    const { embedding, ...run } = await trainEmbedding(tree, { ...settings, model, dim, c: 0.5, epochs: 4 }, silent);
    const disk = embeddingPicture(embedding, tree, 0.5);
    const dots = [...disk.markup.matchAll(/class="dot d0" cx="([^"]*)" cy="([^"]*)" r="[^"]*">/g)];
    assert.deepEqual(
      dots.map(([, x, y]) => [x, y]),
      [['360', '340']],
    );
    const result = {
      ...run,
      ...{ title: 'a <tree>', model: 'm', data: 'd', command: 'c', date: 'x', versions: {}, seed: 1 },
      ...{ dim, epochs: 4, parameters: embedding.weight.size, interrupted: false },
      depths: depthRows(embedding, tree.depths),
    };
    const page = renderEmbedReport(result, disk);
    tagsOf(page);
    assert.doesNotMatch(page, /NaN|Infinity|undefined|<tree>/);
    assert.match(page, dim === 2 ? /moved by an isometry/ : /A shadow of \d dimensions/);
    assert.equal(page.includes('role="note"'), false);
    assert.match(renderEmbedReport({ ...result, interrupted: true }, disk), /role="note"/);
  });
