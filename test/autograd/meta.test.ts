/** Models without values: forward, backward and what is around them on `meta`, without a byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import { customFunction } from '../../src/autograd/customFunction.ts';
import { tap } from '../../src/autograd/ops/tap.ts';
import { hvp, jacobian, jvp, valueAndGrad } from '../../src/autograd/transforms.ts';
import {
  add,
  allocations,
  backward,
  DeviceError,
  dropout,
  exp,
  GradError,
  gelu,
  grad,
  layerNorm,
  matmul,
  mean,
  meta,
  mul,
  Rng,
  relu,
  softmax,
  square,
  sum,
  Tensor,
  tensor,
} from '../../src/index.ts';
import { Linear, ReLU, Sequential } from '../../src/nn/index.ts';
import { assertRefuses } from '../harness/compare.ts';

const onMeta = (...shape: number[]): Tensor => {
  const x = Tensor.allocate(shape, 'float32', meta);
  x.requiresGrad = true;
  return x;
};

/** Fails when `fn` allocates anything. */
function withoutMemory<T>(fn: () => T): T {
  const before = allocations();
  const result = fn();
  assert.deepEqual(allocations(), before);
  return result;
}

test('a network of ten billion parameters goes forward and backward without a byte', () => {
  withoutMemory(() => {
    const width = 100_000;
    const x = onMeta(512, width);
    const [w, v, scale] = [onMeta(width, width), onMeta(width, 10), onMeta(width)];
    const rng = new Rng(1);
    const h = layerNorm(gelu(matmul(x, w)), { normalizedShape: [width], weight: scale });
    const y = softmax(matmul(dropout(relu(add(h, x)), { rng }), v));
    backward(mean(square(y)));
    for (const leaf of [x, w, v, scale]) {
      assert.deepEqual(leaf.grad?.shape, leaf.shape);
      assert.equal(leaf.grad?.device, meta);
    }
  });
});

test('modules too, and a step of an optimizer by hand', () => {
  withoutMemory(() => {
    const options = { rng: new Rng(1), device: meta };
    const model = new Sequential(new Linear(4096, 4096, options), new ReLU(), new Linear(4096, 10, options));
    const loss = sum(square(model.call(onMeta(64, 4096))));
    backward(loss);
    for (const p of model.parameters()) {
      assert.deepEqual(p.grad?.shape, p.shape);
      p.assign_(p.detach().sub((p.grad as Tensor).mul(0.1)));
    }
  });
});

test('second derivatives, transforms, checkpoint, tap and custom functions', () => {
  withoutMemory(() => {
    const x = onMeta(3);
    const f = (a: Tensor): Tensor => sum(exp(mul(a, a)));
    const [dx] = grad(f(x), [x], { createGraph: true });
    assert.deepEqual(grad(sum(dx), [x])[0].shape, [3]);
    assert.deepEqual(jacobian(exp, x).shape, [3, 3]);
    assert.deepEqual(jvp(exp, x, x.detach()).tangent.shape, [3]);
    assert.deepEqual(hvp(f, x, x.detach()).shape, [3]);
    assert.deepEqual(valueAndGrad(f)(x).grads[0].shape, [3]);
    const half = customFunction({
      forward({ save }, a) {
        save(exp(a));
        return exp(a);
      },
      backward: ({ saved: [e] }, dy) => mul(dy, e),
    });
    const y = checkpoint((a: Tensor) => tap(half(a), (dy) => dy.mul(2)), x);
    const [dy] = grad(sum(y), [x], { createGraph: true });
    assert.deepEqual([dy.shape, dy.device], [[3], meta]);
    assert.deepEqual(grad(sum(dy), [x])[0].shape, [3]);
  });
});

test('values and shapes do not mix: a rule or a caller that brings one to the other is refused by name', () => {
  const x = onMeta(2);
  assertRefuses(() => add(x, tensor([1, 2])), DeviceError, 'add');
  assertRefuses(() => backward(x, { gradOutput: tensor([1, 1]) }), GradError, 'backward', /float32 on cpu/);
  const f = customFunction({ name: 'mixed', forward: (_, a) => a, backward: () => tensor([1, 1]) });
  assertRefuses(() => backward(sum(f(x))), GradError, 'mixed');
  assert.throws(() => x.item(), /needs exactly one element/);
});
