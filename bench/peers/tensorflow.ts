/** TensorFlow.js on its cpu or WebAssembly backend. */
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import {
  type Contender,
  here,
  type Makers,
  numbers,
  type Package,
  type Spent,
  versionOf,
  type Work,
} from './contender.ts';
import {
  blockWeights,
  digest,
  filled,
  lowRankShapes,
  mlpWeights,
  productShapes,
  sstShapes,
  uniform,
  valuesOf,
  type Weights,
  wholes,
} from './inputs.ts';
import type { TaskOf } from './rows.ts';

const first = (x: Package): number => numbers(x)[0];

/** The library, bundled into one file by peers.bench.ts: Node cannot resolve the modules in which its rules register. */
async function load(backend: 'cpu' | 'wasm'): Promise<Package> {
  const tf: Package = createRequire(import.meta.url)(here('node_modules/.bench/tensorflow.cjs'));
  if (backend === 'wasm') {
    tf.setWasmPaths(here('node_modules/@tensorflow/tfjs-backend-wasm/dist') + sep);
    tf.setThreadsCount(1);
  }
  await tf.setBackend(backend);
  await tf.ready();
  return tf;
}

/** Compute and throw away; the digest is that of one more call. */
const kernel = (tf: Package, operands: readonly Package[], f: () => Package): Work => ({
  run() {
    f().dispose();
  },
  result() {
    const y = f();
    const found = digest(numbers(y));
    y.dispose();
    return found;
  },
  free: () => operands.forEach((x) => void tf.dispose(x)),
});

const given = (tf: Package, seed: number, shape: readonly number[]): Package => tf.tensor(filled(seed, shape), shape);

/** Normalised rows: there is no layer norm among the operations. */
function normalised(tf: Package, x: Package, weight: Package, bias: Package): Package {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(weight).add(bias);
}

/** Operands of the shapes, from seeds 1, 2, … */
const all = (tf: Package, shapes: readonly number[][]): Package[] => shapes.map((shape, i) => given(tf, i + 1, shape));

function products(tf: Package): Makers {
  return {
    matmul(task) {
      const [a, b] = all(tf, productShapes(task));
      return kernel(tf, [a, b], () => tf.matMul(a, b, task.transA, task.transB));
    },
    lowRank(task) {
      const [x, p, q] = all(tf, lowRankShapes(task));
      return kernel(tf, [x, p, q], () => tf.tidy(() => tf.matMul(tf.matMul(x, p), q)));
    },
    sst(task) {
      const operands = all(tf, sstShapes(task));
      const [x, vt, ut, s, dy] = operands;
      const parts = (): Package =>
        tf.tidy(() => {
          const [z, p] = [tf.matMul(x, vt, false, true), tf.matMul(dy, ut, false, true)];
          const [y, dx] = [tf.matMul(z.mul(s), ut), tf.matMul(p.mul(s), vt)];
          return [y, dx, tf.matMul(z, dy, true), tf.matMul(p, x, true), tf.sum(p.mul(z), 0)];
        });
      return {
        run: () => void tf.dispose(parts()),
        result: () => [...parts()].flatMap((t) => digest(numbers(t))),
        free: () => void tf.dispose(operands),
      };
    },
  };
}

function kernels(tf: Package): Makers {
  const maps: Readonly<Record<string, (x: Package) => Package>> = {
    exp: (x) => tf.exp(x),
    tanh: (x) => tf.tanh(x),
    gelu: (x) => tf.tidy(() => x.mul(tf.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5))),
  };
  return {
    map({ f, n }) {
      const x = tf.tensor(uniform(1, n, 4));
      return kernel(tf, [x], () => maps[f](x));
    },
    softmax({ rows, columns }) {
      const x = given(tf, 1, [rows, columns]);
      return kernel(tf, [x], () => tf.softmax(x));
    },
    layerNorm({ rows, columns }) {
      const [x, weight, bias] = all(tf, [[rows, columns], [columns], [columns]]);
      return kernel(tf, [x, weight, bias], () => tf.tidy(() => normalised(tf, x, weight, bias)));
    },
  };
}

/** Gradient descent on variables, their values those that all contenders start from. */
function training(
  tf: Package,
  weights: Weights,
  lr: number,
  loss: (w: Readonly<Record<string, Package>>) => Package,
): Work {
  const values = valuesOf(weights);
  const variables = Object.fromEntries(
    weights.map(([name, shape], i) => [name, tf.variable(tf.tensor(values[i], shape))] as const),
  );
  const optimizer = tf.train.sgd(lr);
  const losses: number[] = [];
  return {
    run() {
      const value = optimizer.minimize(() => loss(variables), true);
      losses.push(first(value));
      value.dispose();
    },
    result: () => losses.slice(0, 2),
    free: () => void tf.dispose(variables),
  };
}

