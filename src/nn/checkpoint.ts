import { DomainError } from '../tensor/errors.ts';
import type { Bytes } from '../tensor/io/bytes.ts';
import { isObject, parseObject } from '../tensor/io/json.ts';
import { readSafetensors, writeSafetensors } from '../tensor/io/safetensors.ts';
import type { Rng, RngState } from '../tensor/rng.ts';
import { deviceInfo } from '../tensor/simd/info.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Module } from './module.ts';
import type { Optimizer } from './optim/optimizer.ts';
import type { RuleState } from './optim/rule.ts';
import { loadStateDict, stateDict } from './state.ts';

/** What a checkpoint is made of, and what it is loaded into: models, optimizers and streams of the same kind and names. */
export interface CheckpointParts {
  readonly model: Module;
  readonly optimizer?: Optimizer;
  /** What keeps a state of its own as JSON: a training method (`plan.method`). */
  readonly method?: {
    readonly name: string;
    state?(): Readonly<Record<string, unknown>>;
    loadState?(state: Readonly<Record<string, unknown>>): void;
  };
  /** Streams of randomness, by name. */
  readonly rngs?: Readonly<Record<string, Rng>>;
  /** What else is wanted back, as JSON: settings, losses so far. */
  readonly extra?: unknown;
}

/** What a checkpoint held besides what was loaded. */
export interface LoadedCheckpoint {
  /** Optimizer steps taken before it was written. */
  readonly steps: number;
  readonly extra: unknown;
  /** How the host computed then and computes differently now: further losses may differ in their last bits. Empty when it does not. */
  readonly differences: readonly string[];
}

/** The JSON beside the tensors. */
interface Header {
  readonly format: 1;
  readonly steps: number;
  /** Numbers of the optimizer's state, by parameter and name. */
  readonly numbers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly method: { readonly name: string; readonly state: Readonly<Record<string, unknown>> } | null;
  readonly rngs: Readonly<Record<string, RngState>>;
  readonly host: Readonly<Record<string, unknown>>;
  readonly extra: unknown;
}

const inModel = 'model.';
const inOptimizer = 'optimizer.';

/** What may change the last bits of a result. */
function host(): Readonly<Record<string, unknown>> {
  const { simd, fma, threads } = deviceInfo();
  return { simd, fma, threads };
}

/**
 * Everything that training needs to go on later as if nothing had happened, as the bytes of one safetensors file: weights and buffers
 * (`model.…`), optimizer state (`optimizer.…`), and as JSON metadata steps, method, streams, `extra` and the host's settings.
 * @throws DomainError when the optimizer trains a parameter that the model has not
 */
export function writeCheckpoint({ model, optimizer, method, rngs = {}, extra = null }: CheckpointParts): Uint8Array {
  const tensors = new Map([...stateDict(model)].map(([path, t]): [string, Tensor] => [inModel + path, t]));
  const numbers: Record<string, Record<string, number>> = {};
  const known = new Map(model.namedParameters().map(([path, p]) => [p, path]));
  for (const p of optimizer?.groups.flatMap((group) => group.parameters) ?? []) {
    const path = known.get(p);
    if (path === undefined)
      throw new DomainError('writeCheckpoint', 'the optimizer trains a parameter that is not in the model');
    numbers[path] = {};
    for (const [key, value] of Object.entries(optimizer?.stateOf(p) ?? {}))
      if (value instanceof Tensor) tensors.set(`${inOptimizer}${path}.${key}`, value);
      else numbers[path][key] = value;
  }
  const header: Header = {
    format: 1,
    steps: optimizer?.steps ?? 0,
    numbers,
    method: method === undefined ? null : { name: method.name, state: method.state?.() ?? {} },
    rngs: Object.fromEntries(Object.entries(rngs).map(([name, rng]) => [name, rng.state])),
    host: host(),
    extra,
  };
  return writeSafetensors(tensors, { metadata: { checkpoint: JSON.stringify(header) } });
}

/**
 * Load a checkpoint into a model, its optimizer, method and streams, all made as they were when it was written (the same layers
 * converted in the same way, the same groups).
 * @throws DomainError when the bytes are no checkpoint, or it does not fit; nothing is changed then
 */
export function readCheckpoint(bytes: Bytes, parts: CheckpointParts): LoadedCheckpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  const header = headerOf(metadata.get('checkpoint'));
  const { model, optimizer, method, rngs = {} } = parts;
  const named = (prefix: string): Map<string, Tensor> =>
    new Map([...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [])));
  const states = statesOf(header, named(inOptimizer));
  checkFit(header, parts, states);
  loadStateDict(model, named(inModel));
  const byPath = new Map(model.namedParameters());
  optimizer?.restore(header.steps, new Map([...states].map(([path, state]) => [byPath.get(path)!, state])));
  if (header.method !== null) method?.loadState?.(header.method.state);
  for (const [name, rng] of Object.entries(rngs)) rng.state = header.rngs[name];
  return { steps: header.steps, extra: header.extra, differences: differences(header.host) };
}

function headerOf(text: string | undefined): Header {
  const header = text === undefined ? null : parseObject('readCheckpoint', 'the checkpoint', text);
  if (header?.format !== 1 || ![header.numbers, header.rngs, header.host].every(isObject))
    throw new DomainError('readCheckpoint', 'the file is no checkpoint that this version writes');
  return header as unknown as Header;
}

/** The state of every parameter, tensors and numbers together. */
function statesOf({ numbers }: Header, tensors: ReadonlyMap<string, Tensor>): Map<string, RuleState> {
  const states = new Map<string, Record<string, Tensor | number>>();
  for (const [path, own] of Object.entries(numbers)) states.set(path, { ...own });
  for (const [name, t] of tensors) {
    const cut = name.lastIndexOf('.');
    const state = states.get(name.slice(0, cut));
    if (state !== undefined) state[name.slice(cut + 1)] = t;
  }
  return states;
}

/** @throws DomainError naming the first thing that does not fit */
function checkFit(
  header: Header,
  { model, optimizer, method, rngs = {} }: CheckpointParts,
  states: ReadonlyMap<string, RuleState>,
): void {
  const refuse = (why: string): never => {
    throw new DomainError('readCheckpoint', why);
  };
  const trained = new Set(optimizer?.groups.flatMap((group) => group.parameters));
  const byPath = new Map(model.namedParameters());
  if (optimizer !== undefined)
    for (const path of states.keys()) {
      const p = byPath.get(path);
      if (p === undefined || !trained.has(p)) refuse(`it has optimizer state of '${path}', which is not trained here`);
    }
  if (method !== undefined && method.name !== header.method?.name)
    refuse(`it was written under the method '${header.method?.name ?? 'none'}', not '${method.name}'`);
  for (const name of Object.keys(rngs)) if (header.rngs[name] === undefined) refuse(`it has no stream '${name}'`);
}

const differences = (then: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(host()).flatMap(([name, now]) =>
    then[name] === now ? [] : [`${name} was ${String(then[name])}, and is ${String(now)}`],
  );
