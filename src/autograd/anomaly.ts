import { isFloat } from '../tensor/dtype.ts';
import { GradError } from '../tensor/errors.ts';
import { stridesOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { CallNode } from './graph.ts';
import type { Gradients } from './record.ts';
import { scoped } from './scoped.ts';

/**
 * Run `fn`, and stop at the first NaN. The first call whose result holds one is refused under the name of its op, and so is
 * the first rule of a backward pass that gives one, with the place where that call was made. Slow: every value is looked
 * at, and every recorded call remembers its stack.
 *
 * A backward pass is watched where it runs: put it inside `fn`. The place of a call is known when it was made inside too.
 * @throws GradError naming the op, or when `fn` returns a promise
 */
export const detectAnomaly = <T>(fn: () => T): T => scoped('detectAnomaly', { anomaly: true }, fn);

/** Where calls were made, of those recorded under `detectAnomaly`. */
const origins = new WeakMap<CallNode, string>();

/** This file's and `defineOp`'s own, above the op. */
const ownFrames = 2;

/** Remember the stack as the place of a call. */
export function noteOrigin(node: CallNode): void {
  const lines = (new Error().stack ?? '').split('\n');
  const frames = lines.slice(lines[0].startsWith('Error') ? 1 : 0);
  origins.set(node, frames.slice(ownFrames).join('\n'));
}

/** Index of the first NaN in row-major order, −1 when there is none or none can be seen. */
function findNaN(x: Tensor): number {
  if (!x.onHost || !isFloat(x.dtype)) return -1;
  const { data } = x;
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) return i;
  return -1;
}

/** The indices, one per axis, of element number `at`. */
const place = (at: number, x: Tensor): string =>
  `[${stridesOf(x.shape).map((step, axis) => Math.floor(at / step) % x.shape[axis])}]`;

/** @throws GradError when a result holds NaN, saying whether an operand already did */
export function refuseNaN(op: string, inputs: readonly Tensor[], ys: readonly Tensor[]): void {
  for (const [i, y] of ys.entries()) {
    const at = findNaN(y);
    if (at === -1) continue;
    const source = inputs.findIndex((x) => findNaN(x) !== -1);
    const whence = source === -1 ? 'no operand does' : `so did operand ${source}`;
    throw new GradError(op, `result ${i} holds NaN, first at ${place(at, y)}; ${whence}`, [y.shape]);
  }
}

/** @throws GradError when a gradient that arrives at a call, or a needed one that its rule gave, holds NaN */
export function refuseNaNGradients(
  node: CallNode,
  dys: readonly (Tensor | null)[],
  dxs: Gradients,
  needs: readonly boolean[],
): void {
  const arrived = dys.findIndex((dy) => dy !== null && findNaN(dy) !== -1);
  const given = dxs.findIndex((dx, i) => dx && needs[i] && findNaN(dx) !== -1);
  if (arrived === -1 && given === -1) return;
  const origin = origins.get(node);
  const where = origin === undefined ? 'it was made outside detectAnomaly' : `the call was made here:\n${origin}`;
  const what =
    arrived === -1
      ? `its rule gave operand ${given} a gradient with NaN at ${place(findNaN(dxs[given] as Tensor), dxs[given] as Tensor)}`
      : `the gradients that arrive at result ${arrived} add up to NaN`;
  throw new GradError(node.record.name, `${what}; ${where}`);
}

/** @throws GradError when the parts of a leaf's gradient, each without NaN, add up to NaN: infinities of both signs */
export function refuseNaNLeaf(op: string, leaf: Tensor, g: Tensor): void {
  if (findNaN(g) !== -1) throw new GradError(op, 'the gradients that arrive at a leaf add up to NaN', [leaf.shape]);
}
