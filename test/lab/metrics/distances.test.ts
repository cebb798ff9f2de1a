/** Distortion, Gromov's δ and the shortest paths that both are measured by. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { shortestPaths } from '../../../src/lab/graph/shortestPaths.ts';
import { distortion } from '../../../src/lab/metrics/distortion.ts';
import { gromovDelta } from '../../../src/lab/metrics/gromovDelta.ts';
import { type DistanceRow, rowsOf } from '../../../src/lab/metrics/reconstruction.ts';
import { DomainError } from '../../../src/tensor/errors.ts';
import { Rng } from '../../../src/tensor/rng.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);

/** Edges of a few shapes. */
const cycle = (n: number): Int32Array => Int32Array.from({ length: 2 * n }, (_, i) => Math.ceil(i / 2) % n);
const path = (n: number): Int32Array => cycle(n).subarray(0, 2 * n - 2);
const complete = (n: number): Int32Array =>
  Int32Array.from(
    Array.from({ length: n * n }, (_, i) => [Math.floor(i / n), i % n])
      .filter(([u, v]) => u < v)
      .flat(),
  );

/** A tree: each node but the first hangs below an earlier one. */
const trees = fc.array(fc.nat(), { minLength: 1, maxLength: 11 }).map((draws) => ({
  nodes: draws.length + 1,
  edges: Int32Array.from(draws.flatMap((draw, i) => [draw % (i + 1), i + 1])),
}));
const graphs = fc.integer({ min: 1, max: 9 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    edges: fc
      .array(fc.tuple(fc.nat({ max: nodes - 1 }), fc.nat({ max: nodes - 1 })), { maxLength: 16 })
      .map((edges) => Int32Array.from(edges.flat())),
  }),
);

const matrixOf = (nodes: number, row: DistanceRow): number[][] =>
  Array.from({ length: nodes }, (_, u) => Array.from(row(u)));

describe('shortest paths', () => {
  test('are what relaxing edges gives', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const d = Array.from({ length: nodes }, (_, u) =>
          Array.from({ length: nodes }, (_, v) => (u === v ? 0 : Number.POSITIVE_INFINITY)),
        );
        for (let e = 0; e < edges.length; e += 2)
          if (edges[e] !== edges[e + 1]) d[edges[e]][edges[e + 1]] = d[edges[e + 1]][edges[e]] = 1;
        for (let k = 0; k < nodes; k++)
          for (let u = 0; u < nodes; u++)
            for (let v = 0; v < nodes; v++) d[u][v] = Math.min(d[u][v], d[u][k] + d[k][v]);
        assert.deepEqual(matrixOf(nodes, shortestPaths(nodes, edges)), d);
      }),
    );
  });

  test('of a path are differences', () => {
    assert.deepEqual([...shortestPaths(4, path(4))(1)], [1, 0, 1, 2]);
    assert.deepEqual([...shortestPaths(1, new Int32Array())(0)], [0]);
  });
});

describe('distortion', () => {
  test('of hand values', () => {
    const graph = rowsOf(Float64Array.of(0, 1, 2, 1, 0, 1, 2, 1, 0), 3);
    const points = rowsOf(Float64Array.of(0, 2, 1, 2, 0, 1, 1, 1, 0), 3);
    const { average, squared, worst } = distortion(3, graph, points);
    near(average, (1 + 0.5 + 0) / 3);
    near(squared, (3 + 0.75 + 0) / 3);
    near(worst, 4);
  });

  test('is nothing for distances that are right; a factor changes the averages and not the worst', () => {
    fc.assert(
      fc.property(
        trees,
        fc.integer({ min: 1, max: 100 }).map((n) => n / 10),
        ({ nodes, edges }, factor) => {
          const rows = shortestPaths(nodes, edges);
          assert.deepEqual(distortion(nodes, rows, rows), { average: 0, squared: 0, worst: 1 });
          const { average, squared, worst } = distortion(nodes, rows, (u) => rows(u).map((x) => factor * x));
          assert.ok(Math.abs(average - Math.abs(factor - 1)) < 1e-9, `${average}`);
          assert.ok(Math.abs(squared - Math.abs(factor ** 2 - 1)) < 1e-9, `${squared}`);
          assert.ok(Math.abs(worst - 1) < 1e-9, `${worst}`);
        },
      ),
    );
  });

  test('leaves out pairs without a path; points in one place are infinitely far from right', () => {
    const rows = shortestPaths(3, Int32Array.of(0, 1));
    assert.deepEqual(
      distortion(3, rows, () => [7, 1, 7]),
      { average: 0, squared: 0, worst: 1 },
    );
    const collapsed = distortion(3, shortestPaths(3, path(3)), (u) => (u === 0 ? [0, 0, 2] : [0, 0, 1]));
    assert.equal(collapsed.worst, Number.POSITIVE_INFINITY);
    assert.equal(distortion(2, rowsOf(Float64Array.of(0, 1, 1, 0), 2), () => [0, 0]).worst, Number.POSITIVE_INFINITY);
  });

  test('of no pairs, and of no distances, is refused', () => {
    const one = shortestPaths(2, Int32Array.of(0, 1));
    assert.throws(() => distortion(2, shortestPaths(2, new Int32Array()), one), DomainError);
    assert.throws(() => distortion(0, one, one), DomainError);
    for (const row of [[0, Number.NaN], [0, -1], [0, Number.POSITIVE_INFINITY], [0], [0, 1, 2]])
      assert.throws(() => distortion(2, one, () => row), DomainError, String(row));
    assert.throws(() => distortion(2, () => [0, 0], one), DomainError);
  });
});

