/** Training steps and small recorded ops of jax-js. */
import { type Makers, numbers, type Package, type Work } from './contender.ts';
import { blockWeights, mlpWeights, uniform, valuesOf, type Weights, wholes } from './inputs.ts';
import type { TaskOf } from './rows.ts';

/** Gradient descent as one compiled function of the weights. */
function training(
  jax: Package,
  weights: Weights,
  lr: number,
  data: readonly Package[],
  loss: (w: Readonly<Record<string, Package>>, ...data: Package[]) => Package,
): Work {
  const starts = valuesOf(weights);
  const flat = weights.map(([, shape], i) => jax.numpy.array(starts[i]).reshape(shape));
  let parameters = Object.fromEntries(weights.map(([name], i) => [name, flat[i]])) as unknown as Package;
  const step = jax.jit((w: Package, ...data: Package[]) => {
    const [value, g] = jax.valueAndGrad(loss)(jax.tree.ref(w), ...data);
    return [value, jax.tree.map((p: Package, dp: Package) => p.sub(dp.mul(lr)), w, g)];
  });
  const losses: number[] = [];
  return {
    async run() {
      const [value, next] = step(parameters, ...data.map((x) => x.ref));
      parameters = next;
      await jax.blockUntilReady(parameters);
      losses.push(numbers(value)[0]);
      return undefined;
    },
    result: () => losses.slice(0, 2),
    free() {
      jax.tree.dispose(parameters);
      for (const x of data) x.dispose();
      step.dispose();
    },
  };
}

const linear = (np: Package, x: Package, weight: Package, bias: Package): Package =>
  np.matmul(x, np.matrixTranspose(weight)).add(bias);

/** A perceptron with ReLU, cross-entropy, gradient descent. */
export function mlp(jax: Package, { widths, batch, lr }: TaskOf<'mlp'>): Work {
  const { numpy: np, nn } = jax;
  const classes = widths[widths.length - 1];
  const x = np.array(uniform(1, batch * widths[0])).reshape([batch, widths[0]]);
  const y = nn.oneHot(np.array(wholes(2, batch, classes)), classes);
  return training(jax, mlpWeights(widths), lr, [x, y], (w, x, y) => {
    let h = x;
    for (let i = 0; i < widths.length - 1; i++) {
      if (i > 0) h = nn.relu(h);
      h = linear(np, h, w[`${2 * i}.weight`], w[`${2 * i}.bias`]);
    }
    return nn
      .logSoftmax(h, -1)
      .mul(y)
      .sum()
      .mul(-1 / batch);
  });
}

/** An encoder layer, the mean squared error to a target, gradient descent. */
export function block(jax: Package, { d, heads, ff, length, batch, lr }: TaskOf<'block'>): Work {
  const { numpy: np, nn } = jax;
  const shape = [batch, length, d];
  const data = [1, 2].map((seed) => np.array(uniform(seed, batch * length * d)).reshape(shape));
  return training(jax, blockWeights(d, ff), lr, data, (w, x, target) => {
    const apply = (t: Package, name: string, kind = '.'): Package =>
      linear(np, t, w[`${name}${kind}weight`], w[`${name}${kind}bias`]);
    const norm = (t: Package, name: string): Package =>
      nn.standardize(t, -1).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
    const split = (t: Package): Package => np.transpose(t.reshape([batch, length, heads, d / heads]), [0, 2, 1, 3]);
    const [q, k, v] = [...np.split(apply(x.ref, 'self_attn.in_proj', '_'), 3, -1)].map(split);
    // Its own attention goes through an einsum that Node 20 cannot run.
    const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(d / heads));
    const attended = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3]).reshape(shape);
    const y = norm(x.add(apply(attended, 'self_attn.out_proj')), 'norm1');
    const z = norm(y.ref.add(apply(nn.relu(apply(y, 'linear1')), 'linear2')), 'norm2');
    return np.square(z.sub(target)).mean();
  });
}

/** Small operations as a user's loop would call them, not compiled: `part` of forward and backward is timed. */
function small(
  jax: Package,
  start: () => Package,
  f: (x: Package) => Package,
  part: 'forward' | 'backward' | 'both',
): Work {
  let value = 0;
  const clock = (): number[] => {
    const { user, system } = process.cpuUsage();
    return [performance.now(), (user + system) / 1000];
  };
  return {
    run() {
      const from = clock();
      const [y, back] = jax.vjp(f, [start()]);
      value = numbers(y)[0];
      const middle = clock();
      if (part !== 'forward') value = numbers([...back(jax.numpy.array(1))][0])[0];
      const end = clock();
      back.dispose?.();
      const [a, b] = part === 'forward' ? [from, middle] : part === 'backward' ? [middle, end] : [from, end];
      return { wall: b[0] - a[0], cpu: b[1] - a[1] };
    },
    result: () => [value],
  };
}

/** Where bookkeeping is everything. */
export function smallOps(jax: Package): Makers {
  const { numpy: np } = jax;
  const sixteen = (): Package => np.array(new Float32Array(16).fill(0.5));
  const chain = (ops: number) => (x: Package) => {
    let y = x;
    for (let i = 0; i < ops; i += 2) y = y.mul(1.001).add(0.001);
    return y.sum();
  };
  const adds = (ops: number) => (x: Package) => {
    let y = x;
    for (let i = 0; i < ops; i++) y = y.add(1);
    return y;
  };
  return {
    adds: ({ ops }) => small(jax, () => np.array(1), adds(ops), 'forward'),
    chain: ({ ops }) => small(jax, sixteen, chain(ops), 'both'),
    chainBackward: ({ ops }) => small(jax, sixteen, chain(ops), 'backward'),
  };
}
