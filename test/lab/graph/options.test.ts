import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { methodNames } from '../../../src/lab/compare/settings.ts';
import { parseGraph } from '../../../src/lab/graph/options.ts';
import { recipeOf, setOf } from '../../../src/lab/graph/presets.ts';
import { graphMethod, modelNames, taskNames } from '../../../src/lab/graph/settings.ts';
import { UsageError } from '../../../src/lab/usage.ts';
import { Rng } from '../../../src/tensor/rng.ts';

const refuses = (args: readonly string[], naming: string): void =>
  assert.throws(
    () => parseGraph(['--data', 'karate', ...args]),
    (e: unknown) => e instanceof UsageError && e.message.includes(naming) && !e.message.includes('\n'),
  );

const settingsOf = (...args: string[]) => parseGraph(['--data', 'x', ...args]).settings('cora');

test('graph options: without any but --data, HyboNet on links with the published settings', () => {
  const { out, json, help, task } = parseGraph(['--data', 'x']);
  assert.deepEqual({ out, json, help, task }, { out: 'report', json: false, help: false, task: 'lp' });
  const { model, methods, rank, dim, seeds, recipes } = settingsOf();
  assert.deepEqual(
    { model, methods, rank, dim, seeds },
    { model: 'hybonet', methods: ['full'], rank: 1, dim: 16, seeds: [1234] },
  );
  for (const method of methodNames) assert.deepEqual(recipes[method], recipeOf('cora', 'lp', 'hybonet', method));
});

test('graph options: what is given wins over the presets, for every method', () =>
  fc.assert(
    fc.property(
      fc.record({
        lr: fc.integer({ min: 1, max: 99 }).map((n) => n / 100),
        dropout: fc.integer({ min: 0, max: 9 }).map((n) => n / 10),
        c: fc.integer({ min: 1, max: 50 }).map((n) => n / 10),
        layers: fc.integer({ min: 2, max: 9 }),
        epochs: fc.integer({ min: 1, max: 9999 }),
        patience: fc.integer({ min: 1, max: 9999 }),
      }),
      fc.constantFrom(...taskNames),
      fc.constantFrom(...modelNames),
      ({ lr, ...given }, task, model) => {
        const words = Object.entries({ lr, ...given }).flatMap(([name, value]) => [`--${name}`, String(value)]);
        const { recipes } = settingsOf('--quick', '--task', task, '--model', model, ...words);
        for (const method of methodNames)
          assert.deepEqual(recipes[method], {
            ...recipeOf('cora', task, model, method),
            ...given,
            learningRate: lr,
            trainableCurvature: false,
          });
      },
    ),
  ));

test('graph options: seeds are counted from the first, or listed', () => {
  assert.deepEqual(settingsOf('--seed', '5', '--seeds', '3').seeds, [5, 6, 7]);
  assert.deepEqual(settingsOf('--seeds', '1234,1,2').seeds, [1234, 1, 2]);
  refuses(['--seeds', '1,2', '--seed', '3'], '--seed');
  refuses(['--seeds', '1,1'], 'twice');
  refuses(['--seeds', '1,'], '--seeds');
});

test('graph options: mistakes are refused in one line that names the option', () => {
  assert.throws(() => parseGraph([]), UsageError);
  for (const [option, value] of [
    ['--task', 'rec'],
    ['--model', 'gat'],
    ['--method', 'full,dora'],
    ['--rank', '0'],
    ['--dim', '1'],
    ['--c', '0'],
    ['--c', 'none'],
    ['--lr', '-1'],
    ['--dropout', '1'],
    ['--dropout', ''],
    ['--layers', '0'],
    ['--epochs', '1.5'],
    ['--patience', 'x'],
    ['--ranks', '3'],
  ])
    refuses([`${option}=${value}`], option);
  refuses(['--task', 'nc', '--layers', '1'], '--layers');
  refuses(['--c', 'trainable'], 'hybonet');
  refuses(['cora'], 'cora');
});

