/**
 * A small assembler for WebAssembly with SIMD. Instructions are functions that take expressions and give expressions, so a
 * kernel reads as its formula: `set(sum, f32x4.add(sum, f32x4.mul(a, b)))`. TypeScript checks the operand types; locals and
 * branch targets are objects, so there is no index to count. `assemble` turns functions into the bytes of a module.
 */

/** Types of WebAssembly values; `v128` is 16 bytes of lanes, and an address is an `i32`. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

/** Bytes, and places where a label opens, closes or is branched to. */
type Code = number | Mark | readonly Code[];

interface Mark {
  readonly label: Label;
  readonly what: 'open' | 'close' | 'branch';
}

/** Something to branch to: the end of a block, or the top of a loop. Compared by identity. */
export interface Label {
  readonly label: true;
}

/** Code that leaves one value of type `T`. */
export interface Expr<T extends ValueType> {
  readonly type: T;
  readonly code: Code;
}

/** A variable of a function. It can stand wherever its value is meant. */
export interface Local<T extends ValueType> extends Expr<T> {
  readonly index: number;
}

/** An i32, or a number that becomes one. */
export type I32 = Expr<'i32'> | number;

/** Code that leaves nothing. */
export interface Statement {
  readonly type: null;
  readonly code: Code;
}

/** Statements in their order, nested as is convenient. */
export type Body = Statement | readonly Body[];

/** Makes variables: as many as a pattern has names (`const [at, end] = locals.i32`), one for each name of a record, or a list. */
export interface Locals extends Readonly<{ [T in ValueType]: Iterable<Local<T>> }> {
  <P extends Record<string, ValueType>>(types: P): { readonly [K in keyof P]: Local<P[K]> };
  list<T extends ValueType>(type: T, count: number): readonly Local<T>[];
}

/** A function of a module; `assemble` exports it under its name. */
export interface Func {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
  readonly locals: readonly ValueType[];
  readonly code: Code;
  /** Functions it calls. */
  readonly callees: readonly Func[];
}

const typeBytes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Unsigned LEB128. */
export function leb(n: number): readonly number[] {
  const out: number[] = [];
  let rest = n >>> 0;
  do {
    out.push(rest > 127 ? (rest & 127) | 128 : rest);
    rest >>>= 7;
  } while (rest > 0);
  return out;
}

/** Signed LEB128. */
function sleb(n: number): readonly number[] {
  const out: number[] = [];
  for (let rest = n | 0; ; rest >>= 7) {
    const last = rest >= -64 && rest < 64;
    out.push((rest & 127) | (last ? 0 : 128));
    if (last) return out;
  }
}

export const expr = <T extends ValueType>(type: T, ...code: Code[]): Expr<T> => ({ type, code });
export const statement = (...code: Code[]): Statement => ({ type: null, code });

/** A number as an i32 constant; expressions pass. */
export const int = (x: I32): Expr<'i32'> => (typeof x === 'number' ? expr('i32', 0x41, sleb(x)) : x);

/** local = value */
export const set = <T extends ValueType>(to: Local<T>, value: T extends 'i32' ? I32 : Expr<T>): Statement =>
  statement(int(value as I32).code, 0x21, leb(to.index));

/** local = value, as an expression with that value. */
export const tee = <T extends ValueType>(to: Local<T>, value: T extends 'i32' ? I32 : Expr<T>): Expr<T> =>
  expr(to.type, int(value as I32).code, 0x22, leb(to.index));

const codeOf = (body: Body): Code => ('code' in body ? body.code : body.map(codeOf));

const scopedBlock = (opcode: number, body: (label: Label) => Body): Statement => {
  const label: Label = { label: true };
  return statement(opcode, 0x40, { label, what: 'open' }, codeOf(body(label)), 0x0b, { label, what: 'close' });
};

/** A stretch of code; branching to its label leaves it. */
export const block = (body: (exit: Label) => Body): Statement => scopedBlock(0x02, body);
/** A stretch of code; branching to its label starts it again. It ends otherwise. */
export const loop = (body: (again: Label) => Body): Statement => scopedBlock(0x03, body);
export const br = (to: Label): Statement => statement(0x0c, { label: to, what: 'branch' });
export const brIf = (to: Label, when: I32): Statement => statement(int(when).code, 0x0d, { label: to, what: 'branch' });

/** if (when) then else otherwise */
export function ifElse(when: I32, then: Body, otherwise: Body = []): Statement {
  const label: Label = { label: true };
  const last = codeOf(otherwise);
  return statement(
    [int(when).code, 0x04, 0x40, { label, what: 'open' }, codeOf(then)],
    Array.isArray(last) && last.length === 0 ? [] : [0x05, last],
    [0x0b, { label, what: 'close' }],
  );
}

/** while (condition) body */
export const during = (condition: I32, body: Body): Statement =>
  block((exit) => loop((again) => [brIf(exit, eqz(condition)), body, br(again)]));

const eqz = (x: I32): Expr<'i32'> => expr('i32', int(x).code, 0x45);

/** do body while (condition) */
export const repeat = (body: Body, condition: I32): Statement => loop((again) => [body, brIf(again, condition)]);

/** condition ? a : b, both computed. */
export const select = <T extends ValueType>(condition: I32, a: Expr<T>, b: Expr<T>): Expr<T> =>
  expr(a.type, a.code, b.code, int(condition).code, 0x1b);

