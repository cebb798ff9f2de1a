/** Trajectories of optimizers, schedules and modules with copied weights, as in PyTorch, in float64. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backward, grad, matmul, mul, Rng, square, sub, sum, type Tensor, tensor } from '../../src/index.ts';
import { MultiheadAttention } from '../../src/nn/attention.ts';
import {
  adam,
  adamW,
  cosine,
  Linear,
  linearWarmup,
  type Module,
  noam,
  type Optimizer,
  Parameter,
  type Schedule,
  Sequential,
  sgd,
  Tanh,
} from '../../src/nn/index.ts';
import { LayerNorm } from '../../src/nn/layerNorm.ts';
import { adagrad } from '../../src/nn/optim/adagrad.ts';
import { cosineRestarts, exponential, stepDecay } from '../../src/nn/optim/decaySchedule.ts';
import { rmsprop } from '../../src/nn/optim/rmsprop.ts';
import { loadStateDict, stateDict } from '../../src/nn/state.ts';
import { TransformerEncoderLayer } from '../../src/nn/transformer.ts';
import { readSafetensors } from '../../src/tensor/io/safetensors.ts';
import { assertGolden, bytesOf, cotangent, decode, type Encoded, family } from './golden.ts';

type Encodings = Readonly<Record<string, Encoded>>;
const rng = new Rng(1);
const dtype = 'float64';

const optimizers: Readonly<Record<string, (parameters: Parameter[], hyper: never) => Optimizer>> = {
  adagrad,
  adam,
  adamW,
  rmsprop,
  sgd,
};

interface Trajectory {
  readonly name: string;
  readonly op: string;
  readonly attrs: { readonly lr: number };
  readonly a: Encoded;
  readonly b: Encoded;
  readonly start: Encoded;
  readonly path: readonly (number | string)[];
}

describe('20 steps of an optimizer on ½|Ax − b|²', () => {
  for (const one of family<Trajectory>('optimizers'))
    test(one.name, () => {
      const [a, b] = [decode(one.a), decode(one.b)];
      const x = new Parameter(decode(one.start));
      const optimizer = optimizers[one.op]([x], one.attrs as never);
      const path: number[] = [];
      for (let step = 0; step < 20; step++) {
        optimizer.zeroGrad();
        backward(mul(sum(square(sub(matmul(a, x.reshape([4, 1])), b.reshape([5, 1])))), 0.5));
        optimizer.step();
        path.push(...x.data);
      }
      const found = tensor(path, { dtype });
      assertGolden(found, { shape: [path.length], data: one.path }, 1e-10, 'path');
    });
});

const schedules: Readonly<Record<string, (...args: never[]) => Schedule>> = {
  cosine,
  cosineRestarts,
  exponential,
  linearWarmup,
  noam,
  step: stepDecay,
};

interface ScheduleCase {
  readonly name: string;
  readonly op: string;
  readonly args: readonly unknown[];
  readonly factors: readonly (number | string)[];
}

describe('factors of a schedule', () => {
  for (const { name, op, args, factors } of family<ScheduleCase>('schedules'))
    test(name, () => {
      const schedule = schedules[op](...(args as never[]));
      const found = tensor(
        factors.map((_, step) => schedule(step)),
        { dtype },
      );
      assertGolden(found, { shape: [factors.length], data: factors }, 1e-10, 'factors');
    });
});

interface Settings {
  readonly sizes: readonly number[];
  readonly causal?: boolean;
  readonly keyMask?: readonly (readonly boolean[])[];
}
interface ModuleCase {
  readonly name: string;
  readonly op: string;
  readonly settings: Settings;
  readonly inputs: Encodings;
  readonly state: Encodings;
  readonly output: Encoded;
  readonly grads: Encodings;
}

const modules: Readonly<Record<string, (sizes: readonly number[], options: object) => Module>> = {
  LayerNorm: ([n], options) => new LayerNorm(n, { ...options, dtype }),
  Linear: ([n, m], options) => new Linear(n, m, { ...options, rng, dtype }),
  MultiheadAttention: ([e, heads], options) => new MultiheadAttention(e, heads, { ...options, rng, dtype }),
  TransformerEncoderLayer: ([e, heads, feedForward], options) =>
    new TransformerEncoderLayer(e, heads, { ...options, feedForward, dropout: 0, rng, dtype }),
};

const decoded = (record: Encodings, requiresGrad: boolean = false): Map<string, Tensor> =>
  new Map(Object.entries(record).map(([name, t]) => [name, decode(t, requiresGrad)]));

describe('modules with copied weights', () => {
  for (const { name, op, settings, inputs, state, output, grads } of family<ModuleCase>('modules'))
    test(name, () => {
      const { sizes, causal, keyMask, ...options } = settings;
      const model = modules[op](sizes, options);
      loadStateDict(model, decoded(state));
      assert.deepEqual([...stateDict(model).keys()].sort(), Object.keys(state).sort());
      const xs = decoded(inputs, true);
      const { x, ...others } = Object.fromEntries(xs);
      const masks = { ...(causal && { causal }), ...(keyMask && { keyMask: tensor(keyMask) }) };
      const y = model.call(x, { ...others, ...masks } as never);
      assertGolden(y, output, 1e-10, 'output');
      const named = new Map([...xs, ...model.namedParameters()]);
      const found = grad(y, [...named.values()], { gradOutputs: [cotangent(y)] });
      assert.deepEqual([...named.keys()].sort(), Object.keys(grads).sort());
      for (const [i, key] of [...named.keys()].entries()) assertGolden(found[i], grads[key], 1e-10, key);
    });
});

test('a state dict that PyTorch wrote as safetensors loads, and the model gives its output', () => {
  const [{ input, output }] = family<{ input: Encoded; output: Encoded }>('fixtures');
  const { tensors, metadata } = readSafetensors(bytesOf('fixtures/mlp.safetensors'));
  assert.deepEqual([...metadata], [['format', 'pt']]);
  const model = new Sequential(new Linear(3, 4, { rng }), new Tanh(), new Linear(4, 2, { rng }));
  assert.deepEqual(loadStateDict(model, tensors), { missing: [], unexpected: [], mismatched: [] });
  const y = model.call(decode(input).cast('float32')).cast('float64');
  assertGolden(y, output, 1e-6, 'output');
});