function mlp(tf: Package, { widths, batch, lr }: TaskOf<'mlp'>): Work {
  const x = given(tf, 1, [batch, widths[0]]);
  const classes = widths[widths.length - 1];
  const y = tf.oneHot(tf.tensor1d(wholes(2, batch, classes), 'int32'), classes).toFloat();
  return training(tf, mlpWeights(widths), lr, (w) => {
    let h = x;
    for (let i = 0; i < widths.length - 1; i++) {
      if (i > 0) h = tf.relu(h);
      h = tf.matMul(h, w[`${2 * i}.weight`], false, true).add(w[`${2 * i}.bias`]);
    }
    return tf.losses.softmaxCrossEntropy(y, h);
  });
}

function block(tf: Package, { d, heads, ff, length, batch, lr }: TaskOf<'block'>): Work {
  const [x, target] = [1, 2].map((seed) => given(tf, seed, [batch * length, d]));
  const split = (t: Package): Package => t.reshape([batch, length, heads, d / heads]).transpose([0, 2, 1, 3]);
  return training(tf, blockWeights(d, ff), lr, (w) => {
    const linear = (t: Package, name: string, kind = '.'): Package =>
      tf.matMul(t, w[`${name}${kind}weight`], false, true).add(w[`${name}${kind}bias`]);
    const [q, k, v] = [...tf.split(linear(x, 'self_attn.in_proj', '_'), 3, 1)].map(split);
    const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(d / heads));
    const attended = tf
      .matMul(tf.softmax(scores), v)
      .transpose([0, 2, 1, 3])
      .reshape([batch * length, d]);
    const a = x.add(linear(attended, 'self_attn.out_proj'));
    const y = normalised(tf, a, w['norm1.weight'], w['norm1.bias']);
    const b = y.add(linear(tf.relu(linear(y, 'linear1')), 'linear2'));
    return normalised(tf, b, w['norm2.weight'], w['norm2.bias']).sub(target).square().mean();
  });
}

/** Operations are recorded inside `grad` only: the forward pass is timed there, and what is left is the backward pass. */
function small(tf: Package, x: Package, f: (x: Package) => Package, part: 'forward' | 'backward' | 'both'): Work {
  let value = 0;
  const run = (): Spent =>
    tf.tidy(() => {
      const clock = (): number[] => {
        const { user, system } = process.cpuUsage();
        return [performance.now(), (user + system) / 1000];
      };
      const start = clock();
      let middle = start;
      const g = tf.grad((t: Package) => {
        const y = f(t);
        value = first(y);
        middle = clock();
        return y;
      })(x);
      if (part !== 'forward') value = first(g);
      const end = clock();
      const [from, to] = part === 'forward' ? [start, middle] : part === 'backward' ? [middle, end] : [start, end];
      return { wall: to[0] - from[0], cpu: to[1] - from[1] };
    }) as unknown as Spent;
  return { run, result: () => [value], free: () => void x.dispose() };
}

function steps(tf: Package): Makers {
  const chain = (ops: number, part: 'backward' | 'both'): Work =>
    small(
      tf,
      tf.fill([16], 0.5),
      (x) => {
        let y = x;
        for (let i = 0; i < ops; i += 2) y = tf.add(tf.mul(y, 1.001), 0.001);
        return tf.sum(y);
      },
      part,
    );
  return {
    mlp: (task) => mlp(tf, task),
    block: (task) => block(tf, task),
    chain: ({ ops }) => chain(ops, 'both'),
    chainBackward: ({ ops }) => chain(ops, 'backward'),
    adds: ({ ops }) =>
      small(
        tf,
        tf.scalar(1),
        (x) => {
          let y = x;
          for (let i = 0; i < ops; i++) y = tf.add(y, 1);
          return y;
        },
        'forward',
      ),
  };
}

/** TensorFlow.js, one thread. */
export async function tensorflow(backend: 'cpu' | 'wasm'): Promise<Contender> {
  const tf = await load(backend);
  return {
    version: versionOf('@tensorflow/tfjs-core'),
    about: `backend ${backend}, one thread`,
    makers: { ...products(tf), ...kernels(tf), ...steps(tf) },
    lacks: { sparse: 'has no sparse product', svd: 'has no SVD' },
  };
}
