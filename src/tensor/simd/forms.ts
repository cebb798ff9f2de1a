/** The forms that instructions have, and how one of each is made out of its opcode. */
import { type Expr, expr, type I32, int, leb, type Statement, statement, type ValueType } from './assembler.ts';

export type V = Expr<'v128'>;
export type Binary<T extends ValueType, R extends ValueType = T> = (a: Expr<T>, b: Expr<T>) => Expr<R>;
export type Unary<T extends ValueType, R extends ValueType = T> = (a: Expr<T>) => Expr<R>;
export type Two = Binary<'v128'>;
export type One = Unary<'v128'>;
export type Three = (a: V, b: V, c: V) => V;
export type Shift = (a: V, by: I32) => V;
export type Whole = (a: I32, b: I32) => Expr<'i32'>;
export type Load<T extends ValueType> = (address: I32, offset?: number) => Expr<T>;
export type Store<T extends ValueType> = (address: I32, x: Expr<T>, offset?: number) => Statement;
export type StoreLane = (address: I32, x: V, lane: number, offset?: number) => Statement;
export type Extract<T extends ValueType> = (a: V, lane: number) => Expr<T>;
export type Replace<T extends ValueType> = (a: V, lane: number, x: Expr<T>) => V;
/** Instructions of one form, by name. */
export type Group<F, K extends string> = { readonly [P in K]: F };

/** A group out of its opcodes. */
export const group = <F, K extends string>(
  make: (opcode: number) => F,
  opcodes: { readonly [P in K]: number },
): Group<F, K> =>
  Object.fromEntries(Object.entries<number>(opcodes).map(([name, opcode]) => [name, make(opcode)])) as Group<F, K>;

export const whole =
  (opcode: number): Whole =>
  (a, b) =>
    expr('i32', int(a).code, int(b).code, opcode);
export const binary =
  <T extends ValueType, R extends ValueType>(_: T, to: R, ...opcode: number[]): Binary<T, R> =>
  (a, b) =>
    expr(to, a.code, b.code, opcode);
export const unary =
  <T extends ValueType, R extends ValueType>(_: T, to: R, ...opcode: number[]): Unary<T, R> =>
  (a) =>
    expr(to, a.code, opcode);
export const loading =
  <T extends ValueType>(type: T, ...opcode: number[]): Load<T> =>
  (address, offset = 0) =>
    expr(type, int(address).code, opcode, 0, leb(offset));
export const storing =
  <T extends ValueType>(_: T, ...opcode: number[]): Store<T> =>
  (address, x, offset = 0) =>
    statement(int(address).code, x.code, opcode, 0, leb(offset));

export const simd = (n: number): number[] => [0xfd, ...leb(n)];
export const vv = (n: number): Binary<'v128'> => binary('v128', 'v128', ...simd(n));
export const v1 = (n: number): Unary<'v128'> => unary('v128', 'v128', ...simd(n));
export const three =
  (n: number): Three =>
  (a, b, c) =>
    expr('v128', a.code, b.code, c.code, simd(n));
export const shift =
  (n: number): Shift =>
  (a, by) =>
    expr('v128', a.code, int(by).code, simd(n));
export const extract =
  <T extends ValueType>(type: T, n: number): Extract<T> =>
  (a, lane) =>
    expr(type, a.code, simd(n), lane);
export const replace =
  <T extends ValueType>(_: T, n: number): Replace<T> =>
  (a, lane, x) =>
    expr('v128', a.code, x.code, simd(n), lane);
export const storeLane =
  (n: number): StoreLane =>
  (address, x, lane, offset = 0) =>
    statement(int(address).code, x.code, simd(n), 0, leb(offset), lane);

export const bytesOf = (view: Float32Array | Float64Array | Int32Array): number[] => [...new Uint8Array(view.buffer)];
