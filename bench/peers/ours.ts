/** spectragrad: kernels by plain calls, training steps as `fit` runs them; or the other way round. */
import {
  CsrMatrix,
  deviceInfo,
  exp,
  gelu,
  layerNorm,
  matmul,
  mul,
  pin,
  scope,
  setFma,
  softmax,
  spmm,
  sum,
  type Tensor,
  tanh,
  tensor,
  unpin,
} from '../../src/index.ts';
import { svd } from '../../src/linalg.ts';
import { accuracyOf, type Contender, type Makers, someValues, versionOf, type Work } from './contender.ts';
import { hybonetEpoch } from './hybonet/ours.ts';
import { digest, filled, lowRankShapes, productShapes, sparse, sstShapes, uniform, uniform64 } from './inputs.ts';
import { blockStep, mlpStep, smallOps } from './oursSteps.ts';

/** How memory is used: `default` as above; `other`: kernels inside a scope on pinned operands, steps on plain arrays. */
export type Mode = 'default' | 'other' | 'fma';

/** Tensors of numbers made from the seeds 1, 2, … */
const given = (shapes: readonly number[][]): Tensor[] =>
  shapes.map((shape, i) => tensor(filled(i + 1, shape), { shape }));

/** A kernel, called plainly, or inside a scope. */
function kernel(operands: readonly Tensor[], f: () => Tensor, scoped: boolean): Work {
  if (!scoped) {
    return {
      run() {
        f();
      },
      result: () => digest(f().data),
    };
  }
  pin(operands);
  return {
    run() {
      scope(() => {
        f();
      });
    },
    result: () => digest(scope(f).data),
    free: () => unpin(operands),
  };
}

const maps = { exp, tanh, gelu };

/** y, dx, dU, dV and dσ, by products, as PAPER's formulas are. */
function sstProducts([x, vt, ut, s, dy]: readonly Tensor[]): Tensor[] {
  const z = matmul(x, vt, { transB: true });
  const p = matmul(dy, ut, { transB: true });
  const [y, dx] = [matmul(mul(z, s), ut), matmul(mul(p, s), vt)];
  const [dut, dvt] = [matmul(z, dy, { transA: true }), matmul(p, x, { transA: true })];
  return [y, dx, dut, dvt, sum(mul(p, z), { axis: 0 })];
}

function decomposition(n: number, dtype: 'float32' | 'float64'): Work {
  const values = dtype === 'float64' ? uniform64(1, n * n) : uniform(1, n * n);
  const a = tensor(values, { shape: [n, n] });
  let parts = svd(a);
  return {
    run() {
      parts = svd(a);
    },
    result: () => someValues(parts[1].data),
    notes: () => accuracyOf(values, parts[0].data, parts[1].data, parts[2].data),
  };
}

function makersOf(scoped: boolean): Makers {
  return {
    matmul(task) {
      const [a, b] = given(productShapes(task));
      const attrs = { transA: task.transA, transB: task.transB };
      return kernel([a, b], () => matmul(a, b, attrs), scoped);
    },
    lowRank(task) {
      const [x, p, q] = given(lowRankShapes(task));
      return kernel([x, p, q], () => matmul(matmul(x, p), q), scoped);
    },
    sst(task) {
      const operands = given(sstShapes(task));
      const work = kernel(operands, () => sstProducts(operands)[0], scoped);
      return { ...work, result: () => sstProducts(operands).flatMap((t) => digest(t.data)) };
    },
    map({ f, n }) {
      const x = tensor(uniform(1, n, 4));
      return kernel([x], () => maps[f](x), scoped);
    },
    softmax({ rows, columns }) {
      const [x] = given([[rows, columns]]);
      return kernel([x], () => softmax(x), scoped);
    },
    layerNorm({ rows, columns }) {
      const [x, weight, bias] = given([[rows, columns], [columns], [columns]]);
      return kernel([x, weight, bias], () => layerNorm(x, { weight, bias }), scoped);
    },
    sparse({ n, degree, columns }) {
      const { indptr, indices, values } = sparse(1, n, degree);
      const a = new CsrMatrix(tensor(indptr), tensor(indices), tensor(values), [n, n]);
      const x = tensor(filled(9, [n, columns]), { shape: [n, columns] });
      return kernel([a.indptr, a.indices, a.values, x], () => spmm(a, x), scoped);
    },
  };
}

/** spectragrad from its source. */
export function spectragrad(mode: Mode): Contender {
  if (mode === 'fma') setFma(true);
  const other = mode === 'other';
  const steps: Makers = {
    mlp: (task) => mlpStep(task, !other),
    block: (task) => blockStep(task, !other),
    ...(other ? {} : { hybonet: hybonetEpoch }),
  };
  const alone: Makers = { svd: ({ n, dtype }) => decomposition(n, dtype), ...smallOps };
  return {
    version: versionOf('../..'),
    about: JSON.stringify(deviceInfo()),
    makers: { ...makersOf(other), ...steps, ...(other ? {} : alone) },
    lacks: { svd: 'the same', adds: 'the same', chain: 'the same', chainBackward: 'the same' },
  };
}
