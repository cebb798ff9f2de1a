import { DomainError, DTypeError } from '../tensor/errors.ts';
import { type NamedTensors, pairsOf } from '../tensor/io/bytes.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { fields, join, Module } from './module.ts';

/** What did not fit when a state was loaded. */
export interface LoadReport {
  /** What the model has and the state lacks. */
  readonly missing: readonly string[];
  /** What the state has and the model lacks. */
  readonly unexpected: readonly string[];
  /** What both have, in different shapes, dtypes or places, or with different values for one tied tensor. */
  readonly mismatched: readonly { readonly name: string; readonly problem: string }[];
}

/** How a state is loaded. */
export interface LoadOptions {
  /** Raise an error, and load nothing, unless everything fits. Default true. */
  readonly strict?: boolean;
}

/**
 * Parameters and buffers of a model under their paths, which are PyTorch's names: `writeSafetensors(stateDict(model))` is a
 * file that PyTorch loads. A tensor used twice is listed once. The tensors share storage with the model, so they change
 * when it is trained on.
 */
export function stateDict(model: Module): Map<string, Tensor> {
  return new Map([...placesOf(model)].map(([t, [name]]): [string, Tensor] => [name, t.detach()]));
}

/**
 * Copy a state into a model's parameters and buffers. A tied tensor may come under any of its names, or under several with
 * equal values.
 *
 * @param options.strict false loads what fits and leaves the rest of the model as it is
 * @returns what did not fit: empty lists, when strict
 * @throws DomainError naming everything that is missing, unexpected or does not fit, when strict; nothing is loaded then.
 * DTypeError when the state is not a map of tensors
 */
export function loadStateDict(model: Module, state: NamedTensors, { strict = true }: LoadOptions = {}): LoadReport {
  const op = 'loadStateDict';
  const given = new Map(pairsOf(op, state));
  for (const [name, t] of given) if (!(t instanceof Tensor)) throw new DTypeError(op, `'${name}' is not a tensor`);
  const missing: string[] = [];
  const mismatched: LoadReport['mismatched'][number][] = [];
  const fitting: [Tensor, Tensor][] = [];
  for (const [target, names] of placesOf(model)) {
    const found = names.filter((name) => given.has(name));
    const values = found.map((name) => given.get(name) as Tensor);
    for (const name of found) given.delete(name);
    const problems = values.map((t) => misfit(t, target) ?? (sameValues(t, values[0]) ? null : differs(found)));
    const at = problems.findIndex((problem) => problem !== null);
    if (found.length === 0) missing.push(names[0]);
    else if (at === -1) fitting.push([target, values[0]]);
    else mismatched.push({ name: found[at], problem: problems[at] as string });
  }
  const report: LoadReport = { missing, unexpected: [...given.keys()], mismatched };
  if (strict) refuse(op, report);
  // Copied first: the state may be made of this model's own tensors, in other places.
  const copies = fitting.map(([target, t]): [Tensor, Tensor] => [target, copy(t)]);
  for (const [target, t] of copies) target.assign_(t);
  return report;
}

/** Every tensor below a module with all of its paths, in the order of the fields; own tensors before those of submodules. */
function placesOf(root: Module): Map<Tensor, string[]> {
  const places = new Map<Tensor, string[]>();
  const above: Module[] = [];
  const visit = (path: string, module: Module): void => {
    if (above.includes(module)) return;
    above.push(module);
    const inside = fields(module);
    for (const [name, value] of inside)
      if (value instanceof Tensor) places.set(value, [...(places.get(value) ?? []), join(path, name)]);
    for (const [name, value] of inside) if (value instanceof Module) visit(join(path, name), value);
    above.pop();
  };
  visit('', root);
  return places;
}

function misfit(t: Tensor, target: Tensor): string | null {
  if (!sameShape(t.shape, target.shape)) return `is [${t.shape}], and [${target.shape}] in the model`;
  if (t.dtype !== target.dtype) return `is ${t.dtype}, and ${target.dtype} in the model: cast it`;
  if (t.device !== target.device) return `lives on '${t.device.name}', and on '${target.device.name}' in the model`;
  return null;
}

/** Equal numbers in equal places; NaN equals itself. */
const sameValues = (a: Tensor, b: Tensor): boolean =>
  a.storage === b.storage || !a.onHost || !b.onHost || a.data.every((v, i) => Object.is(v, b.data[i]));

const differs = (names: readonly string[]): string => `differs from '${names[0]}', the same tensor in the model`;

function copy(t: Tensor): Tensor {
  const own = Tensor.allocate(t.shape, t.dtype, t.device);
  return own.assign_(t);
}

function refuse(op: string, { missing, unexpected, mismatched }: LoadReport): void {
  const parts = [
    ['missing', missing],
    ['unexpected', unexpected],
    ['not fitting', mismatched.map(({ name, problem }) => `${name} ${problem}`)],
  ] as const;
  const said = parts.filter(([, names]) => names.length > 0).map(([what, names]) => `${what}: ${names.join(', ')}`);
  if (said.length > 0) throw new DomainError(op, `the state does not fit the model; ${said.join('; ')}`);
}
