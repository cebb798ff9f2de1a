import { defineKernel, type Kernel, type Spec } from '../kernel.ts';
import { cofactors, cofactorsGradient, determinant, signedLog } from '../linalg/determinant.ts';
import { type LuFactors, luFactor, luSolve } from '../linalg/lu.ts';
import { substitute, type Triangle } from '../linalg/triangular.ts';
import type { Tensor } from '../tensor.ts';
import { eachMatrix, leadOf, refuseMatrix } from './matrices.ts';

const sizeOfSquare = (a: Tensor): number => a.shape.at(-1) ?? 0;

/** LU of one matrix. The kernel that calls it throws a DomainError when a pivot is zero. */
function factored(op: string, part: Float64Array, a: Tensor, at: number): LuFactors {
  const factors = luFactor(part, sizeOfSquare(a));
  if (factors.zero >= 0) refuseMatrix(op, `A is singular: pivot ${factors.zero} of its LU factors is 0`, a, at);
  return factors;
}

/** A⁻¹·B for A […, n, n], B […, n, k]. */
export const solveKernel: Kernel<readonly [Tensor, Tensor], undefined, Spec> = defineKernel({
  name: 'solve',
  infer: ([, b]) => b,
  cpu(outputs, inputs) {
    const [a, b] = inputs;
    const k = b.shape.at(-1) ?? 0;
    eachMatrix('solve', outputs, inputs, ([part, right], at) => [luSolve(factored('solve', part, a, at), right, k)]);
  },
});

/** A⁻¹ for A […, n, n]. */
export const invKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'inv',
  infer: ([a]) => a,
  cpu(outputs, inputs) {
    const [a] = inputs;
    const n = sizeOfSquare(a);
    const identity = new Float64Array(n * n);
    for (let i = 0; i < n; i++) identity[i * n + i] = 1;
    eachMatrix('inv', outputs, inputs, ([part], at) => [luSolve(factored('inv', part, a, at), identity, n)]);
  },
});

/** T⁻¹·B, or T⁻ᵀ·B, for a triangular T […, n, n] and B […, n, k]; a zero on the diagonal divides. */
export const solveTriangularKernel: Kernel<readonly [Tensor, Tensor], Triangle, Spec> = defineKernel({
  name: 'solveTriangular',
  infer: ([, b], _: Triangle) => b,
  cpu(outputs, inputs, triangle) {
    const n = sizeOfSquare(inputs[0]);
    const k = inputs[1].shape.at(-1) ?? 0;
    eachMatrix('solveTriangular', outputs, inputs, ([t, x]) => {
      substitute(t, n, x, k, triangle);
      return [x];
    });
  },
});

/** det A […] for A […, n, n]. */
export const detKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'det',
  infer: ([a]) => ({ shape: leadOf(a), dtype: a.dtype }),
  cpu(outputs, inputs) {
    const n = sizeOfSquare(inputs[0]);
    eachMatrix('det', outputs, inputs, ([a]) => [[determinant(a, n)]]);
  },
});

/** The sign of det A, or 0, and log|det A|, or −∞. */
export const slogdetKernel: Kernel<readonly [Tensor], undefined, readonly [Spec, Spec]> = defineKernel({
  name: 'slogdet',
  infer: ([a]): readonly [Spec, Spec] => [
    { shape: leadOf(a), dtype: a.dtype },
    { shape: leadOf(a), dtype: a.dtype },
  ],
  cpu(outputs, inputs) {
    const n = sizeOfSquare(inputs[0]);
    eachMatrix('slogdet', outputs, inputs, ([a]) => {
      const { sign, log } = signedLog(a, n);
      return [[sign], [log]];
    });
  },
});

/** ∂det A/∂A […, n, n], whatever the rank. */
export const cofactorKernel: Kernel<readonly [Tensor], undefined, Spec> = defineKernel({
  name: 'cofactor',
  infer: ([a]) => a,
  cpu(outputs, inputs) {
    const n = sizeOfSquare(inputs[0]);
    eachMatrix('cofactor', outputs, inputs, ([a]) => [cofactors(a, n)]);
  },
});

/** The gradient of <W, cofactor(A)> by A, for A and W […, n, n], whatever the rank. */
export const cofactorGradKernel: Kernel<readonly [Tensor, Tensor], undefined, Spec> = defineKernel({
  name: 'cofactorGrad',
  infer: ([a]) => a,
  cpu(outputs, inputs) {
    const n = sizeOfSquare(inputs[0]);
    eachMatrix('cofactorGrad', outputs, inputs, ([a, w]) => [cofactorsGradient(a, w, n)]);
  },
});
