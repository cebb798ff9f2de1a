import type { ClassLossAttrs } from '../cpu/loss.ts';
import { blockSizes, blocksOf } from '../cpu/reduce.ts';
import type { StandardizeAttrs } from '../cpu/standardize.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { columnsScratch } from './columns.ts';
import type { Entry } from './family.ts';
import { launch, type Share } from './launch.ts';
import { norms } from './norms.ts';
import { fewest, isFloat32, overlay } from './overlay.ts';
import { layReductions } from './reductions.ts';
import { softmaxes } from './softmax.ts';

type Tensors = readonly Tensor[];

const read = (tensor: Tensor, step: number): Share => ({ tensor, step });
const write = (tensor: Tensor, step: number): Share => ({ tensor, step, write: true });
const lastOf = (x: Tensor): number => x.shape[x.rank - 1];
const rowOf = (x: Tensor, axes: number): number => sizeOf(x.shape.slice(x.rank - axes));

/** A function over rows of n elements; nanoseconds per element. */
const overRows = (
  entry: Entry,
  shares: readonly Share[],
  [rows, n, cost]: readonly number[],
  more: readonly number[],
): boolean => launch(entry, shares, { count: rows, cost: n * cost }, [n, ...more]);

/** A kernel whose operands and result have one shape, and that works on rows of the last axis. */
function layMap(name: string, cost: number): void {
  overlay<Tensors, undefined, readonly [Tensor]>(name, {
    accepts: isFloat32,
    run([y], inputs) {
      const n = lastOf(y);
      const shares = [...inputs.map((x) => read(x, n)), write(y, n)];
      return overRows(softmaxes(name), shares, [y.size / n, n, cost], []);
    },
  });
}

function layLogSumExp(): void {
  overlay<readonly [Tensor], readonly number[], readonly [Tensor]>('logSumExp', {
    accepts: (inputs, axes) => isFloat32(inputs) && blockSizes(inputs[0], axes).inner === 1,
    run([y], [x], axes) {
      const { tensor, outer, middle } = blocksOf(x, axes);
      return overRows(softmaxes('logSumExp'), [read(tensor, middle), write(y, 1)], [outer, middle, 1], []);
    },
  });
}

/** Whether the logits are float32, and the target to ignore is one that an int32 can be. */
const isClassLoss = (x: Tensor, { ignoreIndex }: ClassLossAttrs): boolean =>
  x.dtype === 'float32' && x.size >= fewest && (ignoreIndex | 0) === ignoreIndex;

function layCrossEntropy(): void {
  overlay<readonly [Tensor, Tensor], ClassLossAttrs, readonly [Tensor, Tensor]>('crossEntropy', {
    accepts: ([x], attrs) => isClassLoss(x, attrs),
    run([losses, stats], [x, target], { ignoreIndex, labelSmoothing }) {
      const n = lastOf(x);
      const shares = [read(x, n), read(target, 1), write(losses, 1), write(stats, 2)];
      return overRows(softmaxes('crossEntropy'), shares, [target.size, n, 1], [ignoreIndex, labelSmoothing]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], ClassLossAttrs, readonly [Tensor]>('crossEntropyGrad', {
    accepts: ([, x], attrs) => isClassLoss(x, attrs),
    run([dx], [g, x, target, stats], { ignoreIndex, labelSmoothing }) {
      const n = lastOf(x);
      const shares = [read(g, 1), read(x, n), read(target, 1), read(stats, 2), write(dx, n)];
      return overRows(softmaxes('crossEntropyGrad'), shares, [target.size, n, 1], [ignoreIndex, labelSmoothing]);
    },
  });
}

function layStandardize(): void {
  overlay<readonly [Tensor], StandardizeAttrs, readonly [Tensor, Tensor]>('standardize', {
    accepts: isFloat32,
    run([y, r], [x], { axes, eps, centre }) {
      const n = rowOf(x, axes);
      const shares = [read(x, n), write(y, n), write(r, 1)];
      return overRows(norms('standardize'), shares, [r.size, n, 0.6], [eps, Number(centre)]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor], StandardizeAttrs, readonly [Tensor]>('standardizeGrad', {
    accepts: isFloat32,
    run([dx], [dy, y, r], { axes, centre }) {
      const n = rowOf(y, axes);
      const shares = [read(dy, n), read(y, n), read(r, 1), write(dx, n)];
      return overRows(norms('standardizeGrad'), shares, [r.size, n, 0.7], [Number(centre)]);
    },
  });
}

function layAffineNorm(): void {
  overlay<readonly [Tensor, Tensor, Tensor], StandardizeAttrs, readonly [Tensor, Tensor]>('affineNorm', {
    accepts: isFloat32,
    run([y, stats], [x, w, b], { axes, eps, centre }) {
      const n = rowOf(x, axes);
      const shares = [read(x, n), read(w, 0), read(b, 0), write(y, n), write(stats, 3)];
      return overRows(norms('affineNorm'), shares, [x.size / n, n, 0.7], [eps, Number(centre)]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], StandardizeAttrs, readonly [Tensor]>('affineNormGrad', {
    accepts: isFloat32,
    run([dx], [dy, x, w, stats], { axes, centre }) {
      const n = rowOf(x, axes);
      const shares = [read(dy, n), read(x, n), read(w, 0), read(stats, 3), write(dx, n)];
      return overRows(norms('affineNormGrad'), shares, [x.size / n, n, 0.9], [Number(centre)]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor], number, readonly [Tensor, Tensor]>('affineNormWeightGrad', {
    accepts: isFloat32,
    run([dw, db], [dy, x, stats], axes) {
      const n = rowOf(x, axes);
      const rows = x.size / n;
      const whole = [dy, x].map((t) => ({ tensor: t, step: 1, whole: true }));
      const scratch = columnsScratch(n, { lanes: 'f64', results: 2 });
      const work = { count: n, grain: 16, cost: 0.4 * rows, scratch };
      const shares = [...whole, read(stats, 0), write(dw, 1), write(db, 1)];
      return launch(norms('affineNormWeightGrad'), shares, work, [rows, 4 * n]);
    },
  });
}

/** Lay the kernels of this family over their definitions. */
export function layRows(): void {
  layMap('softmax', 1);
  layMap('logSoftmax', 1);
  layMap('softmaxGrad', 0.6);
  layMap('logSoftmaxGrad', 1);
  layLogSumExp();
  layCrossEntropy();
  layStandardize();
  layAffineNorm();
  layReductions();
}
