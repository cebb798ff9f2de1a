/** Inputs, batches and measures of the two tasks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { graphModel } from '../../../src/hyperbolic/graph/graphModel.ts';
import { meanAdjacency } from '../../../src/lab/graph/adjacency.ts';
import { featuresOf } from '../../../src/lab/graph/features.ts';
import { linkTask } from '../../../src/lab/graph/linkTask.ts';
import { nodeTask } from '../../../src/lab/graph/nodeTask.ts';
import { splitLinks } from '../../../src/lab/graph/splits.ts';
import { ReportedError } from '../../../src/lab/usage.ts';
import { full, zeros } from '../../../src/tensor/create.ts';
import { Rng } from '../../../src/tensor/rng.ts';
import { tinyGraph } from './tinyGraph.ts';

const edgesOf = (nodes: number): fc.Arbitrary<Int32Array> =>
  fc
    .array(fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1)), { maxLength: 3 * nodes })
    .map((pairs) => Int32Array.from(pairs.flat()));

test('meanAdjacency: each row is the mean over a node and its neighbours, both ways, however often an edge is listed', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(fc.constant(n), edgesOf(n))),
      ([n, edges]) => {
        const dense = meanAdjacency(n, edges).toDense().toArray() as number[][];
        const around = Array.from({ length: n }, (_, u) => new Set([u]));
        for (let e = 0; e < edges.length; e += 2) {
          around[edges[e]].add(edges[e + 1]);
          around[edges[e + 1]].add(edges[e]);
        }
        const expected = around.map((of) =>
          Array.from({ length: n }, (_, v) => (of.has(v) ? Math.fround(1 / of.size) : 0)),
        );
        assert.deepEqual(dense, expected);
        assert.deepEqual(
          meanAdjacency(n, Int32Array.from([...edges, ...edges]))
            .toDense()
            .toArray(),
          dense,
        );
      },
    ),
  ));

test('featuresOf: rows sum to 1, those of sum 0 and features with a sign stay, and the graph is not written to', () => {
  const features = Float32Array.from([1, 3, 0, 0, 2, 0]);
  const graph = { ...tinyGraph(), nodes: 3, features, featureCount: 2 };
  assert.deepEqual(featuresOf(graph, true).toArray(), [
    [0.25, 0.75],
    [0, 0],
    [1, 0],
  ]);
  assert.deepEqual(featuresOf(graph, false).data, features);
  assert.deepEqual([...features], [1, 3, 0, 0, 2, 0]);
  const signed = { ...graph, features: features.map((v) => v - 1) };
  assert.deepEqual(featuresOf(signed, true).data, signed.features);
});

const graph = tinyGraph();
const split = splitLinks(graph, { seed: 3, val: 0.1, test: 0.2 });
const links = linkTask(graph, split, false);

test('linkTask: the batches are as many pairs as training edges, none of them one, new in each epoch, the same by seed', () => {
  const keys = (flat: ArrayLike<number>): string[] =>
    Array.from({ length: flat.length / 2 }, (_, e) => `${flat[2 * e]},${flat[2 * e + 1]}`);
  const first = (seed: number): string[][] => {
    const drawn: string[][] = [];
    for (const batch of links.batches(new Rng(seed))) if (drawn.push(keys(batch.data)) === 3) break;
    return drawn;
  };
  const [a, b, other] = [first(1), first(1), first(2)];
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, other);
  assert.notDeepEqual(a[0], a[1]);
  const edges = new Set(keys(split.trainEdges));
  for (const pairs of a) {
    assert.equal(pairs.length, split.trainEdges.length / 2);
    assert.ok(!pairs.some((pair) => edges.has(pair)), 'a training edge was drawn');
  }
});

test('linkTask: the adjacency knows the training edges alone', () => {
  const dense = links.adjacency.toDense().toArray() as number[][];
  const seen = (flat: Int32Array): boolean[] =>
    Array.from({ length: flat.length / 2 }, (_, e) => dense[flat[2 * e]][flat[2 * e + 1]] > 0);
  assert.ok(seen(split.trainEdges).every(Boolean), 'training edges');
  assert.ok(![...seen(split.valEdges), ...seen(split.testEdges)].some(Boolean), 'held-out edges');
});

test('linkTask: equal points give an AUC of a half, points that are not numbers give no measure', () => {
  const model = graphModel({ model: 'mlp', task: 'lp', features: 4, rng: new Rng(1) });
  assert.equal(links.measure(model, zeros([graph.nodes, 16]), 'val').auc, 0.5);
  const broken = full([graph.nodes, 16], Number.NaN);
  assert.ok(Number.isNaN(links.watched(links.measure(model, broken, 'test'))), 'NaN');
});

test('nodeTask: only labels of training nodes reach the loss', () => {
  const { thirds } = graph.nodeSplits;
  const model = graphModel({ model: 'mlp', task: 'nc', features: 4, classes: 2, rng: new Rng(1) });
  const labels = graph.labels ?? new Int32Array();
  const lossWith = (changed: ReadonlySet<number>): number => {
    const task = nodeTask({ ...graph, labels: labels.map((y, i) => (changed.has(i) ? 1 - y : y)) }, thirds, false);
    const [batch] = task.batches(new Rng(1));
    return task.loss(model, model.call(task.x, task), batch).item();
  };
  const none = lossWith(new Set());
  assert.equal(lossWith(new Set([...thirds.val, ...thirds.test])), none);
  assert.notEqual(lossWith(new Set(thirds.train)), none);
});

test('nodeTask: a graph without labels is refused', () =>
  assert.throws(
    () => nodeTask({ ...graph, labels: null, classes: 0 }, graph.nodeSplits.thirds, false),
    (error) => error instanceof ReportedError && /labels/.test(error.message),
  ));
