/** Splits by seed, and pairs that are no edges. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pairsOf } from '../../../src/lab/graph/graph.ts';
import { distinctNegatives, negativePairs } from '../../../src/lab/graph/negatives.ts';
import { splitLinks, splitNodes } from '../../../src/lab/graph/splits.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';

const keys = (flat: Int32Array): string[] => Array.from(pairsOf(flat), ([u, v]) => `${u} ${v}`);

/** Any graph, loops among its edges. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((nodes) => {
  const all = Array.from({ length: nodes }, (_, u) => Array.from({ length: nodes - u }, (_, i) => [u, u + i])).flat();
  return fc.subarray(all).map((edges) => ({ nodes, edges: Int32Array.from(edges.flat()) }));
});
const seeds = fc.nat();
const share = fc.integer({ min: 0, max: 45 }).map((percent) => percent / 100);

const freePairs = ({ nodes, edges }: { nodes: number; edges: Int32Array }): number =>
  (nodes * (nodes - 1)) / 2 - Array.from(pairsOf(edges)).filter(([u, v]) => u !== v).length;

describe('links', () => {
  test('are divided into parts of the sizes asked for, each edge once; others are different pairs that are no edges', () => {
    fc.assert(
      fc.property(graphs, seeds, share, share, (graph, seed, val, test) => {
        const count = graph.edges.length / 2;
        const sizes = [Math.floor(val * count), Math.floor(test * count)];
        fc.pre(sizes[0] + sizes[1] <= freePairs(graph));
        const split = splitLinks(graph, { seed, val, test });
        const { trainEdges, valEdges, testEdges, valOthers, testOthers } = split;
        assert.deepEqual([valEdges.length / 2, testEdges.length / 2], sizes);
        assert.deepEqual([valOthers.length / 2, testOthers.length / 2], sizes);
        const parts = [trainEdges, valEdges, testEdges].flatMap(keys);
        assert.deepEqual(parts.toSorted(), keys(graph.edges).toSorted());
        const others = [valOthers, testOthers].flatMap(keys);
        assert.equal(new Set([...others, ...parts]).size, others.length + parts.length);
        for (const [u, v] of [...pairsOf(valOthers), ...pairsOf(testOthers)])
          assert.ok(u >= 0 && u < v && v < graph.nodes, `${u}, ${v}`);
      }),
    );
  });

  test('are 85, 5 and 10 % by default, the same for the same seed', () => {
    const nodes = 201;
    const edges = Int32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? i / 2 : (i + 1) / 2));
    const split = splitLinks({ nodes, edges }, { seed: 3 });
    assert.deepEqual(
      [split.trainEdges, split.valEdges, split.testEdges].map(({ length }) => length / 2),
      [170, 10, 20],
    );
    assert.equal(split.seed, 3);
    assert.deepEqual(splitLinks({ nodes, edges }, { seed: 3 }), split);
    assert.notDeepEqual(splitLinks({ nodes, edges }, { seed: 4 }).testEdges, split.testEdges);
  });

  test('of a graph without room for other pairs are refused', () => {
    const full = Int32Array.of(0, 1, 0, 2, 1, 2);
    assert.throws(() => splitLinks({ nodes: 3, edges: full }, { seed: 1, val: 0, test: 0.4 }), /needs 1 pairs/);
    assert.equal(splitLinks({ nodes: 3, edges: full }, { seed: 1 }).trainEdges.length, 6);
  });
});

describe('nodes', () => {
  const labelled = fc.integer({ min: 1, max: 4 }).chain((classes) =>
    fc
      .array(fc.integer({ min: 0, max: classes - 1 }), { minLength: classes, maxLength: 40 })
      .filter((labels) => new Set(labels).size === classes)
      .map((labels) => ({ labels: Int32Array.from(labels), classes })),
  );

  test('are in one part each, equally many of every class in validation and test', () => {
    fc.assert(
      fc.property(labelled, seeds, share, share, ({ labels, classes }, seed, val, test) => {
        const split = splitNodes({ labels, classes }, { seed, val, test });
        const all = [...split.train, ...split.val, ...split.test];
        assert.deepEqual(
          all.toSorted((a, b) => a - b),
          [...labels.keys()],
        );
        const members = (part: Iterable<number>, label: number): number =>
          [...part].filter((i) => labels[i] === label).length;
        const classesOf = Array.from({ length: classes }, (_, label) => label);
        const smallest = Math.min(...classesOf.map((label) => members(all, label)));
        for (const label of classesOf) {
          assert.equal(members(split.val, label), Math.round(val * smallest));
          const rest = smallest - Math.round(val * smallest);
          assert.equal(members(split.test, label), Math.min(rest, Math.round(test * smallest)));
        }
      }),
    );
  });

  test('of two classes are divided as published for the disease tree: 748, 42 and 254 of 833 + 211', () => {
    const labels = Int32Array.from({ length: 1044 }, (_, i) => (i < 833 ? 0 : 1));
    const { train, val, test } = splitNodes({ labels, classes: 2 }, { seed: 1 });
    assert.deepEqual([train.length, val.length, test.length], [748, 42, 254]);
    assert.deepEqual(splitNodes({ labels, classes: 2 }, { seed: 1 }).test, test);
    assert.notDeepEqual(splitNodes({ labels, classes: 2 }, { seed: 2 }).test, test);
  });

  test('without labels, or with a class without nodes, are refused', () => {
    assert.throws(() => splitNodes({ labels: null, classes: 0 }, { seed: 1 }), DomainError);
    assert.throws(() => splitNodes({ labels: Int32Array.of(0, 2), classes: 3 }, { seed: 1 }), DomainError);
    assert.throws(() => splitNodes({ labels: new Int32Array(), classes: 0 }, { seed: 1 }), DomainError);
  });
});

test('shares that leave nothing for training are refused', () => {
  const graph = { nodes: 3, edges: Int32Array.of(0, 1), labels: Int32Array.of(0, 1, 0), classes: 2 };
  for (const [val, test] of [
    [0.5, 0.5],
    [-0.1, 0.2],
    [0.2, -0.1],
    [Number.NaN, 0],
    [0, 1],
  ]) {
    assert.throws(() => splitLinks(graph, { seed: 1, val, test }), DomainError);
    assert.throws(() => splitNodes(graph, { seed: 1, val, test }), DomainError);
  }
});

describe('pairs for training', () => {
  test('are u <= v, no training edges, and as many as asked for', () => {
    fc.assert(
      fc.property(graphs, seeds, fc.nat({ max: 30 }), ({ nodes, edges }, seed, count) => {
        fc.pre(edges.length < nodes * (nodes + 1));
        const drawn = negativePairs(nodes, edges, new Rng(seed))(count);
        assert.equal(drawn.length, 2 * count);
        const known = new Set(keys(edges));
        for (const [u, v] of pairsOf(drawn))
          assert.ok(u >= 0 && u <= v && v < nodes && !known.has(`${u} ${v}`), `${u}, ${v}`);
      }),
    );
  });

  test('are uniform over all such pairs, those of a node with itself among them, to five standard deviations', () => {
    const draws = 28_000;
    const counts = new Map<string, number>();
    for (const key of keys(negativePairs(7, Int32Array.of(0, 1), new Rng(5))(draws)))
      counts.set(key, (counts.get(key) ?? 0) + 1);
    assert.equal(counts.size, 27);
    for (const [key, n] of counts) assert.ok(Math.abs(n - draws / 27) < 5 * Math.sqrt(draws / 27), `${key}: ${n}`);
  });

  test('are drawn anew each time, the same for the same seed', () => {
    const [one, two] = [1, 1].map((seed) => negativePairs(50, Int32Array.of(0, 1), new Rng(seed)));
    const first = one(20);
    assert.deepEqual(two(20), first);
    assert.notDeepEqual(one(20), first);
  });

  test('of a graph in which every pair is an edge are refused', () => {
    assert.throws(() => negativePairs(2, Int32Array.of(0, 0, 0, 1, 1, 1), new Rng(1)), DomainError);
    assert.deepEqual([...negativePairs(2, Int32Array.of(0, 1, 1, 1), new Rng(1))(2)], [0, 0, 0, 0]);
  });
});

test('all pairs that are no edges can be had, and no more', () => {
  fc.assert(
    fc.property(graphs, seeds, (graph, seed) => {
      const free = freePairs(graph);
      const drawn = keys(distinctNegatives(graph.nodes, graph.edges, free, new Rng(seed)));
      assert.equal(new Set([...drawn, ...keys(graph.edges)]).size, free + graph.edges.length / 2);
      assert.throws(() => distinctNegatives(graph.nodes, graph.edges, free + 1, new Rng(seed)), DomainError);
    }),
  );
});
