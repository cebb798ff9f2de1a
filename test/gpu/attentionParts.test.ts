/** Where the weights of all heads have no room together, attention works through some heads at a time, and gives the same. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attentionWithin } from '../../src/tensor/gpu/kernels/attention.ts';
import { openDevice } from '../../src/tensor/gpu/open.ts';
import { verdictOf } from '../harness/gpuKernel.ts';
import { attentionCases } from './cases/attention.ts';

describe('attention in parts', async () => {
  for (const room of [40, 75])
    for (const claim of attentionCases) {
      // What needs more room for one head is the host's.
      const calls = claim.calls;
      const fits = (rng: Parameters<typeof calls>[0]) =>
        calls(rng).filter(([inputs, attrs]) => {
          const [q, k] = inputs.slice(claim.name === 'attention' ? 0 : 1);
          const { needsMask = false } = attrs as { readonly needsMask?: boolean };
          return !needsMask && q.shape[q.rank - 2] * k.shape[k.rank - 2] <= room;
        });
      test(`${claim.name}, ${room} weights at a time`, async () => {
        const gpu = await openDevice({ mode: 'cpu' }, attentionWithin(room));
        const { problem, calls: count } = await verdictOf(gpu, { ...claim, calls: fits }, 3);
        assert.equal(problem, null);
        assert.ok(count >= 10);
        assert.ok(gpu.info().launches > 60);
      });
    }

  test('leaves one head that has no room to the host, and says so', async () => {
    const gpu = await openDevice({ mode: 'cpu' }, attentionWithin(34));
    for (const claim of attentionCases) {
      const { reason } = await verdictOf(gpu, { ...claim, left: 20 }, 3);
      assert.match(reason ?? '', /^forms the weights of a head, and \d+·\d+ are too many$/);
    }
  });
});
