import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CsrMatrix } from '../../../src/autograd/csr.ts';
import { sampledMatmul, sparseMatmul, spmm } from '../../../src/autograd/ops/sparse.ts';
import {
  allocations,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  mul,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '../../../src/index.ts';
import { tensors } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose } from '../../harness/compare.ts';
import { anyOperand, anyOptions, survives } from '../../harness/garbage.ts';
import { checkOp } from '../../harness/op.ts';

const ints = (list: readonly number[]): Tensor => tensor(Int32Array.from(list));

/** A pattern of m rows, some empty, columns in any order and perhaps twice. */
interface Entries {
  readonly indptr: Tensor;
  readonly indices: Tensor;
  readonly m: number;
  readonly n: number;
}

const entries: fc.Arbitrary<Entries> = fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 4 })).chain(([m, n]) =>
  fc.array(fc.array(fc.nat(n - 1), { maxLength: 3 }), { minLength: m, maxLength: m }).map((rows) => {
    const ends = rows.map((_, i) => rows.slice(0, i + 1).flat().length);
    return { indptr: ints([0, ...ends]), indices: ints(rows.flat()), m, n };
  }),
);

checkOp(sparseMatmul, {
  inputs: fc.tuple(entries, fc.nat(3), fc.boolean()).chain(([{ indptr, indices, m, n }, d, transposed]) =>
    fc.tuple(tensors([indices.size]), tensors([transposed ? m : n, d])).map(([values, x]) => ({
      inputs: [indptr, indices, values, x],
      attrs: { transposed, columns: n },
    })),
  ),
});
checkOp(sampledMatmul, {
  inputs: fc
    .tuple(entries, fc.nat(3))
    .chain(([{ indptr, indices, m, n }, d]) =>
      fc
        .tuple(tensors([m, d]), tensors([n, d]))
        .map(([a, b]) => ({ inputs: [indptr, indices, a, b], attrs: undefined })),
    ),
});

/** A matrix, and something dense to multiply by. */
const products = fc.tuple(entries, fc.nat(3)).chain(([e, d]) =>
  fc.tuple(tensors([e.indices.size]), tensors([e.n, d])).map(([values, x]) => ({
    a: new CsrMatrix(e.indptr, e.indices, values, [e.m, e.n]),
    x,
  })),
);

test('spmm is the product with the dense matrix, and its rule needs nothing dense', () => {
  fc.assert(
    fc.property(products, ({ a, x }) => {
      const dense = a.toDense();
      assertClose(spmm(a, x), matmul(dense, x), 1e-13, 'product');
      assertClose(a.transpose().toDense(), transpose(dense), 0, 'transpose');
      assertClose(a.transpose().transpose().toDense(), dense, 0, 'twice');
      const [v, w] = [leaf(a.values), leaf(x)];
      const mine = grad(sum(mul(spmm(a.withValues(v), w), spmm(a, x))), [v, w]);
      const other = grad(sum(mul(matmul(a.withValues(v).toDense(), w), matmul(dense, x))), [v, w]);
      for (const [i, g] of mine.entries()) assertClose(g, other[i], 1e-12, `gradient ${i}`);
    }),
  );
});

test('spmm: both orders of both gradients are central differences', () => {
  fc.assert(
    fc.property(products, ({ a, x }) => {
      const f = (values: Tensor, w: Tensor): Tensor => spmm(a.withValues(values), w);
      const leaves = [a.values, x].map(leaf);
      gradcheck(f, leaves, { fast: true });
      gradgradcheck(f, leaves, { fast: true });
    }),
    { numRuns: 40 },
  );
});

test('a product and its gradients allocate nothing of the size of the matrix', () => {
  const n = 1000;
  const a = CsrMatrix.fromEdges(ints([5, 9]), ints([7, 3]), {
    shape: [n, n],
    values: tensor([1, 2], { requiresGrad: true }),
  });
  const x = zeros([n, 2], { requiresGrad: true });
  const before = allocations().bytes;
  grad(sum(spmm(a, x)), [a.values, x]);
  assert.ok(allocations().bytes - before < 50 * n);
});

test('sparse functions survive garbage', () => {
  const a = CsrMatrix.fromDense(tensor([[1, 2, 0]]));
  survives('spmm', spmm, fc.oneof(anyOperand, fc.constant(a)), anyOperand);
  survives(
    'sparseMatmul',
    sparseMatmul,
    anyOperand,
    anyOperand,
    anyOperand,
    anyOperand,
    anyOptions('transposed', 'columns'),
  );
  survives('sampledMatmul', sampledMatmul, anyOperand, anyOperand, anyOperand, anyOperand);
});
