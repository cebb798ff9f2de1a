/** The goals for rows of the table: how many times as long a peer must take. */

/** What is wanted of some rows. */
export interface Goal {
  readonly rows: readonly string[];
  readonly peer: string;
  /** The peer's time over ours, at least. */
  readonly least: number;
  /** Which of ours: the default one unless said. */
  readonly ours?: string;
}

const gemm = ['gemm-128', 'gemm-256', 'gemm-512', 'gemm-1024'];
const turned = ['gemm-ta-256', 'gemm-tb-256', 'gemm-batched'];
const lowRank = ['lowrank-512', 'lowrank-128', 'sst'];
const maps = ['exp', 'tanh', 'gelu'];
const sparse = ['csr', 'csr-large'];
const svd64 = ['svd-256-float64', 'svd-512-float64'];
const peersInJavaScript = ['tfjs-wasm', 'tfjs-cpu', 'jax-js'];

/** At most `most` times the peer's time. */
const within = (rows: readonly string[], peer: string, most: number): Goal => ({ rows, peer, least: 1 / most });
/** The same with relaxed multiply-add. */
const withFma = (rows: readonly string[], peer: string, most: number): Goal => ({
  ...within(rows, peer, most),
  ours: 'ours-fma',
});
/** At least so many times as fast. */
const faster = (rows: readonly string[], peer: string, times: number): Goal => ({ rows, peer, least: times });

/** Of kernels in a scope, on pinned operands: the peers give memory back by hand, or have an allocator that keeps it. */
const inScope = (goal: Goal): Goal => ({ ...goal, ours: 'ours-other' });

/** PyTorch as it comes, and with registers of 256 bits. */
const native = ['torch', 'torch-avx2'] as const;

/** What the project set out to reach through the public API, with one thread. */
export const goals: readonly Goal[] = [
  within([...gemm, ...turned], 'torch', 2.4),
  withFma([...gemm, ...turned], 'torch', 2),
  faster(gemm, 'tfjs-wasm', 1.3),
  faster(turned, 'tfjs-wasm', 15),
  faster([...gemm, ...turned], 'jax-js', 1.7),
  within(lowRank, 'torch', 2.2),
  faster(lowRank, 'tfjs-wasm', 1.4),
  faster(lowRank, 'jax-js', 2),
  within(['mlp'], 'torch', 2.2),
  withFma(['mlp'], 'torch', 1.9),
  faster(['mlp'], 'jax-js', 2),
  faster(['mlp'], 'tfjs-wasm', 10),
  faster(['mlp'], 'tfjs-cpu', 45),
  within(['block'], 'torch', 2.2),
  ...peersInJavaScript.map((peer) => faster(['block'], peer, 5)),
  within(['exp'], 'torch', 1.5),
  faster(['tanh', 'gelu'], 'torch', 1),
  ...[...peersInJavaScript, 'js-pytorch'].map((peer) => faster(maps, peer, 5)),
  within(['softmax'], 'torch', 1.4),
  faster(['layernorm'], 'torch', 1),
  faster(['softmax'], 'tfjs-wasm', 1),
  faster(sparse, 'torch', 5),
  within(svd64, 'numpy', 4),
  faster(svd64, 'ml-matrix', 6),
  ...peersInJavaScript.map((peer) => faster(['scalar-add'], peer, 1)),
];

/** The same of kernels in a scope, and beside PyTorch with 256-bit registers: not the goals, but where the distance to them comes from. */
export const explanations: readonly Goal[] = [
  ...native.flatMap((peer) => [
    inScope(within([...gemm, ...turned], peer, 2.4)),
    inScope(within(lowRank, peer, 2.2)),
    inScope(within(['exp'], peer, 1.5)),
    inScope(faster(['tanh', 'gelu', 'layernorm'], peer, 1)),
    inScope(within(['softmax'], peer, 1.4)),
    inScope(faster(sparse, peer, 5)),
  ]),
  within(['mlp'], 'torch-avx2', 2.2),
  within(['block'], 'torch-avx2', 2.2),
  inScope(faster(gemm, 'tfjs-wasm', 1.3)),
  inScope(faster(turned, 'tfjs-wasm', 15)),
  inScope(faster([...gemm, ...turned], 'jax-js', 1.7)),
  inScope(faster(lowRank, 'tfjs-wasm', 1.4)),
  inScope(faster(lowRank, 'jax-js', 2)),
  ...[...peersInJavaScript, 'js-pytorch'].map((peer) => inScope(faster(maps, peer, 5))),
  inScope(faster(['softmax'], 'tfjs-wasm', 1)),
];
