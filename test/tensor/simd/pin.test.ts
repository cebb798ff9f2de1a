/** Tensors that stay in the memory of the kernels, and what scopes do when it is full, or for long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  add,
  allocations,
  backward,
  DomainError,
  exp,
  keep,
  matmul,
  mean,
  mul,
  pin,
  Rng,
  randn,
  reshape,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  unpin,
  zeros,
} from '../../../src/index.ts';
import { adam, fit, GELU, Linear, type Module, Sequential, sgd } from '../../../src/nn/index.ts';
import { fallbacks } from '../../../src/tensor/kernel.ts';
import { isPassing, isPinned } from '../../../src/tensor/scope.ts';
import { reserveBytes, roomUse } from '../../../src/tensor/simd/memory.ts';
import { assertRefuses, assertSame } from '../../harness/compare.ts';
import { assertGone, program } from '../../harness/scopes.ts';

const lies = ({ storage }: Tensor): number => storage.address;

test('pin: values move to the memory and back without a change, for all who look at them', () => {
  const x = randn([3, 5], new Rng(1));
  const [row, same] = [x.rawView([5], 5), reshape(x, [15])];
  const bits = [...x.data];
  const { pinned } = roomUse();
  pin(x);
  assert.ok(lies(x) > 0 && lies(row) === lies(x) && isPinned(row), 'views share it');
  assert.deepEqual([[...same.data], [...row.data]], [bits, bits.slice(5, 10)]);
  row.assign_(zeros([5]));
  assert.deepEqual(
    [...x.data],
    bits.map((v, i) => (i >= 5 && i < 10 ? 0 : v)),
  );
  assert.equal(roomUse().pinned, pinned + 64);
  pin([row, same, x]);
  assert.equal(roomUse().pinned, pinned + 64, 'once');
  unpin(row);
  assert.deepEqual([lies(x), isPinned(x), roomUse().pinned], [0, false, pinned]);
  assert.deepEqual([...same.data], [...x.data]);
  unpin(x);
  assert.equal(roomUse().pinned, pinned, 'no pin, nothing to undo');
});

test('pin: a model, with tied weights once; every dtype; empty tensors; what scopes own is left alone', () => {
  const { pinned } = roomUse();
  const model = new Sequential(new Linear(4, 4, { rng: new Rng(1) }), new Linear(4, 4, { rng: new Rng(2) }));
  const [first, second] = [...Array(2).keys()].map((i) => model[i] as Linear);
  Object.assign(second, { weight: first.weight });
  pin(model);
  assert.ok([...model.parameters()].every(isPinned), 'all parameters');
  assert.equal(roomUse().pinned, pinned + 3 * 64);
  unpin(model);
  const all = (['float32', 'float64', 'int32', 'bool'] as const).map((dtype) => zeros([17], { dtype }));
  pin([...all, zeros([0])]);
  for (const x of all) assert.deepEqual([isPinned(x), x.data.byteOffset, x.data.length], [true, lies(x), 17]);
  unpin(all);
  const kept = scope(() => {
    const made = add(all[0], 1);
    const at = lies(made);
    pin(made);
    assert.ok(isPassing(made) && lies(made) === at, 'not pinned');
    return keep(made);
  });
  pin(kept);
  assert.ok(isPinned(kept), 'what survived can be');
  unpin(kept);
});

test('pin: what a scope owns is not pinned, also where it is an ordinary array', () => {
  const [hole, end] = [zeros([64]), zeros([64])];
  pin([hole, end]);
  unpin(hole);
  const { pinned } = roomUse();
  scope(() => {
    reserveBytes(roomUse().free);
    const made = zeros([64]);
    assert.deepEqual([lies(made), isPassing(made)], [0, true]);
    pin(made);
    assert.equal(lies(made), 0);
  });
  assert.equal(roomUse().pinned, pinned);
  unpin(end);
});

test('pin: inside a scope it stays beyond the end, and unpin inside a scope leaves an ordinary array', () => {
  const [x, y] = [tensor([1, 2]), tensor([3, 4])];
  pin(y);
  const z = scope(() => {
    pin(x);
    const z = add(x, y);
    unpin(y);
    return z;
  });
  assert.deepEqual(
    [isPinned(x), isPinned(y), isPassing(y), x.toArray(), y.toArray(), z.toArray()],
    [true, false, false, [1, 2], [3, 4], [4, 6]],
  );
  unpin(x);
});

test('pin: what nobody looks at any more gives its room back', async () => {
  const { pinned } = roomUse();
  (() => pin(zeros([1 << 20])))();
  assert.equal(roomUse().pinned, pinned + (4 << 20));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 20 && roomUse().pinned > pinned; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(roomUse().pinned <= pinned, 'collected');
});

test('pin: nonsense is refused by name', () => {
  for (const wrong of [
    null,
    undefined,
    5,
    'ab',
    {},
    [1],
    { parameters: 5 },
    { parameters: () => 5 },
    [zeros([1]), null],
  ])
    for (const [name, fn] of Object.entries({ pin, unpin }))
      assertRefuses(() => fn(wrong as never), DomainError, name, /takes tensors, or a model/);
});

test('a full memory: tensors are ordinary arrays, with the same life and the same bits', () => {
  const expected = program(3);
  const before = roomUse().refused;
  const all = scope(() => {
    reserveBytes(roomUse().free - roomUse().bytes / 16 - 1024);
    const { count } = allocations();
    const made = program(3);
    assert.ok(roomUse().refused > before, 'counted');
    assert.ok(allocations().count > count, 'as ordinary arrays');
    assert.ok(made.some((x) => x.storage.address === 0) && made.every(isPassing), 'of the scope, wherever they lie');
    return [() => made, made.at(-1) as Tensor] as const;
  });
  assertSame(all[1], expected.at(-1) as Tensor, 'the result');
  for (const x of all[0]()) if (x.storage !== all[1].storage) assertGone(x, 'without room');
});

test('a full memory: kernels that find no room for copies leave the work to their definition, and say so', () => {
  const [a, b] = [randn([64, 64], new Rng(1)), randn([64, 64], new Rng(2))];
  const names = ['matmul', 'add', 'exp'];
  const counted = (): number => [...fallbacks.values()].reduce((sum, n) => sum + n, 0);
  const before = counted();
  const expected = [matmul(a, b), add(a, b), exp(a)];
  assert.equal(counted(), before, 'there is room');
  scope(() => {
    reserveBytes(roomUse().free - 64);
    for (const [i, y] of [matmul(a, b), add(a, b), exp(a)].entries()) {
      const [near, exact] = [y.data, expected[i].data];
      assert.ok(
        near.every((v, k) => Math.abs(v - exact[k]) <= 1e-5 * Math.max(1, Math.abs(exact[k]))),
        names[i],
      );
    }
  });
  const laid = names.filter((name) => (fallbacks.get(name) ?? 0) > 0);
  assert.ok(laid.length === 0 || counted() >= before + laid.length, 'one more for each kernel that is laid over');
});

test('scope: ten thousand of them take no more memory than one', () => {
  const w = randn([8, 8], new Rng(1), { requiresGrad: true });
  const step = (): number =>
    scope(() => {
      w.zeroGrad();
      const loss = sum(exp(mul(matmul(w, w), 0.01)));
      backward(loss);
      return loss.item();
    });
  const first = step();
  const { used, peak } = roomUse();
  const { count } = allocations();
  for (let i = 0; i < 10_000; i++) assert.equal(step(), first);
  assert.deepEqual([roomUse().used, roomUse().peak], [used, peak]);
  assert.equal(allocations().count - count, 10_000, 'one ordinary array for each gradient that stays');
});

/** Losses and weights of an MLP after some steps. */
async function trained(wrap: <T>(fn: () => T) => T, pinned: boolean): Promise<readonly (number | Tensor)[]> {
  const rng = new Rng(7);
  const model: Module = new Sequential(new Linear(12, 40, { rng }), new GELU(), new Linear(40, 3, { rng }));
  const optimizer = adam([...model.parameters()], { lr: 0.01 });
  if (pinned) pin(model);
  const losses: number[] = [];
  for (let step = 0; step < 12; step++) {
    const [x, y] = [randn([33, 12], rng), randn([33, 3], rng)];
    losses.push(
      wrap(() => {
        model.zeroGrad();
        const loss = mean(square(sub(model.call(x, { training: true }), y)));
        backward(loss);
        optimizer.step();
        return loss.item();
      }),
    );
  }
  if (pinned) unpin(model);
  return [...losses, ...model.parameters()];
}

test('training: in scopes, pinned or not, the same bits as outside', async () => {
  const expected = await trained((fn) => fn(), false);
  for (const pinned of [false, true]) {
    const found = await trained(scope, pinned);
    for (const [i, x] of found.entries())
      if (typeof x === 'number') assert.equal(x, expected[i], `loss ${i}`);
      else assertSame(x, expected[i] as Tensor, `parameter ${i}`);
  }
});

test('training: fit leaves nothing pinned, and the memory as it was', async () => {
  const rng = new Rng(1);
  const model = new Sequential(new Linear(8, 8, { rng }));
  const { used } = roomUse();
  const batches = Array.from({ length: 5 }, () => randn([4, 8], rng));
  const loss = (x: Tensor): Tensor => mean(square(model.call(x, { training: true })));
  const optimizer = sgd([...model.parameters()], { lr: 0.1, momentum: 0.9 });
  for await (const event of fit({ model, optimizer, loss, batches, steps: 5 }))
    assert.ok(event.type !== 'step' || [...model.parameters()].every(isPinned), 'pinned meanwhile');
  const all = [...model.parameters(), ...optimizer.stateTensors()];
  assert.deepEqual([roomUse().used, all.length, all.filter(isPinned)], [used, 4, []]);
});
