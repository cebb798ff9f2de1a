/** What holds for every translation model: the target does not look ahead, no trace of padding, one token at a time as all at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  backward,
  DomainError,
  grad,
  indexSelect,
  meta,
  noGrad,
  Rng,
  ShapeError,
  scope,
  slice,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import {
  DecodingCache,
  type Linear,
  loadStateDict,
  type MemoryContext,
  type Seq2Seq,
  stateDict,
  Transformer,
} from '../../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { randomRows, tokensOf, translationModels, vocabulary } from './make.ts';

const seeds = fc.integer({ min: 0, max: 1000 });
const runs = { numRuns: 12 };
type Rows = readonly (readonly number[])[];
const whole = (model: Seq2Seq, source: Rows, target: Rows, mask?: Tensor): Tensor =>
  noGrad(() => model.call(tokensOf(source), { target: tokensOf(target), ...(mask !== undefined && { mask }) }));

/** Rows filled up at the end, and which places there are. */
function filled(rows: Rows): { readonly rows: Rows; readonly mask: Tensor } {
  const width = Math.max(...rows.map((row) => row.length)) + 1;
  return {
    rows: rows.map((row) => [...row, ...new Array<number>(width - row.length).fill(vocabulary - 1)]),
    mask: tensor(rows.map((row) => Array.from({ length: width }, (_, j) => j < row.length))),
  };
}

for (const [name, make] of Object.entries(translationModels))
  describe(name, () => {
    test('a later token of the target changes no bit before it; every token of the source counts', () => {
      fc.assert(
        fc.property(seeds, fc.integer({ min: 2, max: 7 }), fc.nat(6), (seed, t, place) => {
          const model = make({ seed, dtype: 'float32' });
          const [source, target] = [randomRows(seed, [4, 4]), randomRows(seed + 1, [t, t])];
          const at = 1 + (place % (t - 1));
          const changed = target.map((row) => row.map((token, j) => (j < at ? token : (token + 1) % vocabulary)));
          const [y, z] = [whole(model, source, target), whole(model, source, changed)];
          assertSame(slice(z, [null, [0, at]]), slice(y, [null, [0, at]]), 'before');
          assert.notDeepEqual([...z.data], [...y.data]);
          const other = source.map(([first, ...rest]) => [(first + 1) % vocabulary, ...rest]);
          const first = (x: Tensor): number[] => [...slice(x, [null, [0, 1]]).data];
          assert.notDeepEqual(first(whole(model, other, target)), first(y));
        }),
        runs,
      );
    });

    test('sentences of a padded batch are as they are alone', () => {
      const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(seeds, lengths, (seed, all) => {
          const model = make({ seed, dtype: 'float64' });
          const [source, target] = [randomRows(seed, all), randomRows(seed + 1, all)];
          const [from, to] = [filled(source), filled(target)];
          const y = whole(model, from.rows, to.rows, from.mask);
          const masked = noGrad(() =>
            model.decode(tokensOf(to.rows), model.encode(tokensOf(from.rows), { mask: from.mask }), {
              mask: to.mask,
              memoryMask: from.mask,
            }),
          );
          for (const [i, n] of all.entries()) {
            const alone = whole(model, [source[i]], [target[i]]);
            assertClose(
              slice(y, [
                [i, i + 1],
                [0, n],
              ]),
              alone,
              1e-12,
              `sentence ${i}`,
            );
            assertClose(
              slice(masked, [
                [i, i + 1],
                [0, n],
              ]),
              alone,
              1e-12,
              `sentence ${i}, target masked`,
            );
          }
        }),
        runs,
      );
    });

    test('tokens in several calls, each in its scope, give the logits of one call; rows may be chosen in between', () => {
      const cuts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 });
      fc.assert(
        fc.property(seeds, cuts, fc.constantFrom('float32' as const, 'float64' as const), (seed, steps, dtype) => {
          const model = make({ seed, dtype });
          const t = steps.reduce((a, b) => a + b, 0);
          const source = filled(randomRows(seed, [3, 2, 4]));
          const target = randomRows(seed + 1, [t, t, t]);
          const all = whole(model, source.rows, target, source.mask);
          const cache = new DecodingCache();
          let memory = noGrad(() => model.encode(tokensOf(source.rows), { mask: source.mask }));
          let memoryMask = source.mask;
          let order = [0, 1, 2];
          let from = 0;
          for (const step of steps) {
            const part = tokensOf(order.map((row) => target[row].slice(from, from + step)));
            const context: MemoryContext = { cache, memoryMask };
            const y = scope(() => noGrad(() => model.decode(part, memory, context)));
            for (const [i, row] of order.entries())
              assertClose(
                slice(y, [i]).cast('float64'),
                slice(all, [row, [from, from + step]]).cast('float64'),
                dtype === 'float32' ? 1e-5 : 1e-12,
                `row ${row}`,
              );
            from += step;
            const kept = [2, 0, 0];
            cache.select(kept);
            order = kept.map((row) => order[row]);
            [memory, memoryMask] = [memory, memoryMask].map((x) => indexSelect(x, tensor(Int32Array.from(kept))));
          }
        }),
        runs,
      );
    });

    test('its state goes to another, which then computes the same bits; shapes alone take no memory', () => {
      const [model, other] = [make({ seed: 3, dtype: 'float32' }), make({ seed: 4, dtype: 'float32' })];
      loadStateDict(other, stateDict(model));
      const rows = randomRows(5, [4]);
      assertSame(whole(other, rows, rows), whole(model, rows, rows), 'logits');
      const tokens = zeros([2, 3], { dtype: 'int32', device: meta });
      assert.deepEqual(make({ seed: 1, dtype: 'float32', device: meta }).call(tokens, { target: tokens }).shape, [
        2,
        3,
        vocabulary,
      ]);
    });
  });

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
    for (const [more, message] of [
      [{ layers: 0 }, /layers/],
      [{ vocabulary: 1.5 }, /vocabulary/],
      [{ maxLength: 0 }, /maxLength/],
      [{ dropout: 2 }, /chance/],
      [{ tie: 'both' }, /tie is/],
      [{ tie: 'all', sourceVocabulary: 3 }, /3 and 13/],
    ] as const)
      assertRefuses(() => make(more), DomainError, 'Transformer', message);
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
