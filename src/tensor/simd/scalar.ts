/**
 * Instructions on single numbers, by the names of the WebAssembly specification. Loads and stores take an address and a
 * constant byte offset; no alignment is assumed.
 */
import { type Expr, expr, type I32, int, type Statement, statement } from './assembler.ts';
import {
  type Binary,
  binary,
  bytesOf,
  type Group,
  group,
  type Load,
  loading,
  type Store,
  storing,
  type Unary,
  unary,
  type Whole,
  whole,
} from './forms.ts';

/** Whole numbers of 32 bits; addresses and conditions are such numbers, and literals are allowed everywhere. */
export const i32: Group<
  Whole,
  | 'add'
  | 'sub'
  | 'mul'
  | 'divS'
  | 'and'
  | 'or'
  | 'shl'
  | 'shrU'
  | 'eq'
  | 'ne'
  | 'ltS'
  | 'ltU'
  | 'gtS'
  | 'gtU'
  | 'leS'
  | 'leU'
  | 'geS'
  | 'geU'
> & {
  readonly eqz: (a: I32) => Expr<'i32'>;
  readonly load: Load<'i32'>;
  readonly load8U: Load<'i32'>;
  readonly store: Store<'i32'>;
  readonly store8: Store<'i32'>;
  readonly reinterpretF32: Unary<'f32', 'i32'>;
} = {
  ...group(whole, {
    add: 106,
    sub: 107,
    mul: 108,
    divS: 109,
    and: 113,
    or: 114,
    shl: 116,
    shrU: 118,
    eq: 70,
    ne: 71,
    ltS: 72,
    ltU: 73,
    gtS: 74,
    gtU: 75,
    leS: 76,
    leU: 77,
    geS: 78,
    geU: 79,
  }),
  eqz: (a) => expr('i32', int(a).code, 0x45),
  load: loading('i32', 0x28),
  load8U: loading('i32', 0x2d),
  store: storing('i32', 0x36),
  store8: storing('i32', 0x3a),
  reinterpretF32: unary('f32', 'i32', 0xbc),
};

type Scalar<T extends 'f32' | 'f64'> = Group<Binary<T>, 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max'> &
  Group<Binary<T, 'i32'>, 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge'> &
  Group<Unary<T>, 'abs' | 'neg' | 'nearest' | 'sqrt'> & {
    readonly const: (x: number) => Expr<T>;
    readonly load: Load<T>;
    readonly store: Store<T>;
    readonly convertI32: Unary<'i32', T>;
  };

/** The same instructions for either type: the first opcodes of the comparisons, the functions of one and of two numbers, load, conversion. */
const scalar = <T extends 'f32' | 'f64'>(
  type: T,
  from: readonly [number, number, number, number, number],
): Scalar<T> => ({
  const: (x) =>
    type === 'f32'
      ? expr(type, 0x43, bytesOf(new Float32Array([x])))
      : expr(type, 0x44, bytesOf(new Float64Array([x]))),
  load: loading(type, from[3]),
  store: storing(type, from[3] + 14),
  convertI32: unary('i32', type, from[4]),
  ...group((n) => binary(type, 'i32', from[0] + n), { eq: 0, ne: 1, lt: 2, gt: 3, le: 4, ge: 5 }),
  ...group((n) => unary(type, type, from[1] + n), { abs: 0, neg: 1, nearest: 5, sqrt: 6 }),
  ...group((n) => binary(type, type, from[2] + n), { add: 0, sub: 1, mul: 2, div: 3, min: 4, max: 5 }),
});

export const f32: Scalar<'f32'> & { readonly demote: Unary<'f64', 'f32'> } = {
  ...scalar('f32', [0x5b, 0x8b, 0x92, 0x2a, 0xb2]),
  demote: unary('f64', 'f32', 0xb6),
};
export const f64: Scalar<'f64'> & { readonly promote: Unary<'f32', 'f64'> } = {
  ...scalar('f64', [0x61, 0x99, 0xa0, 0x2b, 0xb7]),
  promote: unary('f32', 'f64', 0xbb),
};

/** Set `bytes` bytes from `address` to zero. */
export const zeroFill = (address: I32, bytes: I32): Statement =>
  statement(int(address).code, int(0).code, int(bytes).code, 0xfc, 11, 0);
/** Copy `bytes` bytes. */
export const copyBytes = (to: I32, from: I32, bytes: I32): Statement =>
  statement(int(to).code, int(from).code, int(bytes).code, 0xfc, 10, 0, 0);
