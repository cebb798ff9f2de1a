/** stateDict and loadStateDict: all or nothing, and a report of everything that does not fit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, DTypeError, meta, Rng, rand, type Tensor, tensor, zeros } from '../../src/index.ts';
import { Linear, Module, Parameter, ReLU, Sequential } from '../../src/nn/index.ts';
import { loadStateDict, stateDict } from '../../src/nn/state.ts';
import { readNpz, writeNpz } from '../../src/tensor/io/npz.ts';
import { readSafetensors, writeSafetensors } from '../../src/tensor/io/safetensors.ts';
import { assertRefuses, assertSame } from '../harness/compare.ts';

const op = 'loadStateDict';
const linear = (seed: number, n: number = 2, m: number = n): Linear => new Linear(n, m, { rng: new Rng(seed) });
const mlp = (seed: number): Sequential => new Sequential(linear(seed, 3, 4), new ReLU(), linear(seed + 1, 4, 2));

/** A frozen parameter, a buffer, a tied module and a tied tensor, and itself. */
class Odd extends Module {
  readonly running: Tensor = rand([2], new Rng(1));
  readonly frozen = new Parameter(tensor([1, 2], { dtype: 'int32' }), { trainable: false });
  readonly embed: Linear;
  readonly layers: Module[];
  readonly tied: Tensor;
  readonly self: Module;

  constructor(seed: number) {
    super();
    this.embed = linear(seed);
    this.layers = [linear(seed + 1), this.embed];
    this.tied = (this.layers[0] as Linear).weight;
    this.self = this;
  }

  call(x: Tensor): Tensor {
    return x;
  }
}

const bitsOf = (model: Module): string => JSON.stringify([...stateDict(model)].map(([name, t]) => [name, [...t.data]]));

describe('stateDict', () => {
  test("lists parameters, frozen ones too, and buffers once, under PyTorch's names", () => {
    assert.deepEqual([...stateDict(mlp(1)).keys()], ['0.weight', '0.bias', '2.weight', '2.bias']);
    assert.deepEqual(
      [...stateDict(new Odd(1)).keys()],
      ['running', 'frozen', 'tied', 'embed.weight', 'embed.bias', 'layers.0.bias'],
    );
    const named = (model: Module): string[] =>
      [...model.namedParameters(), ...model.namedBuffers()].map(([name]) => name);
    for (const model of [mlp(1), new Odd(1)])
      assert.deepEqual([...stateDict(model).keys()].sort(), named(model).sort());
  });

  test('its tensors are the model’s values, cut from any graph', () => {
    const model = mlp(1);
    for (const [name, t] of stateDict(model)) {
      const p = model.namedParameters().find(([path]) => path === name)?.[1];
      assert.ok(p !== undefined && t.storage === p.storage && !t.requiresGrad && t.node === null);
    }
  });
});

