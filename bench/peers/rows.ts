/** What is measured: one task per row. A task is plain data, so that it can be sent to a process in another language. */

/** What a contender is asked to compute, on inputs that `inputs.ts` defines. */
export type Task =
  /** A·B, `batch` times; A [m, k], or [k, m] with transA; B [k, n], or [n, k] with transB. */
  | { kind: 'matmul'; batch: number; m: number; k: number; n: number; transA: boolean; transB: boolean }
  /** (X·A)·B: X [b, n], A [n, r], B [r, m]. */
  | { kind: 'lowRank'; b: number; n: number; r: number; m: number }
  /** Forward and all gradients of x·V·diag(σ)·Uᵀ, enhanced, by products: PAPER's Eq. 8, 9 and 15. */
  | { kind: 'sst'; b: number; n: number; r: number; m: number }
  | { kind: 'map'; f: 'exp' | 'tanh' | 'gelu'; n: number }
  | { kind: 'softmax' | 'layerNorm'; rows: number; columns: number }
  | { kind: 'sparse'; n: number; degree: number; columns: number }
  /** Forward, backward and a step of gradient descent: ReLU between layers, cross-entropy. */
  | { kind: 'mlp'; widths: readonly number[]; batch: number; lr: number }
  /** The same of an encoder layer (post-norm, ReLU, no dropout) and the mean squared error to a target. */
  | { kind: 'block'; d: number; heads: number; ff: number; length: number; batch: number; lr: number }
  /** An epoch of HyboNet link prediction on a graph read from a folder: a step of AdamW on the whole graph. */
  | HybonetTask
  /** The thin SVD with its vectors. */
  | { kind: 'svd'; n: number; dtype: 'float32' | 'float64' }
  /** y = x + 1 + 1 + …, recorded; Σ (((x·1.001) + 0.001)·1.001 + …) of 16 numbers, with or without its forward pass. */
  | { kind: 'adds' | 'chain' | 'chainBackward'; ops: number };

/** Data, and the settings that a data set asks for. */
export interface HybonetTask {
  readonly kind: 'hybonet';
  readonly folder: string;
  readonly normalise: boolean;
  readonly dropout: number;
  readonly weightDecay: number;
  readonly lr: number;
  readonly margin: number;
  readonly clip: number;
}

/** One kind of task. */
export type TaskOf<K extends Task['kind']> = Task & { kind: K };

/** A row of the table. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly task: Task;
  /** Multiplications and additions of one run, where that is what it consists of. */
  readonly flops?: number;
  /** Into how many parts a run is divided for display: elements, operations. */
  readonly per?: number;
  /** Largest distance of results (`distance`) that counts as the same computation. */
  readonly tolerance: number;
}

const product = (
  id: string,
  label: string,
  [m, k, n]: readonly [number, number, number],
  options: { batch?: number; transA?: boolean; transB?: boolean } = {},
): Row => {
  const { batch = 1, transA = false, transB = false } = options;
  const task = { kind: 'matmul' as const, batch, m, k, n, transA, transB };
  return { id, label, task, flops: 2 * batch * m * k * n, tolerance: 1e-5 };
};

const lowRank = (b: number, n: number, r: number, m: number): Row => ({
  id: `lowrank-${b}`,
  label: `[${b}×${n}]·[${n}×${r}]·[${r}×${m}]`,
  task: { kind: 'lowRank', b, n, r, m },
  flops: 2 * b * r * (n + m),
  tolerance: 1e-5,
});

const map = (f: 'exp' | 'tanh' | 'gelu'): Row => ({
  id: f,
  label: `${f}, 1e6`,
  task: { kind: 'map', f, n: 1e6 },
  per: 1e6,
  // Some contenders have gelu in its tanh form only, which differs by 5e-4.
  tolerance: f === 'gelu' ? 1e-3 : 1e-5,
});

const rowwise = (kind: 'softmax' | 'layerNorm', rows: number, columns: number): Row => ({
  id: kind.toLowerCase(),
  label: `${kind} ${rows}×${columns}`,
  task: { kind, rows, columns },
  per: rows * columns,
  // One contender adds no eps to the variance.
  tolerance: kind === 'layerNorm' ? 1e-4 : 1e-5,
});

const csr = (id: string, n: number, degree: number): Row => ({
  id,
  label: `CSR × dense 16, ${n} rows, about ${(n * degree) / 1000}k entries`,
  task: { kind: 'sparse', n, degree, columns: 16 },
  tolerance: 1e-5,
});

const svd = (n: number, dtype: 'float32' | 'float64'): Row => ({
  id: `svd-${n}-${dtype}`,
  label: `SVD ${n}², U and V, ${dtype}`,
  task: { kind: 'svd', n, dtype },
  tolerance: dtype === 'float64' ? 1e-11 : 1e-5,
});

const small = (id: string, label: string, kind: 'adds' | 'chain' | 'chainBackward', per: number): Row => ({
  id,
  label,
  task: { kind, ops: 1000 },
  per,
  tolerance: 1e-4,
});

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...[128, 256, 512, 1024].map((n) => product(`gemm-${n}`, `${n}³`, [n, n, n])),
  product('gemm-ta-256', 'AᵀB 256³', [256, 256, 256], { transA: true }),
  product('gemm-tb-256', 'ABᵀ 256³', [256, 256, 256], { transB: true }),
  product('gemm-batched', '8×[128×64]·[64×128]', [128, 64, 128], { batch: 8 }),
  product('lowrank-512', '[512×512]·[512×16]', [512, 512, 16]),
  lowRank(128, 512, 16, 512),
  {
    id: 'sst',
    label: 'SST: forward and gradients, batch 128, 512×512, r 16',
    task: { kind: 'sst', b: 128, n: 512, r: 16, m: 512 },
    flops: 12 * 128 * 512 * 16,
    tolerance: 1e-5,
  },
  ...(['exp', 'tanh', 'gelu'] as const).map(map),
  rowwise('softmax', 4096, 512),
  rowwise('layerNorm', 4096, 512),
  csr('csr', 2708, 5),
  csr('csr-large', 20_000, 20),
  {
    id: 'mlp',
    label: 'MLP 784-256-256-10, batch 128, training step',
    task: { kind: 'mlp', widths: [784, 256, 256, 10], batch: 128, lr: 0.05 },
    flops: 6 * 128 * (784 * 256 + 256 * 256 + 2560) - 2 * 128 * 784 * 256,
    tolerance: 1e-4,
  },
  {
    id: 'block',
    label: 'Transformer block d 256, 4 heads, ff 1024, 8×128 tokens, training step',
    task: { kind: 'block', d: 256, heads: 4, ff: 1024, length: 128, batch: 8, lr: 0.05 },
    flops: 6 * 1024 * (4 * 256 * 256 + 2 * 256 * 1024 + 2 * 128 * 256) - 2 * 1024 * 3 * 256 * 256,
    tolerance: 1e-4,
  },
  ...[256, 512].flatMap((n) => (['float64', 'float32'] as const).map((dtype) => svd(n, dtype))),
  small('scalar-add', 'scalar add, recorded', 'adds', 1000),
  small('small-backward', 'backward of 1000 ops on 16 numbers', 'chainBackward', 1),
  small('small-ops', 'forward and backward of 1000 ops on 16 numbers', 'chain', 1),
];
