/** What outlives a scope, bit for bit, and what is gone with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  backward,
  DisposedError,
  DomainError,
  exp,
  keep,
  matmul,
  meta,
  mul,
  noGrad,
  Rng,
  randn,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { isPassing, unscoped } from '../../../src/tensor/scope.ts';
import { roomUse } from '../../../src/tensor/simd/memory.ts';
import { probes } from '../../harness/arbitraries.ts';
import { assertRefuses, assertSame } from '../../harness/compare.ts';
import { assertGone, program } from '../../harness/scopes.ts';

test('scope: what is returned has the bits that it has outside, and everything else is gone', () => {
  fc.assert(
    fc.property(probes, fc.array(fc.nat(13), { maxLength: 3 }), (seed, kept) => {
      const before = roomUse().used;
      const all = scope(() => {
        const made = program(seed);
        return [() => made, kept.map((i) => made[i])] as const;
      });
      assert.equal(roomUse().used, before, 'the memory is as before');
      const expected = program(seed);
      for (const [nth, i] of kept.entries()) {
        assertSame(all[1][nth], expected[i], `result ${i}`);
        assert.equal(all[1][nth].storage.address, 0, 'an ordinary array');
        assert.ok(!isPassing(all[1][nth]), 'nobody takes it away');
      }
      const alive = new Set(all[1].map((x) => x.storage));
      for (const [i, x] of all[0]().entries()) if (!alive.has(x.storage)) assertGone(x, `tensor ${i}`);
    }),
  );
});

test('scope: what it returns is found in arrays, objects, maps and sets, in cycles too, and nowhere else', () => {
  class Box {
    readonly x = tensor([5]);
  }
  const out = scope(() => {
    const ring: { x: Tensor; self?: unknown } = { x: tensor([1]) };
    ring.self = ring;
    return {
      ring,
      list: [[tensor([2])]],
      map: new Map([['k', tensor([3])]]),
      set: new Set([tensor([4])]),
      box: new Box(),
    };
  });
  const [inSet] = out.set;
  assert.deepEqual([out.ring.x.item(), out.list[0][0].item(), out.map.get('k')?.item(), inSet.item()], [1, 2, 3, 4]);
  assertGone(out.box.x, 'inside an object of a class');
  assert.deepEqual([scope(() => 7), scope(() => null), scope(() => undefined)], [7, null, undefined]);
});

test('scope: views of what is kept live, views of what is not are gone, whichever was made first', () => {
  const [kept, row, whole, part] = scope(() => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const y = add(x, x);
    const xRow = x.rawView([2], 2);
    return [xRow, () => x, () => y, () => y.rawView([2], 2)] as const;
  });
  assert.deepEqual(
    [kept.toArray(), row().toArray()],
    [
      [3, 4],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  );
  assertGone(whole(), 'the whole');
  assertGone(part(), 'a part, made after the end');
});

test('scope: keep lets live in the innermost scope only, gives its argument, and does nothing outside', () => {
  const outside = tensor([1]);
  assert.equal(keep(outside), outside);
  let [inner, lost, given]: Tensor[] = [];
  const list = scope(() => {
    const made: Tensor[] = [];
    scope(() => {
      inner = keep({ x: add(outside, 1) }).x;
      lost = add(outside, 2);
      given = keep(add(outside, 3));
      made.push(given);
    });
    assert.deepEqual([inner.item(), given.item()], [2, 4]);
    assertGone(lost, 'not kept');
    return made;
  });
  assertGone(inner, 'kept in the inner scope, not in the outer');
  assert.equal(list[0].item(), 4);
  assert.equal(outside.item(), 1);
});

test('scope: gradients that backward leaves on leaves live, through nested scopes, accumulated or first', () => {
  const run = (wrap: <T>(fn: () => T) => T): Tensor[] => {
    const w = randn([6, 6], new Rng(1), { requiresGrad: true });
    const v = randn([6, 6], new Rng(2), { requiresGrad: true });
    const seen: Tensor[] = [];
    wrap(() => {
      wrap(() => backward(sum(matmul(w, v))));
      wrap(() => wrap(() => backward(sum(exp(w)))));
      seen.push(w.grad as Tensor);
    });
    wrap(() => backward(sum(mul(w, v))));
    return [w.grad as Tensor, v.grad as Tensor];
  };
  const [inside, outside] = [run(scope), run((fn) => fn())];
  for (const [i, g] of inside.entries()) assertSame(g, outside[i], `gradient ${i}`);
});

test('scope: a leaf that goes takes its gradient along', () => {
  const w = scope(() => {
    const leaf = tensor([1, 2], { requiresGrad: true });
    backward(sum(mul(leaf, leaf)));
    return () => leaf;
  })();
  assertGone(w, 'the leaf');
  assertGone(w.grad as Tensor, 'its gradient');
  const kept = scope(() => {
    const leaf = tensor([1, 2], { requiresGrad: true });
    backward(sum(mul(leaf, leaf)));
    return leaf;
  });
  assert.deepEqual(kept.grad?.toArray(), [2, 4]);
});

test('scope: a later backward that needs what is gone says which call, and which operand', () => {
  const w = randn([4, 4], new Rng(1), { requiresGrad: true });
  const loss = scope(() => sum(mul(exp(add(w, 1)), randn([4, 4], new Rng(2)))));
  assert.ok(Number.isFinite(loss.item()), 'the value is there');
  assertRefuses(() => backward(loss), DisposedError, 'mul', /operand 0 went with the scope it was made in/);
  assert.equal(w.grad, null);
});

test('scope: an error inside ends it: the memory is free, gradients stay, and what comes after is outside', () => {
  const w = tensor([3], { requiresGrad: true });
  const { used } = roomUse();
  let lost: Tensor | undefined;
  assert.throws(
    () =>
      scope(() => {
        lost = zeros([1000]);
        backward(sum(mul(w, w)));
        scope(() => {
          throw new RangeError('mine');
        });
      }),
    RangeError,
  );
  assert.equal(roomUse().used, used);
  assertGone(lost as Tensor, 'made before the error');
  assert.deepEqual(w.grad?.toArray(), [6]);
  assert.ok(!isPassing(add(w, 1)), 'no scope is open');
  assert.ok(
    scope(() => isPassing(add(w, 1))),
    'another can be opened',
  );
});

test('scope: a promise, anything with then, and what is no function are refused, and the scope is closed', async () => {
  const { used } = roomUse();
  const refused = (fn: unknown): void => assertRefuses(() => scope(fn as () => void), DomainError, 'scope');
  refused(async () => zeros([5]));
  refused(() => Promise.reject(new Error('nobody waits for it')));
  // biome-ignore lint/suspicious/noThenProperty: anything that can be awaited
  refused(() => ({ then: () => {} }));
  for (const fn of [null, undefined, 5, {}, zeros([1])]) refused(fn);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(roomUse().used, used);
  assert.ok(!isPassing(zeros([1])), 'no scope is open');
});

test('scope: under noGrad, on meta, and unscoped', () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const y = noGrad(() => scope(() => mul(w, 2)));
  assert.deepEqual([y.toArray(), y.requiresGrad], [[2, 4], false]);
  const ghost = scope(() => add(zeros([3], { device: meta }), zeros([3], { device: meta })));
  assert.deepEqual([ghost.shape, ghost.device.name, isPassing(ghost)], [[3], 'meta', false]);
  const [lasting, gone] = scope(() => {
    const made = unscoped(() => scope(() => add(w, 1)));
    return [() => made, () => add(w, 1), add(w, 1)] as const;
  });
  assert.deepEqual([lasting().toArray(), isPassing(lasting()), gone().toArray()], [[2, 3], false, [2, 3]]);
  assert.throws(
    () =>
      unscoped(() => {
        throw new RangeError('mine');
      }),
    RangeError,
  );
});
