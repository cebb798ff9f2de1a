/** ml-matrix: float64 matrices without gradients. */
import {
  accuracyOf,
  type Contender,
  type Makers,
  type Package,
  someValues,
  versionOf,
  type Work,
} from './contender.ts';
import { digest, filled, lowRankShapes, productShapes, sstShapes, uniform64 } from './inputs.ts';

/** Matrices of numbers made from the seeds 1, 2, …; a vector is a row. */
const given = (library: Package, shapes: readonly number[][], scale = 1): Package[] =>
  shapes.map((shape, i) => {
    const [m, n] = shape.length === 1 ? [1, shape[0]] : shape;
    return library.Matrix.from1DArray(m, n, filled(i + 1, shape, scale));
  });

const flat = (x: Package): number[] => x.to1DArray() as unknown as number[];

const kernel = (f: () => Package): Work => ({
  run() {
    f();
  },
  result: () => digest(flat(f())),
});

function products(library: Package): Makers {
  const { Matrix } = library;
  const t = (x: Package): Package => x.transpose();
  return {
    matmul(task) {
      if (task.batch > 1) throw new Error('has no batched product');
      const [a, b] = given(library, productShapes(task));
      return kernel(() => (task.transA ? t(a) : a).mmul(task.transB ? t(b) : b));
    },
    lowRank(task) {
      const [x, p, q] = given(library, lowRankShapes(task));
      return kernel(() => x.mmul(p).mmul(q));
    },
    sst(task) {
      const [x, vt, ut, s, dy] = given(library, sstShapes(task));
      const parts = (): Package[] => {
        const [z, p] = [x.mmul(t(vt)), dy.mmul(t(ut))];
        const scaled = (modes: Package): Package => modes.clone().mulRowVector(s);
        const sums = Matrix.rowVector(Matrix.mul(p, z).sum('column'));
        return [scaled(z).mmul(ut), scaled(p).mmul(vt), t(z).mmul(dy), t(p).mmul(x), sums];
      };
      return {
        run() {
          parts();
        },
        result: () => parts().flatMap((x) => digest(flat(x))),
      };
    },
  };
}

function decomposition(library: Package, n: number): Work {
  const values = uniform64(1, n * n);
  const a = library.Matrix.from1DArray(n, n, values);
  let parts: Package;
  const diagonal = (): number[] => parts.diagonal as unknown as number[];
  return {
    run() {
      parts = new library.SingularValueDecomposition(a) as Package;
    },
    result: () => someValues(diagonal()),
    notes() {
      const [u, vt] = [parts.leftSingularVectors, parts.rightSingularVectors.transpose()].map(flat);
      return accuracyOf(values, u, diagonal(), vt);
    },
  };
}

function makersOf(library: Package): Makers {
  return {
    ...products(library),
    map({ f, n }) {
      if (f === 'gelu') throw new Error('has no gelu');
      const [x] = given(library, [[1000, n / 1000]], 4);
      return kernel(() => library.Matrix[f](x));
    },
    svd({ n, dtype }) {
      if (dtype === 'float32') throw new Error('has no float32');
      return decomposition(library, n);
    },
  };
}

/** ml-matrix. */
export async function mlMatrix(): Promise<Contender> {
  const name = 'ml-matrix';
  const library = (await import(name)) as Package;
  const gradients = 'has no gradients';
  return {
    version: versionOf(name),
    about: 'float64',
    makers: makersOf(library),
    lacks: {
      softmax: 'has no softmax',
      layerNorm: 'has no layer norm',
      sparse: 'has no sparse matrices',
      mlp: gradients,
      block: gradients,
      adds: gradients,
      chain: gradients,
      chainBackward: gradients,
    },
  };
}
