/** What instructions mean, in plain JavaScript, and how one is run on operands in a memory. */
import { assemble, type Body, type Expr, type Func, func, type Statement } from '../../src/tensor/simd/assembler.ts';
import { type Exports, instantiate, type Memory, makeMemory } from '../../src/tensor/simd/engine.ts';
import { v128 } from '../../src/tensor/simd/lanes.ts';
import { f32, f64, i32 } from '../../src/tensor/simd/scalar.ts';

/** Kinds of lanes, and the arrays that hold them. */
interface Views {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}
interface Make<A> {
  new (buffer: ArrayBuffer, at?: number, length?: number): A;
  new (length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}
const views: { readonly [K in keyof Views]: Make<Views[K]> } = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};
export type Lane = keyof Views;
export type Lanes = Views[Lane];

/** Operand n lies at 16·n, n <= 2; the distance of a shift at 48, and the result at 512, in a memory of one page. */
export const out = 512;
export const memory: Memory = makeMemory(1, false);
const buffer = memory.buffer as ArrayBuffer;
export const bytes: Uint8Array = new Uint8Array(buffer);

/** 16 bytes of the memory, as lanes. */
export const lanesAt = (lane: Lane, at: number): Lanes =>
  new views[lane](buffer, at, 16 / views[lane].BYTES_PER_ELEMENT);

/** Code that uses an instruction and leaves 16 bytes at `out`; and which they should be. */
export interface Meaning {
  readonly body: Body;
  expected(): Lanes;
}

type Numeric = (...operands: never[]) => number | bigint;

/** Lanes out of values; the rest is zero. */
export function made(lane: Lane, values: readonly (number | bigint | boolean)[]): Lanes {
  const result = new views[lane](16 / views[lane].BYTES_PER_ELEMENT);
  for (const [i, v] of values.entries()) result[i] = (lane === 'i64' ? BigInt(v) : Number(v)) as never;
  return result;
}

/** An instruction on lanes: `of` says what becomes of one of each operand. With fewer lanes on one side, the low ones. */
export const each =
  (from: Lane, to: Lane, of: Numeric) =>
  (op: (...operands: Expr<'v128'>[]) => Expr<'v128'>): Meaning => {
    const operands = Array.from({ length: of.length }, (_, n) => 16 * n);
    return {
      body: v128.store(out, op(...operands.map((at) => v128.load(at)))),
      expected: () => {
        const xs = operands.map((at) => lanesAt(from, at));
        const count = Math.min(xs[0].length, made(to, []).length);
        return made(
          to,
          Array.from({ length: count }, (_, i) => of(...(xs.map((x) => x[i]) as never[]))),
        );
      },
    };
  };

/** A shift of lanes by the same distance. */
export const shifting =
  (lane: Lane, of: (x: never, by: number) => number | bigint) =>
  (op: (x: Expr<'v128'>, by: Expr<'i32'>) => Expr<'v128'>): Meaning => ({
    body: v128.store(out, op(v128.load(0), i32.load(48))),
    expected: () =>
      made(
        lane,
        [...lanesAt(lane, 0)].map((x) => of(x as never, lanesAt('i32', 48)[0] as number)),
      ),
  });

const load = { i32: i32.load, f32: f32.load, f64: f64.load };
const storing = { i32: i32.store, f32: f32.store, f64: f64.store } as unknown as Record<
  string,
  (at: number, x: Expr<'i32'>) => Statement
>;

/** An instruction on single numbers. */
export const single =
  (from: 'i32' | 'f32' | 'f64', to: 'i32' | 'f32' | 'f64', of: Numeric) =>
  (op: (...operands: never[]) => unknown): Meaning => {
    const operands = Array.from({ length: of.length }, (_, n) => 16 * n);
    const value = op(...(operands.map((at) => load[from](at)) as never[])) as Expr<'i32'>;
    return {
      body: [v128.store(out, v128.zero()), storing[to](out, value)],
      expected: () => made(to, [of(...(operands.map((at) => lanesAt(from, at)[0]) as never[]))]),
    };
  };

/** Code of any shape; `expected` gives the lanes of the result, the missing ones being zero. */
export const special = (body: Body, lane: Lane, expected: () => readonly (number | bigint)[] | Lanes): Meaning => ({
  body: [v128.store(out, v128.zero()), body],
  expected: () => made(lane, [...expected()]),
});

/** Lanes that begin at any byte of the memory. */
export const lanesFrom = (lane: Lane, at: number, count: number): Lanes =>
  new views[lane](buffer.slice(at, at + count * views[lane].BYTES_PER_ELEMENT));

/** The bytes of a module with one function that runs the code. */
export const moduleOf = (body: Body, shared: boolean): Uint8Array<ArrayBuffer> =>
  assemble([func('run', {}, () => body)], { shared });

/** A function that runs the code on the memory. */
export const runnable = (body: Body): Exports[string] => instantiate(moduleOf(body, false), memory).run;

/** Whole number nearest to x, of two the even one. */
export function nearestEven(x: number): number {
  const rounded = Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
  return Math.abs(x) < 2 ** 52 ? rounded : x;
}

/** x cut to an i32: NaN gives 0, and what is too far out the last number there. */
export const cut = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), Math.trunc(x)));

/** A memory of its own, and one that threads may share. */
export const memories: readonly { readonly shared: boolean; readonly memory: Memory }[] = [false, true].map(
  (shared) => ({ shared, memory: makeMemory(1, shared) }),
);

/** What a module exports, on each of these memories. */
export const instances = (functions: readonly Func[]): Exports[] =>
  memories.map(({ shared, memory }) => instantiate(assemble(functions, { shared }), memory));
