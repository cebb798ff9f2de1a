/** Recomputing in the backward pass: the same gradients to the bit, in any order of differentiation, and less kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import type { CallNode, Edge } from '../../src/autograd/graph.ts';
import { hessian, jacobian } from '../../src/autograd/transforms.ts';
import {
  add,
  allocations,
  backward,
  dropout,
  exp,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  Rng,
  randn,
  relu,
  softmax,
  square,
  sum,
  Tensor,
  tanh,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses, assertSame } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

const drop = (x: Tensor, rng: Rng): Tensor => dropout(x, { rng });

type Stretch = (fn: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]) => Tensor;
const plain: Stretch = (fn, ...xs) => fn(...xs);

/** Three layers that share a weight with each other and with what is around them, with dropout; each layer a stretch. */
function network(seed: number, stretch: Stretch): { loss: Tensor; leaves: Tensor[] } {
  const rng = new Rng(seed);
  const noise = rng.fork('dropout');
  const leaves = Array.from({ length: 3 }, () => randn([5, 5], rng, { requiresGrad: true }));
  const [x, w, v] = leaves;
  let h = add(x, w);
  for (let i = 0; i < 3; i++)
    h = stretch(
      (a, b) => {
        const z = drop(tanh(matmul(a, w)), noise);
        return softmax(add(matmul(z, b), mul(matmul(a, v), w)));
      },
      h,
      i === 1 ? v : h,
    );
  return { loss: sum(mul(h, matmul(w, v))), leaves };
}

test('gradients are equal to the bit to those without, of operands, of shared weights, of what is closed over', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [one, other] = [network(seed, plain), network(seed, checkpoint)];
      assertSame(one.loss, other.loss, 'loss');
      const gradients = grad(other.loss, other.leaves);
      for (const [i, g] of grad(one.loss, one.leaves).entries()) assertSame(gradients[i], g, `leaf ${i}`);
    }),
    { numRuns: 30 },
  );
});

test('the same through backward, with one stretch inside another, and again for a second pass', () => {
  const nested: Stretch = (fn, ...xs) => checkpoint((...ys: Tensor[]) => checkpoint(fn, ...ys), ...xs);
  const [one, other] = [network(3, plain), network(3, nested)];
  for (const { loss } of [one, other]) {
    backward(loss, { retainGraph: true });
    backward(loss);
  }
  for (const [i, x] of one.leaves.entries()) assertSame(other.leaves[i].grad, x.grad, `leaf ${i}`);
  assertRefuses(() => backward(other.loss), GradError, 'sum', /freed/);
});

test('contributions keep their order: newer calls before, the stretch in its place, older ones after', () => {
  const big = 2 ** 24;
  const gradient = (stretch: Stretch): Tensor => {
    const x = tensor([1], { requiresGrad: true });
    const older = mul(x, 1);
    const inside = stretch((a) => add(mul(a, 1), mul(x, 1)), x);
    const newer = mul(x, big);
    return grad(add(add(newer, inside), older), [x])[0];
  };
  assertSame(gradient(checkpoint), gradient(plain), 'gradient');
  assertHolds(gradient(plain), [big]);
});

/** Second derivatives of the network: the gradient of the squared norm of its gradient. */
function second(seed: number, stretch: Stretch): Tensor[] {
  const { loss, leaves } = network(seed, stretch);
  const first = grad(loss, leaves, { createGraph: true });
  return grad(
    first.reduce((total, g) => add(total, sum(square(g))), tensor(0)),
    leaves,
  );
}

test('under createGraph second derivatives are equal to the bit too', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [one, other] = [second(seed, plain), second(seed, checkpoint)];
      for (const [i, g] of one.entries()) assertSame(other[i], g, `leaf ${i}`);
    }),
    { numRuns: 20 },
  );
});

test('second derivatives: finite differences, and inside transforms', () => {
  const f = (x: Tensor): Tensor => sum(checkpoint((a: Tensor) => mul(square(a), a), x));
  const x = vector([1, 2]);
  assert.ok(gradcheck(f, [x]) && gradgradcheck(f, [x]));
  assertHolds(hessian(f, x), [
    [6, 0],
    [0, 12],
  ]);
  assertHolds(
    jacobian((a) => checkpoint((b: Tensor) => jacobian((c) => f(c), b), a), x),
    [
      [6, 0],
      [0, 12],
    ],
  );
});

test('hand-computed: x²·w with w closed over', () => {
  const [x, w] = [vector([2]), vector([5])];
  const y = checkpoint((a: Tensor) => mul(square(a), w), x);
  assertHolds(y, [20]);
  assert.deepEqual(
    grad(y, [x, w]).map((g) => g.item()),
    [20, 4],
  );
});

test('a closed-over result of other calls gets its gradient, and so does what is behind it', () => {
  const x = vector([3]);
  const h = square(x);
  const y = mul(
    checkpoint((a: Tensor) => mul(a, h), x),
    h,
  );
  const [dx, dh] = grad(y, [x, h]);
  assertHolds(dh, [2 * 3 * 9]);
  assertHolds(dx, [5 * 3 ** 4]);
});

/** Bytes of the storages that the graph behind a tensor holds on to. */
function keptBytes(y: Tensor): number {
  const [seen, storages] = [new Set<CallNode>(), new Set<unknown>()];
  let bytes = 0;
  const visit = (edge: Edge): void => {
    if (edge === null || edge instanceof Tensor || seen.has(edge.node)) return;
    seen.add(edge.node);
    const { inputs, outputs, saved } = edge.node;
    for (const x of [...inputs, ...outputs, ...saved]) {
      if (!x.device.hasData || storages.has(x.storage)) continue;
      storages.add(x.storage);
      bytes += x.storage.data?.byteLength ?? 0;
    }
    edge.node.edges.forEach(visit);
  };
  visit({ node: y.node as CallNode, output: 0 });
  return bytes;
}

test('it keeps the operands of each stretch and nothing else', () => {
  const [n, depth] = [64, 8];
  const w = randn([n, n], new Rng(1));
  const run = (stretch: Stretch): Tensor => {
    let h: Tensor = randn([n, n], new Rng(2), { requiresGrad: true });
    for (let i = 0; i < depth; i++) h = stretch((a) => relu(matmul(tanh(exp(a)), w)), h);
    return h;
  };
  const one = n * n * 4;
  assert.equal(keptBytes(run(plain)), (3 * depth + 1) * one, 'exp, tanh and relu keep their results; w');
  assert.equal(keptBytes(run(checkpoint)), depth * one, 'the operands');
  const made = (stretch: Stretch): number => {
    const y = sum(run(stretch));
    const before = allocations().bytes;
    backward(y);
    return allocations().bytes - before;
  };
  assert.equal(made(checkpoint) - made(plain), 4 * depth * one, 'and makes the rest again');
});
