/** MAP and mean rank of graph reconstruction, against hand values and their naive definitions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { meanAveragePrecision, meanRank, reconstruction, rowsOf } from '../../../src/lab/metrics/reconstruction.ts';
import { DomainError } from '../../../src/tensor/errors.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);

/** A relation among a few nodes and a matrix of distances with many ties, as long as some pair joins two nodes. */
const cases = fc.integer({ min: 2, max: 7 }).chain((nodes) => {
  const node = fc.integer({ min: 0, max: nodes - 1 });
  return fc.record({
    nodes: fc.constant(nodes),
    pairs: fc
      .array(fc.tuple(node, node), { minLength: 1, maxLength: 12 })
      .filter((pairs) => pairs.some(([u, v]) => u !== v)),
    matrix: fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: nodes * nodes, maxLength: nodes * nodes })
      .map((values) => Float64Array.from(values)),
  });
});

/** Sorted lists, node by node; ties are looked at by hand. */
function naive(nodes: number, pairs: readonly (readonly [number, number])[], matrix: Float64Array): number[] {
  const all = Array.from({ length: nodes }, (_, i) => i);
  const precisions: number[] = [];
  const ranks: number[] = [];
  for (const u of all) {
    const related = all.filter((v) => v !== u && pairs.some(([a, b]) => a === u && b === v));
    const others = all.filter((v) => v !== u && !related.includes(v));
    const d = (v: number): number => matrix[u * nodes + v];
    const within = (list: readonly number[], x: number): number => list.filter((v) => d(v) <= x).length;
    for (const v of related) {
      const nearer = others.filter((w) => d(w) < d(v)).length;
      const tied = others.filter((w) => d(w) === d(v)).length;
      ranks.push(1 + nearer + tied / 2);
    }
    if (related.length === 0) continue;
    const precision = (v: number): number =>
      within(related, d(v)) / (within(related, d(v)) + within(others, d(v))) / related.length;
    precisions.push(related.reduce((sum, v) => sum + precision(v), 0));
  }
  const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  return [mean(precisions), mean(ranks)];
}

test('points on a line: 0 is related to the second nearest of three, 3 to the nearest', () => {
  const places = [0, 1, 3, 7];
  const row = (u: number): number[] => places.map((x) => Math.abs(x - places[u]));
  const { meanAveragePrecision: map, meanRank: rank } = reconstruction(4, Int32Array.of(0, 2, 3, 2), row);
  near(map, (1 / 2 + 1) / 2);
  near(rank, (2 + 1) / 2);
});

test('related nodes do not push each other back', () => {
  const row = (): number[] => [0, 1, 2, 3];
  assert.deepEqual(reconstruction(4, Int32Array.of(0, 1, 0, 2), row), { meanAveragePrecision: 1, meanRank: 1 });
  const { meanAveragePrecision: map, meanRank: rank } = reconstruction(4, Int32Array.of(0, 1, 0, 3), row);
  near(map, (1 + 2 / 3) / 2);
  near(rank, 1.5);
});

test('where all nodes are equally far, a neighbour among n − 1 has average precision 1/(n−1) and rank n/2', () => {
  near(
    meanAveragePrecision(6, Int32Array.of(2, 4), () => new Float32Array(6)),
    1 / 5,
  );
  near(
    meanRank(6, Int32Array.of(2, 4), () => new Float32Array(6)),
    3,
  );
});

test('MAP and mean rank are what sorting and counting gives', () => {
  fc.assert(
    fc.property(cases, ({ nodes, pairs, matrix }) => {
      const flat = Int32Array.from(pairs.flat());
      const [map, rank] = naive(nodes, pairs, matrix);
      near(meanAveragePrecision(nodes, flat, rowsOf(matrix, nodes)), map);
      near(meanRank(nodes, flat, rowsOf(matrix, nodes)), rank);
    }),
  );
});

test('one row is asked for at a time, and may be overwritten', () => {
  fc.assert(
    fc.property(cases, ({ nodes, pairs, matrix }) => {
      const flat = Int32Array.from(pairs.flat());
      const shared = new Float64Array(nodes);
      const asked: number[] = [];
      const row = (u: number): Float64Array => {
        asked.push(u);
        shared.set(matrix.subarray(u * nodes, (u + 1) * nodes));
        return shared;
      };
      assert.deepEqual(reconstruction(nodes, flat, row), reconstruction(nodes, flat, rowsOf(matrix, nodes)));
      assert.equal(new Set(asked).size, asked.length);
    }),
  );
});

test('pairs of no nodes, and rows of no distances, are refused', () => {
  const row = (): number[] => [0, 1];
  for (const pairs of [[], [1, 1], [0, 2], [-1, 0]])
    assert.throws(() => reconstruction(2, Int32Array.from(pairs), row), DomainError, pairs.join());
  assert.throws(() => reconstruction(2, Int32Array.of(0, 1), () => [0, Number.NaN]), DomainError);
  assert.throws(() => reconstruction(2, Int32Array.of(0, 1), () => [0, 1, 2]), DomainError);
});