test('graph options: a trained curvature starts from 1', () => {
  const { full } = settingsOf('--model', 'hnn', '--c', 'trainable').recipes;
  assert.deepEqual([full.c, full.trainableCurvature], [1, true]);
  assert.equal(settingsOf('--model', 'hgcn', '--c', '2').recipes.full.trainableCurvature, false);
});

test('presets: HyboNet has the numbers of the paper, and the one that it changes for low rank', () => {
  const shown = (set: Parameters<typeof recipeOf>[0], task: 'lp' | 'nc') => {
    const { learningRate, layers, dropout, weightDecay, clip, margin } = recipeOf(set, task, 'hybonet', 'full');
    return [learningRate, layers, dropout, weightDecay, clip, margin];
  };
  assert.deepEqual(shown('airport', 'lp'), [0.01, 2, 0, 0, null, 2]);
  assert.deepEqual(shown('airport', 'nc'), [0.02, 6, 0, 1e-4, 1, 2]);
  assert.deepEqual(shown('cora', 'lp'), [0.02, 2, 0.7, 1e-3, 0.5, 0.1]);
  assert.deepEqual(shown('cora', 'nc'), [0.02, 3, 0.9, 0.01, 1, 1]);
  assert.deepEqual(shown('disease', 'lp'), [0.005, 2, 0, 0, 0.5, 30]);
  assert.deepEqual(shown('disease', 'nc'), [0.005, 4, 0.1, 0, 0.5, 2]);
  assert.deepEqual(shown('pubmed', 'lp'), [0.008, 2, 0.5, 0, 0.5, 0.3]);
  assert.deepEqual(shown('pubmed', 'nc'), [0.02, 3, 0.8, 1e-3, 0.5, 1]);
  for (const method of ['sst', 'lora', 'relora'] as const)
    assert.equal(recipeOf('cora', 'nc', 'hybonet', method).dropout, 0.5, method);
  assert.equal(recipeOf('cora', 'nc', 'hybonet', 'galore').dropout, 0.9);
  assert.equal(recipeOf('cora', 'lp', 'hybonet', 'sst').dropout, 0.7);
  assert.deepEqual(
    modelNames.map((model) => recipeOf('cora', 'nc', model, 'full').optimizer),
    ['adamW', 'adam', 'adam', 'adam', 'adam', 'adam'],
  );
});

test('presets: a set is known by the beginning of its name, and every network has settings for every set', () => {
  assert.deepEqual(['disease_lp', 'airports', 'cora', 'pubmed', 'karate', 'my-cora'].map(setOf), [
    'disease',
    'airport',
    'cora',
    'pubmed',
    'other',
    'other',
  ]);
  for (const set of ['airport', 'cora', 'disease', 'pubmed', 'other'] as const)
    for (const task of taskNames)
      for (const model of modelNames) {
        const recipe = recipeOf(set, task, model, 'full');
        assert.ok(recipe.layers >= 2 && recipe.learningRate > 0 && recipe.epochs === 5000, `${set} ${task} ${model}`);
        assert.equal(recipe.normaliseFeatures, !(set === 'disease' && task === 'lp'));
      }
});

test('graphMethod: every method has the rank and the clock that are asked for', () => {
  const settings = settingsOf('--rank', '2');
  const rng = new Rng(1);
  assert.deepEqual(graphMethod('full', settings, rng), { method: 'full' });
  const sst = { method: 'sst', rank: 2, rng, stepsPerIteration: 100, warmup: 100 };
  assert.deepEqual(graphMethod('sst', settings, rng), sst);
  assert.deepEqual(graphMethod('lora', settings, rng), { method: 'lora', rank: 2, rng });
  assert.deepEqual(graphMethod('relora', settings, rng), {
    method: 'relora',
    rank: 2,
    rng,
    mergeInterval: 100,
    warmup: 100,
  });
  assert.deepEqual(graphMethod('galore', settings, rng), { method: 'galore', rank: 2, refreshInterval: 100 });
});
