import type { ClassLossAttrs } from '../cpu/loss.ts';
import { blockSizes, blocksOf } from '../cpu/reduce.ts';
import type { Tensor } from '../tensor.ts';
import { fewest, isFloat32, overlay } from './overlay.ts';
import { lastOf, overRows, readRows, writeRows } from './overRows.ts';
import { layReductions } from './reductions.ts';
import { softmaxes } from './softmax.ts';

type Tensors = readonly Tensor[];

/** A kernel whose operands and result have one shape, and that works on rows of the last axis. */
function layMap(name: string, cost: number): void {
  overlay<Tensors, undefined, readonly [Tensor]>(name, {
    accepts: isFloat32,
    run([y], inputs) {
      const n = lastOf(y);
      const shares = [...inputs.map((x) => readRows(x, n)), writeRows(y, n)];
      return overRows(softmaxes(name), shares, [y.size / n, n, cost], []);
    },
  });
}

function layLogSumExp(): void {
  overlay<readonly [Tensor], readonly number[], readonly [Tensor]>('logSumExp', {
    accepts: (inputs, axes) => isFloat32(inputs) && blockSizes(inputs[0], axes).inner === 1,
    run([y], [x], axes) {
      const { tensor, outer, middle } = blocksOf(x, axes);
      return overRows(softmaxes('logSumExp'), [readRows(tensor, middle), writeRows(y, 1)], [outer, middle, 1], []);
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
      const shares = [readRows(x, n), readRows(target, 1), writeRows(losses, 1), writeRows(stats, 2)];
      return overRows(softmaxes('crossEntropy'), shares, [target.size, n, 1], [ignoreIndex, labelSmoothing]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], ClassLossAttrs, readonly [Tensor]>('crossEntropyGrad', {
    accepts: ([, x], attrs) => isClassLoss(x, attrs),
    run([dx], [g, x, target, stats], { ignoreIndex, labelSmoothing }) {
      const n = lastOf(x);
      const shares = [readRows(g, 1), readRows(x, n), readRows(target, 1), readRows(stats, 2), writeRows(dx, n)];
      return overRows(softmaxes('crossEntropyGrad'), shares, [target.size, n, 1], [ignoreIndex, labelSmoothing]);
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
  layReductions();
}
