import { type MatmulAttrs, matmulKernel } from '../../tensor/cpu/matmul.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op, type Operand } from '../define.ts';
import { checkFlag, checkOptions } from '../options.ts';
import { signature } from '../signature.ts';
import { wrapOp } from '../wrap.ts';
import { sumTo } from './broadcast.ts';
import { reshape } from './layout.ts';

/** The op itself, on matrices and batches of them. */
const matrices: Op<2, MatmulAttrs> = /* @__PURE__ */ defineOp({
  name: 'matmul',
  arity: 2,
  signature: ({ transA, transB }) => `…~ ${transA ? 'k m' : 'm k'}, …~ ${transB ? 'n k' : 'k n'} -> …~ m n`,
  keeps: { inputs: [0, 1] },
  check: (_, attrs) => checkFlags(attrs),
  forward: ({ inputs, attrs }) => matmulKernel(inputs, attrs),
  backward({ dy, inputs: [a, b], needs, attrs: { transA = false, transB = false } }) {
    const da = (): Tensor =>
      transA ? matrices(b, dy, { transA: transB, transB: true }) : matrices(dy, b, { transB: !transB });
    const db = (): Tensor => {
      // One matrix for a whole batch: its gradient is summed by the product, not after it.
      const [p, q] = b.rank === 2 && a.rank > 2 && !transA ? [rows(a), rows(dy)] : [a, dy];
      return transB ? matrices(q, p, { transA: true, transB: transA }) : matrices(p, q, { transA: !transA });
    };
    return [needs[0] && sumTo(da(), a.shape), needs[1] && sumTo(db(), b.shape)];
  },
});

const rows = (x: Tensor): Tensor => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1]]);

function checkFlags(attrs: MatmulAttrs): void {
  checkOptions('matmul', attrs, ['transA', 'transB']);
  checkFlag('matmul', 'transA', attrs.transA ?? false);
  checkFlag('matmul', 'transB', attrs.transB ?? false);
}

const isVector = (x: Operand): x is Tensor => x instanceof Tensor && x.rank === 1;

/** A vector on the left is one row, on the right one column; its axis leaves the result again. A flag does not change it. */
function withVectors(a: Tensor, b: Tensor, attrs: MatmulAttrs): Tensor {
  checkFlags(attrs);
  const { transA = false, transB = false } = attrs;
  const [row, column] = [isVector(a), isVector(b)];
  const left = row ? 'k' : `…~ ${transA ? 'k m' : 'm k'}`;
  const right = column ? 'k' : `…~ ${transB ? 'n k' : 'k n'}`;
  const result = `…~${row ? '' : ' m'}${column ? '' : ' n'}`;
  signature(`${left}, ${right} -> ${result}`).check('matmul', [a, b]);
  const p = row ? reshape(a, [1, a.size]) : a;
  const q = column ? reshape(b, [b.size, 1]) : b;
  const y = matrices(p, q, { transA: transA && !row, transB: transB && !column });
  const lead = y.shape.slice(0, -2);
  return reshape(y, [...lead, ...(row ? [] : y.shape.slice(-2, -1)), ...(column ? [] : y.shape.slice(-1))]);
}

/**
 * C[…, m, n] = Σ_k A[…, m, k]·B[…, k, n], leading axes broadcast. With `transA`, A is stored as [k, m]; with `transB`, B as
 * [n, k]: a transpose need never be made. A vector [k] on the left is one row, on the right one column, and its axis is
 * missing from the result: [k]·[…, k, n] is […, n], […, m, k]·[k] is […, m], [k]·[k] a scalar. A flag leaves it as it is.
 *
 * Gradients: dA = dC·Bᵀ, dB = Aᵀ·dC, each in the layout of its operand and summed over broadcast axes.
 * @throws ShapeError when k differs, an operand is a scalar or the leading axes do not broadcast; DTypeError when the
 * dtypes differ; DomainError when a flag is neither true nor false
 */
export const matmul: Op<2, MatmulAttrs> = /* @__PURE__ */ wrapOp(matrices, (a, b, attrs = {}) =>
  (isVector(a) && b instanceof Tensor) || (isVector(b) && a instanceof Tensor)
    ? withVectors(a as Tensor, b as Tensor, attrs)
    : matrices(a, b, attrs),
);
