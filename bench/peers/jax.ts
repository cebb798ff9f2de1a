/** jax-js on its WebAssembly backend, everything under `jit`; in Node it runs on one thread. Arguments are moved: `.ref` keeps one. */
import {
  accuracyOf,
  type Contender,
  type Makers,
  numbers,
  type Package,
  someValues,
  versionOf,
  type Work,
} from './contender.ts';
import { digest, filled, lowRankShapes, productShapes, sstShapes, uniform, uniform64 } from './inputs.ts';
import { block, mlp, smallOps } from './jaxSteps.ts';

/** A compiled function on operands that stay; lazily computed values are waited for. */
function kernel(jax: Package, operands: readonly Package[], f: (...x: Package[]) => Package): Work {
  const compiled = jax.jit(f);
  const call = (): Package => compiled(...operands.map((x) => x.ref));
  return {
    async run() {
      const y = call();
      await y.blockUntilReady();
      y.dispose();
      return undefined;
    },
    result: () => digest(numbers(call())),
    free() {
      for (const x of operands) x.dispose();
      compiled.dispose();
    },
  };
}

const given = (jax: Package, shapes: readonly number[][]): Package[] =>
  shapes.map((shape, i) => jax.numpy.array(filled(i + 1, shape)).reshape(shape));

function products(jax: Package): Makers {
  const { numpy: np } = jax;
  const t = (a: Package): Package => np.matrixTranspose(a);
  return {
    matmul(task) {
      const flip = (x: Package, wanted: boolean): Package => (wanted ? t(x) : x);
      const operands = given(jax, productShapes(task));
      return kernel(jax, operands, (a, b) => np.matmul(flip(a, task.transA), flip(b, task.transB)));
    },
    lowRank: (task) => kernel(jax, given(jax, lowRankShapes(task)), (x, p, q) => np.matmul(np.matmul(x, p), q)),
    sst: (task) =>
      several(jax, given(jax, sstShapes(task)), (x, vt, ut, s, dy) => {
        const [z, p] = [np.matmul(x.ref, t(vt.ref)), np.matmul(dy.ref, t(ut.ref))];
        const [y, dx] = [np.matmul(z.ref.mul(s.ref), ut), np.matmul(p.ref.mul(s), vt)];
        const [du, dv] = [np.matmul(t(z.ref), dy), np.matmul(t(p.ref), x)];
        return [y, dx, du, dv, p.mul(z).sum(0)];
      }),
  };
}

function kernels(jax: Package): Makers {
  const { numpy: np, nn } = jax;
  const maps: Readonly<Record<string, (x: Package) => Package>> = {
    exp: (x) => np.exp(x),
    tanh: (x) => np.tanh(x),
    gelu: (x) => nn.gelu(x, { approximate: false }),
  };
  return {
    map: ({ f, n }) => kernel(jax, [np.array(uniform(1, n, 4))], maps[f]),
    softmax: ({ rows, columns }) => kernel(jax, given(jax, [[rows, columns]]), (x) => nn.softmax(x, -1)),
    layerNorm({ rows, columns }) {
      const operands = given(jax, [[rows, columns], [columns], [columns]]);
      return kernel(jax, operands, (x, weight, bias) => nn.standardize(x, -1).mul(weight).add(bias));
    },
    svd: ({ n, dtype }) => decomposition(jax, n, dtype),
  };
}

/** The same with several results. */
function several(jax: Package, operands: readonly Package[], f: (...x: Package[]) => readonly Package[]): Work {
  const compiled = jax.jit(f);
  const call = (): Package => compiled(...operands.map((x) => x.ref));
  return {
    async run() {
      const ys = call();
      await jax.blockUntilReady(ys);
      jax.tree.dispose(ys);
      return undefined;
    },
    result: () => [...call()].flatMap((y) => digest(numbers(y))),
    free() {
      for (const x of operands) x.dispose();
      compiled.dispose();
    },
  };
}

function decomposition(jax: Package, n: number, dtype: 'float32' | 'float64'): Work {
  const values = dtype === 'float64' ? uniform64(1, n * n) : uniform(1, n * n);
  const a = jax.numpy.array(values, { dtype }).reshape([n, n]);
  let parts: ArrayLike<number>[] = [];
  return {
    run() {
      // Reading waits; what it copies is small beside the work.
      parts = [...jax.numpy.linalg.svd(a.ref, { fullMatrices: false })].map(numbers);
    },
    result: () => someValues(parts[1]),
    notes: () => accuracyOf(values, parts[0], parts[1], parts[2]),
    free: () => void a.dispose(),
  };
}

/** jax-js. */
export async function jax(): Promise<Contender> {
  const name = '@jax-js/jax';
  // It looks for this class, which Node 20 lacks, when it is given float64.
  if (!('Float16Array' in globalThis)) Object.assign(globalThis, { Float16Array: class extends Uint16Array {} });
  const library = (await import(name)) as Package;
  await library.init('wasm');
  library.defaultDevice('wasm');
  return {
    version: versionOf('@jax-js/jax'),
    about: 'backend wasm, jit except for small ops, one thread',
    makers: {
      ...products(library),
      ...kernels(library),
      ...smallOps(library),
      mlp: (task) => mlp(library, task),
      block: (task) => block(library, task),
    },
    lacks: { sparse: 'has no sparse product' },
  };
}
