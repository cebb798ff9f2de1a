/** What holds for every translation model: the target does not look ahead, no trace of padding, one token at a time as all at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { indexSelect, meta, noGrad, scope, slice, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { DecodingCache, loadStateDict, type MemoryContext, type Seq2Seq, stateDict } from '../../../src/nn/index.ts';
import { assertClose, assertSame } from '../../harness/compare.ts';
import { type Making, randomRows, tokensOf, vocabulary } from './make.ts';

/** A kind of translation model, with `vocabulary` tokens on either side and at least 10 positions. */
export interface TranslationModelClaim {
  readonly name: string;
  make(making: Making): Seq2Seq;
}

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

/** Put a translation model under the laws. */
export function checkTranslationModel(claim: TranslationModelClaim): void {
  describe(`${claim.name} translates`, () => {
    looksBack(claim);
    ignoresPadding(claim);
    goesOn(claim);
    isItsState(claim);
  });
}

function looksBack({ make }: TranslationModelClaim): void {
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
}

function ignoresPadding({ make }: TranslationModelClaim): void {
  const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
  test('sentences of a padded batch are as they are alone', () => {
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
          const own = (all: Tensor): Tensor =>
            slice(all, [
              [i, i + 1],
              [0, n],
            ]);
          assertClose(own(y), alone, 1e-12, `sentence ${i}`);
          assertClose(own(masked), alone, 1e-12, `sentence ${i}, target masked`);
        }
      }),
      runs,
    );
  });
}

function goesOn({ make }: TranslationModelClaim): void {
  const cuts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 });
  const dtypes = fc.constantFrom('float32' as const, 'float64' as const);
  test('tokens in several calls, each in its scope, give the logits of one call; rows may be chosen in between', () => {
    fc.assert(
      fc.property(seeds, cuts, dtypes, (seed, steps, dtype) => {
        const model = make({ seed, dtype });
        const t = steps.reduce((a, b) => a + b, 0);
        const source = filled(randomRows(seed, [3, 2, 4]));
        const target = randomRows(seed + 1, [t, t, t]);
        const all = whole(model, source.rows, target, source.mask).cast('float64');
        const tolerance = dtype === 'float32' ? 1e-5 : 1e-12;
        const cache = new DecodingCache();
        let memory = noGrad(() => model.encode(tokensOf(source.rows), { mask: source.mask }));
        let memoryMask = source.mask;
        let order = [0, 1, 2];
        let from = 0;
        for (const step of steps) {
          const part = tokensOf(order.map((row) => target[row].slice(from, from + step)));
          const context: MemoryContext = { cache, memoryMask };
          const y = scope(() => noGrad(() => model.decode(part, memory, context))).cast('float64');
          for (const [i, row] of order.entries())
            assertClose(slice(y, [i]), slice(all, [row, [from, from + step]]), tolerance, `row ${row}`);
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
}

function isItsState({ make }: TranslationModelClaim): void {
  test('its state goes to another, which then computes the same bits; shapes alone take no memory', () => {
    const [model, other] = [make({ seed: 3, dtype: 'float32' }), make({ seed: 4, dtype: 'float32' })];
    loadStateDict(other, stateDict(model));
    const rows = randomRows(5, [4]);
    assertSame(whole(other, rows, rows), whole(model, rows, rows), 'logits');
    const tokens = zeros([2, 3], { dtype: 'int32', device: meta });
    const shape = make({ seed: 1, dtype: 'float32', device: meta }).call(tokens, { target: tokens }).shape;
    assert.deepEqual(shape, [2, 3, vocabulary]);
  });
}
