/** Linear layers, activations as modules, parameters. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  DomainError,
  DTypeError,
  gelu,
  type Op,
  Rng,
  rand,
  relu,
  ShapeError,
  sigmoid,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from '../../src/index.ts';
import {
  Activation,
  euclidean,
  GELU,
  Linear,
  type Manifold,
  type Module,
  Parameter,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
} from '../../src/nn/index.ts';
import { tensors } from '../harness/arbitraries.ts';
import { assertSame } from '../harness/compare.ts';
import { buffers, checkLinearMap, checkModule, type Making } from '../harness/module.ts';

const rng = new Rng(7);

checkLinearMap({
  name: 'Linear',
  make: (options) => new Linear(4, 3, options),
  inFeatures: 4,
  outFeatures: 3,
  size: 15,
});
checkLinearMap({
  name: 'Linear without a bias',
  make: (options) => new Linear(1, 2, { ...options, bias: false }),
  inFeatures: 1,
  outFeatures: 2,
  size: 2,
});
const mlp = (o: Making): Module => new Sequential(new Linear(3, 5, o), new Tanh(), new Linear(5, 2, o), new Sigmoid());
checkModule({ name: 'an MLP', make: mlp, inFeatures: 3, outFeatures: 2, size: 3 * 5 + 5 + 5 * 2 + 2 });
checkModule({ name: 'GELU', make: () => new GELU(), inFeatures: 3, outFeatures: 3, size: 0 });

describe('Linear', () => {
  test('computes Σ_j W[i, j]·x[j] + b[i]', () => {
    const weight = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const layer = new Linear(3, 2, { weight, bias: tensor([10, 20]) });
    assert.deepEqual(layer.call(tensor([[1, 0, -1]])).toArray(), [[8, 18]]);
    assert.deepEqual(new Linear(3, 2, { weight, bias: null }).call(tensor([1, 0, -1])).toArray(), [-2, -2]);
  });

  test('starts uniform on ±1/√n, weight and bias: range, mean and variance', () => {
    for (const n of [4, 100]) {
      const { weight, bias } = new Linear(n, 4000, { rng, dtype: 'float64' });
      for (const values of [weight.data, (bias as Parameter).data]) {
        const scaled = Array.from(values, (x) => x * Math.sqrt(n));
        const mean = scaled.reduce((a, b) => a + b, 0) / scaled.length;
        const variance = scaled.reduce((a, b) => a + (b - mean) ** 2, 0) / scaled.length;
        assert.ok(
          scaled.every((x) => x >= -1 && x < 1),
          'within ±1/√n',
        );
        assert.ok(scaled.some((x) => x > 0.99) && scaled.some((x) => x < -0.99), 'reaches both ends');
        assert.ok(Math.abs(mean) < 4 * Math.sqrt(1 / 3 / scaled.length), `mean ${mean}`);
        assert.ok(Math.abs(variance - 1 / 3) < 4 * Math.sqrt(4 / 45 / scaled.length), `variance ${variance}`);
      }
    }
  });

  test('takes given values, and a given bias parameter as itself', () => {
    const weight = rand([2, 3], rng);
    const bias = new Parameter(rand([2], rng));
    const [a, b] = [new Linear(3, 2, { weight, bias }), new Linear(3, 2, { weight, bias })];
    assertSame(a.weight.detach(), weight, 'weight');
    assert.ok(a.weight.requiresGrad && a.bias === bias && b.bias === bias, 'trainable weight, given bias');
    assert.equal(new Sequential(a, b).parameters().length, 3);
  });

  test('with leading axes the gradient of the weight is one product: no tensor per leading index, none larger than x', () => {
    const layer = new Linear(20, 30, { rng });
    const x = rand([16, 4, 20], rng);
    const sizes = buffers(() => layer.call(x).sum().backward());
    assert.ok(Math.max(...sizes) <= 16 * 4 * 30, `largest ${Math.max(...sizes)}`);
  });

  test('refuses sizes below 1 or broken, values that do not fit, and inputs of another width', () => {
    for (const n of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => new Linear(n, 2, { rng }), DomainError);
      assert.throws(() => new Linear(2, n, { rng }), DomainError);
    }
    const weight = rand([2, 3], rng);
    assert.throws(() => new Linear(2, 3, { weight, bias: null }), ShapeError);
    for (const shape of [[1], [3], [1, 2], []])
      assert.throws(() => new Linear(3, 2, { weight, bias: zeros(shape) }), ShapeError, String(shape));
    const layer = new Linear(3, 2, { rng });
    for (const shape of [[2], [4, 2], [3, 1], []]) assert.throws(() => layer.call(zeros(shape)), ShapeError);
    assert.throws(() => layer.call(zeros([1, 3], { dtype: 'float64' })), DTypeError);
  });
});

test('activations are their functions', () => {
  const pairs: [Module, (x: Tensor) => Tensor][] = [
    [new ReLU(), relu],
    [new Tanh(), tanh],
    [new Sigmoid(), sigmoid],
    [new GELU(), (x) => gelu(x)],
    [new GELU({ approximate: 'tanh' }), (x) => gelu(x, { approximate: 'tanh' })],
    [new Activation((x) => (relu as Op<1>)(x)), relu],
  ];
  fc.assert(
    fc.property(tensors([3]), (x) => {
      for (const [module, fn] of pairs) assertSame(module.call(x), fn(x), module.constructor.name);
    }),
  );
  assert.ok(
    pairs.every(([module]) => module.parameters().length === 0),
    'no parameters',
  );
});

describe('Parameter', () => {
  test('shares storage with the values it is given, trains by default, lives in Euclidean space by default', () => {
    const value = rand([2], rng);
    const p = new Parameter(value);
    assert.ok(p.storage === value.storage && p.requiresGrad && p.manifold === euclidean && p.isLeaf, 'defaults');
    assert.ok(!value.requiresGrad, 'the given tensor stays as it was');
    const curved: Manifold = { ...euclidean, name: 'curved' };
    assert.equal(new Parameter(value, { manifold: curved }).manifold, curved);
  });

  test('is frozen and thawed through requiresGrad', () => {
    const frozen = new Parameter(rand([2], rng), { trainable: false });
    assert.ok(!frozen.requiresGrad, 'frozen');
    frozen.requiresGrad = true;
    assert.ok(frozen.requiresGrad, 'thawed');
    const p = new Parameter(rand([2], rng));
    p.requiresGrad = false;
    assert.ok(!relu(p).requiresGrad, 'a frozen parameter records nothing');
  });

  test('integers cannot be trained, but can be kept frozen', () => {
    const counts = zeros([2], { dtype: 'int32' });
    assert.throws(() => new Parameter(counts), DTypeError);
    assert.equal(new Parameter(counts, { trainable: false }).dtype, 'int32');
  });
});
