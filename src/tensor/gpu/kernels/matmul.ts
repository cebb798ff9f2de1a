import type { MatmulAttrs } from '../../cpu/matmul.ts';
import type { Shape } from '../../errors.ts';
import { broadcastShapes, sizeOf } from '../../shape.ts';
import { type Walk, walkOf } from '../broadcast.ts';
import { type GpuTable, gpuKernel } from '../overlay.ts';
import { divided, kernelText } from '../text.ts';

/**
 * Element [i, j] of the product of matrices [p, q]: Σ_k A[i, k]·B[k, j], four sums that are added at the end. `aRow` and `aStep` say how far
 * A moves along i and along k, so that a transposed operand is the same text; `aOuter` and `aInner` along p and q, 0 where it repeats.
 */
const matmulText = kernelText(
  'matmul',
  `function (a, b, m, n, k, aRow, aStep, bStep, bColumn, inner, aOuter, aInner, bOuter, bInner) {
    ${divided('row', 'j', 'this.thread.x', 'n')}
    ${divided('matrix', 'i', 'row', 'm')}
    ${divided('p', 'q', 'matrix', 'inner')}
    let s = p * aOuter + q * aInner + i * aRow;
    let t = p * bOuter + q * bInner + j * bColumn;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    const whole = k - 3;
    for (let l = 0; l < whole; l += 4) {
      sum0 += a[s] * b[t];
      sum1 += a[s + aStep] * b[t + bStep];
      sum2 += a[s + 2 * aStep] * b[t + 2 * bStep];
      sum3 += a[s + 3 * aStep] * b[t + 3 * bStep];
      s += 4 * aStep;
      t += 4 * bStep;
    }
    const left = k - 4 * Math.floor(k / 4);
    for (let rest = 0; rest < left; rest++) {
      sum0 += a[s] * b[t];
      s += aStep;
      t += bStep;
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }`,
);

/** How the leading axes of two operands are walked through. */
function batchWalk(a: Shape, b: Shape): Walk {
  const [p, q] = [a.slice(0, -2), b.slice(0, -2)];
  return walkOf([p, q], broadcastShapes('matmul', p, q));
}

/** Size of the inner axis of a walk through at most two, and the strides of an operand along both, in elements. */
function steps({ sizes, strides }: Walk): readonly [inner: number, a: readonly number[], b: readonly number[]] {
  const [a, b] = strides.map((s) => [...[0, 0].slice(s.length), ...s]);
  return [sizes.at(-1) ?? 1, a, b];
}

/** Products of matrices on the last two axes. */
export const products: GpuTable = {
  matmul: gpuKernel<MatmulAttrs>({
    refuses: ([a, b]) =>
      batchWalk(a.shape, b.shape).sizes.length > 2 ? 'repeats matrices along more than two groups of axes' : null,
    run(on, [a, b], { transA = false, transB = false }, [{ shape }]) {
      const [m, n] = shape.slice(-2);
      const k = a.shape[a.shape.length - (transA ? 2 : 1)];
      const size = sizeOf(shape);
      if (k === 0) return [on.full(size, 0)];
      const [inner, aSteps, bSteps] = steps(batchWalk(a.shape, b.shape));
      const within = [transA ? 1 : k, transA ? m : 1, transB ? 1 : n, transB ? k : 1];
      const across = [...aSteps.map((step) => step * m * k), ...bSteps.map((step) => step * k * n)];
      return [on.launch(matmulText, size, [a.array, b.array, m, n, k, ...within, inner, ...across])];
    },
  }),
};
