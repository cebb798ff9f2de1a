import { crossEntropy } from '../../autograd/ops/crossEntropy.ts';
import { noGrad } from '../../autograd/scoped.ts';
import type { DecoderOnly } from '../../nn/sequenceModel.ts';
import { scope } from '../../tensor/scope.ts';
import { ignored, padded } from '../text/padded.ts';
import type { Scorer } from './scorer.ts';

/**
 * The likelihoods that a language model gives to continuations. Those of a batch are filled up to one length at their ends, which no token before
 * them sees.
 * @param pad the id to fill up with
 */
export function modelScorer(model: DecoderOnly, pad: number): Scorer {
  return {
    maxLength: model.maxLength,
    async score(batch) {
      if (batch.length === 0) return [];
      const inputs = batch.map(({ tokens }) => tokens.subarray(0, -1));
      const targets = batch.map(({ tokens, from }) => tokens.slice(1).fill(ignored, 0, from - 1));
      const { device } = model.parameters()[0];
      const losses = scope(() =>
        noGrad(() => {
          const logits = model.call(padded(inputs, pad).to(device));
          return crossEntropy(logits, padded(targets, ignored).to(device), { reduction: 'none' });
        }),
      );
      const nll = Float64Array.from(await losses.read());
      const width = losses.shape[1];
      return batch.map((_, row) => -nll.subarray(row * width, (row + 1) * width).reduce((sum, loss) => sum + loss, 0));
    },
  };
}