describe("Gromov's δ", () => {
  const rng = (): Rng => new Rng(1);
  const delta = (nodes: number, edges: Int32Array): number =>
    gromovDelta(nodes, shortestPaths(nodes, edges), { rng: rng() });

  test('is 0 for trees and complete graphs, and for fewer than four nodes', () => {
    fc.assert(fc.property(trees, ({ nodes, edges }) => assert.equal(delta(nodes, edges), 0)));
    for (let n = 0; n < 8; n++) assert.equal(delta(n, complete(n)), 0);
    assert.equal(delta(3, cycle(3)), 0);
  });

  test('of cycles is ⌊n/4⌋, less ½ where n − 1 is divisible by 4; of a square grid one less than its side', () => {
    for (let n = 4; n < 14; n++) assert.equal(delta(n, cycle(n)), Math.floor(n / 4) - (n % 4 === 1 ? 0.5 : 0), `${n}`);
    for (const side of [2, 3, 4]) {
      const cells = Array.from({ length: side * side }, (_, i) => i);
      const edges = cells.flatMap((i) => [
        ...((i + 1) % side > 0 ? [i, i + 1] : []),
        ...(i + side < side * side ? [i, i + side] : []),
      ]);
      assert.equal(delta(side * side, Int32Array.from(edges)), side - 1);
    }
  });

  test('is the four-point condition, quadruple by quadruple', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const d = matrixOf(nodes, shortestPaths(nodes, edges));
        const all = Array.from({ length: nodes }, (_, i) => i);
        let most = 0;
        for (const a of all)
          for (const b of all)
            for (const c of all)
              for (const e of all) {
                const sums = [d[a][b] + d[c][e], d[a][c] + d[b][e], d[a][e] + d[b][c]].sort((x, y) => y - x);
                if (Number.isFinite(sums[0])) most = Math.max(most, (sums[0] - sums[1]) / 2);
              }
        assert.equal(delta(nodes, edges), most);
      }),
    );
  });

  test('of drawn nodes is at most that of all, the same for the same seed, and asks for no more rows', () => {
    const rows = shortestPaths(40, cycle(40));
    for (const seed of [1, 2, 3]) {
      const asked = new Set<number>();
      const counted: DistanceRow = (u) => {
        asked.add(u);
        return rows(u);
      };
      const found = gromovDelta(40, counted, { most: 12, rng: new Rng(seed) });
      assert.ok(found > 0 && found <= 10, `${found}`);
      assert.equal(asked.size, 12);
      assert.equal(gromovDelta(40, rows, { most: 12, rng: new Rng(seed) }), found);
    }
    assert.equal(gromovDelta(40, rows, { most: 40, rng: rng() }), 10);
  });

  test('of what are no distances, or of no nodes, is refused', () => {
    assert.throws(() => gromovDelta(2, () => [0, Number.NaN], { rng: rng() }), DomainError);
    assert.throws(() => gromovDelta(2, () => [0], { rng: rng() }), DomainError);
    for (const most of [0, -1, 2.5, Number.NaN])
      assert.throws(() => gromovDelta(2, () => [0, 1], { most, rng: rng() }), DomainError, String(most));
  });
});
