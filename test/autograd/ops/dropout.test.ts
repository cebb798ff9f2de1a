import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dropout, maskedScale } from '../../../src/autograd/ops/dropout.ts';
import { allocations, DomainError, DTypeError, grad, meta, ones, Rng, sum, tensor, zeros } from '../../../src/index.ts';
import { anyTensors } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { checkOp } from '../../harness/op.ts';

checkOp(maskedScale, { attrs: [2, 0, -0.5] });

const chance = fc.integer({ min: 1, max: 15 }).map((n) => n / 16);

test('each element is 0 or x/(1 − p), and the gradient is dropped where x was', () => {
  fc.assert(
    fc.property(anyTensors(), chance, fc.nat(), (x, p, seed) => {
      const a = tensor(x.data, { shape: x.shape, requiresGrad: true });
      const y = dropout(a, { p, rng: new Rng(seed) });
      const scale = 1 / (1 - p);
      const [g] = grad(sum(y), [a]);
      const mask = dropout(ones(x.shape, { dtype: 'float64' }), { p, rng: new Rng(seed) });
      for (const [i, v] of y.data.entries()) {
        const kept = mask.data[i] !== 0;
        assert.equal(g.data[i], kept ? scale : 0);
        assert.equal(v, kept ? x.data[i] * scale : 0);
      }
    }),
  );
});

test('elements are dropped with chance p, and the mean stays', () => {
  const n = 40000;
  for (const p of [0.1, 0.5, 0.9]) {
    const y = dropout(ones([n]), { p, rng: new Rng(1) });
    const dropped = y.data.filter((v) => v === 0).length / n;
    assert.ok(Math.abs(dropped - p) < 4 * Math.sqrt((p * (1 - p)) / n), `${dropped} for ${p}`);
    assert.ok(Math.abs(sum(y).item() / n - 1) < 0.1);
  }
});

test('p = 0, no training: x itself, and nothing is drawn; p = 1: zeros, also of infinite x, and no gradient', () => {
  const x = tensor([1, Infinity, Number.NaN], { requiresGrad: true });
  const rng = new Rng(3);
  const { state } = rng;
  assert.equal(dropout(x, { p: 0, rng }), x);
  assert.equal(dropout(x, { p: 0.5, rng, training: false }), x);
  const y = dropout(x, { p: 1, rng });
  assertHolds(y, [0, 0, 0]);
  assertHolds(grad(sum(y), [x])[0], [0, 0, 0]);
  assert.deepEqual(rng.state, state);
});

test('the same seed drops the same elements, and a stream goes on', () => {
  const x = ones([100]);
  assertSame(dropout(x, { rng: new Rng(5) }), dropout(x, { rng: new Rng(5) }), 'same seed');
  const rng = new Rng(5);
  const [a, b] = [dropout(x, { rng }), dropout(x, { rng })];
  assert.notDeepEqual([...a.data], [...b.data]);
});

test('one byte per element is kept, and a meta tensor draws nothing', () => {
  const before = allocations();
  dropout(zeros([1000], { requiresGrad: true }), { rng: new Rng(0) });
  assert.equal(allocations().bytes - before.bytes, 1000 * (4 + 4 + 1));
  const rng = new Rng(0);
  assert.deepEqual(dropout(zeros([2, 3], { device: meta }), { rng }).shape, [2, 3]);
  assert.deepEqual(rng.state, new Rng(0).state);
});

test('dropout refuses what is no chance, by name, and survives garbage', () => {
  const rng = new Rng(0);
  for (const p of [-0.1, 1.1, Number.NaN, '0.5' as never])
    assertRefuses(() => dropout(zeros([2]), { p, rng }), DomainError, 'dropout', /p is a chance/);
  assertRefuses(() => dropout(zeros([2]), { rng: Math as never }), DomainError, 'dropout', /rng/);
  assertRefuses(() => dropout(zeros([2]), { p: 0.5 } as never), DomainError, 'dropout', /rng/);
  assertRefuses(() => dropout(zeros([2]), undefined as never), DomainError, 'dropout', /options/);
  assertRefuses(() => dropout(zeros([2], { dtype: 'int32' }), { rng }), DTypeError, 'dropout');
  assertRefuses(() => maskedScale(zeros([1]), tensor([true]), Infinity), DomainError, 'maskedScale', /finite/);
  survives('dropout', dropout, anyOperand, anyOptions('p', 'rng', 'training'));
  survives('maskedScale', maskedScale, anyOperand, anyOperand, anyOperand);
});
