import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cast,
  DomainError,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../../../../src/index.ts';
import { inv, pinv } from '../../../../src/linalg.ts';
import { assertClose, assertHolds, assertRefuses } from '../../../harness/compare.ts';
import { checkOp } from '../../../harness/op.ts';
import { anySizes, apart, batch, batches, calls, double, normal, rows, withValues } from './matrices.ts';

const full = batches(anySizes, (m, n, rng) => withValues(m, n, apart(Math.min(m, n), rng), rng));
const anyRank = batches(anySizes, (m, n, rng) => withValues(m, n, apart(rng.below(Math.min(m, n) + 1), rng), rng));

checkOp(pinv, { inputs: calls(full, [{}, { rcond: 1e-3 }]), tolerance: 2e-5 });

test('Penrose’s four laws, for every rank, in batches too', () => {
  fc.assert(
    fc.property(anyRank, (a) => {
      const p = pinv(a);
      const [ap, pa] = [matmul(a, p), matmul(p, a)];
      assertClose(matmul(ap, a), a, 1e-12, 'A·P·A');
      assertClose(matmul(pa, p), p, 1e-12, 'P·A·P');
      assertClose(transpose(ap), ap, 1e-12, 'A·P');
      assertClose(transpose(pa), pa, 1e-12, 'P·A');
      assertClose(pinv(p), a, 1e-12, 'twice');
    }),
  );
});

test('the inverse where there is one, the transpose over its square for a vector, zero for zero', () => {
  const a = batch([2], 4, 4, (rng) => withValues(4, 4, apart(4, rng), rng), 1);
  assertClose(pinv(a), inv(a), 1e-13, 'inverse');
  assertClose(pinv(rows([3], [4])), rows([0.12, 0.16]), 1e-15, 'vector');
  assertHolds(pinv(zeros([2, 3])), rows([0, 0], [0, 0], [0, 0]).toArray());
  assertHolds(pinv(zeros([2, 0])), []);
  assert.deepEqual(pinv(zeros([0, 2, 3])).shape, [0, 3, 2]);
});

test('rcond: values up to that share of the largest count as zero; the default knows the dtype', () => {
  const a = rows([4, 0], [0, 1]);
  assertHolds(pinv(a), rows([0.25, 0], [0, 1]).toArray());
  assertHolds(pinv(a, { rcond: 0.25 }), rows([0.25, 0], [0, 0]).toArray());
  assertHolds(pinv(a, { rcond: 0.2 }), rows([0.25, 0], [0, 1]).toArray());
  const near = rows([1, 0], [0, 2e-7]);
  assertClose(pinv(near), rows([1, 0], [0, 5e6]), 1e-12, 'float64');
  assertHolds(pinv(cast(near, 'float32')), rows([1, 0], [0, 0]).toArray());
  for (const rcond of [NaN, -1, 1, Infinity, '1' as unknown as number])
    assertRefuses(() => pinv(a, { rcond }), DomainError, 'pinv', /rcond is a number/);
});

test('the gradient is right along changes that keep the rank, twice', () => {
  // A = B·C has rank r for all B and C nearby.
  for (const [m, n, r] of [
    [4, 4, 2],
    [5, 3, 2],
    [3, 5, 1],
    [3, 3, 3],
  ]) {
    const [b, c] = [batch([], m, r, (rng) => normal(m, r, rng), 3), batch([], r, n, (rng) => normal(r, n, rng), 4)];
    for (const x of [b, c]) x.requiresGrad = true;
    const fn = (p: Tensor, q: Tensor): Tensor => pinv(matmul(p, q), { rcond: 1e-9 });
    gradcheck(fn, [b, c]);
    gradgradcheck(fn, [b, c], { fast: true });
  }
});

test('where rcond cuts off a value that is not zero the gradient is refused', () => {
  const through = (a: Tensor, rcond?: number) => () => {
    const x = a.detach();
    x.requiresGrad = true;
    return grad(sum(pinv(x, rcond === undefined ? {} : { rcond })), [x])[0];
  };
  const a = rows([4, 0], [0, 1]);
  assertRefuses(through(a, 0.5), GradError, 'pinv', /cut off/);
  assertRefuses(
    through(
      double([
        [
          [4, 0],
          [0, 4],
        ],
        [
          [4, 0],
          [0, 1],
        ],
      ]),
      0.5,
    ),
    GradError,
    'pinv',
    /cut off/,
  );
  assertClose(through(a, 0.2)(), mul(rows([1 / 16, 0.25], [0.25, 1]), -1), 1e-14, 'kept');
  assertClose(through(zeros([2, 2], { dtype: 'float64' }))(), zeros([2, 2], { dtype: 'float64' }), 0, 'zero');
  assert.ok(through(batch([], 6, 4, (rng) => withValues(6, 4, [3, 1], rng), 2))().data.every(Number.isFinite));
  assert.ok(
    through(
      cast(
        batch([], 6, 4, (rng) => withValues(6, 4, [3, 1], rng), 2),
        'float32',
      ),
    )().data.every((v) => Math.abs(v) < 1e3),
  );
});
