import { isFloat } from '../../tensor/dtype.ts';
import { DTypeError, type Shape, ShapeError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkTensor } from '../options.ts';
import { mul } from './arithmetic.ts';
import { type Equation, type Labels, parseEquation } from './equation.ts';
import { permute, reshape } from './layout.ts';
import { matmul } from './matmul.ts';
import { sum } from './reduce.ts';
import { diagonal } from './triangle.ts';

/** A tensor and the label of each of its axes, no two alike. */
interface Term {
  readonly x: Tensor;
  readonly labels: Labels;
}

const sizesOf = ({ x, labels }: Term, wanted: Labels): Shape => wanted.map((label) => x.shape[labels.indexOf(label)]);

/** The axes in the order of the given labels. */
function ordered({ x, labels }: Term, wanted: Labels): Tensor {
  const axes = wanted.map((label) => labels.indexOf(label));
  return axes.every((axis, i) => axis === i) ? x : permute(x, axes);
}

/** A label that stands twice in an operand picks the diagonal of its axes. */
function withoutRepeats(x: Tensor, labels: Labels): Term {
  const second = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (second === -1) return { x, labels };
  const first = labels.indexOf(labels[second]);
  const rest = labels.filter((_, i) => i !== first && i !== second);
  return withoutRepeats(diagonal(x, { axes: [first, second] }), [...rest, labels[second]]);
}

/** An axis of size 1 whose label is longer elsewhere repeats: without it, the others carry it alone. */
function withoutRepeated({ x, labels }: Term, sizes: Equation['sizes']): Term {
  const kept = labels.filter((label, i) => x.shape[i] === sizes.get(label));
  if (kept.length === labels.length) return { x, labels };
  return { x: reshape(x, sizesOf({ x, labels }, kept)), labels: kept };
}

/** Summed over every label that nothing needs any more. */
function summed({ x, labels }: Term, needed: Labels): Term {
  const kept = labels.filter((label) => needed.includes(label));
  if (kept.length === labels.length) return { x, labels };
  return { x: sum(x, { axis: labels.flatMap((label, i) => (needed.includes(label) ? [] : [i])) }), labels: kept };
}

/** Element by element: a's axes first, then those that b alone has. */
function product(a: Term, b: Term): Term {
  const own = b.labels.filter((label) => !a.labels.includes(label));
  const labels = [...a.labels, ...own];
  const wide = reshape(a.x, [...a.x.shape, ...own.map(() => 1)]);
  const order = labels.filter((label) => b.labels.includes(label));
  const shape = labels.map((label) => (b.labels.includes(label) ? sizesOf(b, [label])[0] : 1));
  return { x: mul(wide, reshape(ordered(b, order), shape)), labels };
}

/** A term as a batch of matrices, rows and columns each one axis; `flipped` when it lies the other way round in storage. */
function matrices(term: Term, batch: Labels, rows: Labels, columns: Labels): { x: Tensor; flipped: boolean } {
  const lying = [...batch, ...columns, ...rows];
  const flipped = rows.length > 0 && columns.length > 0 && term.labels.every((label, i) => label === lying[i]);
  const [p, q] = flipped ? [columns, rows] : [rows, columns];
  const [b, m, n] = [batch, p, q].map((labels) => sizeOf(sizesOf(term, labels)));
  const x = ordered(term, [...batch, ...p, ...q]);
  return { x: reshape(x, batch.length === 0 ? [m, n] : [b, m, n]), flipped };
}

/** Σ over the labels that both have and nothing needs, as one product of matrices. */
function contracted(a: Term, b: Term, needed: Labels): Term {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const gone = shared.filter((label) => !needed.includes(label));
  const batch = shared.filter((label) => needed.includes(label));
  const [left, right] = [a, b].map((term) => term.labels.filter((label) => !shared.includes(label)));
  if (gone.length === 0) return product(a, b);
  if (batch.length > 0 && left.length === 0 && right.length === 0) return summed(product(a, b), needed);
  const p = matrices(a, batch, left, gone);
  const q = matrices(b, batch, gone, right);
  const y = matmul(p.x, q.x, { transA: p.flipped, transB: q.flipped });
  const shape = [...sizesOf(a, batch), ...sizesOf(a, left), ...sizesOf(b, right)];
  return { x: reshape(y, shape), labels: [...batch, ...left, ...right] };
}

function checkOperands(operands: readonly Tensor[]): void {
  for (const x of operands) checkTensor('einsum', x);
  if (operands.length === 0) throw new ShapeError('einsum', 'needs at least one operand');
  for (const { dtype } of operands) {
    if (!isFloat(dtype))
      throw new DTypeError('einsum', `an operand is ${dtype}, and needs float32 or float64: cast it`);
    if (dtype !== operands[0].dtype)
      throw new DTypeError('einsum', `operands are ${operands[0].dtype} and ${dtype}: cast one of them`);
  }
}

/**
 * Products of tensors summed over the labels that the result does not have: `einsum('ij,jk->ik', a, b)` is a product of
 * matrices, `'ij->ji'` a transpose, `'ii->'` a trace, `'bhid,bhjd->bhij'` the scores of attention.
 *
 * One letter per axis, operands separated by commas. A letter twice in one operand takes the diagonal. `...` stands for
 * any further axes, which broadcast from the right. Without `->` the result has the axes of `...` and then, in the order of
 * the alphabet (capitals first), every letter that stands once. Axes of size 1 repeat to the size of their label. Without
 * `...` on the right its axes are summed too, as PyTorch does and NumPy refuses.
 *
 * Operands are combined from left to right, each pair by one batched product of matrices, and a label is summed as soon as
 * nothing to the right needs it.
 * @param equation such as `'ij,jk->ik'`; spaces mean nothing
 * @param operands float32 or float64, all of one dtype
 * @throws DomainError when the equation is not one; ShapeError when it does not fit the operands; DTypeError unless they are
 * of one floating dtype
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  checkOperands(operands);
  const { inputs, output, sizes } = parseEquation(
    equation,
    operands.map((x) => x.shape),
  );
  const terms = operands.map((x, i) => withoutRepeated(withoutRepeats(x, inputs[i]), sizes));
  const last = terms.reduce((a, b, i) => {
    const needed = [...output, ...terms.slice(i + 1).flatMap(({ labels }) => labels)];
    const left = summed(a, [...needed, ...b.labels]);
    return contracted(left, summed(b, [...needed, ...left.labels]), needed);
  });
  const y = ordered(summed(last, output), output);
  return y === operands[0] ? reshape(y, y.shape) : y;
}
