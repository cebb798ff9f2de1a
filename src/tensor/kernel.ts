import type { DType } from './dtype.ts';
import { DeviceError, type Shape } from './errors.ts';
import { Tensor } from './tensor.ts';

/** What a kernel will produce, known before it runs. A tensor is its own spec. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

type Specs = Spec | readonly Spec[];
/** One tensor for one spec, as many as specs otherwise. */
export type Results<S extends Specs> = S extends readonly Spec[] ? { readonly [I in keyof S]: Tensor } : Tensor;
type Outputs<S extends Specs> = S extends readonly Spec[] ? { readonly [I in keyof S]: Tensor } : readonly [Tensor];

/** Fills freshly allocated outputs (all zeros) from the inputs. */
export type Implementation<
  I extends readonly Tensor[] = readonly never[],
  A = never,
  O extends readonly Tensor[] = readonly Tensor[],
> = (outputs: O, inputs: I, attrs: A) => void;

/** A computation on values alone: it never records, and knows nothing of gradients. */
export type Kernel<I extends readonly Tensor[], A, S extends Specs> = (inputs: I, attrs: A) => Results<S>;

/** What a device runs instead of a definition. */
export interface Overlaid<
  I extends readonly Tensor[] = readonly never[],
  A = never,
  O extends readonly Tensor[] = readonly Tensor[],
> {
  /** Whether this call is one for `run`: the definition takes the others. */
  accepts(inputs: I, attrs: A): boolean;
  /** Write every element of the outputs, whatever they held before. @returns false when it could not: then nothing is written */
  run(outputs: O, inputs: I, attrs: A): boolean;
}

/** How often an overlay could not run what it accepts, by kernel: the definition did. */
export const fallbacks: Map<string, number> = new Map();

/** What defines a kernel. */
export interface KernelDefinition<I extends readonly Tensor[], A, S extends Specs> {
  readonly name: string;
  /** Shape and dtype of each output. Operands were checked by the op: nothing is validated here. */
  infer(inputs: I, attrs: A): S;
  /** The meaning of the kernel: plain loops in a fixed order. Devices may lay faster code over it, which must agree. */
  cpu(outputs: Outputs<S>, inputs: I, attrs: A): void;
}

/**
 * Make a kernel: allocate what `infer` says on the operands' device, then run that device's implementation, or `cpu`
 * where it has none. A device with memory of its own does both itself; on one without values only the shapes are computed.
 */
export /* @__NO_SIDE_EFFECTS__ */ function defineKernel<I extends readonly Tensor[], A, S extends Specs>(
  definition: KernelDefinition<I, A, S>,
): Kernel<I, A, S> {
  const { name } = definition;
  const cpu = definition.cpu as unknown as Implementation<I, A>;
  const kernel: Kernel<I, A, S> = (inputs, attrs) => {
    const { device } = inputs[0];
    for (const x of inputs)
      if (x.device !== device)
        throw new DeviceError(
          name,
          `operands live on ${device.name} and ${x.device.name}`,
          inputs.map((t) => t.shape),
        );
    const specs: Specs = definition.infer(inputs, attrs);
    const list = Array.isArray(specs) ? (specs as readonly Spec[]) : [specs as Spec];
    if (device.remote !== undefined) {
      const onHost = (on: readonly Tensor[]): readonly Tensor[] => [kernel(on as unknown as I, attrs)].flat();
      const made = device.remote.run({ name, inputs, attrs, specs: list, onHost });
      return (Array.isArray(specs) ? made : made[0]) as Results<S>;
    }
    const laid = device.overlay.get(name) as Overlaid<I, A> | undefined;
    const fast = laid?.accepts(inputs, attrs) === true;
    const outputs = list.map((s) => Tensor.allocate(s.shape, s.dtype, device, !fast));
    if (device.hasData && !(fast && laid?.run(outputs, inputs, attrs))) {
      if (fast) giveUp(name, outputs);
      cpu(outputs, inputs, attrs);
    }
    return (Array.isArray(specs) ? outputs : outputs[0]) as Results<S>;
  };
  return kernel;
}

/** A definition writes into zeros. */
function giveUp(name: string, outputs: readonly Tensor[]): void {
  for (const y of outputs) y.data.fill(0);
  fallbacks.set(name, (fallbacks.get(name) ?? 0) + 1);
}