const calls = new WeakMap<readonly number[], Func>();
type Args = readonly (I32 | Expr<'f32'> | Expr<'f64'> | Expr<'v128'>)[];

/** Run a function of the same module that gives nothing. */
export const call = (f: Func, ...args: Args): Statement => statement(callOf(f, args));

/** The value of a function of the same module. */
export const value = <T extends ValueType>(type: T, f: Func, ...args: Args): Expr<T> => expr(type, callOf(f, args));

/** Arguments, and a byte and a place that `assemble` fills in, once it has numbered the functions. */
function callOf(f: Func, args: Args): Code {
  const place: readonly number[] = [0x10];
  calls.set(place, f);
  return [args.map((x) => int(x as I32).code), place];
}

/**
 * A function: its parameters by name and type, and its body, which is given them and a maker of further variables. A last
 * statement `result(x)` gives its value when `type` says that there is one.
 */
export function func<P extends Record<string, ValueType>>(
  name: string,
  params: P,
  body: (p: { readonly [K in keyof P]: Local<P[K]> }, locals: Locals) => Body,
  type: ValueType | null = null,
): Func {
  const names = Object.keys(params);
  const own: ValueType[] = [];
  const local = <T extends ValueType>(kind: T): Local<T> => makeLocal(kind, names.length + own.push(kind) - 1);
  const fresh = (kind: ValueType): Iterable<Local<ValueType>> => ({
    [Symbol.iterator]: () => ({ next: () => ({ value: local(kind) }) }),
  });
  const locals = Object.assign(
    (types: Record<string, ValueType>) => Object.fromEntries(Object.entries(types).map(([k, t]) => [k, local(t)])),
    { list: (kind: ValueType, count: number) => Array.from({ length: count }, () => local(kind)) },
    Object.fromEntries(Object.keys(typeBytes).map((kind) => [kind, fresh(kind as ValueType)])),
  ) as unknown as Locals;
  const given = Object.fromEntries(names.map((k, i) => [k, makeLocal(params[k], i)]));
  const code = codeOf(body(given as { readonly [K in keyof P]: Local<P[K]> }, locals));
  return { name, params: Object.values(params), result: type, locals: own, code, callees: calleesIn(code) };
}

const makeLocal = <T extends ValueType>(type: T, index: number): Local<T> => ({
  ...expr(type, 0x20, leb(index)),
  index,
});

/** The value of the function, at its end. */
export const result = (x: Expr<ValueType>): Statement => statement(x.code);

function calleesIn(code: Code, found: Func[] = []): Func[] {
  if (!Array.isArray(code)) return found;
  const f = code.length === 1 && code[0] === 0x10 ? calls.get(code as readonly number[]) : undefined;
  if (f !== undefined) found.push(f);
  else for (const part of code) if (typeof part !== 'number') calleesIn(part, found);
  return found;
}

/** Append the bytes of `code`; `open` are the labels around it, innermost last. */
function emit(code: Code, out: number[], open: Label[], numbers: ReadonlyMap<Func, number>): void {
  if (typeof code === 'number') out.push(code);
  else if ('what' in code) {
    if (code.what === 'open') open.push(code.label);
    else if (code.what === 'close') open.pop();
    else if (!open.includes(code.label)) throw new Error('assembler: a branch to a label that is not around it');
    else out.push(...leb(open.length - 1 - open.lastIndexOf(code.label)));
  } else {
    for (const part of code) emit(part, out, open, numbers);
    const f = code.length === 1 && code[0] === 0x10 ? calls.get(code as readonly number[]) : undefined;
    if (f !== undefined) out.push(...leb(numbers.get(f) as number));
  }
}

/** The memory that a module imports as `env.memory`. */
export interface MemoryType {
  readonly shared: boolean;
}

/**
 * The bytes of a module with these functions, all exported by name (in ASCII), and those they call.
 * @throws Error when a branch leads to a label that is not around it
 */
export function assemble(functions: readonly Func[], { shared }: MemoryType): Uint8Array<ArrayBuffer> {
  const all = new Set<Func>();
  const visit = (f: Func): void => {
    if (all.has(f)) return;
    f.callees.forEach(visit);
    all.add(f);
  };
  functions.forEach(visit);
  const list = [...all];
  const numbers = new Map(list.map((f, i) => [f, i]));
  const text = (s: string): number[] => [...leb(s.length), ...[...s].map((c) => c.charCodeAt(0))];
  const types = (ts: readonly ValueType[]): number[] => [...leb(ts.length), ...ts.map((t) => typeBytes[t])];
  const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
  const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
  const bodyOf = (f: Func): number[] => {
    const out = [...vector(f.locals.map((t) => [1, typeBytes[t]]))];
    emit(f.code, out, [], numbers);
    return [...leb(out.length + 1), ...out, 0x0b];
  };
  const limits = shared ? [3, 1, ...leb(65536)] : [0, 1];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(list.map((f) => [0x60, ...types(f.params), ...types(f.result === null ? [] : [f.result])]))),
    ...section(2, vector([[...text('env'), ...text('memory'), 2, ...limits]])),
    ...section(3, vector(list.map((_, i) => leb(i)))),
    ...section(7, vector(functions.map((f) => [...text(f.name), 0, ...leb(numbers.get(f) as number)]))),
    ...section(10, vector(list.map(bodyOf))),
  ]);
}
