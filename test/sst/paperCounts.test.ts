/** Every count of the paper's Table 2, and what follows from them, out of the shapes of the models' linear layers (PAPER 2.9). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allocations, meta, Rng } from '../../src/index.ts';
import { Linear, Sequential } from '../../src/nn/index.ts';
import {
  accounting,
  convert,
  full,
  lora,
  type MethodChoice,
  predictedBytes,
  relora,
  sst,
  trainableCount,
  type WeightShape,
} from '../../src/sst/index.ts';

const rng = new Rng(1);
const repeat = (blocks: number, block: readonly WeightShape[]): WeightShape[] =>
  Array.from({ length: blocks }, () => block).flat();

/** Four projections of attention, and a feed-forward part of two matrices. */
const opt = (blocks: number, d: number, ff: number): WeightShape[] =>
  repeat(blocks, [
    [d, d],
    [d, d],
    [d, d],
    [d, d],
    [ff, d],
    [d, ff],
  ]);
/** The same with a gated feed-forward part of three. */
const llama = (blocks: number, d: number, ff: number): WeightShape[] =>
  repeat(blocks, [
    [d, d],
    [d, d],
    [d, d],
    [d, d],
    [ff, d],
    [ff, d],
    [d, ff],
  ]);

interface Published {
  readonly layers: readonly WeightShape[];
  readonly rank: number;
  readonly full: number;
  readonly lora: number;
  readonly sst: number;
}

const table: Readonly<Record<string, Published>> = {
  'OPT-125M': { layers: opt(12, 768, 3072), rank: 64, full: 125_239_296, lora: 50_921_472, sst: 50_976_768 },
  'OPT-350M': { layers: opt(24, 1024, 4096), rank: 64, full: 331_196_416, lora: 57_518_080, sst: 57_665_536 },
  'OPT-1.3B': { layers: opt(24, 2048, 8192), rank: 64, full: 1_315_758_080, lora: 164_421_632, sst: 164_716_544 },
  'LLaMA-130M': { layers: llama(12, 768, 2048), rank: 64, full: 134_105_856, lora: 60_377_856, sst: 60_442_368 },
  'LLaMA-1.3B': { layers: llama(24, 2048, 5461), rank: 128, full: 1_339_082_752, lora: 250_706_944, sst: 251_051_008 },
};

/** The linear layers of a model, shapes only, and a head that stays as it is. */
function shapesOnly(layers: readonly WeightShape[]): Sequential {
  const options = { rng, device: meta, bias: false };
  return new Sequential(...layers.map(([m, n]) => new Linear(n, m, options)), new Linear(1, 1, options));
}

/** What a method trains of those layers, counted from its parameters. */
function counted(layers: readonly WeightShape[], choice: MethodChoice): { trainable: number; frozen: number } {
  const plan = convert(shapesOnly(layers), choice);
  const { trainable, frozen } = accounting(plan.model);
  return { trainable: trainable - 1, frozen };
}

for (const [name, { layers, rank, ...published }] of Object.entries(table))
  describe(name, () => {
    const rest = published.full - layers.reduce((sum, [m, n]) => sum + m * n, 0);
    const options = { rank, rng };

    test('the published counts by formula', () => {
      assert.equal(trainableCount(full(), layers, rest), published.full);
      assert.equal(trainableCount(lora(options), layers, rest), published.lora);
      assert.equal(trainableCount(relora(options), layers, rest), published.lora);
      assert.equal(trainableCount(sst(options), layers, rest), published.sst);
    });

    test('and counted from converted layers, for which no memory is taken', () => {
      const before = allocations().bytes;
      assert.equal(rest + counted(layers, { method: 'full' }).trainable, published.full);
      assert.equal(rest + counted(layers, { method: 'lora', ...options }).trainable, published.lora);
      assert.equal(rest + counted(layers, { method: 'sst', ...options }).trainable, published.sst);
      assert.equal(allocations().bytes, before);
    });
  });

describe('what the paper says of its counts', () => {
  const restOf = ({ layers, full: all }: Published): number => all - layers.reduce((sum, [m, n]) => sum + m * n, 0);
  const frozen = (model: Published, method: 'lora' | 'sst'): number =>
    counted(model.layers, { method, rank: model.rank, rng }).frozen;

  test('LLaMA-1.3B trains 18.75 % of its parameters with SST', () => {
    const { sst: sparse, full: all } = table['LLaMA-1.3B'];
    assert.equal(((100 * sparse) / all).toFixed(2), '18.75');
  });

  test('GaLore counts (Table 13): the dense rest and half of r(m + n)', () => {
    for (const [name, expected] of [
      ['OPT-125M', 45_613_056],
      ['OPT-350M', 43_362_304],
    ] as const) {
      const low = table[name].layers.reduce((sum, [m, n]) => sum + (table[name].rank * (m + n)) / 2, 0);
      assert.equal(restOf(table[name]) + low, expected);
    }
  });

  test('0.11 to 0.26 % more trained values than LoRA; 37.5, 40.6 and 45.3 % more frozen ones', () => {
    const names = ['OPT-125M', 'OPT-350M', 'OPT-1.3B'];
    const trained = names.map((name) => (100 * (table[name].sst / table[name].lora - 1)).toFixed(2));
    assert.deepEqual(trained, ['0.11', '0.26', '0.18']);
    const kept = names.map((name) => (100 * (frozen(table[name], 'sst') / frozen(table[name], 'lora') - 1)).toFixed(1));
    assert.deepEqual(kept, ['37.5', '40.6', '45.3']);
  });

  test('the memory model: 1,223, 2,500 and 9,209 MiB for SST, 1,101, 2,030 and 7,117 for LoRA, 1,911, 5,054 and 20,077 dense', () => {
    const mebibytes = (trainable: number, kept: number): number =>
      Math.round(predictedBytes({ trainable, frozen: kept }) / 2 ** 20);
    const found = ['OPT-125M', 'OPT-350M', 'OPT-1.3B'].map((name) => {
      const model = table[name];
      return [
        mebibytes(model.sst, frozen(model, 'sst')),
        mebibytes(model.lora, frozen(model, 'lora')),
        mebibytes(model.full, 0),
      ];
    });
    assert.deepEqual(found, [
      [1223, 1101, 1911],
      [2500, 2030, 5054],
      [9209, 7117, 20_077],
    ]);
  });

  test('Γ_LoRA(r) < Γ_SST(r) < Γ_LoRA(r + 1)', () => {
    for (const [m, n, r] of [
      [64, 64, 8],
      [128, 784, 8],
      [768, 3072, 64],
      [5, 3, 1],
    ]) {
      const [low, mid, high] = [lora({ rank: r, rng }), sst({ rank: r, rng }), lora({ rank: r + 1, rng })].map(
        (method) => method.trainableCount(m, n),
      );
      assert.ok(low < mid && mid < high, `${low} < ${mid} < ${high}`);
    }
  });
});
