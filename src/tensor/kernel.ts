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
 * where it has none. On a device without values only the shapes are computed.
 */
export /* @__NO_SIDE_EFFECTS__ */ function defineKernel<I extends readonly Tensor[], A, S extends Specs>(
  definition: KernelDefinition<I, A, S>,
): Kernel<I, A, S> {
  const { name, cpu } = definition;
  return (inputs, attrs) => {
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
    const outputs = list.map((s) => Tensor.allocate(s.shape, s.dtype, device));
    if (device.hasData) {
      const run = (device.overlay.get(name) ?? cpu) as (o: unknown, i: unknown, a: unknown) => void;
      run(outputs, inputs, attrs);
    }
    return (Array.isArray(specs) ? outputs : outputs[0]) as Results<S>;
  };
}
