/** Attention over four linear maps: that of PyTorch's packed layout, number for number, and its cache. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, gradcheck, Rng, rand, ShapeError, slice, split, type Tensor, tensor } from '../../src/index.ts';
import {
  type AttentionContext,
  DecodingCache,
  Embedding,
  Linear,
  loadStateDict,
  MultiheadAttention,
  SeparateAttention,
  TransformerDecoderLayer,
} from '../../src/nn/index.ts';
import { assertClose, assertRefuses, assertSame } from '../harness/compare.ts';

const dtype = 'float64';
const input = (shape: readonly number[], seed: number = 3): Tensor => rand(shape, new Rng(seed), { dtype });
const options = (seed: number): { readonly rng: Rng; readonly dtype: 'float64' } => ({ rng: new Rng(seed), dtype });

/** Both layouts with the same values. */
function both(seed: number, bias: boolean): [MultiheadAttention, SeparateAttention] {
  const [packed, apart] = [
    new MultiheadAttention(6, 3, { ...options(seed), bias }),
    new SeparateAttention(6, 3, { ...options(seed + 1), bias }),
  ];
  const { in_proj_weight: weight, in_proj_bias, out_proj } = packed;
  const last = out_proj as Linear;
  const named = (kind: string, t: Tensor | null): [string, Tensor][] =>
    t === null ? [] : split(t, { size: 6 }).map((part, i) => [`${'qkv'[i]}_proj.${kind}`, part]);
  loadStateDict(
    apart,
    new Map([
      ...named('weight', weight.detach()),
      ...named('bias', in_proj_bias?.detach() ?? null),
      ['out_proj.weight', last.weight.detach()],
      ...(last.bias === null ? [] : [['out_proj.bias', last.bias.detach()] as [string, Tensor]]),
    ]),
  );
  return [packed, apart];
}

const contexts: readonly AttentionContext[] = [
  {},
  { causal: true },
  { key: input([2, 5, 6], 4) },
  {
    key: input([2, 5, 6], 4),
    value: input([2, 5, 6], 5),
    keyMask: tensor([
      [true, true, false, true, true],
      [true, false, false, false, false],
    ]),
  },
  {
    mask: tensor([
      [true, false, true, true],
      [true, true, true, true],
      [false, true, true, true],
      [true, true, false, false],
    ]),
    causal: true,
  },
];

describe('SeparateAttention', () => {
  test('is MultiheadAttention with a linear map for each projection, in value and gradient', () => {
    const x = input([2, 4, 6]);
    for (const context of contexts)
      for (const bias of [true, false]) {
        const [packed, apart] = both(1, bias);
        assertClose(apart.call(x, context).detach(), packed.call(x, context).detach(), 1e-14, 'value');
        assert.equal(apart.parameters().length, bias ? 8 : 4);
      }
    const apart = new SeparateAttention(6, 2, options(1));
    const call = (t: Tensor, key: Tensor): Tensor => apart.call(t, { key, causal: true });
    const xs = [input([3, 6]), input([3, 6], 9)].map((t) => new Linear(6, 3, { weight: t, bias: null }).weight);
    gradcheck(call, xs, { fast: true, rng: new Rng(2) });
  });

  test('drops weights in training alone, as the packed layout does with the same rng', () => {
    const [packed, apart] = [MultiheadAttention, SeparateAttention].map(
      (make) => new make(6, 3, { ...options(1), dropout: 0.5 }),
    );
    const x = input([2, 4, 6]);
    const train = (layer: typeof apart, seed: number): Tensor => layer.call(x, { training: true, rng: new Rng(seed) });
    assertSame(train(apart, 1).detach(), train(apart, 1).detach(), 'same seed');
    assert.notDeepEqual([...train(apart, 1).data], [...apart.call(x).data]);
    for (const layer of [packed, apart]) assert.throws(() => layer.call(x, { training: true }), /rng/);
  });

  test('takes its linear maps from `linear`, and refuses sizes that do not fit by name', () => {
    const made: string[] = [];
    const linear = (n: number, m: number): Linear => {
      made.push(`${n} ${m}`);
      return new Linear(n, m, options(1));
    };
    assert.equal(new SeparateAttention(6, 3, { ...options(1), linear }).heads, 3);
    assert.deepEqual(made, ['6 6', '6 6', '6 6', '6 6']);
    assertRefuses(() => new SeparateAttention(6, 4, options(1)), DomainError, 'SeparateAttention', /heads/);
    const layer = new SeparateAttention(6, 3, options(1));
    assertRefuses(() => layer.call(input([4, 5])), ShapeError, 'SeparateAttention', /query/);
  });
});

