import { embeddingDistanceGradKernel, embeddingDistanceKernel } from '../../../src/hyperbolic/embedding.kernel.ts';
import { lorentzPairsGradKernel, lorentzPairsKernel } from '../../../src/hyperbolic/layers/lorentzPairs.kernel.ts';
import { lorentzGapGradKernel, lorentzGapKernel } from '../../../src/hyperbolic/lorentz.kernel.ts';
import { pairwiseSquaresGradKernel, pairwiseSquaresKernel } from '../../../src/hyperbolic/pairs.kernel.ts';
import { full, type Rng, type Shape, type Tensor } from '../../../src/index.ts';
import { type GpuCall, type GpuCase, numbers, wholes } from '../../harness/gpuKernel.ts';
import { points } from './hyperbolicRows.ts';

/** Rows of x and of y, and what a row holds. */
const matrices: readonly (readonly [rows: number, others: number, n: number])[] = [
  [0, 3, 3],
  [3, 0, 3],
  [1, 1, 2],
  [5, 7, 1],
  [7, 5, 4],
  [65, 33, 17],
  [300, 301, 5],
];

/** Points of which the first two of both sides are the origin, the same, and all but the same, where there are so many. */
function meeting(rng: Rng, a: Shape, b: Shape, scale: number, c: number): readonly [Tensor, Tensor] {
  const [x, y] = [points(rng, a, scale, c), points(rng, b, scale, c)];
  const n = a[a.length - 1];
  if (x.size >= 3 * n && y.size >= 3 * n) y.data.set(x.data.subarray(n, 3 * n), n);
  if (x.size >= 3 * n && y.size >= 3 * n && n > 1) y.data[2 * n + 1] *= 1 + 1e-5;
  return [x, y];
}

const gaps = (rng: Rng): readonly (readonly [Tensor, Tensor, Tensor, boolean])[] => [
  ...matrices.flatMap(([rows, others, n]) =>
    [
      [0.5, 1],
      [3, 0.3],
    ].map(([scale, c]) => [...meeting(rng, [rows, n], [others, n], scale, c), full([], c), true] as const),
  ),
  ...([[0, 3], [4], [3, 2], [2, 3, 4], [1024, 33]] as const).map(
    (shape) => [...meeting(rng, shape, shape, 1, 1), full([], 1), false] as const,
  ),
];

const gapCalls = (rng: Rng): readonly GpuCall[] =>
  gaps(rng).map(([x, y, c, pairwise]): GpuCall => [[x, y, c], { pairwise }]);

const gapGradCalls = (rng: Rng): readonly GpuCall[] =>
  gaps(rng).map(([x, y, c, pairwise]): GpuCall => {
    const dy = numbers(rng, pairwise ? [x.shape[0], y.shape[0]] : x.shape.slice(0, -1));
    return [[dy, x, y, c], { pairwise }];
  });

const squareCalls = (rng: Rng): readonly GpuCall[] =>
  matrices.map(([rows, others, n]): GpuCall => [[numbers(rng, [rows, n]), numbers(rng, [others, n])], undefined]);

const squareGradCalls = (rng: Rng): readonly GpuCall[] =>
  squareCalls(rng).map(([[x, z]]): GpuCall => [[numbers(rng, [x.shape[0], z.shape[0]]), x, z], undefined]);

/** How many points, their size, and how many pairs of them. */
const lists: readonly (readonly [points: number, n: number, pairs: number])[] = [
  [3, 4, 0],
  [1, 1, 1],
  [5, 4, 23],
  [300, 17, 1001],
];

const listed = (rng: Rng): readonly GpuCall[] =>
  lists.map(
    ([count, n, pairs]): GpuCall => [[points(rng, [count, n], 1, 1), wholes(rng, [pairs, 2], count)], undefined],
  );

const listedGrad = (rng: Rng): readonly GpuCall[] =>
  listed(rng).map(([[x, pairs]]): GpuCall => [[numbers(rng, [pairs.shape[0]]), x, pairs], undefined]);

/** Points of the ball within 0.9 of the edge; the last is drawn beyond it where there are several. */
function ball(rng: Rng, [count, n]: Shape, c: number): Tensor {
  const x = numbers(rng, [count, n]);
  for (let at = 0; at < x.size; at += n) {
    const row = x.data.subarray(at, at + n);
    const size = (at === x.size - n && count > 2 ? 1.00001 : 0.9 * rng.uniform()) / Math.sqrt(c);
    const by = size / Math.hypot(...row);
    for (let k = 0; k < n; k++) row[k] *= by;
  }
  return x;
}

/** Rows of a table, their size, anchors, and candidates of each. */
const tables: readonly (readonly [rows: number, n: number, anchors: number, many: number])[] = [
  [3, 3, 0, 2],
  [3, 3, 2, 0],
  [1, 2, 1, 1],
  [7, 4, 5, 6],
  [300, 11, 101, 21],
];

const embeddings = (rng: Rng): readonly GpuCall[] =>
  tables.flatMap(([rows, n, anchors, many]) =>
    (['poincare', 'lorentz'] as const).flatMap((model) =>
      [1, 0.4].map((c): GpuCall => {
        const table = model === 'poincare' ? ball(rng, [rows, n], c) : points(rng, [rows, n], 1, c);
        const [from, to] = [wholes(rng, [anchors], rows), wholes(rng, [anchors, many], rows)];
        return [[table, from, to, full([], c)], { model }];
      }),
    ),
  );

const embeddingGrads = (rng: Rng): readonly GpuCall[] =>
  embeddings(rng).map(([operands, attrs], i): GpuCall => {
    const dy = numbers(rng, operands[2].shape);
    return [[dy, ...operands], { ...(attrs as object), curvature: i % 3 > 0 }];
  });

/** What lies between points. Everything is made of their differences, so that what is near keeps its digits. */
export const hyperbolicPairCases: readonly GpuCase[] = [
  { name: 'lorentzGap', kernel: lorentzGapKernel, calls: gapCalls, tolerance: 1e-5, smallest: 1e-18 },
  { name: 'lorentzGapGrad', kernel: lorentzGapGradKernel, calls: gapGradCalls, tolerance: 1e-5, of: 'result' },
  { name: 'pairwiseSquares', kernel: pairwiseSquaresKernel, calls: squareCalls, tolerance: 1e-6 },
  {
    name: 'pairwiseSquaresGrad',
    kernel: pairwiseSquaresGradKernel,
    calls: squareGradCalls,
    tolerance: 1e-5,
    of: 'result',
  },
  { name: 'lorentzPairs', kernel: lorentzPairsKernel, calls: listed, tolerance: 1e-6, of: 'result' },
  { name: 'lorentzPairsGrad', kernel: lorentzPairsGradKernel, calls: listedGrad, tolerance: 1e-5, of: 'result' },
  { name: 'embeddingDistance', kernel: embeddingDistanceKernel, calls: embeddings, tolerance: 5e-6 },
  {
    name: 'embeddingDistanceGrad',
    kernel: embeddingDistanceGradKernel,
    calls: embeddingGrads,
    tolerance: 1e-5,
    of: 'result',
  },
];
