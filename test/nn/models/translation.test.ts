/** Encoder-decoder Transformers: what holds for every translation model, ties, dropout, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  add,
  backward,
  DomainError,
  grad,
  Rng,
  ShapeError,
  slice,
  sum,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { type Linear, loadStateDict, stateDict, Transformer } from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { refusedSizes, tokensOf, translationModels, vocabulary } from './make.ts';
import { checkTranslationModel } from './translationLaws.ts';

for (const [name, make] of Object.entries(translationModels)) checkTranslationModel({ name, make });

describe('Transformer', () => {
  const sizes = { vocabulary, sourceVocabulary: vocabulary, embedDim: 8, heads: 2, layers: 1, feedForward: 12 };
  const options = { rng: new Rng(1), dtype: 'float64' } as const;
  const make = (more: object = {}): Transformer =>
    new Transformer({ ...sizes, dropout: 0, maxLength: 8, ...more }, options);
  const loss = (model: Transformer): Tensor =>
    sum(model.call(tokensOf([[1, 2, 3]]), { target: tokensOf([[4, 1, 2]]) }).square());

  test('a tied table gets one gradient, the sum of those of its uses', () => {
    const apart = make({ tie: 'none' });
    const table = apart.decoder.embed_tokens.weight;
    const state = new Map([...stateDict(apart), ['lm_head.weight', table], ['encoder.embed_tokens.weight', table]]);
    loadStateDict(apart, new Map([...state].map(([name, t]) => [name, t.detach()])));
    const { encoder, decoder } = apart;
    const each = grad(loss(apart), [
      encoder.embed_tokens.weight,
      decoder.embed_tokens.weight,
      apart.parameters().at(-1) as Tensor,
    ]);
    for (const [tie, uses] of [
      ['target', [1, 2]],
      ['all', [0, 1, 2]],
    ] as const) {
      const tied = make({ tie });
      loadStateDict(tied, stateDict(apart));
      const weight = tied.decoder.embed_tokens.weight;
      assert.equal(tied.parameters().filter((p) => p === weight).length, 1);
      assert.equal((tied.lm_head as Linear).weight, weight);
      backward(loss(tied));
      const expected = uses.map((i) => each[i]).reduce((a, b) => add(a, b));
      assertClose(weight.grad, expected, 1e-12, tie);
    }
  });

  test('dropout acts in training alone, attention weights have their own chance, and each needs an rng', () => {
    const [source, target] = [tokensOf([[1, 2, 3]]), tokensOf([[4, 5, 6]])];
    for (const more of [{ dropout: 0.4 }, { attentionDropout: 0.4 }]) {
      const model = make(more);
      loadStateDict(model, stateDict(make()));
      const train = (seed: number): Tensor =>
        model.call(source, { target, training: true, rng: new Rng(seed) }).detach();
      assertSame(train(1), train(1), 'same seed');
      assert.notDeepEqual([...train(1).data], [...train(2).data]);
      assert.throws(() => model.call(source, { target, training: true }), DomainError);
    }
  });

  test('what does not fit is refused by name', () => {
    for (const [more, message] of refusedSizes) assertRefuses(() => make(more), DomainError, 'Transformer', message);
    const model = make();
    const long = tokensOf([[1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    assertRefuses(() => model.encode(long), DomainError, 'Transformer', /9 positions/);
    const memory = model.encode(tokensOf([[1, 2]]));
    assertRefuses(() => model.decode(long, memory), DomainError, 'Transformer', /9 positions/);
    assertRefuses(() => model.encode(tensor([1], { dtype: 'int32' })), ShapeError, 'Transformer', /\[b, t\]/);
    assertRefuses(
      () => model.decode(tokensOf([[1]]), slice(memory, [null, null, [0, 4]])),
      ShapeError,
      'SeparateAttention',
    );
  });
});
