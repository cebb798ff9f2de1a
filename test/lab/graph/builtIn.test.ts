/** Graphs that come with the library or from packages: airports, the karate club. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { airports } from '../../../src/lab/graph/airports.ts';
import { type Graph, pairsOf } from '../../../src/lab/graph/graph.ts';
import { karate } from '../../../src/lab/graph/karate.ts';
import { shortestPaths } from '../../../src/lab/graph/shortestPaths.ts';
import { splitNodes } from '../../../src/lab/graph/splits.ts';

const labelCounts = ({ labels, classes }: Graph): number[] =>
  Array.from({ length: classes }, (_, label) => [...(labels ?? [])].filter((one) => one === label).length);

const degrees = ({ nodes, edges }: Graph): number[] => {
  const counts = Array<number>(nodes).fill(0);
  for (const end of edges) counts[end]++;
  return counts;
};

const graphs: Readonly<Record<string, () => Graph>> = { airports, karate };

for (const [name, make] of Object.entries(graphs))
  describe(name, () => {
    const graph = make();

    test('is sound: edges u < v, each once, connected; a row of features and a label for each node', () => {
      const { nodes, edges, features, featureCount, labels, classes } = graph;
      assert.equal(graph.name, name);
      assert.ok(
        [...pairsOf(edges)].every(([u, v]) => u >= 0 && u < v && v < nodes),
        'u < v',
      );
      assert.equal(new Set([...pairsOf(edges)].map(String)).size, edges.length / 2);
      assert.ok(shortestPaths(nodes, edges)(0).every(Number.isFinite), 'connected');
      assert.equal(features.length, nodes * featureCount);
      assert.ok(
        features.every((x) => x >= 0 && x <= 1),
        'features in 0..1',
      );
      assert.ok(labels?.length === nodes && labels.every((label) => label >= 0 && label < classes), 'labels');
      assert.deepEqual([graph.nodeSplits, graph.linkSplits], [{}, []]);
    });

    test('is divided for classification into parts without a common node, every node in one', () => {
      for (const seed of [1, 2, 3]) {
        const { train, val, test } = splitNodes(graph, { seed, val: 0.15, test: 0.15 });
        const all = [...train, ...val, ...test];
        assert.equal(new Set(all).size, all.length);
        assert.equal(all.length, graph.nodes);
        assert.ok(val.length > 0 && test.length > 0, 'no part is empty');
      }
    });

    test('is made anew each time', () => {
      const again = make();
      assert.deepEqual(again, graph);
      assert.notEqual(again.edges, graph.edges);
    });
  });

test('305 airports, 2,834 routes, the quarters by flights; rows of features have one sum', () => {
  const graph = airports();
  assert.deepEqual([graph.nodes, graph.edges.length / 2, graph.featureCount], [305, 2834, 4]);
  assert.deepEqual(labelCounts(graph), [77, 76, 76, 76]);
  for (let i = 0; i < graph.nodes; i++) {
    const [a, notA, b, notB] = graph.features.subarray(4 * i, 4 * i + 4);
    assert.ok(Math.abs(a + notA - 1) < 1e-6 && Math.abs(b + notB - 1) < 1e-6, `${i}`);
  }
  // Busier airports have more routes, though labels do not come from routes.
  const of = degrees(graph);
  const mean = (label: number): number =>
    [...(graph.labels ?? [])].reduce((sum, one, i) => sum + (one === label ? of[i] : 0), 0) / 76;
  assert.ok(mean(0) < mean(1) && mean(1) < mean(2) && mean(2) < mean(3), 'degrees rise with the label');
});

test('34 members, 78 friendships, two clubs of 17; the leaders have most friends', () => {
  const graph = karate();
  assert.deepEqual([graph.nodes, graph.edges.length / 2], [34, 78]);
  assert.deepEqual(labelCounts(graph), [17, 17]);
  const of = degrees(graph);
  assert.deepEqual([of[0], of[33], of[32]], [16, 17, 12]);
  assert.deepEqual([Math.max(...of), Math.min(...of)], [17, 1]);
  // Number of triangles, as published for this graph.
  const edges = new Set([...pairsOf(graph.edges)].map(String));
  let triangles = 0;
  for (const [u, v] of pairsOf(graph.edges))
    for (let w = v + 1; w < 34; w++) if (edges.has(`${u},${w}`) && edges.has(`${v},${w}`)) triangles++;
  assert.equal(triangles, 45);
});
