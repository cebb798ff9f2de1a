/** Counts and bytes, against numbers worked out by hand and against the paper's tables. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allocations, type Device, meta, Rng, randn } from '../../src/index.ts';
import { adam, Linear, ReLU, Sequential, sgd } from '../../src/nn/index.ts';
import { accounting, convert, type MethodChoice, type Plan } from '../../src/sst/index.ts';

const rng = new Rng(1);

/** 784-128-128-10, on the host or without memory. */
function digits(device?: Device): Sequential {
  const options = device === undefined ? { rng } : { rng, device };
  const layer = (n: number, m: number): Linear => new Linear(n, m, options);
  return new Sequential(layer(784, 128), new ReLU(), layer(128, 128), new ReLU(), layer(128, 10));
}

/** One step on random input, so that optimizer state exists. */
function stepped(choice: MethodChoice): { plan: Plan; optimizer: ReturnType<typeof adam> } {
  const plan = convert(digits(), choice);
  const optimizer = adam(plan.groups(), { lr: 1e-3 });
  plan.hook(optimizer).beforeStep?.(0);
  plan.model
    .call(randn([2, 784], rng))
    .square()
    .sum()
    .backward();
  optimizer.step();
  return { plan, optimizer };
}

const dense = 128 + 128 + (128 * 10 + 10);
const weights = 784 * 128 + 128 * 128;
const adapters = 8 * (784 + 128) + 8 * (128 + 128);
const spectral = 8 * (784 + 128) + 128 + 8 * (128 + 128) + 128;

describe('784-128-128-10, r = 8, Adam, float32', () => {
  test('SST trains 11,146 values: r(m+n)+min(m,n) of each layer, biases, and the dense head', () => {
    assert.equal(spectral + dense, 11_146);
    const { plan, optimizer } = stepped({ method: 'sst', rank: 8, rng });
    const frozen = (128 - 8) * (784 + 128) + (128 - 8) * (128 + 128);
    const order = 2 * 128;
    assert.deepEqual(accounting(plan.model, optimizer), {
      trainable: 11_146,
      frozen,
      weightBytes: 4 * (11_146 + frozen + order),
      gradientBytes: 4 * 11_146,
      optimizerBytes: 2 * 4 * 11_146,
    });
  });

  test('LoRA and ReLoRA* train r(m+n) of each layer beside the frozen weight', () => {
    const expected = {
      trainable: adapters + dense,
      frozen: weights,
      weightBytes: 4 * (adapters + dense + weights),
      gradientBytes: 4 * (adapters + dense),
      optimizerBytes: 2 * 4 * (adapters + dense),
    };
    for (const method of ['lora', 'relora'] as const) {
      const { plan, optimizer } = stepped({ method, rank: 8, rng });
      assert.deepEqual(accounting(plan.model, optimizer), expected);
    }
  });

  test('full and GaLore train everything; GaLore keeps two moments of r·max(m, n), and P', () => {
    const all = weights + dense;
    const base = { trainable: all, frozen: 0, weightBytes: 4 * all, gradientBytes: 4 * all };
    const a = stepped({ method: 'full' });
    assert.deepEqual(accounting(a.plan.model, a.optimizer), { ...base, optimizerBytes: 2 * 4 * all });
    const b = stepped({ method: 'galore', rank: 8 });
    const low = 2 * 8 * (784 + 128) + 8 * (128 + 128);
    assert.deepEqual(accounting(b.plan.model, b.optimizer), { ...base, optimizerBytes: 4 * (low + 2 * dense) });
  });

  test('without an optimizer, or before its first step, its bytes are 0; sgd has none', () => {
    const model = digits();
    assert.equal(accounting(model).optimizerBytes, 0);
    const optimizer = sgd(model.parameters(), { lr: 0.1 });
    model
      .call(randn([2, 784], rng))
      .sum()
      .backward();
    assert.equal(accounting(model, optimizer).optimizerBytes, 0);
    optimizer.step();
    assert.equal(accounting(model, optimizer).optimizerBytes, 0);
  });

  test('gradients are counted while parameters hold them', () => {
    const model = digits();
    assert.equal(accounting(model).gradientBytes, 0);
    model
      .call(randn([2, 784], rng))
      .sum()
      .backward();
    assert.equal(accounting(model).gradientBytes, 4 * (weights + dense));
    model.zeroGrad();
    assert.equal(accounting(model).gradientBytes, 0);
  });

  test('a tied layer counts once', () => {
    const layer = new Linear(3, 3, { rng });
    assert.equal(accounting(new Sequential(layer, layer)).trainable, 12);
  });
});

test('on the meta device the same counts cost no memory', () => {
  const before = allocations().bytes;
  const plan = convert(digits(meta), { method: 'sst', rank: 8, rng });
  assert.equal(accounting(plan.model).trainable, 11_146);
  assert.equal(allocations().bytes, before);
});
