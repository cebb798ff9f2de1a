import type { Hook } from '../nn/fit.ts';
import { Linear, type LinearMap } from '../nn/linear.ts';
import { type Module, replaceModule } from '../nn/module.ts';
import type { Optimizer, ParameterGroup } from '../nn/optim/optimizer.ts';
import type { Hyper } from '../nn/optim/rule.ts';
import type { Parameter } from '../nn/parameter.ts';
import { DomainError } from '../tensor/errors.ts';
import { type DoraOptions, dora } from './baselines/dora.ts';
import { full } from './baselines/full.ts';
import { type GaloreOptions, galore } from './baselines/galore.ts';
import { type LoraOptions, lora } from './baselines/lora.ts';
import { type PissaOptions, pissa } from './baselines/pissa.ts';
import { type ReloraOptions, relora } from './baselines/relora.ts';
import { type VeraOptions, vera } from './baselines/vera.ts';
import type { MethodEvent } from './events.ts';
import type { Method } from './method.ts';
import { type Selection, select } from './select.ts';
import { type SstOptions, sst } from './sst.ts';

/** A method by name with its settings, or a method of one's own. */
export type MethodChoice =
  | { readonly method: 'full' }
  | ({ readonly method: 'sst' } & SstOptions)
  | ({ readonly method: 'lora' } & LoraOptions)
  | ({ readonly method: 'relora' } & ReloraOptions)
  | ({ readonly method: 'galore' } & GaloreOptions)
  | ({ readonly method: 'dora' } & DoraOptions)
  | ({ readonly method: 'vera' } & VeraOptions)
  | ({ readonly method: 'pissa' } & PissaOptions)
  | { readonly method: Method };

/** A converted model, and what training it needs. */
export interface Plan {
  readonly method: Method;
  readonly model: Module;
  /** The layers the method works on, in the order of the model. */
  readonly layers: readonly { readonly path: string; readonly layer: LinearMap }[];
  /** Groups for an optimizer: the method's own parameters, with settings of their own, and the rest (biases, head, norms). */
  groups(own?: Partial<Hyper>): readonly ParameterGroup[];
  /** What `fit` runs around the steps. Its clock is the optimizer's, so that a second run goes on where the first ended. */
  hook(optimizer: Optimizer): Hook<MethodEvent>;
  /** Put dense layers that compute the same in the place of the method's. */
  merge(): void;
}

/**
 * Replace the linear layers of a model, in place, by those of a training method. The model's function does not change.
 *
 * ```ts
 * const plan = convert(model, { method: 'sst', rank: 8, rng });
 * const optimizer = adam(plan.groups(), { lr: 3e-3 });
 * for await (const event of fit({ …, optimizer, hooks: [plan.hook(optimizer)] })) …
 * plan.merge();
 * ```
 * @throws DomainError when the method has no such name, a setting is out of range, nothing is selected, or a weight that the
 * method would replace is shared with another module; the model is then as it was
 */
export function convert(model: Module, options: MethodChoice & Selection): Plan {
  const method = chosen(options);
  const linears = select(model, options, isLinear);
  if (linears.length === 0) throw new DomainError('convert', 'no linear layer is selected');
  if (linears[0].module === model)
    throw new DomainError('convert', 'the model itself is the linear layer: put it into a Sequential');
  const layers = linears.map(({ path, module }) => ({ path, layer: method.attach(module) }));
  for (const [i, { path, module }] of linears.entries())
    if (layers[i].layer !== module && owners(model, module.weight) > 1)
      throw new DomainError('convert', `the weight of '${path}' is shared with another module: exclude this layer`);
  for (const { path, layer } of layers) replaceModule(model, path, layer);
  const attached = layers.map(({ layer }) => layer);
  return {
    method,
    model,
    layers,
    groups: (own = {}) => groupsOf(model, method, attached, own),
    hook: (optimizer) => ({ beforeStep: () => method.onStep?.(optimizer.steps, attached, optimizer) ?? [] }),
    merge() {
      for (const { path, layer } of layers) replaceModule(model, path, method.merge(layer));
    },
  };
}

const isLinear = (module: Module): module is Linear => module instanceof Linear;

/** How many modules of the model hold this parameter. */
const owners = (model: Module, p: Parameter): number =>
  model.namedModules().filter(([, module]) => Object.values(module).includes(p)).length;

function chosen(options: MethodChoice): Method {
  const { method } = options;
  if (typeof method === 'object') return method;
  const make = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (make === undefined) throw new DomainError('convert', `there is no method '${String(method)}'`);
  return (make as (options: MethodChoice) => Method)(options);
}

/** The methods by name. */
const methods = { full, sst, lora, relora, galore, dora, vera, pissa };

function groupsOf(model: Module, method: Method, layers: readonly LinearMap[], own: Partial<Hyper>): ParameterGroup[] {
  const mine = [...new Set(layers.flatMap((layer) => method.ownParameters(layer)))];
  const rest = model.parameters().filter((p) => p.requiresGrad && !mine.includes(p));
  const group: ParameterGroup = {
    name: method.name,
    parameters: mine,
    hyper: own,
    schedule: (step) => method.schedule?.(step) ?? 1,
    wrapRule: (rule) => method.wrapRule?.(rule) ?? rule,
  };
  return rest.length === 0 ? [group] : [group, { name: 'dense', parameters: rest }];
}
