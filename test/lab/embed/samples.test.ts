import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError, Rng } from '../../../src/index.ts';
import { samples } from '../../../src/lab/embed/samples.ts';
import { assertRefuses } from '../../harness/compare.ts';

/** A relation among some nodes in which none is related to all others. */
const relations = fc.integer({ min: 4, max: 9 }).chain((nodes) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1)), { minLength: 1, maxLength: 14, selector: String })
    .map((pairs) => ({
      nodes,
      pairs: pairs.filter(([u, v]) => u !== v && pairs.filter(([w]) => w === u).length < nodes - 1),
    }))
    .filter(({ pairs }) => pairs.length > 0),
);
const sizes = { batchSize: fc.integer({ min: 1, max: 6 }), negatives: fc.nat(5), seed: fc.nat(99) };

test('an epoch has every pair once, in batches of the size asked for but the last; every epoch in another order', () => {
  fc.assert(
    fc.property(relations, fc.record(sizes), ({ nodes, pairs }, { batchSize, negatives, seed }) => {
      const options = { nodes, pairs: Int32Array.from(pairs.flat()), batchSize, negatives };
      const drawn = samples({ ...options, rng: new Rng(seed) });
      for (let epoch = 0; epoch < 2; epoch++) {
        const seen: string[] = [];
        while (seen.length < pairs.length) {
          const { anchors, candidates } = drawn.next().value;
          assert.equal(anchors.length, Math.min(batchSize, pairs.length - seen.length));
          assert.equal(candidates.length, anchors.length * (1 + negatives));
          for (const [i, u] of anchors.entries()) seen.push(String([u, candidates[i * (1 + negatives)]]));
        }
        assert.deepEqual(seen.sort(), pairs.map(String).sort());
      }
    }),
  );
});

test('negatives are neither the anchor nor related to it, and each other node is drawn some time', () => {
  fc.assert(
    fc.property(relations, fc.nat(99), ({ nodes, pairs }, seed) => {
      const drawn = samples({
        nodes,
        pairs: Int32Array.from(pairs.flat()),
        batchSize: 1,
        negatives: 60,
        rng: new Rng(seed),
      });
      const { anchors, candidates } = drawn.next().value;
      const near = pairs.filter(([u]) => u === anchors[0]).map(([, v]) => v);
      const far = Array.from({ length: nodes }, (_, v) => v).filter((v) => v !== anchors[0] && !near.includes(v));
      const found = [...new Set(candidates.subarray(1))].sort((a, b) => a - b);
      assert.deepEqual(
        found.filter((v) => !far.includes(v)),
        [],
      );
      // One of k is missed by 60 draws with a chance of (1 − 1/k)^60 <= 1e-3 for k <= 9: not two of them.
      assert.ok(found.length >= far.length - 1, `${found} of ${far}`);
    }),
  );
});

test('the same seed draws the same samples, and a node without negatives is refused', () => {
  const options = { nodes: 5, pairs: Int32Array.of(0, 1, 2, 3, 4, 1), batchSize: 2, negatives: 3 };
  const first = (seed: number): unknown => samples({ ...options, rng: new Rng(seed) }).next().value;
  assert.deepEqual(first(3), first(3));
  assert.notDeepEqual(first(3), first(4));
  const all = { ...options, nodes: 3, pairs: Int32Array.of(0, 1, 0, 2), rng: new Rng(1) };
  assertRefuses(() => samples(all), DomainError, 'samples', /node 0/);
  assert.equal(samples({ ...all, negatives: 0 }).next().value.candidates.length, 2);
});
