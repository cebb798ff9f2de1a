import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DiseaseOptions, diseasePresets, diseaseTree } from '../../../src/lab/graph/disease.ts';
import type { Graph } from '../../../src/lab/graph/graph.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';

/** The parent of each node, −1 for the root: every later node stands once as the second end of an edge. */
function parentsOf({ nodes, edges }: Graph): number[] {
  const parents = Array<number>(nodes).fill(-1);
  for (let e = 0; e < edges.length; e += 2) {
    assert.equal(parents[edges[e + 1]], -1, 'a second parent');
    parents[edges[e + 1]] = edges[e];
  }
  return parents;
}

const childrenOf = (parents: readonly number[]): number[] => {
  const counts = Array<number>(parents.length).fill(0);
  for (const parent of parents) if (parent >= 0) counts[parent]++;
  return counts;
};

const infectedIn = ({ labels }: Graph): number => [...(labels ?? [])].reduce((sum, label) => sum + label, 0);

/** Small trees of any kind that spread well. */
const options: fc.Arbitrary<DiseaseOptions> = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.nat({ max: 4 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 1, max: 13 }),
  )
  .map(([least, more, nodes, features]) => {
    const children = [least, 2 * least - 1 + more] as const;
    return { name: 'tree', nodes: nodes === 0 ? 1 : nodes + least, children, recovery: 0.05, features };
  });

describe('a disease tree', () => {
  test('has exactly so many nodes, each but the root below one that comes before it, and inner nodes with as many children as allowed', () => {
    fc.assert(
      fc.property(options, fc.nat(), (given, seed) => {
        const graph = diseaseTree(given, new Rng(seed));
        const [least, most] = given.children;
        assert.deepEqual([graph.nodes, graph.edges.length / 2], [given.nodes, given.nodes - 1]);
        const parents = parentsOf(graph);
        assert.ok(
          parents.every((parent, i) => (i === 0 ? parent === -1 : parent >= 0 && parent < i)),
          'connected',
        );
        for (const count of childrenOf(parents).filter((n) => n > 0))
          assert.ok(count >= least && count <= most, `${count} children, not ${least}..${most}`);
      }),
    );
  });

  test('is infected from the root on: no node without its parent', () => {
    fc.assert(
      fc.property(options, fc.nat(), (given, seed) => {
        const graph = diseaseTree(given, new Rng(seed));
        const { labels } = graph;
        assert.ok(labels !== null && labels.length === given.nodes && labels[0] === 1, 'the root is infected');
        for (const [i, parent] of parentsOf(graph).entries())
          assert.ok(i === 0 || labels[i] === 0 || labels[parent] === 1, `${i} without ${parent}`);
        assert.ok(infectedIn(graph) >= given.nodes / 10, 'a tenth is infected');
      }),
    );
  });

  test('says by the last feature where a node stands: children divide the interval of their parent', () => {
    fc.assert(
      fc.property(options, fc.nat(), (given, seed) => {
        const { nodes, features, featureCount, ...graph } = diseaseTree(given, new Rng(seed));
        const place = (i: number): number => features[(i + 1) * featureCount - 1];
        assert.equal(features.length, nodes * featureCount);
        const parents = parentsOf({ nodes, features, featureCount, ...graph });
        const mean = Array<number>(nodes).fill(0);
        const counts = childrenOf(parents);
        for (const [i, parent] of parents.entries()) if (parent >= 0) mean[parent] += place(i) / counts[parent];
        for (let i = 0; i < nodes; i++) if (counts[i] > 0) assert.ok(Math.abs(mean[i] - place(i)) < 1e-6, `${i}`);
        assert.deepEqual([place(0), features.every((x) => Number.isFinite(x))], [0, true]);
      }),
    );
  });

  test('is the same for the same seed, another for another', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const make = (n: number): Graph => diseaseTree(diseasePresets.nc, new Rng(n));
        assert.deepEqual(make(seed), make(seed));
        assert.notDeepEqual(make(seed).edges, make(seed + 1).edges);
      }),
      { numRuns: 3 },
    );
  });

  test('that cannot be is refused', () => {
    const sound = { name: 'tree', nodes: 10, children: [2, 6], recovery: 0.5 } as const;
    for (const change of [
      { nodes: 0 },
      { nodes: 2 },
      { nodes: 9.5 },
      { children: [0, 3] },
      { children: [3, 4] },
      { children: [4, 2] },
      { recovery: 0 },
      { recovery: 1.1 },
      { recovery: Number.NaN },
      { features: 0 },
    ] as const)
      assert.throws(() => diseaseTree({ ...sound, ...change }, new Rng(1)), DomainError, JSON.stringify(change));
  });

  test('through which nothing spreads is refused too', () => {
    const path = { name: 'path', nodes: 500, children: [1, 1], recovery: 1, features: 1 } as const;
    assert.throws(() => diseaseTree(path, new Rng(1)), /no outbreak of 1000 reached 50 nodes/);
  });
});

/** Of the published trees. */
const published = { nc: 211, lp: 1060 };

for (const task of ['nc', 'lp'] as const)
  describe(`${diseasePresets[task].name}, 40 seeds`, () => {
    const trees = Array.from({ length: 40 }, (_, seed) => diseaseTree(diseasePresets[task], new Rng(seed)));

    test(`infects ${published[task]} nodes on average, as in the published tree, to three standard errors`, (context) => {
      const counts = trees.map(infectedIn);
      const mean = counts.reduce((a, b) => a + b) / counts.length;
      const deviation = Math.sqrt(counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (counts.length - 1));
      context.diagnostic(`${mean.toFixed(1)} ± ${deviation.toFixed(1)} of ${diseasePresets[task].nodes}`);
      assert.ok(
        Math.abs(mean - published[task]) < (3 * deviation) / Math.sqrt(counts.length),
        `${mean} ± ${deviation}`,
      );
      assert.ok(deviation < published[task] / 2, `${deviation}`);
    });

    test('has uniform numbers of children, to four standard deviations', () => {
      const [least, most] = diseasePresets[task].children;
      const inner = trees.flatMap((tree) => childrenOf(parentsOf(tree))).filter((count) => count > 0);
      const share = 1 / (most - least + 1);
      const expected = inner.length * share;
      for (let n = least; n <= most; n++) {
        const found = inner.filter((count) => count === n).length;
        assert.ok(Math.abs(found - expected) < 4 * Math.sqrt(expected * (1 - share)), `${n}: ${found}, ${expected}`);
      }
    });

    test('has 11 features, of mean 0.4 and deviation 0.83, lower in the infected', () => {
      const { features, labels, nodes, featureCount } = trees[0];
      assert.equal(featureCount, 11);
      const sums = [0, 1].map((label) => ({ label, count: 0, sum: 0, squares: 0 }));
      for (let i = 0; i < nodes; i++)
        for (let j = 0; j < 10; j++) {
          const x = features[i * 11 + j];
          const of = sums[labels?.[i] ?? 0];
          of.count++;
          of.sum += x;
          of.squares += x * x;
        }
      const [healthy, infected] = sums;
      const mean = (healthy.sum + infected.sum) / (10 * nodes);
      const deviation = Math.sqrt((healthy.squares + infected.squares) / (10 * nodes) - mean ** 2);
      assert.ok(Math.abs(mean - 0.4) < 0.03 && Math.abs(deviation - 0.83) < 0.03, `${mean} ± ${deviation}`);
      assert.ok(infected.sum / infected.count < healthy.sum / healthy.count - 0.1, 'the infected are lower');
    });
  });
