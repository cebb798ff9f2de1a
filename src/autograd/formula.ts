import type { Shape } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isRecording } from './scoped.ts';
import { type Signature, signature } from './signature.ts';

/** A function of tensors with a name, which a device may have code of its own for. */
export type Formula<I extends readonly Tensor[]> = (...operands: I) => Tensor;

/** The shape of the one result, by the names of the axes. */
function shapeOf({ operands, results: [result] }: Signature, inputs: readonly Tensor[]): Shape {
  const sizes = new Map<string, number>();
  let leading: Shape = [];
  for (const [i, { lead, axes }] of operands.entries()) {
    const { shape } = inputs[i];
    const own = shape.length - axes.length;
    for (const [axis, name] of axes.entries()) sizes.set(name, shape[own + axis]);
    if (lead === 'equal') leading = shape.slice(0, own);
  }
  return [...(result.lead === 'none' ? [] : leading), ...result.axes.map((name) => sizes.get(name) ?? 0)];
}

/** Whether the composition must run as such: its ops record, or raise the error for operands on several devices. */
const mustCompose = (operands: readonly Tensor[]): boolean =>
  (isRecording() && operands.some((x) => x.requiresGrad)) || operands.some((x) => x.device !== operands[0].device);

/**
 * A formula: a composition of ops under a name. On a device with memory of its own that has code for the name, and while nothing is
 * recorded, it is one call of the device, which the composition defines; everywhere else it is the composition.
 * @param text operands and the one result, of one dtype: a signature, whose operands do not broadcast
 * @throws ShapeError or DTypeError from the call, on such a device, when operands do not fit the signature; elsewhere the ops say so
 */
export /* @__NO_SIDE_EFFECTS__ */ function defineFormula<I extends readonly Tensor[]>(
  name: string,
  text: string,
  composition: (...operands: I) => Tensor,
): Formula<I> {
  return (...operands) => {
    const remote = (operands[0] as Tensor | undefined)?.device?.remote;
    if (remote === undefined || !remote.has(name) || mustCompose(operands)) return composition(...operands);
    const pattern = signature(text);
    pattern.check(name, operands);
    const specs = [{ shape: shapeOf(pattern, operands), dtype: operands[0].dtype }];
    const onHost = (on: readonly Tensor[]): readonly Tensor[] => [composition(...(on as unknown as I))];
    return remote.run({ name, inputs: operands, attrs: undefined, specs, onHost })[0];
  };
}
