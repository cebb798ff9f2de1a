/**
 * The same small work in each library, timed inside one process:
 *
 *     tsx bench/peers/contenders.ts NAME     the numbers of one contender, as JSON
 *
 * Packages are imported by name at run time: they live in this folder's own node_modules, and only when installed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { add, grad, mul, sum, type Tensor, tensor } from '../../src/index.ts';

/** One pass: forward, recorded, and backward, in milliseconds; the gradient's first element, which all must agree on. */
export interface Pass {
  readonly forward: number;
  readonly backward: number;
  readonly gradient: number;
}

/** A library: how it runs a chain of additions, and one of additions and multiplications, with its gradient. */
export interface Contender {
  readonly version: string;
  /** y = x + 1 + 1 + …, `ops` times, x a scalar; y is read. */
  adds(ops: number): Pass;
  /** y = Σ (((x·1.001) + 0.001)·1.001 + …), `ops` operations, x of 16 elements; the gradient is read. */
  chain(ops: number): Pass;
}

/** A package whose types are only there once it is installed: anything in it may be called, and has members. */
interface Package {
  (...args: readonly unknown[]): Package;
  readonly [member: string]: Package;
  [Symbol.iterator](): Iterator<Package>;
}

const numberOf = (x: Package): number => Number(x.dataSync()[0]);

const versionOf = (path: string): string =>
  (JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')) as { version: string }).version;

function timed(forward: () => Tensor, x: Tensor): Pass {
  const start = performance.now();
  const y = forward();
  y.item();
  const middle = performance.now();
  const [g] = grad(y, [x]);
  const gradient = g.data[0];
  return { forward: middle - start, backward: performance.now() - middle, gradient };
}

const ours: Contender = {
  version: versionOf('../../package.json'),
  adds(ops) {
    const x = tensor(1, { requiresGrad: true });
    return timed(() => {
      let y = x;
      for (let i = 0; i < ops; i++) y = add(y, 1);
      return y;
    }, x);
  },
  chain(ops) {
    const x = tensor(new Float32Array(16).fill(0.5), { requiresGrad: true });
    return timed(() => {
      let y = x;
      for (let i = 0; i < ops; i += 2) y = add(mul(y, 1.001), 0.001);
      return sum(y);
    }, x);
  },
};

/** TensorFlow.js records inside `grad`: the forward pass is timed there, and what is left is the backward pass. */
function tensorflowPass(tf: Package, x: Package, f: (x: Package) => Package): Pass {
  let measured: Pass = { forward: Number.NaN, backward: Number.NaN, gradient: Number.NaN };
  tf.tidy(() => {
    let middle = 0;
    const start = performance.now();
    const g = tf.grad((t: Package) => {
      const y = f(t);
      y.dataSync();
      middle = performance.now();
      return y;
    })(x);
    const gradient = numberOf(g);
    measured = { forward: middle - start, backward: performance.now() - middle, gradient };
  });
  return measured;
}

/** TensorFlow.js on its cpu backend. */
async function tensorflow(): Promise<Contender> {
  const core = '@tensorflow/tfjs-core';
  // Kernels and gradient rules register themselves from modules that Node cannot resolve: bundled, they are one file.
  const parts = [`export * from '${core}'`, `import '${core}/dist/register_all_gradients'`];
  const outfile = fileURLToPath(new URL('node_modules/.tensorflow.cjs', import.meta.url));
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const contents = [...parts, "import '@tensorflow/tfjs-backend-cpu'"].join(';');
  const stdin = { contents, resolveDir };
  buildSync({ stdin, outfile, bundle: true, platform: 'node', mainFields: ['module', 'main'], logLevel: 'error' });
  const tf: Package = createRequire(import.meta.url)(outfile);
  await tf.setBackend('cpu');
  const pass = (x: Package, f: (x: Package) => Package): Pass => tensorflowPass(tf, x, f);
  return {
    version: versionOf('node_modules/@tensorflow/tfjs-core/package.json'),
    adds: (ops) =>
      pass(tf.scalar(1), (x) => {
        let y = x;
        for (let i = 0; i < ops; i++) y = tf.add(y, 1);
        return y;
      }),
    chain: (ops) =>
      pass(tf.fill([16], 0.5), (x) => {
        let y = x;
        for (let i = 0; i < ops; i += 2) y = tf.add(tf.mul(y, 1.001), 0.001);
        return tf.sum(y);
      }),
  };
}

/** jax-js computes when values are read: the forward pass ends with reading y, the backward pass with reading the gradient. */
async function jax(): Promise<Contender> {
  const name = '@jax-js/jax';
  const { init, defaultDevice, numpy: np, vjp }: Package = await import(name);
  await init('wasm');
  defaultDevice('wasm');
  const pass = (x: Package, f: (x: Package) => Package): Pass => {
    const start = performance.now();
    const [y, back] = vjp(f, [x]);
    y.dataSync();
    const middle = performance.now();
    const [g] = back(np.array(1));
    const gradient = numberOf(g);
    const backward = performance.now() - middle;
    back.dispose?.();
    return { forward: middle - start, backward, gradient };
  };
  return {
    version: versionOf('node_modules/@jax-js/jax/package.json'),
    adds: (ops) =>
      pass(np.array(1), (x) => {
        let y = x;
        for (let i = 0; i < ops; i++) y = y.add(1);
        return y;
      }),
    chain: (ops) =>
      pass(np.array(new Float32Array(16).fill(0.5)), (x) => {
        let y = x;
        for (let i = 0; i < ops; i += 2) y = y.mul(1.001).add(0.001);
        return y.sum();
      }),
  };
}

/** Name -> how to get ready. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  spectragrad: async () => ours,
  'jax-js (wasm)': jax,
  'TensorFlow.js (cpu)': tensorflow,
};

/** What one process measured: passes of each kind after a warm-up, or why there are none. */
export interface Sample {
  readonly version: string;
  readonly adds: readonly Pass[] | string;
  readonly chain: readonly Pass[] | string;
}

/** Operations of one pass. */
export const ops = 1000;

/** Passes of one kind for about `budget` ms, without the first few; or what the library said when it could not. */
function passes(run: () => Pass, budget: number): readonly Pass[] | string {
  try {
    const start = performance.now();
    for (let i = 0; i < 5 && performance.now() - start < budget; i++) run();
    const found: Pass[] = [];
    const from = performance.now();
    while (found.length < 3 || (found.length < 200 && performance.now() - from < budget)) found.push(run());
    return found;
  } catch (error) {
    return String(error).split('\n')[0];
  }
}

const [, script, asked] = process.argv;
if (script === fileURLToPath(import.meta.url) && asked !== undefined) {
  const { version, adds, chain } = await contenders[asked]();
  const sample: Sample = {
    version,
    adds: passes(() => adds(ops), 400),
    chain: passes(() => chain(ops), 400),
  };
  process.stdout.write(JSON.stringify(sample));
}
