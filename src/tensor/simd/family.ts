import { assemble, type Expr, type Func } from './assembler.ts';
import { type Exports, instantiate } from './engine.ts';
import { f32x4, f64x2, v128 } from './lanes.ts';
import { constantsAt, controlAt, type Room, theRoom } from './memory.ts';
import { usesFma } from './settings.ts';

type V = Expr<'v128'>;

/** What the code of a kernel may depend on. */
export interface Target {
  /** a·b + c in each lane, rounded once or twice: see `setFma`. */
  readonly madd: (a: V, b: V, c: V) => V;
  /** The same in lanes of float64. */
  readonly madd64: (a: V, b: V, c: V) => V;
}

/** A function of a compiled module; workers know it by its module's number and its own. */
export interface Entry {
  readonly module: number;
  readonly index: number;
  readonly name: string;
  readonly run: (...args: number[]) => number | undefined;
}

/** Functions by name, compiled when one is first asked for. */
export type Family = (name: string) => Entry;

/** The bytes of every compiled module, by number. */
export const modules: Uint8Array[] = [];

/**
 * Kernels that are emitted and compiled together, once for each kind of multiply-add. `build` runs when one of them is first
 * called.
 */
export function defineFamily(build: (target: Target) => readonly Func[]): Family {
  const compiled = new Map<boolean, ReadonlyMap<string, Entry>>();
  return (name) => {
    const fma = usesFma();
    let entries = compiled.get(fma);
    if (entries === undefined) {
      entries = compile(build(fma ? fused : separate));
      compiled.set(fma, entries);
    }
    return entries.get(name) as Entry;
  };
}

const fused: Target = { madd: f32x4.relaxedMadd, madd64: f64x2.relaxedMadd };
const separate: Target = {
  madd: (a, b, c) => f32x4.add(f32x4.mul(a, b), c),
  madd64: (a, b, c) => f64x2.add(f64x2.mul(a, b), c),
};

function compile(functions: readonly Func[]): ReadonlyMap<string, Entry> {
  const { memory, shared } = theRoom() as Room;
  const bytes = assemble(functions, { shared });
  const exports: Exports = instantiate(bytes, memory);
  const module = modules.push(bytes) - 1;
  return new Map(functions.map(({ name }, index) => [name, { module, index, name, run: exports[name] }]));
}

const known = new Map<string, number>();
let next = constantsAt;

/** Where the bytes of a constant lie. V8 builds a `v128.const` anew at every use; a load into a local stays in its register. */
function addressOf(key: string, write: (room: Room, address: number) => void): number {
  const before = known.get(key);
  if (before !== undefined) return before;
  const address = next;
  next += 8;
  if (next > controlAt) throw new Error('simd: there are too many constants');
  write(theRoom() as Room, address);
  known.set(key, address);
  return address;
}

/** A float32 constant in all four lanes: put it into a local before a loop. */
export const constant = (x: number): V =>
  v128.load32Splat(
    addressOf(`f32 ${Object.is(x, -0) ? '-0' : x}`, ({ float32 }, address) => {
      float32[address >> 2] = x;
    }),
  );

/** A float64 constant in both lanes. */
export const constant64 = (x: number): V =>
  v128.load64Splat(
    addressOf(`f64 ${Object.is(x, -0) ? '-0' : x}`, ({ float64 }, address) => {
      float64[address >> 3] = x;
    }),
  );

/** 32 bits, as a whole number, in all four lanes: masks, exponents. */
export const constantBits = (x: number): V =>
  v128.load32Splat(
    addressOf(`i32 ${x}`, ({ int32 }, address) => {
      int32[address >> 2] = x;
    }),
  );