describe('a cache', () => {
  test('of the keys of the queries themselves grows; of given keys it is filled once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.nat(99),
        (steps, seed) => {
          const t = steps.reduce((a, b) => a + b, 0);
          const x = input([2, t, 6], seed);
          const memory = input([2, 3, 6], seed + 1);
          for (const layer of both(seed, true)) {
            const [self, cross] = [new DecodingCache(), new DecodingCache()];
            const own = layer.call(x, { causal: true }).detach();
            const across = layer.call(x, { key: memory }).detach();
            let from = 0;
            for (const step of steps) {
              const part = slice(x, [null, [from, from + step]]);
              const at = (y: Tensor): Tensor => slice(y, [null, [from, from + step]]);
              assertClose(layer.call(part, { causal: true, cache: self }).detach(), at(own), 1e-13, 'self');
              // What is given the second time is not looked at.
              const key = from === 0 ? memory : input([2, 3, 6], 77);
              assertClose(layer.call(part, { key, cache: cross }).detach(), at(across), 1e-13, 'memory');
              from += step;
            }
            assert.equal(self.bytes, 2 * 2 * t * 6 * 8);
            assert.equal(cross.bytes, 2 * 2 * 3 * 6 * 8);
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  test('refuses rows and counts that are none', () => {
    const cache = new DecodingCache();
    cache.select([5]);
    cache.extend(cache, [input([2, 1, 3])]);
    for (const row of [2, -1, 0.5]) assertRefuses(() => cache.select([row]), ShapeError, 'DecodingCache', /none of 2/);
    for (const count of [-1, 0.5]) assertRefuses(() => cache.advance(count), DomainError, 'DecodingCache');
    assert.deepEqual([cache.holds(cache), cache.holds({}), cache.length], [true, false, 0]);
    assert.throws(() => cache.extend(cache, [input([3, 1, 3])]), ShapeError);
  });
});

test('TransformerDecoderLayer: both layouts agree, and its gradient agrees with finite differences', () => {
  for (const normFirst of [false, true]) {
    const make = (projections: 'packed' | 'separate'): TransformerDecoderLayer =>
      new TransformerDecoderLayer(4, 2, { ...options(1), feedForward: 5, dropout: 0, normFirst, projections });
    const [layer, apart] = [make('packed'), make('separate')];
    const state = layer.namedParameters().flatMap(([name, p]): [string, Tensor][] => {
      const match = /^(.*)in_proj_(.*)$/.exec(name);
      if (match === null) return [[name, p.detach()]];
      return split(p.detach(), { size: 4 }).map((part, i) => [`${match[1]}${'qkv'[i]}_proj.${match[2]}`, part]);
    });
    loadStateDict(apart, new Map(state));
    const [x, memory] = [input([2, 3, 4]), input([2, 5, 4], 8)];
    const memoryMask = tensor([
      [true, true, true, false, false],
      [true, true, true, true, true],
    ]);
    const context = { memory, memoryMask, causal: true };
    assertClose(apart.call(x, context).detach(), layer.call(x, context).detach(), 1e-13, 'y');
    const call = (t: Tensor, m: Tensor): Tensor => layer.call(t, { memory: m, causal: true });
    const leaves = [x, memory].map((t) => tensor(t.data, { shape: t.shape, requiresGrad: true }));
    gradcheck(call, leaves, { fast: true, rng: new Rng(2) });
  }
  const refuse = (more: object, message: RegExp): void =>
    assertRefuses(
      () => new TransformerDecoderLayer(4, 2, { ...options(1), ...more }),
      DomainError,
      'TransformerDecoderLayer',
      message,
    );
  refuse({ projections: 'both' }, /packed or separate/);
  refuse({ projections: 'separate', batchFirst: false }, /batch first/);
  refuse({ activation: 'tanh' }, /activation/);
});

test('Embedding: rows by number, of a standard deviation, refused by name', () => {
  const table = new Embedding(400, 5, { ...options(1), std: 0.5 });
  const std = Math.sqrt([...table.weight.data].reduce((sum, v) => sum + v * v, 0) / 2000);
  assert.ok(Math.abs(std - 0.5) < 0.03, `${std}`);
  const y = table.call(
    tensor(
      [
        [3, 3],
        [0, 399],
      ],
      { dtype: 'int32' },
    ),
  );
  assertSame(slice(y, [0, 1]).detach(), slice(table.weight, [3]).detach(), 'row 3');
  for (const [count, width, std2] of [
    [0, 5, 1],
    [5, 0, 1],
    [5, 1.5, 1],
    [5, 5, 0],
    [5, 5, Number.NaN],
  ])
    assertRefuses(() => new Embedding(count, width, { ...options(1), std: std2 }), DomainError, 'Embedding');
  assertRefuses(() => table.call(tensor([400], { dtype: 'int32' })), DomainError, 'embedding');
});