describe('loadStateDict', () => {
  test('through safetensors and .npz, a model becomes another, bit for bit; its parameters stay the same objects', async () => {
    for (const make of [mlp, (seed: number) => new Odd(seed)]) {
      const [from, to, again] = [make(1), make(7), make(9)];
      const parameters = to.parameters();
      const report = loadStateDict(to, readSafetensors(writeSafetensors(stateDict(from))).tensors);
      assert.deepEqual(report, { missing: [], unexpected: [], mismatched: [] });
      loadStateDict(again, Object.fromEntries(await readNpz(writeNpz(stateDict(from)))));
      for (const [name, t] of stateDict(from)) {
        assertSame(stateDict(to).get(name) as Tensor, t, name);
        assertSame(stateDict(again).get(name) as Tensor, t, name);
      }
      assert.ok(to.parameters().every((p, i) => p === parameters[i] && p.storage.version === 1));
    }
  });

  test('what a model is given is copied: neither changes with the other', () => {
    const [model, state] = [linear(1), { weight: rand([2, 2], new Rng(3)), bias: zeros([2]) }];
    loadStateDict(model, state);
    model.weight.assign_(zeros([2, 2]));
    assert.ok(state.weight.data.some((v) => v !== 0));
  });

  test("a model's own tensors may change places", () => {
    const model = new Sequential(linear(1), linear(2));
    const before = [...stateDict(model)].map(([, t]) => [...t.data]);
    const state = stateDict(model);
    const swapped = new Map(
      [...state.keys()].map((name) => [name, state.get(`${1 - Number(name[0])}${name.slice(1)}`) as Tensor]),
    );
    loadStateDict(model, swapped);
    assert.deepEqual(
      [...stateDict(model)].map(([, t]) => [...t.data]),
      [...before.slice(2), ...before.slice(0, 2)],
    );
  });

  test('a tied tensor comes under any of its names, or under several with equal values', () => {
    const value = rand([2, 2], new Rng(5));
    const rest = (): Map<string, Tensor> =>
      new Map([...stateDict(new Odd(3))].filter(([name]) => name !== 'embed.weight' && name !== 'tied'));
    for (const names of [
      ['embed.weight', 'tied'],
      ['layers.1.weight', 'layers.0.weight'],
      ['embed.weight', 'layers.1.weight', 'tied'],
    ]) {
      const model = new Odd(1);
      loadStateDict(model, new Map([...rest(), ...names.map((name) => [name, value] as const)]));
      assertSame(model.embed.weight.detach(), value, 'embed');
    }
    const other = new Map([
      ...rest(),
      ['tied', value],
      ['embed.weight', value],
      ['layers.1.weight', zeros([2, 2])],
    ] as const);
    assertRefuses(
      () => loadStateDict(new Odd(1), other),
      DomainError,
      op,
      /layers.1.weight differs from 'embed.weight'/,
    );
  });

  const troubles: [string, (state: Map<string, Tensor>) => void, RegExp][] = [
    ['missing', (s) => s.delete('0.bias'), /missing: 0\.bias$/],
    ['unexpected', (s) => s.set('9.weight', zeros([1])), /unexpected: 9\.weight$/],
    [
      'mis-shaped',
      (s) => s.set('0.weight', zeros([3, 4])),
      /not fitting: 0\.weight is \[3,4\], and \[4,3\] in the model$/,
    ],
    ['of another rank', (s) => s.set('0.bias', zeros([1, 4])), /0\.bias is \[1,4\]/],
    ['of another dtype', (s) => s.set('0.bias', zeros([4], { dtype: 'float64' })), /0\.bias is float64, and float32/],
    ['without values', (s) => s.set('0.bias', zeros([4], { device: meta })), /0\.bias lives on 'meta', and on 'cpu'/],
  ];
  for (const [name, spoil, message] of troubles)
    test(`${name}: refused by name, and nothing is loaded; not strict, the rest is`, () => {
      const [model, state] = [mlp(1), stateDict(mlp(7))];
      spoil(state);
      const before = bitsOf(model);
      assertRefuses(() => loadStateDict(model, state), DomainError, op, message);
      assert.equal(bitsOf(model), before);
      const report = loadStateDict(model, state, { strict: false });
      assert.equal(report.missing.length + report.unexpected.length + report.mismatched.length, 1);
      for (const [key, t] of stateDict(model)) {
        const spoiled = report.missing.includes(key) || report.mismatched.some((one) => one.name === key);
        assertSame(t, stateDict(mlp(spoiled ? 1 : 7)).get(key) as Tensor, key);
      }
    });

  test('all troubles are in one error', () => {
    const state = stateDict(mlp(7));
    for (const [, spoil] of troubles) spoil(state);
    const parts = ['unexpected: 9.weight', 'not fitting: 0.weight is', '0.bias lives on'];
    for (const part of parts) assertRefuses(() => loadStateDict(mlp(1), state), DomainError, op, new RegExp(part));
  });

  test('whatever state it is given, a strict load loads all or nothing, and raises a named error', () => {
    const names = fc.constantFrom('0.weight', '0.bias', '2.weight', '2.bias', '1', '', '__proto__', 'length');
    const values = fc.constantFrom<unknown>(zeros([4, 3]), zeros([4]), zeros([2, 4]), zeros([2]), 5, null, [1]);
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values)), (pairs) => {
        const model = mlp(1);
        const before = bitsOf(model);
        try {
          loadStateDict(model, new Map(pairs) as never);
          assert.ok([...stateDict(model).values()].every((t) => t.data.every((v) => v === 0)));
        } catch (error) {
          assert.ok(error instanceof DomainError || error instanceof DTypeError, String(error));
          assert.equal(error.op, op);
          assert.equal(bitsOf(model), before);
        }
      }),
    );
    for (const bad of [null, undefined, 5, 'x', [zeros([1])]])
      assertRefuses(() => loadStateDict(mlp(1), bad as never), DTypeError, op);
  });

  test('a model on meta takes a state on meta', () => {
    const build = (): Linear => new Linear(2, 2, { rng: new Rng(1), device: meta });
    assert.deepEqual(loadStateDict(build(), stateDict(build())).missing, []);
  });
});
