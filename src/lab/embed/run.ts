import '../../tensor/simd/install.ts';
import { cast } from '../../autograd/ops/cast.ts';
import { slice } from '../../autograd/ops/slice.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { PointEmbedding, rankingLoss } from '../../hyperbolic/embedding.ts';
import { fit, type TrainEvent } from '../../nn/fit.ts';
import { sgd } from '../../nn/optim/sgd.ts';
import { tensor } from '../../tensor/create.ts';
import { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Closure } from '../graph/wordnet.ts';
import { reconstruction } from '../metrics/reconstruction.ts';
import type { LossPoint } from '../results.ts';
import { ReportedError } from '../usage.ts';
import type { EmbedRun, Quality } from './results.ts';
import { type Sample, samples } from './samples.ts';
import { burnInFactor, type EmbedSettings, spaceOf } from './settings.ts';

/** What training an embedding reports: a pass over all pairs, and now and then the quality. */
export type EmbedEvent =
  | { readonly type: 'epoch'; readonly epoch: number; readonly loss: number; readonly lr: number; readonly ms: number }
  | ({ readonly type: 'quality' } & Quality);

/** How often the quality is measured in a run. */
const measurements = 10;

/**
 * Embed the nodes of a closure so that related nodes are near: Riemannian gradient descent on `rankingLoss`, with negatives and
 * a burn-in. An aborted run gives what was reached until then.
 * @throws ReportedError when the loss is not a number any more
 * @source Nickel & Kiela, arXiv 1705.08039 and arXiv 1806.03417
 */
export async function trainEmbedding(
  closure: Pick<Closure, 'names' | 'pairs'>,
  settings: EmbedSettings,
  observe: (event: EmbedEvent) => void,
  signal?: AbortSignal,
): Promise<EmbedRun & { readonly embedding: PointEmbedding }> {
  const { epochs, batchSize, negatives, seed, dim, model, c, dtype, burnIn, learningRate } = settings;
  const rng = new Rng(seed);
  const nodes = closure.names.length;
  const embedding = new PointEmbedding(nodes, dim, spaceOf(model, c), { rng: rng.fork('points'), dtype });
  const perEpoch = Math.ceil(closure.pairs.length / 2 / batchSize);
  const optimizer = sgd(embedding.parameters(), { lr: learningRate });
  optimizer.schedule = (step) => (step < burnIn * perEpoch ? 1 / burnInFactor : 1);
  const training = fit({
    model: embedding,
    optimizer,
    steps: epochs * perEpoch,
    batches: samples({ nodes, pairs: closure.pairs, batchSize, negatives, rng: rng.fork('samples') }),
    loss: (sample) => sampleLoss(embedding, sample),
    ...(signal && { signal }),
  });
  const quality = (): Measured => qualityOf(embedding, closure.pairs);
  return { embedding, ...(await watch(training, observe, epochs, perEpoch, quality)) };
}

type Measured = Omit<Quality, 'epoch'>;

/** Follow a run to its end: the mean loss of each epoch, and the quality now and then and at the end. */
async function watch(
  training: AsyncIterable<TrainEvent>,
  observe: (event: EmbedEvent) => void,
  epochs: number,
  perEpoch: number,
  measure: () => Measured,
): Promise<EmbedRun> {
  const curve: LossPoint[] = [];
  const quality: Quality[] = [];
  const every = Math.max(1, Math.ceil(epochs / measurements));
  const judge = (): void => {
    quality.push({ epoch: curve.length, ...measure() });
    observe({ type: 'quality', ...quality[quality.length - 1] });
  };
  let [ms, total, steps] = [0, 0, 0];
  for await (const event of training) {
    if (event.type !== 'step') continue;
    ms += event.ms;
    total += event.loss;
    steps += 1;
    if (!Number.isFinite(event.loss))
      throw new ReportedError(`training diverged in epoch ${curve.length + 1}: try a smaller --lr`);
    if (steps < perEpoch) continue;
    curve.push({ step: curve.length + 1, loss: total / steps });
    observe({ type: 'epoch', epoch: curve.length, loss: total / steps, lr: event.lr, ms });
    [total, steps] = [0, 0];
    if (curve.length % every === 0) judge();
  }
  if (quality.at(-1)?.epoch !== curve.length || steps > 0) judge();
  return { curve, quality, epochsDone: curve.length, seconds: ms / 1000 };
}

function sampleLoss(embedding: PointEmbedding, { anchors, candidates }: Sample): Tensor {
  const width = candidates.length / anchors.length;
  const near = tensor(candidates, { shape: [anchors.length, width] });
  return rankingLoss(embedding.distances(tensor(anchors), near));
}

/** Nodes whose distances to all others are computed at a time. */
const rowsAtOnce = 128;

/** MAP and mean rank by the distances between all points, in float64: it rounds no two different distances together. */
export function qualityOf({ geometry, weight }: PointEmbedding, pairs: Int32Array): Measured {
  const points = cast(weight.detach(), 'float64');
  const [nodes] = points.shape;
  let [first, rows] = [Number.NaN, points.data.subarray(0, 0)];
  const distances = (node: number): ArrayLike<number> => {
    const start = node - (node % rowsAtOnce);
    if (start !== first) {
      const some = slice(points, [[start, Math.min(nodes, start + rowsAtOnce)]]);
      [first, rows] = [start, noGrad(() => geometry.pairwiseDistance(some, points)).data];
    }
    return rows.subarray((node - start) * nodes, (node - start + 1) * nodes);
  };
  const { meanAveragePrecision, meanRank } = reconstruction(nodes, pairs, distances);
  return { map: meanAveragePrecision, meanRank };
}
