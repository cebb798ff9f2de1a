/** The Fermi-Dirac distribution of squared distances, and the loss of its logits. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { edgeCrossEntropy, fermiDirac, fermiDiracLogit } from '../../../src/hyperbolic/layers/fermiDirac.ts';
import {
  bceWithLogits,
  DomainError,
  gradcheck,
  ones,
  Rng,
  rand,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { assertFinite } from './tangentPoints.ts';

const float64 = { dtype: 'float64' } as const;

describe('fermiDirac', () => {
  test('is 1/(e^((d² − r)/t) + 1), one half at d² = r, and falls with distance', () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 5, noNaN: true }), fc.double({ min: 0.1, max: 4, noNaN: true }), (r, t) => {
        const d2 = tensor([0, 0.5, 1, 2, 4, 30], float64);
        const expected = tensor(Float64Array.from(d2.data, (d) => 1 / (Math.exp((d - r) / t) + 1)));
        assertClose(fermiDirac(d2, { r, t }), expected, 1e-14, 'formula');
        const { data } = fermiDiracLogit(d2, { r, t });
        for (let i = 1; i < data.length; i++) assert.ok(data[i] < data[i - 1], `falls at ${i}`);
        assertClose(
          fermiDirac(tensor([Math.max(r, 0)], float64), { r: Math.max(r, 0), t }),
          tensor([0.5], float64),
          1e-15,
          'half',
        );
      }),
    );
  });

  test('the largest squared distances keep a finite logit, loss and gradient', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const d2 = tensor([0, 1e-30, 1e3, 1e6, 1e30], { dtype, requiresGrad: true });
      assertFinite(fermiDiracLogit(d2), [d2], 1, 'logit');
      assertFinite(fermiDirac(d2), [d2], 1, 'probability');
      assertFinite(edgeCrossEntropy(fermiDiracLogit(d2), fermiDiracLogit(d2)), [d2], 1, 'loss');
    }
  });

  test('the loss is the binary cross-entropy of both sides, and has its gradient', () => {
    const [edges, others] = [1, 2].map((seed) => rand([5], new Rng(seed), { ...float64, requiresGrad: true }));
    const each = bceWithLogits(edges, ones([5], float64)).add(bceWithLogits(others, zeros([5], float64)));
    assertClose(edgeCrossEntropy(edges, others).detach(), each.detach(), 1e-15, 'loss');
    gradcheck((a: Tensor, b: Tensor) => edgeCrossEntropy(a, b), [edges, others], { rng: new Rng(1) });
  });

  test('constants that are no distribution are refused', () => {
    const d2 = tensor([1]);
    for (const t of [0, -1, Number.NaN, Infinity])
      assertRefuses(() => fermiDirac(d2, { t }), DomainError, 'fermiDirac');
    for (const r of [Number.NaN, Infinity]) assertRefuses(() => fermiDirac(d2, { r }), DomainError, 'fermiDirac');
  });
});
