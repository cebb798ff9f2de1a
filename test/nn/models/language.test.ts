/** What holds for every language model: no look ahead, no trace of padding, one token at a time as all at once, and its state. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  backward,
  DomainError,
  DTypeError,
  noGrad,
  Rng,
  ShapeError,
  scope,
  slice,
  sum,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import {
  type DecoderContext,
  type DecoderOnly,
  DecodingCache,
  loadStateDict,
  stateDict,
} from '../../../src/nn/index.ts';
import { readSafetensors, writeSafetensors } from '../../../src/tensor/io/safetensors.ts';
import { assertClose, assertRefuses, assertSame } from '../../harness/compare.ts';
import { languageModels, randomRows, tokensOf, vocabulary } from './make.ts';

const seeds = fc.integer({ min: 0, max: 1000 });
const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
const dtypes = fc.constantFrom('float32' as const, 'float64' as const);
const runs = { numRuns: 12 };
const logits = (model: DecoderOnly, rows: readonly (readonly number[])[], context: DecoderContext = {}): Tensor =>
  noGrad(() => model.call(tokensOf(rows), context));

for (const [name, make] of Object.entries(languageModels))
  describe(name, () => {
    test('a later token changes no bit of the logits before it', () => {
      fc.assert(
        fc.property(seeds, fc.integer({ min: 2, max: 9 }), fc.nat(8), dtypes, (seed, t, place, dtype) => {
          const model = make({ seed, dtype });
          const rows = randomRows(seed, [t, t]);
          const at = 1 + (place % (t - 1));
          const changed = rows.map((row) => row.map((token, j) => (j < at ? token : (token + 1) % vocabulary)));
          const [y, z] = [logits(model, rows), logits(model, changed)];
          assertSame(slice(z, [null, [0, at]]), slice(y, [null, [0, at]]), 'before');
          assert.notDeepEqual([...slice(z, [null, [at, t]]).data], [...slice(y, [null, [at, t]]).data]);
        }),
        runs,
      );
    });

    test('padding on either side changes nothing for the others', () => {
      fc.assert(
        fc.property(seeds, lengths, fc.boolean(), (seed, all, inFront) => {
          const model = make({ seed, dtype: 'float64' });
          const rows = randomRows(seed, all);
          const width = Math.max(...all) + 1;
          const filled = rows.map((row) => {
            const padding = new Array<number>(width - row.length).fill(vocabulary - 1);
            return inFront ? [...padding, ...row] : [...row, ...padding];
          });
          const start = (n: number): number => (inFront ? width - n : 0);
          const mask = tensor(
            all.map((n) => Array.from({ length: width }, (_, j) => j >= start(n) && j < start(n) + n)),
          );
          const y = logits(model, filled, { mask });
          for (const [i, n] of all.entries()) {
            const own = slice(y, [
              [i, i + 1],
              [start(n), start(n) + n],
            ]);
            assertClose(own, logits(model, [rows[i]]), 1e-11, `row ${i}`);
          }
        }),
        runs,
      );
    });

    test('tokens in several calls, each in its scope, give the logits of one call; rows may be chosen in between', () => {
      const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 });
      fc.assert(
        fc.property(seeds, cuts, dtypes, fc.boolean(), (seed, steps, dtype, padded) => {
          const model = make({ seed, dtype });
          const t = steps.reduce((a, b) => a + b, 0);
          const rows = randomRows(seed, [t, t, t]);
          const there = rows.map((_, i) =>
            Array.from({ length: t }, (_, j) => !padded || j >= Math.min(i, steps[0] - 1)),
          );
          const masked = (from: number, to: number): DecoderContext =>
            padded ? { mask: tensor(there.map((row) => row.slice(from, to))) } : {};
          const whole = logits(model, rows, masked(0, t));
          const cache = new DecodingCache();
          let order = [0, 1, 2];
          let from = 0;
          for (const step of steps) {
            const part = order.map((row) => rows[row].slice(from, from + step));
            // After the first call there is no padding, and a mask need not be given.
            const context = { cache, ...(from === 0 ? masked(0, step) : {}) };
            const y = scope(() => logits(model, part, context));
            for (const [i, row] of order.entries())
              for (let j = padded ? Math.max(0, row - from) : 0; j < step; j++)
                assertClose(
                  slice(y, [i, j]).cast('float64'),
                  slice(whole, [row, from + j]).cast('float64'),
                  dtype === 'float32' ? 1e-5 : 1e-12,
                  `row ${row}, token ${from + j}`,
                );
            from += step;
            assert.equal(cache.length, from);
            const next = [2, 0, 0].slice(0, order.length).map((i) => i % order.length);
            cache.select(next);
            order = next.map((i) => order[i]);
          }
          assert.ok(cache.bytes > 0);
        }),
        runs,
      );
    });

    test('`last` gives the logits of the last position alone', () => {
      const model = make({ seed: 1, dtype: 'float64' });
      const rows = randomRows(2, [4, 4]);
      assertClose(logits(model, rows, { last: true }), slice(logits(model, rows), [null, [3, 4]]), 1e-13, 'last');
      assert.deepEqual(logits(model, [[1]], { last: true }).shape, [1, 1, vocabulary]);
    });

    test('its state goes through a file into another, which then computes the same bits', () => {
      const [model, other] = [make({ seed: 3, dtype: 'float32' }), make({ seed: 4, dtype: 'float32' })];
      const rows = randomRows(5, [5]);
      const { tensors } = readSafetensors(writeSafetensors(stateDict(model)));
      assert.deepEqual(loadStateDict(other, tensors), { missing: [], unexpected: [], mismatched: [] });
      assertSame(logits(other, rows), logits(model, rows), 'logits');
    });

    test('dropout acts in training alone, repeats with its rng, and without one is refused; every parameter gets a gradient', () => {
      const model = make({ seed: 3, dtype: 'float64', dropout: 0.3 });
      const tokens = tokensOf(randomRows(5, [5, 5]));
      const plain = make({ seed: 3, dtype: 'float64' });
      assertSame(model.call(tokens).detach(), plain.call(tokens).detach(), 'not training');
      const train = (seed: number): Tensor => model.call(tokens, { training: true, rng: new Rng(seed) });
      assertSame(train(1).detach(), train(1).detach(), 'same seed');
      assert.notDeepEqual([...train(1).data], [...train(2).data]);
      assert.throws(() => model.call(tokens, { training: true }), DomainError);
      backward(sum(train(1)));
      for (const [path, p] of model.namedParameters()) assert.notEqual(p.grad, null, path);
    });

    test('what does not fit is refused by name', () => {
      const model = make({ seed: 3, dtype: 'float64' });
      const op = /llama/.test(name) ? 'Llama' : 'Opt';
      assertRefuses(() => model.call(tensor([1, 2], { dtype: 'int32' })), ShapeError, op, /\[b, t\]/);
      assertRefuses(() => logits(model, randomRows(1, [25])), DomainError, op, /25 positions, and there are 24/);
      assertRefuses(() => logits(model, [[1, 2]], { mask: tensor([[true]]) }), ShapeError, op, /mask/);
      assertRefuses(() => logits(model, [[1]], { mask: tensor([[1]]) }), DTypeError, op, /bool/);
      assertRefuses(() => logits(model, [[vocabulary]]), DomainError, 'embedding', /13/);
      const cache = new DecodingCache();
      logits(model, randomRows(1, [20]), { cache });
      assertRefuses(() => logits(model, randomRows(1, [5]), { cache }), DomainError, op, /25 positions/);
      const mask = tensor([[true]]);
      assertRefuses(() => logits(model, [[vocabulary]], { cache, mask }), DomainError, 'embedding');
      assert.equal(cache.length, 20, 'a refused call leaves the cache');
      assert.deepEqual(logits(model, [[1]], { cache, mask }).shape, [1, 1, vocabulary]);
    });
  });
