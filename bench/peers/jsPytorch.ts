/**
 * js-pytorch: nested arrays. Its GPU package is compiled at installation, which this folder forbids: the cpu paths are measured,
 * which are its default.
 */
import { type Contender, type Makers, type Package, spentIn, versionOf, type Work } from './contender.ts';
import {
  digest,
  filled,
  lowRankShapes,
  mlpWeights,
  productShapes,
  sstShapes,
  uniform,
  valuesOf,
  wholes,
} from './inputs.ts';
import type { TaskOf } from './rows.ts';

type Nested = number | Nested[];

/** Flat values as nested arrays of a shape. */
function nested(values: ArrayLike<number>, shape: readonly number[]): Nested {
  const level = (from: number, [n, ...rest]: readonly number[]): Nested => {
    const size = rest.reduce((a, b) => a * b, 1);
    return Array.from({ length: n }, (_, i) => (rest.length === 0 ? values[from + i] : level(from + i * size, rest)));
  };
  return level(0, shape);
}

const flat = (x: Package): number[] =>
  ([x._data] as unknown as unknown[][]).flat(Number.POSITIVE_INFINITY) as unknown as number[];

const kernel = (f: () => Package): Work => ({
  run() {
    f();
  },
  result: () => digest(flat(f())),
});

const given = (torch: Package, shapes: readonly number[][], scale = 1): Package[] =>
  shapes.map((shape, i) => torch.tensor(nested(filled(i + 1, shape, scale), shape)));

function products(torch: Package): Makers {
  const t = (x: Package): Package => x.transpose(-1, -2);
  return {
    matmul(task) {
      const [a, b] = given(torch, productShapes(task));
      return kernel(() => (task.transA ? t(a) : a).matmul(task.transB ? t(b) : b));
    },
    lowRank(task) {
      const [x, p, q] = given(torch, lowRankShapes(task));
      return kernel(() => x.matmul(p).matmul(q));
    },
    sst(task) {
      const [x, vt, ut, s, dy] = given(torch, sstShapes(task));
      const parts = (): Package[] => {
        const [z, p] = [x.matmul(t(vt)), dy.matmul(t(ut))];
        return [z.mul(s).matmul(ut), p.mul(s).matmul(vt), t(z).matmul(dy), t(p).matmul(x), p.mul(z).sum(0)];
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

function kernels(torch: Package): Makers {
  return {
    map({ f, n }) {
      if (f !== 'exp') throw new Error(`has no ${f}`);
      const [x] = given(torch, [[n]], 4);
      return kernel(() => torch.exp(x));
    },
    softmax({ rows, columns }) {
      const [[x], softmax] = [given(torch, [[rows, columns]]), new torch.nn.Softmax()];
      return kernel(() => softmax.forward(x, -1));
    },
    layerNorm({ rows, columns }) {
      const [x, gamma, beta] = given(torch, [[rows, columns], [columns], [columns]]);
      const norm = Object.assign(new torch.nn.LayerNorm(columns), { gamma, beta });
      return kernel(() => norm.forward(x));
    },
  };
}

/** Its ReLU has a slope of 0.001 below 0, so the losses differ in the last digits that count. */
function mlp(torch: Package, { widths, batch, lr }: TaskOf<'mlp'>): Work {
  const weights = mlpWeights(widths);
  const values = valuesOf(weights);
  // Its layers keep weights as [in, out].
  const parameters = weights.map(([, shape], i) => {
    const x = nested(values[i], shape);
    if (shape.length === 1) return torch.tensor(x, true);
    const rows = x as number[][];
    return torch.tensor(
      rows[0].map((_, c) => rows.map((row) => row[c])),
      true,
    ) as Package;
  }) as unknown as (Package & { _data: unknown; _grad: Package })[];
  const x = torch.tensor(nested(uniform(1, batch * widths[0]), [batch, widths[0]]));
  const y = torch.tensor(nested(wholes(2, batch, widths[widths.length - 1]), [batch]));
  const [relu, loss] = [new torch.nn.ReLU(), new torch.nn.CrossEntropyLoss()];
  const losses: number[] = [];
  return {
    run() {
      let h = x;
      for (let i = 0; i < parameters.length; i += 2) {
        if (i > 0) h = relu.forward(h);
        h = h.matmul(parameters[i]).add(parameters[i + 1]);
      }
      const value = loss.forward(h, y);
      value.backward();
      for (const p of parameters) {
        p._data = p.add(p._grad.mul(-lr))._data;
        p.zero_grad();
      }
      losses.push(Number(flat(value)[0]));
    },
    result: () => losses.slice(0, 2),
  };
}

/** Σ (((x·1.001) + 0.001)·1.001 + …) and its gradient, with or without the forward pass. */
function chain(torch: Package, ops: number, both: boolean): Work {
  let gradient = 0;
  const forward = (): [Package, Package] => {
    const x = torch.tensor(Array(16).fill(0.5), true);
    let y = x;
    for (let i = 0; i < ops; i += 2) y = torch.add(torch.mul(y, 1.001), 0.001);
    return [x, y.sum()];
  };
  return {
    run() {
      const made = both ? undefined : forward();
      return spentIn(() => {
        const [x, y] = made ?? forward();
        y.backward();
        gradient = flat(x._grad)[0];
      });
    },
    result: () => [gradient],
  };
}

function smallOps(torch: Package): Makers {
  return {
    chain: ({ ops }) => chain(torch, ops, true),
    chainBackward: ({ ops }) => chain(torch, ops, false),
    adds({ ops }) {
      const x = torch.tensor([1], true);
      let value = 0;
      return {
        run() {
          let y = x;
          for (let i = 0; i < ops; i++) y = torch.add(y, 1);
          value = flat(y)[0];
        },
        result: () => [value],
      };
    },
  };
}

/** js-pytorch. */
export async function jsPytorch(): Promise<Contender> {
  const name = 'js-pytorch';
  const { torch } = (await import(name)) as Package;
  return {
    version: versionOf(name),
    about: 'device cpu',
    makers: { ...products(torch), ...kernels(torch), ...smallOps(torch), mlp: (task) => mlp(torch, task) },
    lacks: {
      sparse: 'has no sparse matrices',
      svd: 'has no SVD',
      block: 'its own block is another (causal, ReLU with a slope)',
    },
  };
}
