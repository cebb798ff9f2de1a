import type { Device } from '../tensor/device.ts';
import type { Rng } from '../tensor/rng.ts';
import { Tensor } from '../tensor/tensor.ts';
import { moveTo, moveToHost } from '../tensor/transfer.ts';
import { Parameter } from './parameter.ts';

/** What a forward pass depends on besides its input. */
export interface CallContext {
  /** Whether layers that behave differently in training (dropout) do so. Default false. */
  readonly training?: boolean;
  /** Randomness of this pass. */
  readonly rng?: Rng;
}

/**
 * A part of a model: a function with parameters. Parameters, buffers (tensors that are saved but not trained) and
 * submodules are the fields of the object, and arrays of them; nothing is registered.
 */
export abstract class Module {
  abstract call(x: Tensor, context?: CallContext): Tensor;

  /** Every parameter under its path, in the order of the fields; a parameter that is used twice is listed once. */
  namedParameters(): [path: string, parameter: Parameter][] {
    return tensorsOf(this).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  }

  /** Every parameter once, frozen ones included. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, p]) => p);
  }

  /** Tensors that are part of the model's state without being parameters, under their paths. */
  namedBuffers(): [path: string, buffer: Tensor][] {
    return tensorsOf(this).filter(([, t]) => !(t instanceof Parameter));
  }

  /** This module (path '') and every module below it, each once, parents first. */
  namedModules(): [path: string, module: Module][] {
    const found: [string, Module][] = [];
    const seen = new Set<Module>();
    const visit = (path: string, module: Module): void => {
      if (seen.has(module)) return;
      seen.add(module);
      found.push([path, module]);
      for (const [name, value] of fields(module)) if (value instanceof Module) visit(join(path, name), value);
    };
    visit('', this);
    return found;
  }

  /**
   * Move parameters and buffers to a device; they stay the same objects, so an optimizer made before knows them after. The state that it
   * has kept already stays where it is.
   * @returns the module itself
   * @throws DeviceError, DTypeError when the device cannot hold one of them
   */
  to(device: Device): this {
    for (const [, t] of tensorsOf(this)) moveTo(t, device);
    return this;
  }

  /** Move parameters and buffers back to the host. @throws DeviceError, rejecting, when their device was lost */
  async cpu(): Promise<this> {
    for (const [, t] of tensorsOf(this)) await moveToHost(t);
    return this;
  }

  /** Forget all accumulated gradients. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.zeroGrad();
  }
}

/** Every tensor of a module and those below it, once, under its path. */
function tensorsOf(root: Module): [path: string, tensor: Tensor][] {
  const seen = new Set<Tensor>();
  return root.namedModules().flatMap(([path, module]) =>
    fields(module).flatMap(([name, value]): [string, Tensor][] => {
      if (!(value instanceof Tensor) || seen.has(value)) return [];
      seen.add(value);
      return [[join(path, name), value]];
    }),
  );
}

/** The path of what lies under a name in what lies at a path. */
export const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** A module's own fields, arrays opened: `layers.0`, `layers.1`, `grid.0.1`. */
export function fields(holder: Module | readonly unknown[]): [name: string, value: unknown][] {
  return Object.entries(holder).flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value) ? fields(value).map(([inner, item]) => [join(name, inner), item]) : [[name, value]],
  );
}

/**
 * Put another module in the place of the one at `path`, and wherever else the model uses that one: what was tied stays tied.
 * @returns false when there is no module below the root at that path
 */
export function replaceModule(root: Module, path: string, replacement: Module): boolean {
  let old: unknown = root;
  for (const step of path.split('.')) old = (old as Record<string, unknown> | null | undefined)?.[step];
  if (!(old instanceof Module)) return false;
  for (const [, holder] of root.namedModules()) replaceIn(holder, old, replacement);
  return true;
}

function replaceIn(holder: object, old: Module, replacement: Module): void {
  for (const [key, value] of Object.entries(holder))
    if (value === old) (holder as Record<string, unknown>)[key] = replacement;
    else if (Array.isArray(value)) replaceIn(value, old, replacement);
}
