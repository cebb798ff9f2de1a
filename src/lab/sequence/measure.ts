import { backward } from '../../autograd/engine.ts';
import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { crossEntropy } from '../../autograd/ops/crossEntropy.ts';
import { norm } from '../../autograd/ops/statistics.ts';
import { svdvals } from '../../autograd/ops/svd.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { Linear } from '../../nn/linear.ts';
import type { CallContext, Module } from '../../nn/module.ts';
import type { Plan } from '../../sst/convert.ts';
import { select } from '../../sst/select.ts';
import type { Device } from '../../tensor/device.ts';
import type { Data } from '../../tensor/dtype.ts';
import { scope } from '../../tensor/scope.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { MethodName } from '../compare/settings.ts';
import type { TextLikelihood } from '../metrics/perplexity.ts';
import { ignored } from '../text/padded.ts';
import type { HeldPart, SequenceBatch, SequenceTask } from './task.ts';

/** A task, its model, and where both meet. */
export interface Place<M extends Module, B extends SequenceBatch> {
  readonly task: Pick<SequenceTask<M, B, unknown>, 'logits'>;
  readonly model: M;
  readonly device: Device;
}

/** A batch with its tensors on a device. */
const placed = <B extends object>(batch: B, device: Device): B =>
  Object.fromEntries(
    Object.entries(batch).map(([name, value]) => [name, value instanceof Tensor ? value.to(device) : value]),
  ) as B;

/** Targets that count. */
const targetsOf = ({ target }: SequenceBatch): number =>
  Array.from(target.data).filter((token) => token !== ignored).length;

/**
 * The mean loss of all targets of some batches, and the gradients of all but the last: what is left for `backward` is the last batch, so
 * that one graph is held at a time.
 * @returns a scalar, recorded
 */
export function meanLoss<M extends Module, B extends SequenceBatch>(
  { task, model, device }: Place<M, B>,
  batches: readonly B[],
  labelSmoothing: number,
  context: CallContext,
): Tensor {
  const counts = batches.map(targetsOf);
  const all = counts.reduce((sum, n) => sum + n, 0);
  const part = (batch: B, i: number): Tensor => {
    const here = placed(batch, device);
    const mean = crossEntropy(task.logits(model, here, context), here.target, { labelSmoothing });
    return batches.length === 1 ? mean : mul(mean, counts[i] / all);
  };
  const last = batches.length - 1;
  const earlier = batches.slice(0, last).map((batch, i) =>
    scope(() => {
      const loss = part(batch, i);
      backward(loss);
      return loss.detach();
    }),
  );
  return earlier.reduce((sum, loss) => add(sum, loss), part(batches[last], last));
}

/** −ln p of a part's targets, without label smoothing, and how many they are. */
export async function likelihood<M extends Module, B extends SequenceBatch>(
  { task, model, device }: Place<M, B>,
  { batches, bytes }: HeldPart<B>,
): Promise<TextLikelihood> {
  let [nll, tokens] = [0, 0];
  for (const batch of batches()) {
    const sum = scope(() =>
      noGrad(() => {
        const here = placed(batch, device);
        return crossEntropy(task.logits(model, here, {}), here.target, { reduction: 'sum' });
      }),
    );
    nll += (await sum.read())[0];
    tokens += targetsOf(batch);
  }
  return { nll, tokens, bytes };
}

/** The logits of a batch, flat. */
export async function logitsOf<M extends Module, B extends SequenceBatch>(
  { task, model, device }: Place<M, B>,
  batch: B,
): Promise<Data> {
  return (await scope(() => noGrad(() => task.logits(model, placed(batch, device), {}))).read()).slice();
}

/** max |a_i − b_i|; NaN when there is one. */
export function largestDifference(a: Data, b: Data): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/** The parameter whose gradient stands for a layer, by method. @source arXiv 2405.15481, Figure 2 */
const shownParameter: Readonly<Record<MethodName, string>> = {
  full: 'weight',
  sst: 'utActive',
  lora: 'loraA',
  relora: 'loraA',
  galore: 'weight',
};

/** Mean over the layers of a plan of the Frobenius norm of that gradient; 0 for a layer that has none. */
export async function gradientNorm({ layers }: Plan, method: MethodName): Promise<number> {
  let sum = 0;
  for (const { layer } of layers) {
    const { grad } = (layer as unknown as Readonly<Record<string, Tensor>>)[shownParameter[method]];
    if (grad !== null) sum += (await scope(() => noGrad(() => norm(grad))).read())[0];
  }
  return sum / layers.length;
}

const isDense = (module: Module): module is Linear => module instanceof Linear;

/** Singular values of the dense layers that are watched, falling; none where a weight is not finite. */
export function spectraOf(
  model: Module,
  watched: readonly string[],
): { readonly layer: string; readonly values: readonly number[] }[] {
  return select(model, { include: watched, exclude: [] }, isDense).map(({ path, module: { weight } }) => {
    const finite = weight.data.every((v: number) => Number.isFinite(v));
    return { layer: path, values: finite ? Array.from(svdvals(weight.detach()).data, shortened) : [] };
  });
}

/** Five digits are enough for a chart. */
const shortened = (value: number): number => Number(value.toPrecision(5));

/** Whether all parameters are finite. */
export async function isFinite(model: Module): Promise<boolean> {
  for (const p of model.parameters()) if (!(await p.read()).every((v: number) => Number.isFinite(v))) return false;
  return true;
}
